/**
 * Which rows share a client id: integers in blocks, and many rows made together in batches.
 *
 * Every client id in a document costs every transaction a little. Blocks of integer ids begin at 0,
 * 32, 64, 128, …, doubling up to 8192 rows each, so that small tables make few containers ahead and
 * large ones few client ids.
 */

const SMALLEST_BLOCK = 32;
const LARGEST_BLOCK = 8192;
const INTEGER = /^(?:0|[1-9]\d{0,8})$/;
const SMALLEST_BATCH = 512;
const MAX_BATCHES = 16;
/** How many rows that are no integers get a client id each when they are made together. */
export const MAX_SINGLES = 64;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const MAX_INDEX = 2 ** 32 - 2;

/** The block of integer row ids that a row belongs to, and the row's place in it. */
export interface RowBlock {
  readonly first: number;
  readonly place: number;
}

/** Return the block of a row whose id is a canonical non-negative integer of nine digits at most. */
export function rowBlock(rowId: string): RowBlock | undefined {
  if (!INTEGER.test(rowId)) {
    return undefined;
  }
  const number = Number(rowId);
  if (number < SMALLEST_BLOCK) {
    return { first: 0, place: number };
  }
  const size = Math.min(2 ** (31 - Math.clz32(number)), LARGEST_BLOCK);
  const place = number % size;
  return { first: number - place, place };
}

/** Return keys in the order of an object's: integers below 2^32 - 1 by value, others as given. */
export function keyOrder(keys: Iterable<string>): string[] {
  const indices: number[] = [];
  const others: string[] = [];
  for (const key of keys) {
    if (INDEX.test(key) && Number(key) <= MAX_INDEX) {
      indices.push(Number(key));
    } else {
      others.push(key);
    }
  }
  indices.sort((a, b) => a - b);
  return [...indices.map(String), ...others];
}

/**
 * Return row ids in `keyOrder`, in runs that share a client id: 16 of them at most.
 *
 * What is left over in the end has so few rows that each would get an id of its own; it goes with the
 * run before it.
 */
export function batches(rowIds: Iterable<string>): string[][] {
  const ordered = keyOrder(rowIds);
  const count = ordered.length;
  let size = SMALLEST_BATCH;
  while (size * MAX_BATCHES < count) {
    size *= 2;
  }
  const runs: string[][] = [];
  for (let start = 0; start < count; ) {
    const end = count - start - size <= MAX_SINGLES ? count : start + size;
    runs.push(ordered.slice(start, end));
    start = end;
  }
  return runs;
}
