/**
 * Ids for new rows that no other replica makes and that sort in the order of making.
 *
 *     09 characters of base36: milliseconds since the Unix epoch, "-", the replica's client id in base36
 */

const TIME_LENGTH = 9; // enough until the year 5188

/** Return a function that makes row ids, strictly increasing, for the replica `client()`. */
export function rowIdFactory(client: () => number, now: () => number = Date.now): () => string {
  let last = 0;
  return () => {
    last = Math.max(Math.floor(now()), last + 1);
    return `${last.toString(36).padStart(TIME_LENGTH, '0')}-${client().toString(36)}`;
  };
}

/** Say whether a row id, or the end of one that says a place too, was made by the replica `client`. */
export function isRowIdOf(client: number, rowId: string): boolean {
  const suffix = `-${client.toString(36)}`;
  return rowId.length >= TIME_LENGTH + suffix.length && rowId.endsWith(suffix);
}
