/**
 * Which rows are shown: those that meet the conditions of every filtered column and have every word of
 * the search.
 *
 * `contains` and `equals` and the search compare text, without case and accents, and find numbers as they
 * are written. `min` and `max` let numbers through, `in` the cells that it lists, null standing for a
 * missing one. A missing cell meets no other condition.
 */
import { type MaybeCell, sameCell } from '../values.ts';
import { cellText, fold } from './text.ts';

export interface Conditions {
  readonly contains?: string;
  readonly equals?: string;
  readonly min?: number;
  readonly max?: number;
  readonly in?: readonly unknown[];
}

/** Conditions by cell id. */
export type Filters = Readonly<Record<string, Conditions>>;

type CellAt = (row: string, column: string) => MaybeCell;
type Test = (cell: MaybeCell) => boolean;

/** A cell's number as text. */
const NUMERIC = /^[-+.0-9e]+$/;
const WORDS = /"([^"]*)"|\S+/g;

/** The parts of a search that a row must have all of: words, and what stands in double quotes. */
export const searchWords = (search: string): string[] =>
  Array.from(search.matchAll(WORDS), ([word, quoted]) => fold(quoted ?? word)).filter(Boolean);

/**
 * Makes the test for rows; undefined if every row is shown.
 *
 * @param textOf gives all that is searched of a row
 */
export const matcher = (
  filters: Filters,
  search: string,
  cellAt: CellAt,
  textOf: (row: string) => string,
): ((row: string) => boolean) | undefined => {
  const tests = Object.entries(filters).map(([column, conditions]): [string, Test] => [
    column,
    testOf(conditions),
  ]);
  const words = searchWords(search);
  if (tests.length === 0 && words.length === 0) return undefined;
  return (row) => {
    for (const [column, test] of tests) if (!test(cellAt(row, column))) return false;
    if (words.length === 0) return true;
    const text = textOf(row);
    return words.every((word) => text.includes(word));
  };
};

/** Makes the test for one column's cells. */
export const testOf = ({ contains, equals, min, max, in: among }: Conditions): Test => {
  const tests: Test[] = [];
  if (contains !== undefined) tests.push(containing(fold(contains)));
  if (equals !== undefined) {
    const wanted = fold(equals);
    tests.push((cell) => {
      const text = cellText(cell);
      return text !== undefined && fold(text) === wanted;
    });
  }
  if (min !== undefined) tests.push((cell) => typeof cell === 'number' && cell >= min);
  if (max !== undefined) tests.push((cell) => typeof cell === 'number' && cell <= max);
  if (among) tests.push(amongst(among as readonly MaybeCell[]));
  return (cell) => tests.every((test) => test(cell));
};

/** Whether a cell's text has a folded text in it. */
const containing = (wanted: string): Test => {
  const isNumeric = NUMERIC.test(wanted);
  return (cell) => {
    if (typeof cell === 'string') return fold(cell).includes(wanted);
    if (typeof cell === 'number' && !isNumeric) return wanted === '';
    const text = cellText(cell);
    return text !== undefined && fold(text).includes(wanted);
  };
};

const amongst = (cells: readonly MaybeCell[]): Test => {
  const scalars = new Set(cells.filter((cell) => typeof cell !== 'object' || cell === null));
  const containers = cells.filter((cell) => typeof cell === 'object' && cell !== null);
  return (cell) =>
    typeof cell === 'object' && cell !== null
      ? containers.some((each) => sameCell(each, cell))
      : scalars.has(cell === undefined ? null : cell);
};
