/**
 * What rows are sorted by: the key of a cell, and which of two comes first.
 *
 * false, true, numbers by value, texts without case and accents by code point, objects and arrays by
 * their JSON. A missing cell, null or absent, has no key: it comes last, in descending order too.
 */
import { compareCodePoints } from '../rows.ts';
import type { MaybeCell } from '../values.ts';
import { fold, sortTexts } from './text.ts';

/** An object's or array's JSON. */
export class JsonKey {
  constructor(readonly text: string) {}
}

export type SortKey = boolean | number | string | JsonKey | undefined;

/** By which column, and which end first. */
export interface SortBy {
  readonly column: string;
  readonly descending: boolean;
}

export const keyOf = (cell: MaybeCell): SortKey => {
  if (typeof cell === 'string') return fold(cell);
  if (cell === null || cell === undefined) return undefined;
  return typeof cell === 'object' ? new JsonKey(JSON.stringify(cell)) : cell;
};

const MISSING_KIND = 4;

const kindOfKey = (key: SortKey): number => {
  if (key === undefined) return MISSING_KIND;
  if (typeof key === 'boolean') return 0;
  if (typeof key === 'number') return 1;
  return typeof key === 'string' ? 2 : 3;
};

/** Which of two keys comes first. */
export const compareKeys = (a: SortKey, b: SortKey, descending: boolean): number => {
  const kind = kindOfKey(a);
  const otherKind = kindOfKey(b);
  if (kind === MISSING_KIND || otherKind === MISSING_KIND) return Math.sign(kind - otherKind);
  const order = kind === otherKind ? compareAlike(a, b) : kind - otherKind;
  return descending ? -order : order;
};

const compareAlike = (a: SortKey, b: SortKey): number => {
  if (typeof a === 'string') return compareCodePoints(a, b as string);
  if (a instanceof JsonKey) return compareCodePoints(a.text, (b as JsonKey).text);
  return Number(a) - Number(b);
};

/**
 * Sorts rows by the keys of one or more columns.
 *
 * Equal keys get equal, dense ranks; then a counting sort by each column, the last one first, needs no
 * comparing and leaves equal rows as they stood.
 *
 * @param columns for each column the keys of all rows
 * @returns the rows' numbers in their order
 */
export const sortedPlaces = (
  columns: readonly (readonly SortKey[])[],
  sort: readonly SortBy[],
): Uint32Array => {
  const count = columns[0]?.length ?? 0;
  let places = new Uint32Array(count);
  for (let i = 0; i < count; i++) places[i] = i;
  for (let c = columns.length - 1; c >= 0; c--)
    places = countingSort(places, ranksOf(columns[c] as SortKey[], sort[c]?.descending === true));
  return places;
};

interface Ranks {
  readonly of: Uint32Array;
  readonly count: number;
}

const countingSort = (places: Uint32Array, ranks: Ranks): Uint32Array<ArrayBuffer> => {
  const starts = new Uint32Array(ranks.count + 1);
  for (const rank of ranks.of) starts[rank + 1] = (starts[rank + 1] as number) + 1;
  for (let i = 1; i <= ranks.count; i++)
    starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const sorted = new Uint32Array(places.length);
  for (const place of places) {
    const rank = ranks.of[place] as number;
    sorted[starts[rank] as number] = place;
    starts[rank] = (starts[rank] as number) + 1;
  }
  return sorted;
};

/** A number for each key, dense, such that keys compare as their numbers do. */
const ranksOf = (keys: readonly SortKey[], descending: boolean): Ranks => {
  const isNumeric = keys.every((key) => key === undefined || typeof key === 'number');
  const { rankOf, count } = isNumeric ? numericRanking(keys) : ranking(keys);
  const of = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key === undefined) of[i] = count;
    else of[i] = descending ? count - 1 - rankOf(key) : rankOf(key);
  }
  return { of, count: count + 1 };
};

interface Ranking {
  readonly rankOf: (key: SortKey) => number;
  readonly count: number;
}

const numericRanking = (keys: readonly SortKey[]): Ranking => {
  const sorted = Float64Array.from(keys.filter((key) => key !== undefined) as number[]).sort();
  let count = 0;
  for (const number of sorted)
    if (count === 0 || sorted[count - 1] !== number) sorted[count++] = number;
  const rankOf = (key: SortKey): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < (key as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { rankOf, count };
};

const ranking = (keys: readonly SortKey[]): Ranking => {
  const numbers = new Set<number>();
  const texts = new Set<string>();
  const jsons = new Set<string>();
  for (const key of keys) {
    if (typeof key === 'string') texts.add(key);
    else if (typeof key === 'number') numbers.add(key);
    else if (key instanceof JsonKey) jsons.add(key.text);
  }
  let count = 2; // false and true
  const rank = <T>(sorted: readonly T[]): Map<T, number> =>
    new Map(sorted.map((key) => [key, count++]));
  const ofNumbers = rank([...numbers].sort((a, b) => a - b));
  const ofTexts = rank(sortTexts([...texts]));
  const ofJsons = rank(sortTexts([...jsons]));
  const rankOf = (key: SortKey): number => {
    if (typeof key === 'string') return ofTexts.get(key) as number;
    if (typeof key === 'number') return ofNumbers.get(key) as number;
    return key instanceof JsonKey ? (ofJsons.get(key.text) as number) : Number(key);
  };
  return { rankOf, count };
};
