/** How sorting and filters are put into words. */
import { displayText, type MaybeCell } from '../values.ts';
import type { Conditions } from './filter.ts';
import type { SortBy } from './keys.ts';

const MAX_LISTED = 3;

export const EMPTY = '(empty)';

/** A cell as a filter's list of cells shows it. */
export const valueText = (cell: unknown): string => {
  if (cell === null || cell === undefined) return EMPTY;
  if (cell === '') return '""';
  const text = displayText(cell as MaybeCell);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

/** What a column's filter lets through: "≥ 3", "contains “a”". */
export const conditionsText = ({ contains, equals, min, max, in: among }: Conditions): string => {
  const words: string[] = [];
  if (contains !== undefined) words.push(`contains “${contains}”`);
  if (equals !== undefined) words.push(`is “${equals}”`);
  if (min !== undefined && max !== undefined) words.push(`${min} to ${max}`);
  else if (min !== undefined) words.push(`≥ ${min}`);
  else if (max !== undefined) words.push(`≤ ${max}`);
  if (among) words.push(listed(among));
  return words.join(', ');
};

const listed = (cells: readonly unknown[]): string => {
  if (cells.length === 0) return 'nothing';
  const shown = cells.slice(0, MAX_LISTED).map(valueText).join(', ');
  return cells.length > MAX_LISTED ? `${shown} and ${cells.length - MAX_LISTED} more` : shown;
};

export const sortText = (sort: readonly SortBy[]): string => {
  if (sort.length === 0) return 'Not sorted.';
  const parts = sort.map(
    ({ column, descending }) => `${column} ${descending ? 'descending' : 'ascending'}`,
  );
  return `Sorted by ${parts.join(', then ')}.`;
};

export const rowsText = (
  shown: number,
  all: number,
  [one, several]: readonly string[] = ['row', 'rows'],
): string => {
  const word = all === 1 ? one : several;
  const total = all.toLocaleString('en');
  return shown === all ? `${total} ${word}` : `${shown.toLocaleString('en')} of ${total} ${word}`;
};
