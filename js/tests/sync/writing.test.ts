import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { childMap, ROOT, TABLES, VALUES } from '../../src/sync/containers.ts';
import type { Content } from '../../src/sync/structs.ts';
import { DocumentWriter } from '../../src/sync/writing.ts';
import { docContent, type Plain } from './helpers.ts';

type Rows = Record<string, Record<string, Content | undefined>>;

/** A document, a writer for it, and what came of the writing. */
class Written {
  readonly updates: Uint8Array[] = [];
  readonly transactions: Y.Transaction[] = [];
  readonly refused: string[] = [];
  readonly writer: DocumentWriter;

  constructor(
    readonly doc = new Y.Doc(),
    isUnique: (rowId: string) => boolean = () => false,
  ) {
    this.writer = new DocumentWriter(doc, ROOT, isUnique, (what) => this.refused.push(what));
    doc.on('update', (update: Uint8Array) => this.updates.push(update));
    doc.on('afterTransaction', (transaction: Y.Transaction) => this.transactions.push(transaction));
  }

  write(tables: Record<string, Rows>, values: Record<string, Content | undefined> = {}): this {
    const cells = new Map(
      Object.entries(tables).map(([tableId, rows]) => [
        tableId,
        new Map(Object.entries(rows).map(([id, row]) => [id, new Map(Object.entries(row))])),
      ]),
    );
    const edits = { cells, values: new Map(Object.entries(values)) };
    this.doc.transact((transaction) => this.writer.write(transaction, edits));
    return this;
  }

  map(...path: string[]): Y.Map<unknown> | undefined {
    return path.reduce<Y.Map<unknown> | undefined>(childMap, this.doc.getMap(ROOT));
  }

  get tables(): Plain {
    return docContent(this.doc).t;
  }

  /** The client ids of what the document has, other than its own. */
  get derived(): number[] {
    return [...this.doc.store.clients.keys()].filter((client) => client !== this.doc.clientID);
  }
}

function manyRows(count: number, prefix = 'row'): Rows {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [prefix + at, { n: at }]));
}

function sync(from: Y.Doc, to: Y.Doc): void {
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
}

function clientOf(map: Y.Map<unknown> | undefined): number | undefined {
  return map?._item?.id.client;
}

describe('the start', () => {
  test('it is made where there is none, by any write', () => {
    const written = new Written().write({});
    expect(written.doc.getMap(ROOT).toJSON()).toEqual({ t: {}, v: {} });
    expect(written.derived).toEqual([0]);
  });

  test("a TinyBase peer's tables win over it, whoever comes first", () => {
    for (const oursFirst of [true, false]) {
      const ours = new Written().write({ pets: { fido: { n: 1 } } }).doc;
      const theirs = new Y.Doc();
      theirs.clientID = 2;
      const tables = theirs.getMap(ROOT).set(TABLES, new Y.Map<unknown>());
      tables.set('theirs', new Y.Map());
      const doc = new Y.Doc();
      for (const from of oursFirst ? [ours, theirs] : [theirs, ours]) {
        sync(from, doc);
      }
      expect(doc.getMap(ROOT).toJSON()[TABLES]).toEqual({ theirs: {} });
    }
  });

  test('an existing map of tables or values is never replaced', () => {
    const doc = new Y.Doc();
    const tables = doc.getMap(ROOT).set(TABLES, new Y.Map());
    const values = doc.getMap(ROOT).set(VALUES, new Y.Map());
    const written = new Written(doc).write({ t: { r: { a: 1 } } }, { v: 1 });
    expect([written.map(TABLES), written.map(VALUES)]).toEqual([tables, values]);
  });

  test('values are made where a document has tables only', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, new Y.Map());
    expect(new Written(doc).write({}, { v: 1 }).map(VALUES)?.toJSON()).toEqual({ v: 1 });
  });

  test('what is no map stays where it is, and the change is refused', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, 'odd');
    const written = new Written(doc).write({ t: { r: { a: 1 } } }, { v: 1 });
    expect(written.refused).toEqual([expect.stringContaining('"t"')]);
    expect(doc.getMap(ROOT).toJSON()).toEqual({ t: 'odd', v: { v: 1 } });
  });
});

describe('first values', () => {
  test('of a new document are the same whoever writes them', () => {
    const docs = [new Written(), new Written()].map(
      (written) => written.write({}, { v: 1, w: 'x' }).doc,
    );
    const [one, other] = docs.map((doc) => Y.encodeStateAsUpdate(doc));
    expect(one).toEqual(other);
  });

  test('that come later are ordinary edits', () => {
    const written = new Written().write({}).write({}, { v: 1 });
    expect(written.map(VALUES)?._map.get('v')?.id.client).toBe(written.doc.clientID);
  });
});

describe('tables', () => {
  test('two documents that make one table keep the rows of both', () => {
    const a = new Written().write({ pets: { a: { x: 1 } } });
    const b = new Written().write({ pets: { b: { x: 2 } } });
    sync(a.doc, b.doc);
    sync(b.doc, a.doc);
    const both = { pets: { a: { x: 1 }, b: { x: 2 } } };
    expect([a.tables, b.tables]).toEqual([both, both]);
  });

  test('under a map of tables that others made, a table is an ordinary map', () => {
    const doc = new Y.Doc();
    doc.getMap(ROOT).set(TABLES, new Y.Map());
    const written = new Written(doc).write({ pets: { a: { x: 1 } } });
    expect(clientOf(written.map(TABLES, 'pets'))).toBe(doc.clientID);
    expect(written.tables).toEqual({ pets: { a: { x: 1 } } });
  });

  test('a table that somebody deleted is made again in place of the old one', () => {
    const written = new Written().write({ pets: { a: { x: 1 } } });
    const old = written.map(TABLES, 'pets')?._item;
    written.map(TABLES)?.delete('pets');
    written.write({ pets: { b: { x: 2 } } });
    expect(written.map(TABLES, 'pets')?._item?.origin).toEqual(old?.id);
    expect(written.tables).toEqual({ pets: { b: { x: 2 } } });
  });
});

describe('rows', () => {
  test('two documents that make one row keep the cells of both', () => {
    const a = new Written().write({ t: { r: { x: 1 }, 5: { x: 3 } } });
    const b = new Written().write({ t: { r: { y: 2 }, 5: { y: 4 } } });
    sync(a.doc, b.doc);
    sync(b.doc, a.doc);
    const both = { t: { r: { x: 1, y: 2 }, 5: { x: 3, y: 4 } } };
    expect([a.tables, b.tables]).toEqual([both, both]);
  });

  test('documents that write the same rows come out the same', () => {
    const content = { t: { ...manyRows(700), ...manyRows(700, '') } };
    const docs = [new Written(), new Written()].map((written) => written.write(content).doc);
    const [one, other] = docs.map((doc) => Y.encodeStateAsUpdate(doc));
    expect(one).toEqual(other);
  });

  test('writing them again takes back no edit and revives no deletion', () => {
    const content = { t: { a: { x: 1, y: 1 }, b: { x: 1 } } };
    const a = new Written().write(content);
    a.write({ t: { a: { x: 2, y: undefined }, b: { x: undefined } } });
    const b = new Written().write(content);
    sync(b.doc, a.doc);
    sync(a.doc, b.doc);
    const rest = { t: { a: { x: 2 } } };
    expect([a.tables, b.tables]).toEqual([rest, rest]);
  });

  test('a row under a unique id is an ordinary map', () => {
    const written = new Written(new Y.Doc(), (id) => id === 'mine');
    written.write({ t: { mine: { x: 1 }, other: { x: 2 } } });
    expect(clientOf(written.map(TABLES, 't', 'mine'))).toBe(written.doc.clientID);
    expect(clientOf(written.map(TABLES, 't', 'other'))).toBeGreaterThan(2 ** 52);
  });

  test('a row that somebody deleted is made again in place of the old one', () => {
    const written = new Written().write({ t: { r: { x: 1 } } });
    const old = written.map(TABLES, 't', 'r')?._item;
    written.map(TABLES, 't')?.delete('r');
    written.write({ t: { r: { y: 2 } } });
    expect(written.map(TABLES, 't', 'r')?._item?.origin).toEqual(old?.id);
    expect(written.tables).toEqual({ t: { r: { y: 2 } } });
  });

  test('under a table that others made, rows are ordinary maps', () => {
    const written = new Written().write({});
    written.map(TABLES)?.set('t', new Y.Map());
    written.write({ t: { r: { x: 1 } } });
    expect(clientOf(written.map(TABLES, 't', 'r'))).toBe(written.doc.clientID);
  });

  test('a row without cells is not made', () => {
    const written = new Written().write({ t: { r: { x: undefined } } });
    expect(written.map(TABLES)?.toJSON()).toEqual({});
  });

  test('rows made one at a time cost no more than some hundred client ids', () => {
    const written = new Written();
    for (const [id, row] of Object.entries(manyRows(1000))) {
      written.write({ t: { [id]: row } });
    }
    expect(written.derived.length).toBeLessThan(270);
    expect(Object.keys(written.tables.t as Plain)).toHaveLength(1000);
  });

  test('100,000 rows of integers or of names cost no more than some hundred', () => {
    for (const prefix of ['', 'row']) {
      const written = new Written().write({ t: manyRows(100_000, prefix) });
      expect(written.derived.length).toBeLessThan(500);
    }
  });

  test('after a large load, a large one derives its rows and a small one does so no more', () => {
    const written = new Written();
    for (let load = 0; load < 200; load++) {
      written.write({ t: manyRows(65, `${load}-`) });
    }
    written.write({ t: { single: { n: 1 } } });
    expect(clientOf(written.map(TABLES, 't', '199-0'))).toBeGreaterThan(2 ** 52);
    expect(clientOf(written.map(TABLES, 't', 'single'))).toBe(written.doc.clientID);
  });
});

describe('the transaction', () => {
  test('derived structs and edits are one update of our own', () => {
    const written = new Written();
    const own = written.doc.clientID;
    written.write({ t: { r: { x: 1 }, ...manyRows(100) } }, { v: 1 });
    expect(written.updates).toHaveLength(1);
    expect(written.transactions.map(({ local }) => local)).toEqual([true]);
    expect(written.doc.clientID).toBe(own);
  });

  test('what a new table was waited for comes in with it', () => {
    const maker = new Written().write({ t: { q: { x: 1 } } });
    const known = Y.encodeStateVector(maker.doc);
    maker.write({ t: { r: { x: 1 } } });
    const written = new Written().write({ u: { s: { x: 1 } } });
    Y.applyUpdate(written.doc, Y.encodeStateAsUpdate(maker.doc, known));
    expect(written.writer.hasLetIn).toBe(false);
    const own = written.doc.clientID;
    written.write({ t: { p: { x: 2 } } }, { v: 1 });
    expect(written.writer.hasLetIn).toBe(true);
    expect(written.tables.t).toEqual({ r: { x: 1 }, p: { x: 2 } });
    expect(written.transactions.at(-1)?.local).toBe(true);
    expect(written.doc.clientID).toBe(own);
    written.write({ t: { p: { x: 3 } } });
    expect(written.writer.hasLetIn).toBe(false);
  });

  test('a row that comes in while it is made keeps the cells of both sides', () => {
    const maker = new Written().write({ t: { q: { x: 1 } } });
    const known = Y.encodeStateVector(maker.doc);
    maker.write({ t: { r: { x: 1 } } });
    const written = new Written().write({});
    Y.applyUpdate(written.doc, Y.encodeStateAsUpdate(maker.doc, known));
    written.write({ t: { r: { y: 2 } } });
    expect(written.tables).toEqual({ t: { r: { x: 1, y: 2 } } });
  });

  test('a deletion that came before what it deletes deletes it when it is made here', () => {
    const content = { t: { r: { x: 1, y: 1 } } };
    const maker = new Written().write(content);
    const known = Y.encodeStateVector(maker.doc);
    maker.write({ t: { r: { x: undefined } } });
    const written = new Written();
    Y.applyUpdate(written.doc, Y.encodeStateAsUpdate(maker.doc, known));
    written.write(content);
    expect(written.tables).toEqual({ t: { r: { y: 1 } } });
    expect(written.writer.hasLetIn).toBe(true);
  });
});
