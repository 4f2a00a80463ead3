/**
 * A Store's changes written into a document, inside a transaction of it.
 *
 * Tables and new rows are made as derived structs where that is possible (`containers.ts` says why),
 * with their first cells, and so are a new document's first values; everything else is an ordinary Yjs
 * edit of one cell. Containers are never replaced or deleted: empty rows and tables read as absent.
 *
 * For a derived struct the document's client id is borrowed. Applying an update would do as well, at
 * a third more time and memory for large tables; that way round, too, Yjs would have to be told that
 * the transaction is still our own.
 */
import * as Y from 'yjs';
import { Containers, childMap, TABLES, VALUES, type YMap } from './containers.ts';
import { batches, keyOrder, MAX_SINGLES } from './row_blocks.ts';
import { type Content, cellsClient, type ItemId } from './structs.ts';

// How many client ids may be spent on rows: each one costs every transaction a little.
const ID_BUDGET = 512;
const ID_BUDGET_OF_FEW_ROWS = 256;
const EMPTY_UPDATE = Uint8Array.of(0, 0);

/** Content by id; `undefined` deletes. */
export type Entries = ReadonlyMap<string, Content | undefined>;
/** What is to be written: cells by table and row, and values. */
export interface Edits {
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, Entries>>;
  readonly values: Entries;
}
type NewRow = ReadonlyMap<string, Content>;

const NO_CELLS: NewRow = new Map();

export class DocumentWriter {
  readonly #doc: Y.Doc;
  readonly #root: YMap;
  readonly #mapName: string;
  readonly #containers: Containers;
  readonly #isUnique: (rowId: string) => boolean;
  readonly #refuse: (what: string) => void;
  #spentIds = 0;
  #hasLetIn = false;
  #valuesAreNew = false;

  /**
   * @param isUnique says whether a row id was made by this replica, so that no other makes the row
   * @param refuse is told what of the document is in the way of a change
   */
  constructor(
    doc: Y.Doc,
    mapName: string,
    isUnique: (rowId: string) => boolean,
    refuse: (what: string) => void,
  ) {
    this.#doc = doc;
    this.#root = doc.getMap(mapName);
    this.#mapName = mapName;
    this.#containers = new Containers(mapName);
    this.#isUnique = isUnique;
    this.#refuse = refuse;
  }

  /** Whether the last `write` may have let in, or deleted, what had been waiting for what it made. */
  get hasLetIn(): boolean {
    return this.#hasLetIn;
  }

  /** Write changes, inside an open transaction. */
  write(transaction: Y.Transaction, { cells, values }: Edits): void {
    this.#hasLetIn = false;
    this.#valuesAreNew = false;
    this.#ensureStart(transaction);
    const tables = this.#mapOf(TABLES, cells.size > 0);
    if (tables !== undefined) {
      for (const [tableId, rows] of cells) {
        this.#writeTable(transaction, tables, tableId, rows);
      }
    }
    const valueMap = this.#mapOf(VALUES, values.size > 0);
    if (valueMap !== undefined) {
      this.#writeValues(valueMap, values);
    }
  }

  /** Write values; the first ones of a new document as the first cells of rows. */
  #writeValues(map: YMap, values: Entries): void {
    const first = this.#valuesAreNew ? contentOf(values) : NO_CELLS;
    const client = first.size > 0 ? cellsClient([[this.#containers.values, first]]) : undefined;
    if (client !== undefined && Y.getState(this.#doc.store, client) === 0) {
      this.#as(client, () => writeEntries(map, first));
    } else {
      writeEntries(map, values);
    }
  }

  #ensureStart(transaction: Y.Transaction): void {
    const { client } = this.#containers.tables;
    if (isFree(this.#root, TABLES) && Y.getState(this.#doc.store, client) === 0) {
      const keys = [TABLES, VALUES].filter((key) => isFree(this.#root, key));
      this.#as(client, () => makeMaps(this.#root, keys));
      this.#letWaitingIn(transaction);
      this.#valuesAreNew = keys.includes(VALUES) && !this.#hasLetIn;
    }
    for (const key of [TABLES, VALUES]) {
      if (!this.#root.has(key)) {
        this.#root.set(key, new Y.Map());
      }
    }
  }

  /** Return a map of the root, if it is needed. */
  #mapOf(key: string, isNeeded: boolean): YMap | undefined {
    const map = isNeeded ? childMap(this.#root, key) : undefined;
    if (isNeeded && map === undefined) {
      this.#refuse(`"${key}" of the document's map "${this.#mapName}" is not a map`);
    }
    return map;
  }

  #writeTable(
    transaction: Y.Transaction,
    tables: YMap,
    tableId: string,
    rows: ReadonlyMap<string, Entries>,
  ): void {
    const table = childMap(tables, tableId);
    const newRows = new Map<string, NewRow>();
    for (const [rowId, entries] of rows) {
      const row = childMap(table, rowId);
      if (row !== undefined) {
        writeEntries(row, entries);
      } else {
        const cells = contentOf(entries);
        if (cells.size > 0 || entries.size === 0) {
          newRows.set(rowId, cells);
        }
      }
    }
    if (newRows.size > 0) {
      const made = table ?? this.#makeTable(transaction, tables, tableId);
      this.#makeRows(transaction, tableId, made, newRows);
    }
  }

  #makeTable(transaction: Y.Transaction, tables: YMap, tableId: string): YMap {
    const { client, clock } = this.#containers.table(tableId);
    if (
      isItem(tables, this.#containers.tables) &&
      isFree(tables, tableId) &&
      Y.getState(this.#doc.store, client) === clock
    ) {
      this.#as(client, () => makeMaps(tables, [tableId]));
      this.#letWaitingIn(transaction);
    }
    return childMap(tables, tableId) ?? tables.set(tableId, new Y.Map<unknown>());
  }

  #makeRows(
    transaction: Y.Transaction,
    tableId: string,
    table: YMap,
    rows: ReadonlyMap<string, NewRow>,
  ): void {
    const ordinary = new Map(rows);
    if (isItem(table, this.#containers.table(tableId))) {
      const derivable = [...rows.keys()].filter((id) => isFree(table, id) && !this.#isUnique(id));
      const isFew = derivable.length <= MAX_SINGLES;
      if (this.#spentIds < (isFew ? ID_BUDGET_OF_FEW_ROWS : ID_BUDGET)) {
        for (const batch of batches(derivable)) {
          const free = batch.filter((rowId) => isFree(table, rowId)); // the last may have let some in
          for (const made of this.#deriveRows(transaction, tableId, table, free, rows)) {
            ordinary.delete(made);
          }
        }
      }
    }
    for (const [rowId, cells] of ordinary) {
      const letIn = childMap(table, rowId);
      if (letIn === undefined) {
        table.set(rowId, new Y.Map<unknown>(cells));
      } else {
        writeEntries(letIn, cells);
      }
    }
  }

  /** Make rows as derived structs; returns those for which that was possible. */
  #deriveRows(
    transaction: Y.Transaction,
    tableId: string,
    table: YMap,
    rowIds: readonly string[],
    rows: ReadonlyMap<string, NewRow>,
  ): string[] {
    const { runs, items } = this.#containers.rows(
      tableId,
      rowIds,
      (client) => Y.getState(this.#doc.store, client),
      (rowId) => !isFree(table, rowId),
    );
    if (items.size === 0) {
      return [];
    }
    this.#spentIds += runs.length + 1;
    for (const { client, keys } of runs) {
      this.#as(client, () => makeMaps(table, keys));
    }
    const first = Array.from(items, ([id, item]) => [item, rows.get(id) ?? NO_CELLS] as const);
    const client = cellsClient(first);
    const fill = () => {
      for (const id of items.keys()) {
        writeEntries(childMap(table, id), rows.get(id) ?? NO_CELLS);
      }
    };
    if (Y.getState(this.#doc.store, client) === 0) {
      this.#as(client, fill);
    } else {
      fill();
    }
    this.#letWaitingIn(transaction);
    return [...items.keys()];
  }

  /** Do something under another client id. */
  #as(client: number, action: () => void): void {
    const own = this.#doc.clientID;
    this.#doc.clientID = client;
    try {
      action();
    } finally {
      this.#doc.clientID = own;
    }
  }

  /** Let in what had been waiting for structs that were made: Yjs looks only when it applies an update. */
  #letWaitingIn(transaction: Y.Transaction): void {
    const { pendingStructs, pendingDs } = this.#doc.store;
    if (pendingStructs !== null || pendingDs !== null) {
      const { local } = transaction;
      Y.applyUpdate(this.#doc, EMPTY_UPDATE);
      // Now Yjs takes the transaction for a remote one, and what we write in it for somebody else's.
      transaction.local = local;
      this.#hasLetIn = true;
    }
  }
}

function makeMaps(parent: YMap, keys: Iterable<string>): void {
  for (const key of keys) {
    parent.set(key, new Y.Map());
  }
}

/** Say whether a map is the content of an item. */
function isItem({ _item: item }: YMap, { client, clock }: ItemId): boolean {
  return item?.id.client === client && item.id.clock === clock;
}

/** Say whether a map never had a key, so that an item made there has no origin. */
function isFree(map: YMap, key: string): boolean {
  return !map._map.has(key);
}

/** What is given, in an order that all replicas share. */
function contentOf(entries: Entries): NewRow {
  const content = new Map<string, Content>();
  for (const id of keyOrder(entries.keys())) {
    const one = entries.get(id);
    if (one !== undefined) {
      content.set(id, one);
    }
  }
  return content;
}

function writeEntries(map: YMap | undefined, entries: Entries): void {
  for (const [id, content] of entries) {
    if (content === undefined) {
      map?.delete(id);
    } else if (map?.get(id) !== content) {
      map?.set(id, content);
    }
  }
}
