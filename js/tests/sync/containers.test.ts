import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  childMap,
  containerClient,
  ensureRow,
  ensureTable,
  ensureTables,
  ensureValues,
  ROOT,
  startUpdate,
  TABLES,
  tableUpdate,
  VALUES,
} from '../../src/sync/containers.ts';

const PATHS = [
  ['table', 'pets'],
  ['table', ''],
  ['table', 'ünï→😀'],
  ['table', 'a'.repeat(300)],
  ['tablepets'],
  ['table', 'pets', '7'],
  [],
];
const TABLE_IDS = ['pets', '', 'ünï→😀', '0'];

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function makeTable(doc: Y.Doc, tableId: string): Y.Map<unknown> {
  return doc.transact(() => ensureTable(ensureTables(doc) as Y.Map<unknown>, tableId));
}

describe('derived containers', () => {
  test('ids and bytes are those that Python makes too', async () => {
    const vectors = {
      clients: PATHS.map((parts) => ({ parts, client: containerClient(...parts) })),
      start: hex(startUpdate()),
      tables: TABLE_IDS.map((table) => ({ table, update: hex(tableUpdate(table)) })),
    };
    const text = `${JSON.stringify(vectors, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../tests/vectors/containers.json');
  });

  test('an id is above all ordinary ones and exact', () => {
    for (const parts of PATHS) {
      const client = containerClient(...parts);
      expect(client).toBeGreaterThanOrEqual(2 ** 52);
      expect(Number.isSafeInteger(client)).toBe(true);
    }
  });

  test('the start made in a document has the bytes of the start update', () => {
    const doc = new Y.Doc();
    doc.transact(() => ensureTables(doc));
    expect(Y.encodeStateAsUpdate(doc)).toEqual(startUpdate());
  });

  test('a table made in a document has the bytes of its update', () => {
    const doc = new Y.Doc();
    const own = doc.clientID;
    makeTable(doc, 'pets');
    expect(Y.encodeStateAsUpdate(doc)).toEqual(
      Y.mergeUpdates([startUpdate(), tableUpdate('pets')]),
    );
    expect(doc.clientID).toBe(own);
  });

  test('two documents that make one table keep the rows of both', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    ensureRow(makeTable(a, 'pets'), 'a').set('x', 1);
    ensureRow(makeTable(b, 'pets'), 'b').set('x', 2);
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    const both = { t: { pets: { a: { x: 1 }, b: { x: 2 } } }, v: {} };
    expect([a.getMap(ROOT).toJSON(), b.getMap(ROOT).toJSON()]).toEqual([both, both]);
  });

  test("a TinyBase peer's tables win over the start, whoever comes first", () => {
    for (const oursFirst of [true, false]) {
      const ours = new Y.Doc();
      makeTable(ours, 'pets');
      const theirs = new Y.Doc();
      theirs.clientID = 2;
      const tables = theirs.getMap(ROOT).set(TABLES, new Y.Map<unknown>());
      tables.set('theirs', new Y.Map());
      const updates = [Y.encodeStateAsUpdate(ours), Y.encodeStateAsUpdate(theirs)];
      const doc = new Y.Doc();
      for (const update of oursFirst ? updates : updates.reverse()) {
        Y.applyUpdate(doc, update);
      }
      expect(doc.getMap(ROOT).toJSON()[TABLES]).toEqual({ theirs: {} });
    }
  });

  test('under a table map that others made, a table is an ordinary map', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, new Y.Map());
    expect(makeTable(doc, 'pets')._item?.id.client).toBe(doc.clientID);
  });

  test('a table whose key existed before is made as an ordinary map', () => {
    const doc = new Y.Doc();
    makeTable(doc, 'pets');
    childMap(doc.getMap(ROOT), TABLES)?.delete('pets');
    expect(makeTable(doc, 'pets')._item?.id.client).toBe(doc.clientID);
  });

  test('an existing map of tables or values is never replaced', () => {
    const doc = new Y.Doc();
    const tables = doc.getMap(ROOT).set(TABLES, new Y.Map());
    const values = doc.getMap(ROOT).set(VALUES, new Y.Map());
    expect(doc.transact(() => ensureTables(doc))).toBe(tables);
    expect(doc.transact(() => ensureValues(doc))).toBe(values);
  });

  test('values are made where a document has tables only', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, new Y.Map());
    expect(doc.transact(() => ensureValues(doc))).toBe(childMap(doc.getMap(ROOT), VALUES));
  });

  test('what is no map stays where it is', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, 'odd');
    expect(doc.transact(() => ensureTables(doc))).toBeUndefined();
    expect(doc.getMap(ROOT).get(TABLES)).toBe('odd');
  });
});
