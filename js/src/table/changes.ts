/**
 * Many cells at once: what a paste or a fill would write, what the table would not take, and the writing.
 *
 * A plan is made of the whole before anything is written, so that nothing is half done unless somebody
 * wants just that; the writing is one transaction, and so one step to undo.
 */
import type { Cell } from 'tinybase';
import type { Pasted } from './clipboard.ts';
import type { LiveTable } from './live.ts';
import type { Rules } from './rules.ts';
import { type MaybeCell, sameCell } from './values.ts';

/** Where cells shall go: row ids, and null for each row that is to be added below. */
export interface Target {
  readonly rows: readonly (string | null)[];
  readonly columns: readonly string[];
}

export interface Change {
  readonly row: string;
  readonly column: string;
  readonly cell: MaybeCell;
}

export interface Refusal {
  /** Null for a row that would be new. */
  readonly row: string | null;
  readonly column: string;
  readonly text: string;
  readonly message: string;
}

export interface Plan {
  readonly changes: readonly Change[];
  /** The cells of each row to add. */
  readonly newRows: readonly Readonly<Record<string, Cell>>[];
  readonly refused: readonly Refusal[];
  /** How many cells are meant, changed or not. */
  readonly size: number;
}

/** Plans to set a target's cells to what `at` says for each, with rows and columns counted from 0. */
export const planChanges = (
  { rows, columns }: Target,
  at: (row: number, column: number) => Pasted,
  live: LiveTable,
  rules: Rules,
): Plan => {
  const changes: Change[] = [];
  const newRows: Record<string, Cell>[] = [];
  const refused: Refusal[] = [];
  rows.forEach((row, rowIndex) => {
    const fresh: Record<string, Cell> = rules.defaults();
    let isBegun = false;
    columns.forEach((column, columnIndex) => {
      const pasted = at(rowIndex, columnIndex);
      const cell = row === null ? undefined : live.getCell(row, column);
      const refuse = (message: string): void => {
        refused.push({ row, column, text: pasted.text, message });
      };
      const parsed = rules.parsePasted({ row, column }, pasted, cell);
      const next = parsed.kind === 'set' ? parsed.cell : undefined;
      if (parsed.kind !== 'invalid' && sameCell(next, cell)) return;
      const locked = rules.whyReadOnly({ row, column });
      if (locked !== undefined) refuse(locked);
      else if (parsed.kind === 'invalid') refuse(parsed.message);
      else if (row !== null) changes.push({ row, column, cell: next });
      else if (next !== undefined) {
        define(fresh, column, next);
        isBegun = true;
      }
    });
    if (row !== null || !isBegun) return;
    const missing = rules.missing(fresh);
    for (const column of missing)
      refused.push({ row, column, text: '', message: 'Required in every row.' });
    if (missing.length === 0) newRows.push(fresh);
  });
  return { changes, newRows, refused, size: rows.length * columns.length };
};

/** Writes a plan as one transaction; returns the ids of the new rows. */
export const writePlan = (
  { changes, newRows }: Plan,
  live: LiveTable,
  newRowId: () => string,
): string[] => {
  const { store, tableId } = live;
  const ids = newRows.map(() => newRowId());
  live.write(() => {
    for (const { row, column, cell } of changes) {
      if (cell === undefined) store.delCell(tableId, row, column, true);
      else store.setCell(tableId, row, column, cell);
    }
    newRows.forEach((cells, index) => {
      store.setRow(tableId, ids[index] as string, cells);
    });
  });
  return ids;
};

/** How many cells of a plan the Store has refused all the same. */
export const countNotTaken = ({ changes }: Plan, live: LiveTable): number =>
  changes.filter(({ row, column, cell }) => !sameCell(live.getCell(row, column), cell)).length;

/** Sets a property also where its name is `__proto__`. */
const define = (cells: Record<string, Cell>, column: string, cell: Cell): void => {
  Object.defineProperty(cells, column, {
    value: cell,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};
