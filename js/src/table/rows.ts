/**
 * The order of a table's rows, kept as one sorted array of row ids.
 *
 * Natural order: ids that are canonical non-negative integers ("0", "17", never "017") come first, by
 * value; every other id follows, by Unicode code point. An integer may be followed by "~" and a text: such
 * a row was put after the one of that integer, or, with no integer, before all of them. The order depends
 * on the ids alone, so that every page and kernel shows the same rows in the same places.
 *
 * A few changed ids are merged into the array in one pass; when many changed it is sorted anew. Where
 * a row stands is found by binary search, so there is no index to keep up to date.
 */

const CANONICAL_INTEGER = /^(?:0|[1-9][0-9]*)$/;
const HEADED = /^((?:0|[1-9][0-9]*)?)~/;
const SURROGATE = /[\ud800-\udfff]/;
/** Above this share of changed ids, sorting everything is cheaper than merging. */
const REBUILD_SHARE = 0.25;

const isInteger = (id: string): boolean => CANONICAL_INTEGER.test(id);

/** Canonical integers of any length: the longer is the larger, equal lengths compare as text. */
const compareIntegers = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** Moves a UTF-16 code unit to where its code point sorts: surrogates after the rest. */
const codePointRank = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

/** Compares two texts by code point. */
export const compareCodePoints = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
};

/** The integer that an id begins with, "" for one before all integers, undefined for any other id. */
export const headOf = (id: string): string | undefined =>
  isInteger(id) ? id : HEADED.exec(id)?.[1];

/** Compares two row ids in natural order. */
export const compareRowIds = (a: string, b: string): number => {
  const aHead = headOf(a);
  const bHead = headOf(b);
  if (aHead === undefined || bHead === undefined) {
    if (aHead !== bHead) return aHead === undefined ? 1 : -1;
    return compareCodePoints(a, b);
  }
  return (
    compareIntegers(aHead, bHead) || compareCodePoints(a.slice(aHead.length), b.slice(bHead.length))
  );
};

/** Returns the ids in natural order, as a new array. */
export const sortRowIds = (ids: Iterable<string>): string[] => {
  const integers: string[] = [];
  const headed: string[] = [];
  const others: string[] = [];
  for (const id of ids) (isInteger(id) ? integers : HEADED.test(id) ? headed : others).push(id);
  integers.sort(compareIntegers);
  headed.sort(compareRowIds);
  // The engine's own order, by code unit, is the same and several times faster where no id has surrogates.
  if (others.some((id) => SURROGATE.test(id))) others.sort(compareCodePoints);
  else others.sort();
  return (headed.length > 0 ? merge(integers, headed) : integers).concat(others);
};

/** The rows of one table in natural order. */
export class RowOrder {
  #ids: string[] = [];

  /** The ordered ids. Replaced, never changed in place: a caller may keep it to compare later. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  get length(): number {
    return this.#ids.length;
  }

  /** Replaces all rows. */
  reset(ids: Iterable<string>): void {
    this.#ids = sortRowIds(ids);
  }

  /**
   * Applies added (1) and removed (-1) ids.
   *
   * @param changes what changed, by row id; other numbers are ignored
   * @param allIds gives the ids of all rows, for when that is cheaper
   */
  apply(changes: ReadonlyMap<string, number>, allIds: () => Iterable<string>): void {
    if (changes.size > 64 && changes.size > this.#ids.length * REBUILD_SHARE) {
      this.reset(allIds());
      return;
    }
    const added: string[] = [];
    const removed = new Set<string>();
    for (const [id, change] of changes) {
      if (change === 1 && !this.has(id)) added.push(id);
      else if (change === -1) removed.add(id);
    }
    const kept = removed.size > 0 ? this.#ids.filter((id) => !removed.has(id)) : this.#ids;
    this.#ids = added.length > 0 ? merge(kept, sortRowIds(added)) : kept;
  }

  /** The place of a row, or -1. */
  indexOf(id: string): number {
    const index = this.insertionIndex(id);
    return this.#ids[index] === id ? index : -1;
  }

  has(id: string): boolean {
    return this.indexOf(id) >= 0;
  }

  /** The place at which a row of that id stands, or would stand. */
  insertionIndex(id: string): number {
    return lowerBound(this.#ids, id, 0);
  }
}

type Compare = (a: string, b: string) => number;

/** The first place from which on no id comes before this one. */
export const lowerBound = (
  ids: readonly string[],
  id: string,
  from: number,
  compare: Compare = compareRowIds,
): number => {
  let low = from;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(ids[middle] as string, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Merges a short sorted list into a long one: binary search for each id, whole stretches copied between. */
export const merge = (
  ids: readonly string[],
  added: readonly string[],
  compare: Compare = compareRowIds,
): string[] => {
  const merged: string[] = [];
  let from = 0;
  for (const id of added) {
    const to = lowerBound(ids, id, from, compare);
    for (let i = from; i < to; i++) merged.push(ids[i] as string);
    merged.push(id);
    from = to;
  }
  for (let i = from; i < ids.length; i++) merged.push(ids[i] as string);
  return merged;
};
