/**
 * A document's content taken over into a Store, and what the Store has beside it.
 *
 * Both go through the places they are told of and no others.
 */
import type { Row, Store } from 'tinybase/store';
import { readCell, writeCell } from './cells.ts';
import { childMap, TABLES, VALUES, type YMap } from './containers.ts';
import { naturalOrder } from './order.ts';
import type { Content } from './structs.ts';
import { ALL, type Below, type Touched } from './touched.ts';
import type { Edits } from './writing.ts';

/**
 * Make a Store like a document's root map, at the touched places.
 *
 * What was `replaced` keeps the cells that only the Store has.
 */
export function takeOver(root: YMap, store: Store, touched: Below, replaced: Touched): void {
  const tables = below(touched, TABLES);
  if (tables !== undefined) {
    readTables(childMap(root, TABLES), store, tables, replaced);
  }
  const values = below(touched, VALUES);
  if (values !== undefined) {
    readValues(childMap(root, VALUES), store, values, replaced);
  }
}

function readTables(
  tables: YMap | undefined,
  store: Store,
  touched: Below,
  replaced: Touched,
): void {
  const ids = touched === ALL ? union(tables?.keys(), store.getTableIds()) : touched.keys();
  for (const tableId of ids) {
    readTable(tableId, childMap(tables, tableId), store, below(touched, tableId), replaced);
  }
}

function readTable(
  tableId: string,
  table: YMap | undefined,
  store: Store,
  touched: Below | undefined,
  replaced: Touched,
): void {
  const ids =
    touched === ALL ? union(table?.keys(), store.getRowIds(tableId)) : (touched?.keys() ?? []);
  for (const rowId of naturalOrder(ids)) {
    const row = childMap(table, rowId);
    if (store.hasRow(tableId, rowId)) {
      readRow(tableId, rowId, row, store, below(touched, rowId), replaced);
    } else if (row !== undefined) {
      readNewRow(tableId, rowId, row, store);
    }
  }
}

function readNewRow(tableId: string, rowId: string, yRow: YMap, store: Store): void {
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
    store.setRow(tableId, rowId, row);
  }
}

function readRow(
  tableId: string,
  rowId: string,
  row: YMap | undefined,
  store: Store,
  touched: Below | undefined,
  replaced: Touched,
): void {
  const ids =
    touched === ALL
      ? union(row?.keys(), store.getCellIds(tableId, rowId))
      : (touched?.keys() ?? []);
  for (const cellId of ids) {
    const cell = readCell(row?.get(cellId));
    if (cell !== undefined) {
      store.setCell(tableId, rowId, cellId, cell);
    } else if (!replaced.covers(TABLES, tableId, rowId, cellId)) {
      store.delCell(tableId, rowId, cellId, true);
    }
  }
}

function readValues(
  values: YMap | undefined,
  store: Store,
  touched: Below,
  replaced: Touched,
): void {
  const ids = touched === ALL ? union(values?.keys(), store.getValueIds()) : touched.keys();
  for (const valueId of ids) {
    const value = readCell(values?.get(valueId));
    if (value !== undefined) {
      store.setValue(valueId, value);
    } else if (!replaced.covers(VALUES, valueId)) {
      store.delValue(valueId);
    }
  }
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
