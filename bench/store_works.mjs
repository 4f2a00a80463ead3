// The same work as in store_bench.py, on npm's TinyBase.
import {createStore} from '../js/node_modules/tinybase/store/index.js';
import {makeTable, ROW as row, serve} from './works.mjs';

const LARGE = 100_000;
const SMALL = 10_000;
const large = {pets: makeTable(LARGE)};
const small = {pets: makeTable(SMALL)};
const rowIds = Object.keys(large.pets);
const changes = () => [
  {pets: Object.fromEntries(rowIds.slice(0, SMALL).map((rowId) => [rowId, {id: -round}]))}, {}, 1];

let round = 0;
let heard = 0;
const hear = () => heard++;
const filled = () => createStore().setTables(large);

const setCells = (store) => {
  round++;
  for (let i = 0; i < LARGE; i++) store.setCell('pets', rowIds[i], 'id', i + round);
};

const hundred = (store, tableId) => {
  for (let i = 0; i < 100; i++) store.addCellListener(tableId(i), null, null, hear);
  return store;
};

// Each work is a pair: what is not timed gives what the timed part gets.
const WORKS = {
  set_tables_10k: [createStore, (store) => store.setTables(small)],
  set_tables_100k: [createStore, (store) => store.setTables(large)],
  set_cell: [filled, setCells],
  set_cell_one_listener: [
    () => { const store = filled(); store.addCellListener(null, null, null, hear); return store; },
    setCells],
  set_cell_none_match: [() => hundred(filled(), (i) => 'table' + i), setCells],
  set_cell_all_match: [() => hundred(filled(), () => 'pets'), setCells],
  transaction: [filled, (store) => store.transaction(() => setCells(store))],
  get_cell: [filled, (store) => { for (let i = 0; i < LARGE; i++) store.getCell('pets', rowIds[i], 'id'); }],
  get_tables: [filled, (store) => store.getTables()],
  get_json: [filled, (store) => store.getJson()],
  set_json: [() => [createStore(), filled().getJson()], ([store, json]) => store.setJson(json)],
  sorted_row_ids: [filled, (store) => store.getSortedRowIds('pets', 'price', true, 0, 50)],
  sorted_listener: [
    () => {
      const store = filled();
      store.addSortedRowIdsListener('pets', 'price', true, 0, 50, hear);
      return store;
    },
    (store) => store.setCell('pets', 'r5', 'price', 1e6 + round++)],
  apply_changes: [() => { round++; return [filled(), changes()]; }, ([store, each]) => store.applyChanges(each)],
  add_row: [createStore, (store) => { for (let i = 0; i < SMALL; i++) store.addRow('pets', row); }],
  del_row: [
    () => createStore().setTables(small),
    (store) => { for (let i = 0; i < SMALL; i++) store.delRow('pets', rowIds[i]); }],
};

const heldBytes = () => {
  gc();
  const before = process.memoryUsage().heapUsed;
  const store = createStore().setTables({pets: makeTable(LARGE)});
  gc();
  const held = process.memoryUsage().heapUsed - before;
  return store.hasTables() ? held : 0;
};

await serve(WORKS, {memory: heldBytes});
