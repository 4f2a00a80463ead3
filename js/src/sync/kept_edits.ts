/**
 * Edits that survive the deletion of their row.
 *
 * A row is deleted by deleting the cells that its deleter sees. So when a remote transaction deletes
 * cells of a row, and all that is left there are cells that were set here, the row was deleted by
 * somebody who had not heard of these edits yet.
 *
 * It may look the same when somebody deletes single cells of a row that is nearly all ours. Two signs
 * tell: an edit of ours among the deleted ones was known to the deleter, and with it all that we had
 * written before; and who deletes a row deletes most of it.
 */
import * as Y from 'yjs';
import { readCell } from './cells.ts';
import type { EditedPlace } from './conflict_records.ts';
import type { YMap } from './containers.ts';
import { containerPlace, contentOf, isNew } from './meetings.ts';

export interface KeptEdit {
  readonly place: EditedPlace;
  readonly item: Y.Item;
}

/**
 * Yield the edits that a remote transaction has left over of rows that it deleted.
 *
 * @param own the client ids of this replica's edits
 */
export function* keptEdits(
  root: YMap,
  transaction: Y.Transaction,
  own: ReadonlySet<number>,
): Generator<KeptEdit> {
  if (transaction.deleteSet.clients.size === 0) {
    return;
  }
  for (const [map, keys] of transaction.changed) {
    const deleted = [...keys].flatMap((key) => deletedItem(map, key, transaction) ?? []);
    const place = deleted.length > 0 ? containerPlace(root, map) : undefined;
    if (place === undefined || place[0] === null) {
      continue;
    }
    const left = [...map._map].filter(([, item]) => isCell(item));
    const known = new Map<number, number>();
    for (const { id } of deleted) {
      known.set(id.client, Math.max(id.clock, known.get(id.client) ?? 0));
    }
    const areUnknown = left.every(
      ([, { id }]) => own.has(id.client) && id.clock > (known.get(id.client) ?? -1),
    );
    if (areUnknown && left.length <= deleted.length) {
      for (const [cellId, item] of left) {
        yield { place: [...place, cellId], item };
      }
    }
  }
}

/** The struct that a transaction deleted at a key, if it put nothing in its place. */
function deletedItem(
  { _map }: { readonly _map: ReadonlyMap<string, Y.Item> },
  key: string | null,
  transaction: Y.Transaction,
): Y.Item | undefined {
  const item = key === null ? undefined : _map.get(key);
  const isDeleted =
    item?.deleted === true &&
    !isNew(transaction, item.id) &&
    Y.isDeleted(transaction.deleteSet, item.lastId);
  return isDeleted ? item : undefined;
}

function isCell(item: Y.Item): boolean {
  return !item.deleted && readCell(contentOf(item)) !== undefined;
}
