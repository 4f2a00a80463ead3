/**
 * Many updates as one.
 *
 * `Y.mergeUpdates` sorts all its inputs again for each struct, so a hundred thousand at once would
 * take minutes; merged in groups, and the groups again, they take seconds.
 */
import * as Y from 'yjs';

const GROUP = 32;

export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  let merged = updates;
  while (merged.length > 1) {
    const groups: Uint8Array[] = [];
    for (let at = 0; at < merged.length; at += GROUP) {
      groups.push(Y.mergeUpdates(merged.slice(at, at + GROUP)));
    }
    merged = groups;
  }
  return merged[0] ?? Uint8Array.of(0, 0);
}
