/**
 * A TinyBase Store and a Y.Doc that hold the same content, kept so cell by cell.
 *
 * Store to document: each Store transaction is written, when it has finished, as one document
 * transaction with the cells it changed, before anything remote can come between. Deletions delete
 * cells and never a container.
 *
 * Document to Store: an event only notes which places were touched. When all document transactions
 * have finished, those places are read again and the Store takes them over in one transaction.
 * Nothing is written in answer, with one exception:
 *
 * Repair: where an event says that another's container has taken the place of one, the Store keeps
 * the cells that the document now lacks under it, and they are written back. That happens between
 * replicas that made the same row while apart, or beside an unmodified TinyBase peer.
 *
 * TinyBase's own `createYjsPersister` reads the same layout, but loses all but the first of several
 * transactions in one tick.
 */
import type { Row, Store } from 'tinybase/store';
import * as Y from 'yjs';
import { readCell, writeCell } from './cells.ts';
import {
  childMap,
  ensureRow,
  ensureTable,
  ensureTables,
  ensureValues,
  ROOT,
  TABLES,
  VALUES,
  type YMap,
} from './containers.ts';
import { naturalOrder } from './order.ts';
import { ALL, type Below, Touched } from './touched.ts';

const CONTAINER_DEPTH = 2; // events this deep (root, tables, a table) are about containers
const EMPTY_UPDATE = Uint8Array.of(0, 0);

/** Cells to write: table id, row id, cell id, the document's content; `undefined` deletes. */
type CellsToWrite = Map<string, Map<string, Map<string, unknown>>>;
type ValuesToWrite = Map<string, unknown>;

export class StoreBinding {
  readonly #store: Store;
  readonly #doc: Y.Doc;
  readonly #root: YMap;
  readonly #onError: (message: string, error?: unknown) => void;
  readonly #listenerId: string;
  #touched = new Touched();
  #replaced = new Touched();
  #reading = false;
  #retrying = false;

  /**
   * Bind a Store to a document. What both hold is united; the document's cell stays where both have one.
   *
   * @param onError is told what can't be read or written, and what the Store's listeners throw.
   */
  constructor(
    store: Store,
    doc: Y.Doc,
    onError: (message: string, error?: unknown) => void = console.error,
  ) {
    this.#store = store;
    this.#doc = doc;
    this.#root = doc.getMap(ROOT);
    this.#onError = onError;
    this.#touched.add([]);
    this.#replaced.add([]);
    this.#read();
    this.#root.observeDeep(this.#note);
    doc.on('afterAllTransactions', this.#read);
    this.#listenerId = store.addDidFinishTransactionListener(() => this.#save());
  }

  /** Unbind; both keep their content. */
  destroy(): void {
    this.#store.delListener(this.#listenerId);
    this.#doc.off('afterAllTransactions', this.#read);
    this.#root.unobserveDeep(this.#note);
  }

  // --- Store to document

  #save(): void {
    if (this.#reading) {
      return;
    }
    const [, , changedCells, , changedValues] = this.#store.getTransactionLog();
    const cells: CellsToWrite = new Map();
    for (const [tableId, rows] of Object.entries(changedCells)) {
      for (const [rowId, row] of Object.entries(rows)) {
        for (const [cellId, [, cell]] of Object.entries(row)) {
          addCell(cells, tableId, rowId, cellId, cell);
        }
      }
    }
    const values: ValuesToWrite = new Map();
    for (const [valueId, [, value]] of Object.entries(changedValues)) {
      values.set(valueId, value);
    }
    this.#write(cells, values);
  }

  #write(cells: CellsToWrite, values: ValuesToWrite): void {
    if (cells.size === 0 && values.size === 0) {
      return;
    }
    this.#doc.transact(() => {
      this.#writeTables(cells);
      this.#writeValues(values);
    }, this);
    if (this.#doc.store.pendingStructs !== null) {
      // A container made here may be what structs received earlier were waiting for, and Yjs looks
      // at those only when an update is applied.
      Y.applyUpdate(this.#doc, EMPTY_UPDATE);
    }
  }

  #writeTables(cells: CellsToWrite): void {
    if (cells.size === 0) {
      return;
    }
    const tables = hasContent(cells) ? ensureTables(this.#doc) : childMap(this.#root, TABLES);
    if (tables === undefined) {
      this.#refuse(TABLES);
      return;
    }
    for (const [tableId, rows] of cells) {
      const table = hasContent(rows) ? ensureTable(tables, tableId) : childMap(tables, tableId);
      if (table !== undefined) {
        for (const [rowId, row] of rows) {
          writeEntries(hasContent(row) ? ensureRow(table, rowId) : childMap(table, rowId), row);
        }
      }
    }
  }

  #writeValues(values: ValuesToWrite): void {
    if (values.size === 0) {
      return;
    }
    const map = hasContent(values) ? ensureValues(this.#doc) : childMap(this.#root, VALUES);
    if (map === undefined) {
      this.#refuse(VALUES);
      return;
    }
    writeEntries(map, values);
  }

  #refuse(key: string): void {
    if (this.#root.has(key)) {
      this.#onError(
        `"${key}" of the document's map "${ROOT}" is not a map: a change was not saved`,
      );
    }
  }

  // --- Document to Store

  readonly #note = (events: Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction) => {
    if (origin === this) {
      return;
    }
    for (const event of events) {
      if (!(event instanceof Y.YMapEvent)) {
        continue;
      }
      const path = event.path.map(String);
      for (const key of event.keysChanged) {
        this.#touched.add([...path, key as string]);
      }
      if (path.length <= CONTAINER_DEPTH) {
        this.#noteReplaced(path, event);
      }
    }
  };

  #noteReplaced(path: readonly string[], event: Y.YMapEvent<unknown>): void {
    if (path[0] === VALUES) {
      return; // what is below are values, no containers
    }
    for (const [key, { action, oldValue }] of event.changes.keys) {
      if (action === 'update') {
        const isContainer = oldValue instanceof Y.Map || event.target.get(key) instanceof Y.Map;
        if (isContainer) {
          this.#replaced.add([...path, key]);
        }
      }
    }
  }

  readonly #read = (): void => {
    if (this.#touched.isEmpty) {
      return;
    }
    let taken = false;
    const replaced = this.#replaced;
    const wasReading = this.#reading;
    this.#reading = true;
    try {
      this.#store.transaction(() => {
        taken = true;
        const touched = this.#touched;
        this.#touched = new Touched();
        this.#replaced = new Touched();
        this.#readRoot(touched.below, replaced);
      });
    } catch (error) {
      this.#onError('A listener failed while the Store took over a change', error);
    } finally {
      this.#reading = wasReading;
    }
    if (taken) {
      this.#repair(replaced);
    } else if (!this.#retrying) {
      // The Store takes nothing while its listeners run. They are done when this task is.
      this.#retrying = true;
      queueMicrotask(() => {
        this.#retrying = false;
        this.#read();
      });
    }
  };

  #readRoot(touched: Below, replaced: Touched): void {
    const tables = below(touched, TABLES);
    if (tables !== undefined) {
      this.#readTables(tables, replaced);
    }
    const values = below(touched, VALUES);
    if (values !== undefined) {
      this.#readValues(values, replaced);
    }
  }

  #readTables(touched: Below, replaced: Touched): void {
    const tables = childMap(this.#root, TABLES);
    const ids = touched === ALL ? union(tables?.keys(), this.#store.getTableIds()) : touched.keys();
    for (const tableId of ids) {
      this.#readTable(tableId, childMap(tables, tableId), below(touched, tableId), replaced);
    }
  }

  #readTable(
    tableId: string,
    table: YMap | undefined,
    touched: Below | undefined,
    replaced: Touched,
  ): void {
    const ids =
      touched === ALL
        ? union(table?.keys(), this.#store.getRowIds(tableId))
        : (touched?.keys() ?? []);
    for (const rowId of naturalOrder(ids)) {
      const row = childMap(table, rowId);
      if (this.#store.hasRow(tableId, rowId)) {
        this.#readRow(tableId, rowId, row, below(touched, rowId), replaced);
      } else if (row !== undefined) {
        this.#readNewRow(tableId, rowId, row);
      }
    }
  }

  #readNewRow(tableId: string, rowId: string, yRow: YMap): void {
    const row: Row = Object.create(null);
    let isEmpty = true;
    for (const [cellId, content] of yRow.entries()) {
      const cell = readCell(content);
      if (cell !== undefined) {
        row[cellId] = cell;
        isEmpty = false;
      }
    }
    if (!isEmpty) {
      this.#store.setRow(tableId, rowId, row);
    }
  }

  #readRow(
    tableId: string,
    rowId: string,
    row: YMap | undefined,
    touched: Below | undefined,
    replaced: Touched,
  ): void {
    const ids =
      touched === ALL
        ? union(row?.keys(), this.#store.getCellIds(tableId, rowId))
        : (touched?.keys() ?? []);
    for (const cellId of ids) {
      const cell = readCell(row?.get(cellId));
      if (cell !== undefined) {
        this.#store.setCell(tableId, rowId, cellId, cell);
      } else if (!replaced.covers(TABLES, tableId, rowId, cellId)) {
        this.#store.delCell(tableId, rowId, cellId, true);
      }
    }
  }

  #readValues(touched: Below, replaced: Touched): void {
    const values = childMap(this.#root, VALUES);
    const ids = touched === ALL ? union(values?.keys(), this.#store.getValueIds()) : touched.keys();
    for (const valueId of ids) {
      const value = readCell(values?.get(valueId));
      if (value !== undefined) {
        this.#store.setValue(valueId, value);
      } else if (!replaced.covers(VALUES, valueId)) {
        this.#store.delValue(valueId);
      }
    }
  }

  // --- Repair

  #repair(replaced: Touched): void {
    if (replaced.isEmpty) {
      return;
    }
    const cells: CellsToWrite = new Map();
    const tables = childMap(this.#root, TABLES);
    for (const tableId of within(below(replaced.below, TABLES), () => this.#store.getTableIds())) {
      const table = childMap(tables, tableId);
      const rows = below(below(replaced.below, TABLES), tableId);
      for (const rowId of within(rows, () => this.#store.getRowIds(tableId))) {
        const row = childMap(table, rowId);
        this.#store.forEachCell(tableId, rowId, (cellId, cell) => {
          if (row?.has(cellId) !== true) {
            addCell(cells, tableId, rowId, cellId, writeCell(cell));
          }
        });
      }
    }
    const values: ValuesToWrite = new Map();
    const yValues = childMap(this.#root, VALUES);
    for (const valueId of within(below(replaced.below, VALUES), () => this.#store.getValueIds())) {
      const value = this.#store.getValue(valueId);
      if (value !== undefined && yValues?.has(valueId) !== true) {
        values.set(valueId, writeCell(value));
      }
    }
    this.#write(cells, values);
  }
}

function addCell(
  cells: CellsToWrite,
  tableId: string,
  rowId: string,
  cellId: string,
  content: unknown,
): void {
  ensure(ensure(cells, tableId), rowId).set(cellId, content);
}

function ensure<T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> {
  let child = map.get(key);
  if (child === undefined) {
    child = new Map();
    map.set(key, child);
  }
  return child;
}

/** Say whether something is to be set, not only deleted, so that containers are needed. */
function hasContent(entries: ReadonlyMap<string, unknown>): boolean {
  for (const entry of entries.values()) {
    if (entry instanceof Map ? hasContent(entry) : entry !== undefined) {
      return true;
    }
  }
  return false;
}

function writeEntries(map: YMap | undefined, entries: ReadonlyMap<string, unknown>): void {
  for (const [id, content] of entries) {
    if (content === undefined) {
      map?.delete(id);
    } else if (map?.get(id) !== content) {
      map?.set(id, content);
    }
  }
}

function below(touched: Below | undefined, key: string): Below | undefined {
  return touched === ALL ? ALL : touched?.get(key);
}

/** The ids that are meant: those of a set of places, or all there are. */
function within(touched: Below | undefined, all: () => string[]): Iterable<string> {
  return touched === ALL ? all() : (touched?.keys() ?? []);
}

function union(first: Iterable<string> | undefined, second: Iterable<string>): Set<string> {
  return new Set([...(first ?? []), ...second]);
}
