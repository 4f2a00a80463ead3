/**
 * A document's content taken over into a Store, and what the Store has beside it.
 *
 * Both go through the places they are told of and no others.
 */
import type { Cell, Row, Store } from 'tinybase/store';
import { readCell, writeCell } from './cells.ts';
import { childMap, TABLES, VALUES, type YMap } from './containers.ts';
import type { HeldRows } from './held_rows.ts';
import { naturalOrder } from './order.ts';
import type { Content } from './structs.ts';
import { ALL, type Below, type Touched } from './touched.ts';
import type { Edits } from './writing.ts';

/** What a Store was changed to: it takes not everything that its schemas or middleware see. */
export interface Taken {
  /** Where it became like the document: a table's, a row's and a cell's id; or a row's; or a value's. */
  readonly places: string[][];
  /** How many cells and values became others. */
  count: number;
}

/** How the Store is made like the document. */
export interface Taking {
  /** What keeps the cells that only the Store has. */
  readonly replaced: Touched;
  /** Decides which new rows wait. */
  readonly held?: HeldRows | undefined;
  /** Where it is noted what the Store became; nobody asks where it is missing. */
  readonly taken?: Taken | undefined;
}

/** Make a Store like a document's root map, at the touched places. */
export function takeOver(root: YMap, store: Store, touched: Below, taking: Taking): void {
  const tables = below(touched, TABLES);
  if (tables !== undefined) {
    readTables(childMap(root, TABLES), store, tables, taking);
  }
  const values = below(touched, VALUES);
  if (values !== undefined) {
    readValues(childMap(root, VALUES), store, values, taking);
  }
}

function readTables(tables: YMap | undefined, store: Store, touched: Below, taking: Taking): void {
  const ids = touched === ALL ? union(tables?.keys(), store.getTableIds()) : touched.keys();
  for (const tableId of ids) {
    const touchedRows = below(touched, tableId);
    readTable(tableId, childMap(tables, tableId), store, touchedRows, taking);
  }
}

function readTable(
  tableId: string,
  table: YMap | undefined,
  store: Store,
  touched: Below | undefined,
  taking: Taking,
): void {
  const ids =
    touched === ALL ? union(table?.keys(), store.getRowIds(tableId)) : (touched?.keys() ?? []);
  for (const rowId of naturalOrder(ids)) {
    const row = childMap(table, rowId);
    if (store.hasRow(tableId, rowId)) {
      readRow(tableId, rowId, row, store, below(touched, rowId), taking);
    } else if (row !== undefined && taking.held?.holds(tableId, rowId, row) !== true) {
      readNewRow(tableId, rowId, row, store, taking.taken);
    }
  }
}

function readNewRow(
  tableId: string,
  rowId: string,
  yRow: YMap,
  store: Store,
  taken: Taken | undefined,
): void {
  const row: Row = Object.create(null);
  let isEmpty = true;
  yRow.forEach((content, cellId) => {
    const cell = readCell(content);
    if (cell !== undefined) {
      row[cellId] = cell;
      isEmpty = false;
    }
  });
  if (!isEmpty) {
    store.setRow(tableId, rowId, row);
    if (taken !== undefined) {
      noteNewRow(tableId, rowId, row, store, taken);
    }
  }
}

function noteNewRow(tableId: string, rowId: string, row: Row, store: Store, taken: Taken): void {
  const cellIds = store.getCellIds(tableId, rowId);
  const alike = cellIds.filter(
    (cellId) => contentOf(store.getCell(tableId, rowId, cellId)) === contentOf(row[cellId]),
  );
  taken.count += cellIds.length;
  if (alike.length === Object.keys(row).length) {
    taken.places.push([tableId, rowId]);
  } else {
    taken.places.push(...alike.map((cellId) => [tableId, rowId, cellId]));
  }
}

function readRow(
  tableId: string,
  rowId: string,
  row: YMap | undefined,
  store: Store,
  touched: Below | undefined,
  taking: Taking,
): void {
  const { replaced, taken } = taking;
  const ids =
    touched === ALL
      ? union(row?.keys(), store.getCellIds(tableId, rowId))
      : (touched?.keys() ?? []);
  for (const cellId of ids) {
    const cell = readCell(row?.get(cellId));
    const before = store.getCell(tableId, rowId, cellId);
    if (cell !== undefined) {
      store.setCell(tableId, rowId, cellId, cell);
    } else if (!replaced.covers(TABLES, tableId, rowId, cellId)) {
      store.delCell(tableId, rowId, cellId, true);
    }
    const after = store.getCell(tableId, rowId, cellId);
    note(taken, [tableId, rowId, cellId], before, after, cell);
  }
}

function readValues(values: YMap | undefined, store: Store, touched: Below, taking: Taking): void {
  const { replaced, taken } = taking;
  const ids = touched === ALL ? union(values?.keys(), store.getValueIds()) : touched.keys();
  for (const valueId of ids) {
    const value = readCell(values?.get(valueId));
    const before = store.getValue(valueId);
    if (value !== undefined) {
      store.setValue(valueId, value);
    } else if (!replaced.covers(VALUES, valueId)) {
      store.delValue(valueId);
    }
    note(taken, [valueId], before, store.getValue(valueId), value);
  }
}

/** Take note of what became of a place where a document has `wanted`. */
function note(
  taken: Taken | undefined,
  place: string[],
  before: Cell | undefined,
  after: Cell | undefined,
  wanted: Cell | undefined,
): void {
  if (taken === undefined) {
    return;
  }
  const content = contentOf(after);
  if (content !== contentOf(before)) {
    taken.count += 1;
    if (content === contentOf(wanted)) {
      taken.places.push(place);
    }
  }
}

function contentOf(cell: Cell | undefined): Content | undefined {
  return cell === undefined ? undefined : writeCell(cell);
}

/** Return what a Store has otherwise than a document's root map at the places that it had taken. */
export function changedSince(root: YMap, store: Store, { places }: Taken): Edits {
  const cells = new Map<string, Map<string, Map<string, Content | undefined>>>();
  const values = new Map<string, Content | undefined>();
  const tables = childMap(root, TABLES);
  const yValues = childMap(root, VALUES);
  for (const [first, rowId, ...cellId] of places as [string, string?, ...string[]][]) {
    if (rowId === undefined) {
      compare(yValues?.get(first), store.getValue(first), (content) => values.set(first, content));
      continue;
    }
    const row = childMap(childMap(tables, first), rowId);
    const ids = cellId.length > 0 ? cellId : union(row?.keys(), store.getCellIds(first, rowId));
    for (const id of ids) {
      compare(row?.get(id), store.getCell(first, rowId, id), (content) => {
        const rows = ensure(cells, first);
        ensure(rows, rowId).set(id, content);
      });
    }
  }
  return { cells, values };
}

function compare(
  content: unknown,
  cell: Cell | undefined,
  onDifference: (content: Content | undefined) => void,
): void {
  const wanted = contentOf(cell);
  if (wanted !== contentOf(readCell(content))) {
    onDifference(wanted);
  }
}

function ensure<K, V>(maps: Map<string, Map<K, V>>, id: string): Map<K, V> {
  let map = maps.get(id);
  if (map === undefined) {
    map = new Map();
    maps.set(id, map);
  }
  return map;
}

/** Return what a Store has, and a document's root map lacks, where containers were replaced. */
export function lackedBy(root: YMap, store: Store, replaced: Below): Edits {
  const cells = new Map<string, Map<string, Map<string, Content>>>();
  const tables = childMap(root, TABLES);
  const replacedTables = below(replaced, TABLES);
  for (const tableId of within(replacedTables, () => store.getTableIds())) {
    const table = childMap(tables, tableId);
    const rows = new Map<string, Map<string, Content>>();
    for (const rowId of within(below(replacedTables, tableId), () => store.getRowIds(tableId))) {
      const row = childMap(table, rowId);
      const lacked = new Map<string, Content>();
      store.forEachCell(tableId, rowId, (cellId, cell) => {
        if (row?.has(cellId) !== true) {
          lacked.set(cellId, writeCell(cell));
        }
      });
      if (lacked.size > 0) {
        rows.set(rowId, lacked);
      }
    }
    if (rows.size > 0) {
      cells.set(tableId, rows);
    }
  }
  const values = new Map<string, Content>();
  const yValues = childMap(root, VALUES);
  for (const valueId of within(below(replaced, VALUES), () => store.getValueIds())) {
    const value = store.getValue(valueId);
    if (value !== undefined && yValues?.has(valueId) !== true) {
      values.set(valueId, writeCell(value));
    }
  }
  return { cells, values };
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
