/** Where the keys lead from a cell: pure arithmetic on places. */
import type { CellPlace } from './grid.ts';
import type { Jump, Move } from './keyboard.ts';

export interface Extent {
  /** How many rows there are, the blank line among them. */
  readonly rows: number;
  /** How many of them are rows of the table. */
  readonly filledRows: number;
  readonly columns: number;
  /** How many rows are in sight. */
  readonly page: number;
}

const MOVES: readonly string[] = ['up', 'down', 'left', 'right', 'next', 'previous'];

export const isMove = (to: Move | Jump): to is Move => MOVES.includes(to);

/** One cell on from a place; undefined where there is none. */
export const moved = (
  { row, column }: CellPlace,
  to: Move,
  { rows, columns }: Extent,
): CellPlace | undefined => {
  let next = { row, column };
  if (to === 'up') next = { row: row - 1, column };
  else if (to === 'down') next = { row: row + 1, column };
  else if (to === 'left') next = { row, column: column - 1 };
  else if (to === 'right') next = { row, column: column + 1 };
  else if (to === 'next')
    next = column + 1 < columns ? { row, column: column + 1 } : { row: row + 1, column: 0 };
  else next = column > 0 ? { row, column: column - 1 } : { row: row - 1, column: columns - 1 };
  const exists = next.row >= 0 && next.row < rows && next.column >= 0 && next.column < columns;
  return exists ? next : undefined;
};

/** Far from a place, to an edge or by a page. */
export const jumped = ({ row, column }: CellPlace, to: Jump, extent: Extent): CellPlace => {
  const lastRow = Math.max(0, extent.filledRows - 1);
  const lastColumn = extent.columns - 1;
  const targets: Readonly<Record<Jump, CellPlace>> = {
    'row-start': { row, column: 0 },
    'row-end': { row, column: lastColumn },
    first: { row: 0, column: 0 },
    last: { row: lastRow, column: lastColumn },
    top: { row: 0, column },
    bottom: { row: lastRow, column },
    'page-up': { row: Math.max(0, row - extent.page), column },
    'page-down': { row: Math.min(extent.rows - 1, row + extent.page), column },
  };
  return targets[to];
};
