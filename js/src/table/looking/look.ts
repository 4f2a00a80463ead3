/** How a table is looked at, as Python and the page tell each other: sort, filters and search. */
import type { Conditions, Filters } from './filter.ts';
import type { SortBy } from './keys.ts';

/** A column's cell id and "asc" or "desc". */
export type SortTrait = readonly (readonly [string, string])[];

export interface Looking {
  readonly sort: readonly SortBy[];
  readonly filters: Filters;
  readonly search: string;
  /** Columns that stay in sight at the left, in this order. */
  readonly pinned: readonly string[];
  /** How numbers are written, by cell id. */
  readonly formats: Readonly<Record<string, string>>;
  /** Whether rows are numbered as they are shown, instead of named by their ids. */
  readonly rowNumbers: boolean;
  /** Whether each column's header says what is in it. */
  readonly summary: boolean;
}

export const NO_LOOKING: Looking = {
  sort: [],
  filters: {},
  search: '',
  pinned: [],
  formats: {},
  rowNumbers: false,
  summary: false,
};

export const sortFromTrait = (trait: SortTrait): SortBy[] =>
  trait.map(([column, direction]) => ({ column, descending: direction === 'desc' }));

export const sortToTrait = (sort: readonly SortBy[]): [string, string][] =>
  sort.map(({ column, descending }) => [column, descending ? 'desc' : 'asc']);

/** The sort after a click on a column's header: ascending, descending, not at all. */
export const nextSort = (
  sort: readonly SortBy[],
  column: string,
  { add = false } = {},
): readonly SortBy[] => {
  const before = sort.find((by) => by.column === column);
  const isOnly = sort.length === 1 && before !== undefined;
  if (!add && !isOnly) return [{ column, descending: false }];
  if (!before) return [...sort, { column, descending: false }];
  if (before.descending) return sort.filter((by) => by !== before);
  return sort.map((by) => (by === before ? { column, descending: true } : by));
};

/** The sort with one column's direction set, or taken out. */
export const sortWith = (
  sort: readonly SortBy[],
  column: string,
  descending: boolean | undefined,
): readonly SortBy[] => {
  if (descending === undefined) return sort.filter((by) => by.column !== column);
  if (!sort.some((by) => by.column === column)) return [{ column, descending }];
  return sort.map((by) => (by.column === column ? { column, descending } : by));
};

/** The filters with those of one column replaced; empty conditions take it out. */
export const filtersWith = (filters: Filters, column: string, conditions: Conditions): Filters => {
  const entries = Object.entries(filters).filter(([id]) => id !== column);
  if (Object.keys(conditions).length > 0) entries.push([column, conditions]);
  return Object.fromEntries(entries);
};

export const sameSort = (a: readonly SortBy[], b: readonly SortBy[]): boolean =>
  a.length === b.length &&
  a.every((by, i) => by.column === b[i]?.column && by.descending === b[i]?.descending);
