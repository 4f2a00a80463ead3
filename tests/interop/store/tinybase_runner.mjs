// Runs programs for the differential test on TinyBase's Store, one line of JSON in, one line out.
// A program is a list of operations; what it answers is a log of everything that could be observed.
// Its twin is run_program.py: the two must stay the same, step by step.
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';

// TinyBase 10.0.1 loses objects and arrays in a rollback, since it takes the text that it keeps them
// as for a forged one. Here that one function is mended; all else is as npm has it.
const ROLLBACK = 'const rollbackTransaction = () => {';
const MENDED =
  'const rollbackTransaction = () => whileAcceptingEncodedData(() => rollbackEncoded());' +
  'const rollbackEncoded = () => {';
const source = readFileSync(
  new URL('../../../js/node_modules/tinybase/store/index.js', import.meta.url), 'utf8');
if (!source.includes(ROLLBACK)) throw new Error('TinyBase has changed: is its rollback right now?');
const {createStore} = await import(
  'data:text/javascript,' + encodeURIComponent(source.replace(ROLLBACK, MENDED)));

const UNDEFINED = {$: 'undefined'};
const MAPS = {
  increment: (old) => (typeof old == 'number' ? old + 1 : 1),
  keep: (old) => old,
  forget: () => undefined,
};
const HOOKS = [
  'content', 'tables', 'table', 'row', 'cell', 'values', 'value',
].map((name) => 'will_set_' + name).concat(
  ['tables', 'table', 'row', 'cell', 'values', 'value'].map((name) => 'will_del_' + name),
  ['will_apply_changes'],
);

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

const decode = (thing) => {
  if (Array.isArray(thing)) return thing.map(decode);
  if (thing !== null && typeof thing == 'object') {
    if (thing.$ == 'undefined') return undefined;
    if (thing.$ == 'number') return Number(thing.number);
    if (thing.$ == 'map') return MAPS[thing.map];
    return Object.fromEntries(Object.entries(thing).map(([key, value]) => [key, decode(value)]));
  }
  return thing;
};

const encode = (thing) => {
  if (thing === undefined) return UNDEFINED;
  if (typeof thing == 'number' && !Number.isFinite(thing)) return {$: 'number', number: String(thing)};
  if (Array.isArray(thing)) return Array.from(thing, encode);
  if (thing !== null && typeof thing == 'object')
    return Object.fromEntries(Object.entries(thing).map(([key, value]) => [key, encode(value)]));
  return thing;
};

const snapshot = (store) => [
  store.getContent(),
  store.getTableIds(),
  store.getTableIds().map((tableId) => [
    store.getRowCount(tableId),
    store.getRowIds(tableId),
    store.getTableCellIds(tableId),
    store.getTableCellIds(tableId).map((cellId) => {
      let count = 0;
      store.forEachTableCell(tableId, (id, each) => (count = id == cellId ? each : count));
      return count;
    }),
    store.getRowIds(tableId).map((rowId) => store.getCellIds(tableId, rowId)),
  ]),
  store.getValueIds(),
  [store.hasTables(), store.hasValues(), store.hasTablesSchema() ?? false, store.hasValuesSchema() ?? false],
];

const run = (program) => {
  const store = createStore();
  const log = [];
  const listenerIds = [];
  let steps = 0;

  const note = (...entry) => log.push(encode(entry));

  const told = (thing) =>
    typeof thing != 'function'
      ? thing
      : thing.length == 3
        ? [thing('t1', 'r1', 'c1'), thing('t2', 'r2', 'c2')]
        : thing.length == 1
          ? [thing('v1'), thing('v2')]
          : thing();

  const listener = (label, kind, behaviour) => (_store, ...args) => {
    note('heard', label, kind, args.map(told));
    if (kind.endsWith('_transaction')) {
      note('log', store.getTransactionLog(), store._[8](), store.getTransactionChanges());
    }
    behave(behaviour);
  };

  const behave = (behaviour) => {
    if (steps++ < 60) behaviour.ops.forEach(execute);
    if (behaviour.raises) throw new Error('raised');
  };

  const hook = (name, behaviour) => (...args) => {
    note('hook', name, args);
    if (name.startsWith('will_del')) return decode(behaviour.answer);
    const last = name == 'will_set_content' || name == 'will_apply_changes' ? 0 : args.length - 1;
    return behaviour.answer === 'pass' ? args[last] : decode(behaviour.answer);
  };

  const execute = ([name, ...args]) => {
    if (name == 'listen') {
      const [kind, path, mutator, behaviour] = args;
      const label = listenerIds.length;
      const add = store['add' + camel('_' + kind) + 'Listener'];
      const id = kind.endsWith('_transaction')
        ? add(listener(label, kind, behaviour))
        : add(...decode(path), listener(label, kind, behaviour), mutator);
      listenerIds.push(id);
      note('listens', id);
    } else if (name == 'listen_sorted') {
      const [args5, mutator, behaviour] = args;
      const label = listenerIds.length;
      const id = store.addSortedRowIdsListener(
        ...decode(args5), listener(label, 'sorted_row_ids', behaviour), mutator);
      listenerIds.push(id);
    } else if (name == 'del_listener' || name == 'call_listener') {
      if (listenerIds.length) store[camel(name)](listenerIds[args[0] % listenerIds.length]);
    } else if (name == 'transaction') {
      const [ops, rollback, raises] = args;
      store.transaction(
        () => {
          ops.forEach(execute);
          if (raises) throw new Error('raised');
        },
        rollback === null
          ? undefined
          : () => {
              note('do_rollback', store.getTransactionLog(), store._[8]());
              if (rollback == 'raise') throw new Error('raised');
              return rollback;
            },
      );
    } else if (name == 'middleware') {
      const [behaviours, rowCallbacks] = args;
      const hooks = HOOKS.map((each) =>
        behaviours[each] === undefined ? undefined : hook(each, behaviours[each]));
      store._[4](...hooks, () => rowCallbacks);
    } else if (name == 'apply_changes') {
      store._[10](decode(args[0]));
    } else {
      const result = store[camel(name)](...decode(args));
      note(name, result === store ? 'store' : result);
    }
  };

  program.forEach((operation) => {
    steps = 0;
    try {
      execute(operation);
      note('done', snapshot(store));
    } catch (error) {
      note('threw', snapshot(store));
    }
  });
  note(
    'end', store.getListenerStats(), store.getJson(), store.getTablesJson(), store.getValuesJson(),
    store.getSchemaJson(),
  );
  return log;
};

createInterface({input: process.stdin}).on('line', (line) => {
  let answer;
  try {
    answer = run(JSON.parse(line));
  } catch (error) {
    answer = {failed: String(error.stack)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
});
