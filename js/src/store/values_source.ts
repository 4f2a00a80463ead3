/**
 * The values of a Store as a table of one column, so that the grid shows and edits them as any other:
 * a value's id is the row's, and its cell is in the column `value`.
 *
 * The table's id is one that no table of the Store is known by, so that conflicts and undo, which name a
 * value by two nulls and its id, are told apart from those of a table that happens to be called the same.
 */
import type { Cell, Store } from 'tinybase';
import type { Conflict } from '../sync/conflicts.ts';
import type { Place, Undone } from '../sync/undo.ts';
import type { ConflictSource, History } from '../table/options.ts';
import type { TableSource } from '../table/source.ts';

/** What the values' table is called; U+FFFD begins what TinyBase keeps for itself. */
export const VALUES = '\ufffdvalues';
export const VALUE = 'value';

/** Makes a Store's values a table. */
export const valuesSource = (store: Store): TableSource => {
  const read = (id: string): Cell => store.getValue(id) as Cell;
  const set = (id: string, value: Cell): unknown => store.setValue(id, value);
  return {
    getCell: ((_table: string, id: string) => read(id)) as TableSource['getCell'],
    getRow: ((_table: string, id: string) =>
      store.hasValue(id) ? { [VALUE]: read(id) } : {}) as TableSource['getRow'],
    getRowIds: () => store.getValueIds(),
    getRowCount: () => store.getValueIds().length,
    getTableCellIds: () => [VALUE],
    hasRow: (_table, id) => store.hasValue(id),
    setCell: (_table, id, _column, value) => set(id, value),
    setRow: (_table, id, { [VALUE]: value }) => (value === undefined ? store : set(id, value)),
    delCell: (_table, id) => store.delValue(id),
    delRow: (_table, id) => store.delValue(id),
    transaction: (actions) => store.transaction(actions),
    addRowIdsListener: (table, listener) =>
      store.addValueIdsListener((_store, getChanges) => listener(store, table, getChanges)),
    addTableCellIdsListener: (table, listener) =>
      store.addValueIdsListener(() => listener(store, table)),
    addCellListener: (table, _row, _cell, listener) =>
      store.addValueListener(null, (_store, id, value, old) =>
        listener(store, table, id, VALUE, value as Cell, old as Cell),
      ),
    delListener: (id) => store.delListener(id),
  };
};

/** The conflicts of values as those of their table. */
export const valuesConflicts = (source: ConflictSource): ConflictSource => ({
  open: () => source.open().filter(isOfValue).map(inTable),
  at: (_table, row) => source.at(null, null, row ?? '').map(inTable),
  isOwn: (client) => source.isOwn(client),
  onChange: (listener) => source.onChange(listener),
  dismiss: (key) => source.dismiss(key),
});

/** Undo and redo, with values as cells of their table. */
export const valuesHistory = (history: History): History => ({
  get canUndo() {
    return history.canUndo;
  },
  get canRedo() {
    return history.canRedo;
  },
  undo: () => withValuesInTable(history.undo()),
  redo: () => withValuesInTable(history.redo()),
  onUndoChange: (listener) => history.onUndoChange(listener),
});

const isOfValue = ({ tableId }: Conflict): boolean => tableId === null;

const inTable = <P extends Place>(place: P): P =>
  place.tableId === null
    ? { ...place, tableId: VALUES, rowId: place.cellId, cellId: VALUE }
    : place;

/** What was kept is only spoken of, and is called a value then. */
const withValuesInTable = (undone: Undone): Undone => ({
  ...undone,
  changed: undone.changed.map(inTable),
});
