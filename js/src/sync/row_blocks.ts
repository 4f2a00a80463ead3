/**
 * Which rows share a client id: integers in blocks, and many rows made together in batches.
 *
 * Every client id in a document costs every transaction a little. Blocks of integer ids begin at 0,
 * 32, 64, 128, …, doubling up to 1024 rows each, so that small tables make few containers ahead and
 * large ones few client ids.
 */

const SMALLEST_BLOCK = 32;
const LARGEST_BLOCK = 1024;
const INTEGER = /^(?:0|[1-9]\d{0,8})$/;
const SMALLEST_BATCH = 512;
const MAX_BATCHES = 256;

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

/** Return row ids in runs that share a client id: some hundreds of them at most. */
export function batches<T>(rows: readonly T[]): T[][] {
  let size = SMALLEST_BATCH;
  while (size * MAX_BATCHES < rows.length) {
    size *= 2;
  }
  const runs: T[][] = [];
  for (let at = 0; at < rows.length; at += size) {
    runs.push(rows.slice(at, at + size));
  }
  return runs;
}
