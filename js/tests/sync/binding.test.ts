import { createStore, type Store } from 'tinybase/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { Conflicts } from '../../src/sync/conflicts.ts';
import { ROOT, TABLES, VALUES } from '../../src/sync/containers.ts';
import { docContent, settle, storeContent } from './helpers.ts';

interface Bound {
  store: Store;
  doc: Y.Doc;
  updates: Uint8Array[];
  errors: string[];
}

function bind(store = createStore(), doc = new Y.Doc()): Bound {
  const errors: string[] = [];
  new StoreBinding(store, doc, (message) => errors.push(message));
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  return { store, doc, updates, errors };
}

/** Link two documents as directly as can be: inside each other's transactions. */
function connect(a: Y.Doc, b: Y.Doc): void {
  a.on('update', (update: Uint8Array) => Y.applyUpdate(b, update));
  b.on('update', (update: Uint8Array) => Y.applyUpdate(a, update));
}

function exchange(a: Y.Doc, b: Y.Doc): void {
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
}

/** A copy of a document that is written to as unmodified TinyBase does: whole containers at a time. */
function stranger(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
}

function mapAt(doc: Y.Doc, ...path: string[]): Y.Map<unknown> {
  return path.reduce<Y.Map<unknown>>(
    (map, key) => map.get(key) as Y.Map<unknown>,
    doc.getMap(ROOT),
  );
}

afterEach(() => vi.restoreAllMocks());

describe('from the Store to the document', () => {
  test('a cell is written in the same tick', () => {
    const { store, doc } = bind();
    store.setCell('pets', 'fido', 'color', 'brown');
    expect(docContent(doc).t).toEqual({ pets: { fido: { color: 'brown' } } });
  });

  test('three transactions in one tick are all written', () => {
    const { store, doc } = bind();
    store.setCell('t', 'r', 'a', 1).setCell('t', 'r', 'b', 2).setCell('t', 'r', 'a', 3);
    expect(docContent(doc).t).toEqual({ t: { r: { a: 3, b: 2 } } });
  });

  test('one Store transaction is one update', () => {
    const { store, updates } = bind();
    store.transaction(() =>
      store.setCell('t', 'r', 'a', 1).setValue('v', true).setRow('t', 's', { b: 2 }),
    );
    expect(updates).toHaveLength(1);
  });

  test('a changed cell costs some 40 bytes', () => {
    const { store, updates } = bind();
    store.setRow('penguins', '117', { species: 'Adelie', island: 'Dream' });
    store.setCell('penguins', '117', 'island', 'Biscoe');
    expect(updates.at(-1)?.length).toBeLessThan(50);
  });

  test('a deleted row deletes its cells and leaves its containers', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: 1, b: 2 });
    store.delRow('t', 'r');
    expect(doc.getMap(ROOT).toJSON()).toEqual({ t: { t: { r: {} } }, v: {} });
  });

  test('a deleted table deletes its cells and leaves its containers', () => {
    const { store, doc } = bind();
    store.setTables({ t: { r: { a: 1 }, s: { a: 2 } } }).delTables();
    expect(doc.getMap(ROOT).toJSON()).toEqual({ t: { t: { r: {}, s: {} } }, v: {} });
  });

  test('a deletion deletes no cell that the Store did not know', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: 1 });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    mapAt(other, TABLES, 't', 'r').set('b', 2);
    store.delRow('t', 'r');
    exchange(doc, other);
    expect(storeContent(store).t).toEqual({ t: { r: { b: 2 } } });
  });

  test('objects and arrays are written as TinyBase encodes them', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: { x: 1 }, b: [1, null] }).setValue('v', { y: [] });
    expect(docContent(doc)).toEqual({
      t: { t: { r: { a: '\ufffd{"x":1}', b: '\ufffd[1,null]' } } },
      v: { v: '\ufffd{"y":[]}' },
    });
  });

  test('texts that cannot be sent are written as they can be', () => {
    const { store, doc } = bind();
    store.setCell('t\ud83d', 'r', 'a\udc27', '\ud83dx').setValue('v\ud83d', -0);
    expect(docContent(doc)).toEqual({ t: { 't?': { r: { 'a?': '?x' } } }, v: { 'v?': 0 } });
  });

  test('the root map may have another name', () => {
    const doc = new Y.Doc();
    const store = createStore();
    new StoreBinding(store, doc, undefined, 'zoo');
    store.setCell('t', 'r', 'a', 1);
    expect(docContent(doc, 'zoo').t).toEqual({ t: { r: { a: 1 } } });
    expect([...doc.share.keys()]).not.toContain(ROOT);
  });

  test('rows under ids that this replica makes are ordinary maps', () => {
    const { store, doc } = bind();
    const rowId = `0mq3x9k2a-${doc.clientID.toString(36)}`;
    store.setRow('t', rowId, { a: 1 });
    expect(mapAt(doc, TABLES, 't', rowId)._item?.id.client).toBe(doc.clientID);
  });

  test('a transaction that is rolled back writes nothing', () => {
    const { store, updates } = bind();
    store.transaction(
      () => store.setCell('t', 'r', 'a', 1),
      () => true,
    );
    expect(updates).toEqual([]);
  });

  test('a change under a root that is no map is refused with a word', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, 'odd');
    const { store, errors } = bind(createStore(), doc);
    store.setCell('t', 'r', 'a', 1);
    expect(errors).toEqual([expect.stringContaining('"t"')]);
    expect(doc.getMap(ROOT).get(TABLES)).toBe('odd');
  });
});

describe('from the document to the Store', () => {
  test('cells, values and deletions follow', () => {
    const [a, b] = [bind(), bind()];
    connect(a.doc, b.doc);
    a.store.setTables({ t: { r: { a: 1, b: null }, s: { a: true } } }).setValue('v', 'x');
    a.store.delCell('t', 'r', 'a').delRow('t', 's');
    expect(storeContent(b.store)).toEqual({ t: { t: { r: { b: null } } }, v: { v: 'x' } });
    b.store.delTables().delValues();
    expect(storeContent(a.store)).toEqual({ t: {}, v: {} });
  });

  test('a change that arrives is not written again', () => {
    const [a, b] = [bind(), bind()];
    connect(a.doc, b.doc);
    a.store.setCell('t', 'r', 'a', 1).setCell('t', 'r', 'a', 2).setValue('v', 1);
    expect(b.doc.store.clients.has(b.doc.clientID)).toBe(false);
  });

  test('a document transaction is one Store transaction', () => {
    const { store, doc } = bind();
    store.setTables({ t: { r: { a: 1 }, s: { a: 1 } } });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    other.transact(() => {
      mapAt(other, TABLES, 't', 'r').set('a', 2);
      mapAt(other, TABLES, 't', 's').set('a', 3);
      mapAt(other, VALUES).set('v', 4);
    });
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    exchange(doc, other);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(storeContent(store)).toEqual({ t: { t: { r: { a: 2 }, s: { a: 3 } } }, v: { v: 4 } });
  });

  test('rows arrive in natural order', () => {
    const [a, b] = [bind(), bind()];
    a.store.setTable('t', { b: { x: 1 }, '10': { x: 1 }, a: { x: 1 }, '9': { x: 1 } });
    Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(a.doc));
    expect(b.store.getRowIds('t')).toEqual(['9', '10', 'a', 'b']);
  });

  test('ids that are special in JavaScript are ids like any other', () => {
    const [a, b] = [bind(), bind()];
    connect(a.doc, b.doc);
    a.store.setCell('__proto__', 'constructor', 'toString', 1).setValue('__proto__', 2);
    expect(b.store.getCell('__proto__', 'constructor', 'toString')).toBe(1);
    expect(b.store.getValue('__proto__')).toBe(2);
  });

  test('what is no cell reads as absent, and the rest arrives', () => {
    const { store, doc } = bind();
    const other = new Y.Doc();
    const tables = other.getMap(ROOT).set(TABLES, new Y.Map<unknown>());
    other.getMap(ROOT).set(VALUES, new Y.Map<unknown>([['v', 1]]));
    tables.set('odd', 5);
    const table = tables.set('t', new Y.Map<unknown>()) as Y.Map<unknown>;
    table.set('odd', 'row');
    const row = table.set('r', new Y.Map<unknown>()) as Y.Map<unknown>;
    row.set('big', 2n ** 60n);
    row.set('infinite', Number.POSITIVE_INFINITY);
    row.set('bytes', new Uint8Array(3));
    row.set('map', new Y.Map());
    row.set('text', '\ufffdnot JSON');
    row.set('good', 1);
    exchange(doc, other);
    expect(storeContent(store)).toEqual({ t: { t: { r: { good: 1 } } }, v: { v: 1 } });
  });

  test('a cell that becomes unreadable is taken out', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: 1, b: 2 });
    mapAt(doc, TABLES, 't', 'r').set('a', new Uint8Array(1));
    expect(storeContent(store).t).toEqual({ t: { r: { b: 2 } } });
  });

  test.each<[string, (store: Store) => void, (store: Store) => void]>([
    [
      'a cell',
      (store) => store.setCell('t', 'r', 'a', 1),
      (store) => store.setCell('t', 'r', 'a', 2),
    ],
    ['a row', (store) => store.delRow('t', 'new'), (store) => store.setRow('t', 'new', { a: 1 })],
    ['a value', (store) => store.setValue('v', 1), (store) => store.setValue('v', 2)],
  ])('%s that a listener puts back is saved', (_, putBack, change) => {
    const one = bind();
    const other = bind();
    one.store.setTables({ t: { r: { a: 1 } } });
    one.store.setValue('v', 1);
    exchange(one.doc, other.doc);
    const before = storeContent(one.store);
    other.store.addTablesListener(putBack, true);
    other.store.addValuesListener(putBack, true);
    change(one.store);
    exchange(other.doc, one.doc);
    expect(storeContent(other.store)).toEqual(before);
    expect(storeContent(one.store)).toEqual(before);
  });

  test('what a schema refuses is left to the others', () => {
    const one = bind();
    const other = bind();
    other.store.setTablesSchema({ t: { a: { type: 'number' } } });
    one.store.setTables({ t: { r: { a: 1 } } });
    exchange(one.doc, other.doc);
    one.store.setCell('t', 'r', 'a', 'text');
    exchange(one.doc, other.doc);
    expect(other.store.getTables()).toEqual({ t: { r: { a: 1 } } });
    expect(docContent(other.doc).t).toEqual({ t: { r: { a: 'text' } } });
  });

  test('a change that arrives while listeners run is taken over after them', async () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: 1 });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    mapAt(other, TABLES, 't', 'r').set('b', 2);
    const listener = store.addCellListener('t', 'r', 'a', () => exchange(doc, other));
    store.setCell('t', 'r', 'a', 3);
    await settle();
    store.delListener(listener);
    expect(storeContent(store).t).toEqual({ t: { r: { a: 3, b: 2 } } });
  });

  test('an error of a listener is reported and stops nothing', () => {
    const [a, b] = [bind(), bind()];
    connect(a.doc, b.doc);
    b.store.addTablesListener(() => {
      throw new Error('from a listener');
    });
    a.store.setCell('t', 'r', 'a', 1);
    a.store.setCell('t', 'r', 'a', 2);
    expect(b.errors).toHaveLength(2);
    expect(storeContent(b.store).t).toEqual({ t: { r: { a: 2 } } });
  });

  test('a deletion that waited for what this side makes is followed', async () => {
    const [maker, fresh] = [bind(), bind()];
    maker.store.setRow('t', 'r', { a: 1, b: 2 });
    const known = Y.encodeStateVector(maker.doc);
    maker.store.delCell('t', 'r', 'a');
    Y.applyUpdate(fresh.doc, Y.encodeStateAsUpdate(maker.doc, known));
    fresh.store.setRow('t', 'r', { a: 1, b: 2 });
    await settle();
    expect([storeContent(fresh.store).t, docContent(fresh.doc).t]).toEqual([
      { t: { r: { b: 2 } } },
      { t: { r: { b: 2 } } },
    ]);
  });

  test('structs that waited for a container arrive when it is made here', async () => {
    const [maker, fresh] = [bind(), bind()];
    maker.store.setRow('t', 'r', { a: 1 });
    const startAndTable = new Y.Doc();
    bind(createStore().setCell('t', 'x', 'y', 1), startAndTable);
    const known = Y.encodeStateVector(startAndTable);
    Y.applyUpdate(fresh.doc, Y.encodeStateAsUpdate(maker.doc, known));
    expect(storeContent(fresh.store).t).toEqual({});
    fresh.store.setCell('t', 'q', 'b', 2);
    await settle();
    expect(storeContent(fresh.store).t).toEqual({ t: { r: { a: 1 }, q: { b: 2 } } });
  });
});

describe('containers that are replaced', () => {
  test('a row that somebody deleted and made again on purpose is followed as it is', () => {
    const ours = bind();
    ours.store.setRow('t', 'r', { a: 1, b: 2 });
    const theirs = stranger(ours.doc);
    mapAt(theirs, TABLES, 't').delete('r');
    mapAt(theirs, TABLES, 't').set('r', new Y.Map([['a', 5]]));
    exchange(ours.doc, theirs);
    exchange(ours.doc, theirs);
    const after = { t: { r: { a: 5 } } };
    expect([storeContent(ours.store).t, docContent(theirs).t]).toEqual([after, after]);
  });

  test('so is a table that was made again several times', () => {
    const ours = bind();
    ours.store.setTable('t', { r: { a: 1 }, s: { a: 2 } });
    const theirs = stranger(ours.doc);
    for (const a of [3, 4]) {
      mapAt(theirs, TABLES).delete('t');
      const table = mapAt(theirs, TABLES).set('t', new Y.Map<unknown>());
      table.set('r', new Y.Map([['a', a]]));
    }
    exchange(ours.doc, theirs);
    expect(storeContent(ours.store).t).toEqual({ t: { r: { a: 4 } } });
    expect(docContent(ours.doc).t).toEqual({ t: { r: { a: 4 } } });
  });

  test('a row that was made again by two who did not know of each other keeps the cells of both', () => {
    const ours = bind();
    ours.store.setRow('t', 'r', { a: 1 });
    mapAt(ours.doc, TABLES, 't').delete('r');
    const copies = [stranger(ours.doc), stranger(ours.doc)] as const;
    for (const [at, copy] of copies.entries()) {
      copy.clientID = at + 1; // the second one wins
      mapAt(copy, TABLES, 't').set('r', new Y.Map([[`of ${at}`, at]]));
    }
    exchange(ours.doc, copies[0]);
    exchange(ours.doc, copies[1]);
    const both = { t: { r: { 'of 0': 0, 'of 1': 1 } } };
    expect([storeContent(ours.store).t, docContent(ours.doc).t]).toEqual([both, both]);
  });

  test('an ordinary row and a derived one of the same id end with the cells of both', () => {
    const [a, b] = [bind(), bind()];
    for (let made = 0; made < 130; made++) {
      a.store.setRow('t', `spent${made}`, { x: 1 });
    }
    a.store.setRow('t', 'r', { x: 1 });
    b.store.setRow('t', 'r', { y: 2 });
    const clients = [a, b].map(({ doc }) => mapAt(doc, TABLES, 't', 'r')._item?.id.client);
    expect(clients).toEqual([a.doc.clientID, expect.any(Number)]);
    expect(clients[1]).toBeGreaterThan(2 ** 52);
    exchange(a.doc, b.doc);
    exchange(a.doc, b.doc);
    for (const { store, doc } of [a, b]) {
      expect(store.getRow('t', 'r')).toEqual({ x: 1, y: 2 });
      expect(mapAt(doc, TABLES, 't', 'r').toJSON()).toEqual({ x: 1, y: 2 });
    }
  });
});

describe('conflicts', () => {
  test('they are told what the Store sets and deletes, inside the transaction of it', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: 1, b: 2 }).setValue('v', 1);
    const told: unknown[] = [];
    vi.spyOn(Conflicts.prototype, 'editing').mockImplementation((places) => {
      told.push(doc._transaction !== null, ...places);
    });
    store.transaction(() => store.setCell('t', 'r', 'a', 3).delCell('t', 'r', 'b').delValue('v'));
    expect(told).toEqual([true, ['t', 'r', 'a'], ['t', 'r', 'b'], [null, null, 'v']]);
  });

  test('they are not told of what arrives, nor of what is written back', () => {
    const ours = bind();
    ours.store.setRow('t', 'r', { a: 1 });
    const editing = vi.spyOn(Conflicts.prototype, 'editing');
    const theirs = new Y.Doc();
    const tables = theirs.getMap(ROOT).set(TABLES, new Y.Map<unknown>());
    (tables.set('t', new Y.Map<unknown>()) as Y.Map<unknown>).set('s', new Y.Map([['a', 2]]));
    exchange(ours.doc, theirs);
    expect(docContent(ours.doc).t).toEqual({ t: { r: { a: 1 }, s: { a: 2 } } });
    expect(editing).not.toHaveBeenCalled();
  });
});

describe('joining', () => {
  test('an empty Store with an empty document makes the start', () => {
    const { doc } = bind();
    expect(doc.getMap(ROOT).toJSON()).toEqual({ t: {}, v: {} });
    expect([...doc.store.clients.keys()]).toEqual([0]);
  });

  test('what a Store has is written with the start, in one update', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    new StoreBinding(
      createStore()
        .setTable('t', { r: { a: 1 } })
        .setValue('v', 1),
      doc,
    );
    expect(updates).toHaveLength(1);
    expect(docContent(doc)).toEqual({ t: { t: { r: { a: 1 } } }, v: { v: 1 } });
  });

  test('a Store with content and a document with content are united', () => {
    const source = bind();
    source.store.setTables({ t: { r: { a: 1, b: 2 } } }).setValue('v', 1);
    const store = createStore().setTables({ t: { r: { a: 9, c: 3 }, s: { a: 4 } } });
    bind(store, source.doc);
    const union = {
      t: { t: { r: { a: 1, b: 2, c: 3 }, s: { a: 4 } } },
      v: { v: 1 },
    };
    expect(storeContent(store)).toEqual(union);
    expect(docContent(source.doc)).toEqual(union);
  });

  test('two that made the same table before they met keep all rows', () => {
    const [a, b] = [bind(), bind()];
    a.store.setTables({ t: { a: { x: 1 } } });
    b.store.setTables({ t: { b: { x: 2 } } }).setValue('v', 1);
    exchange(a.doc, b.doc);
    const union = { t: { t: { a: { x: 1 }, b: { x: 2 } } }, v: { v: 1 } };
    expect([storeContent(a.store), storeContent(b.store)]).toEqual([union, union]);
  });

  test('two that made the same row before they met keep all its cells', () => {
    const [a, b] = [bind(), bind()];
    a.store.setCell('t', 'r', 'x', 1);
    b.store.setCell('t', 'r', 'y', 2);
    exchange(a.doc, b.doc);
    exchange(a.doc, b.doc);
    const union = { t: { t: { r: { x: 1, y: 2 } } }, v: {} };
    expect([a, b].map(({ store }) => storeContent(store))).toEqual([union, union]);
    expect([a, b].map(({ doc }) => docContent(doc))).toEqual([union, union]);
  });

  test('who came second to the tables of a TinyBase peer writes back what it had', () => {
    const ours = bind();
    ours.store.setTables({ t: { r: { x: 1 } } }).setValue('v', 1);
    const theirs = new Y.Doc();
    const tables = theirs.getMap(ROOT).set(TABLES, new Y.Map<unknown>());
    theirs.getMap(ROOT).set(VALUES, new Y.Map<unknown>([['w', 2]]));
    const table = tables.set('t', new Y.Map<unknown>()) as Y.Map<unknown>;
    table.set('s', new Y.Map<unknown>([['x', 3]]));
    exchange(ours.doc, theirs);
    exchange(ours.doc, theirs);
    const union = { t: { t: { r: { x: 1 }, s: { x: 3 } } }, v: { v: 1, w: 2 } };
    expect([storeContent(ours.store), docContent(theirs)]).toEqual([union, union]);
  });

  test('a container that disappears for good takes its cells along', () => {
    const { store, doc } = bind();
    store.setTables({ t: { r: { x: 1 } }, u: { r: { x: 2 } } });
    mapAt(doc, TABLES).delete('t');
    expect(storeContent(store).t).toEqual({ u: { r: { x: 2 } } });
    store.setCell('t', 'r', 'y', 3);
    expect(docContent(doc).t).toEqual({ t: { r: { y: 3 } }, u: { r: { x: 2 } } });
  });
});
