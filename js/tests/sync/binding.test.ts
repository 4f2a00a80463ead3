import { createStore, type Store } from 'tinybase/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
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

  test('deleting where the document has nothing makes no containers', () => {
    const doc = new Y.Doc();
    const store = createStore();
    const binding = new StoreBinding(store, doc);
    store.setValue('v', 1).delValue('v');
    binding.destroy();
    store.setCell('t', 'r', 'a', 1);
    new StoreBinding(createStore(), doc);
    expect(docContent(doc).t).toEqual({});
  });

  test('objects and arrays are written as TinyBase encodes them', () => {
    const { store, doc } = bind();
    store.setRow('t', 'r', { a: { x: 1 }, b: [1, null] }).setValue('v', { y: [] });
    expect(docContent(doc)).toEqual({
      t: { t: { r: { a: '\ufffd{"x":1}', b: '\ufffd[1,null]' } } },
      v: { v: '\ufffd{"y":[]}' },
    });
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

describe('joining', () => {
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
