// The same work as in automerge_bench.py, on npm's TinyBase, automerge-repo and
// createAutomergePersister.
//
// This persister works on asynchronously, so each edit is followed by a turn of the event loop, in
// which all that it set off is done.
import * as A from '../js/node_modules/@automerge/automerge/dist/mjs/entrypoints/fullfat_node.js';
import {Repo} from '../js/node_modules/@automerge/automerge-repo/dist/entrypoints/fullfat.js';
import {createAutomergePersister} from '../js/node_modules/tinybase/persisters/persister-automerge/index.js';
import {createStore} from '../js/node_modules/tinybase/store/index.js';
import {makeTable, serve} from './works.mjs';

const SMALL = 10_000;
const EDITS = 5;

let round = 0;

const turn = () => new Promise(setImmediate);
const repo = new Repo({network: []});

const filled = () => createStore().setTable('pets', makeTable(SMALL));

const memoized = (make) => {
  let made;
  return () => (made ??= make());
};

const replica = memoized(async () => {
  const store = filled();
  const handle = repo.create();
  await createAutomergePersister(store, handle).startAutoPersisting(undefined, true);
  return {store, handle};
});

const saved = memoized(async () => A.save((await replica()).handle.doc()));

const loaded = async () => {
  const store = createStore();
  const handle = repo.import(await saved());
  const persister = await createAutomergePersister(store, handle).startAutoLoad();
  return {store, handle, persister};
};

// A remote replica's edits, as changes to be applied one after another.
const receiving = async () => {
  const {store, handle} = await loaded();
  const changes = [];
  let doc = A.clone(handle.doc());
  for (let i = 0; i < EDITS; i++) {
    const next = A.change(doc, (d) => {
      d.tinybase.t.pets['r' + i].id = -++round;
    });
    changes.push(A.getChanges(doc, next));
    doc = next;
  }
  return {store, handle, changes};
};

const WORKS = {
  set_cell: [
    replica,
    async ({store}) => {
      for (let i = 0; i < EDITS; i++) {
        store.setCell('pets', 'r' + i, 'id', ++round + SMALL);
        await turn();
      }
    },
  ],
  remote: [
    receiving,
    async ({store, handle, changes}) => {
      for (let i = 0; i < EDITS; i++) {
        handle.update((doc) => A.applyChanges(doc, changes[i])[0]);
        for (let turns = 0; !(store.getCell('pets', 'r' + i, 'id') < 0); turns++) {
          await turn();
          if (turns > 1000) throw new Error('an edit was lost');
        }
      }
    },
  ],
  load: [
    async () => createAutomergePersister(createStore(), repo.import(await saved())),
    (persister) => persister.load().then(() => 0),
  ],
  open: [
    saved,
    async (bytes) => {
      const store = createStore();
      await createAutomergePersister(store, repo.import(bytes)).load();
      if (store.getRowCount('pets') != SMALL) throw new Error('the rows did not arrive');
    },
  ],
  first_save: [
    () => createAutomergePersister(filled(), repo.create()),
    (persister) => persister.save().then(() => 0),
  ],
};

await serve(WORKS);
