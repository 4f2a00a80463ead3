// The same as yjs_memory.py, on npm's TinyBase, Yjs and createYjsPersister.
import {readFileSync} from 'node:fs';
import {createYjsPersister} from '../js/node_modules/tinybase/persisters/persister-yjs/index.js';
import {createStore} from '../js/node_modules/tinybase/store/index.js';
import * as Y from '../js/node_modules/yjs/dist/yjs.mjs';
import {makeTable} from './works.mjs';

const residentBytes = () => {
  gc();
  gc();
  return process.memoryUsage().rss;
};

const saved = async (rows) => {
  const store = createStore().setTables({pets: makeTable(rows)});
  return createYjsPersister(store, new Y.Doc()).startAutoPersisting(undefined, true);
};

const loaded = async (file) => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, readFileSync(file));
  return createYjsPersister(createStore(), doc).startAutoPersisting();
};

const [kind, argument] = process.argv.slice(2);
await saved(10);
const before = residentBytes();
const persister = await (kind == 'loaded' ? loaded(argument) : saved(Number(argument)));
await new Promise(setImmediate);
const after = residentBytes();
console.log(persister.getStore().hasTables() ? after - before : 0);
