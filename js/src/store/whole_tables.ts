/** What is done to a whole table of a Store. */
import type { Cell, Store } from 'tinybase';

export const cellCount = (store: Store, table: string): number =>
  store.getRowIds(table).reduce((sum, row) => sum + store.getCellIds(table, row).length, 0);

/** Gives a table's rows to another table, in one transaction; what others add to it meanwhile stays there. */
export const renameTable = (store: Store, from: string, to: string): void => {
  store.transaction(() => {
    // Cell by cell: an object of rows could not hold one called __proto__.
    for (const row of store.getRowIds(from))
      for (const cell of store.getCellIds(from, row))
        store.setCell(to, row, cell, store.getCell(from, row, cell) as Cell);
    store.delTable(from);
  });
};
