/**
 * What a table asks of its Store. TinyBase's Store is one; the values of a Store become one by
 * `values_source.ts`, so that the same grid shows both.
 */
import type { Cell, GetIdChanges, Id, Store } from 'tinybase';

type Listener<Rest extends unknown[]> = (store: unknown, tableId: Id, ...rest: Rest) => void;

export interface TableSource
  extends Pick<
    Store,
    'getCell' | 'getRow' | 'getRowIds' | 'getRowCount' | 'getTableCellIds' | 'hasRow'
  > {
  setCell(tableId: Id, rowId: Id, cellId: Id, cell: Cell): unknown;
  setRow(tableId: Id, rowId: Id, row: Readonly<Record<string, Cell>>): unknown;
  delCell(tableId: Id, rowId: Id, cellId: Id, forceDel?: boolean): unknown;
  delRow(tableId: Id, rowId: Id): unknown;
  transaction(actions: () => unknown): unknown;
  addRowIdsListener(tableId: Id, listener: Listener<[changes: GetIdChanges | undefined]>): Id;
  addTableCellIdsListener(tableId: Id, listener: Listener<[changes?: GetIdChanges]>): Id;
  addCellListener(
    tableId: Id,
    rowId: null,
    cellId: null,
    listener: Listener<[rowId: Id, cellId: Id, cell: Cell, old: Cell]>,
  ): Id;
  delListener(id: Id): unknown;
}
