// The same work as in yjs_bench.py, on npm's TinyBase, Yjs and createYjsPersister.
//
// This persister saves and loads asynchronously, and an edit that is made meanwhile can be lost. So
// each edit is followed by a turn of the event loop, in which all that it set off is done; what as
// many turns take in which nothing is to do is measured and taken off.
import {createYjsPersister} from '../js/node_modules/tinybase/persisters/persister-yjs/index.js';
import {createStore} from '../js/node_modules/tinybase/store/index.js';
import * as Y from '../js/node_modules/yjs/dist/yjs.mjs';
import {makeTable, ROW, serve} from './works.mjs';

const LARGE = 100_000;
const SMALL = 10_000;
const ROW_IDS = Array.from({length: SMALL}, (_, i) => 'r' + i);
const ADDED = 5;

let round = 0;

const turn = () => new Promise(setImmediate);

const idleTurns = async (count) => {
  const start = performance.now();
  for (let i = 0; i < count; i++) await turn();
  return performance.now() - start;
};

const filled = (count, prefix) => createStore().setTable('pets', makeTable(count, prefix));

const replica = async (store) => {
  const doc = new Y.Doc();
  await createYjsPersister(store, doc).startAutoPersisting(undefined, true);
  return {store, doc};
};

// Saving first would delete what is in the document.
const loading = async (update) => {
  const store = createStore();
  const doc = new Y.Doc();
  if (update) Y.applyUpdate(doc, update);
  const persister = await createYjsPersister(store, doc).startAutoLoad();
  return {store, doc, persister};
};

const saved = async (count, prefix) => {
  const store = filled(count, prefix);
  const doc = new Y.Doc();
  await createYjsPersister(store, doc).save();
  return doc;
};

const link = (one, other) =>
  one.doc.on('update', (update, origin) => origin == 'link' || Y.applyUpdate(other.doc, update, 'link'));

const synced = async () => {
  const one = await replica(filled(SMALL));
  const other = await loading(Y.encodeStateAsUpdate(one.doc));
  await other.persister.startAutoSave();
  link(one, other);
  link(other, one);
  return [one, other];
};

const memoized = (make) => {
  let made;
  return () => (made ??= make());
};

// What was prepared once is edited again by the next round: 10,000 edits leave it as large.
const edit = async ({store}) => {
  const change = ++round;
  for (let i = 0; i < SMALL; i++) {
    store.setCell('pets', ROW_IDS[i], 'id', i + change);
    await turn();
  }
  return idleTurns(SMALL);
};

const editAndSee = async ([edited, visible]) => {
  const change = ++round;
  for (let i = 0; i < SMALL; i++) {
    edited.store.setCell('pets', ROW_IDS[i], 'id', i + change);
    await turn();
    if (visible.store.getCell('pets', ROW_IDS[i], 'id') != i + change) throw new Error('an edit was lost');
  }
  return idleTurns(SMALL);
};

const addRows = async ({store}) => {
  for (let i = 0; i < ADDED; i++) {
    store.addRow('pets', ROW);
    await turn();
  }
};

const WORKS = {
  set_cell: [memoized(() => replica(filled(SMALL))), edit],
  synced: [memoized(synced), editAndSee],
  load: [
    async () => createYjsPersister(createStore(), await saved(LARGE)),
    (persister) => persister.load().then(() => 0),
  ],
  join: [
    async () => [await loading(), Y.encodeStateAsUpdate(await saved(LARGE))],
    async ([{store, doc}, update]) => {
      Y.applyUpdate(doc, update);
      await turn();
      if (store.getRowCount('pets') != LARGE) throw new Error('the rows did not arrive');
    },
  ],
  first_save: [
    () => createYjsPersister(filled(LARGE), new Y.Doc()),
    (persister) => persister.save().then(() => 0),
  ],
  first_save_integers: [
    () => createYjsPersister(filled(LARGE, ''), new Y.Doc()),
    (persister) => persister.save().then(() => 0),
  ],
  transaction: [
    memoized(() => replica(filled(SMALL))),
    async ({store}) => {
      const change = ++round;
      store.transaction(() => {
        for (let i = 0; i < SMALL; i++) store.setCell('pets', ROW_IDS[i], 'id', i + change);
      });
      await turn();
    },
  ],
  add_row_room: [memoized(() => replica(filled(LARGE))), addRows],
  add_row_integers: [memoized(() => replica(filled(LARGE, ''))), addRows],
};

await serve(WORKS);
