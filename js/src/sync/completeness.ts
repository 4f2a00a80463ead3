/**
 * Whether an update can be taken over as a whole.
 *
 * Yjs keeps structs aside whose predecessors are missing, but carries out at once what the same
 * update deletes. Where another's container has taken the place of one, that would be a deletion
 * without its replacement, and cells that only this replica knows would go with it. So an update
 * that is not complete is not applied; comparing states brings it with all that it needs.
 */
import * as Y from 'yjs';
import type { Outline } from './update_bytes.ts';

/**
 * Say whether a document has all that an update refers to.
 *
 * @throws Error when the bytes are not an update.
 */
export function isComplete(doc: Y.Doc, update: Uint8Array): boolean {
  const { structs, ds } = Y.decodeUpdate(update);
  const ends = new Map<number, number>();
  const endOf = (client: number) => ends.get(client) ?? Y.getState(doc.store, client);
  for (const struct of structs) {
    const { id, length } = struct;
    if (struct instanceof Y.Skip) {
      continue; // a gap: these are missing, unless they are there already
    }
    if (id.clock > endOf(id.client)) {
      return false;
    }
    ends.set(id.client, Math.max(endOf(id.client), id.clock + length));
  }
  const hasReferences = structs.every(
    (struct) =>
      !(struct instanceof Y.Item) ||
      [struct.origin, struct.rightOrigin, struct.parent].every(
        (id) => !(id instanceof Y.ID) || id.clock < endOf(id.client),
      ),
  );
  return (
    hasReferences &&
    [...ds.clients].every(([client, ranges]) =>
      ranges.every(({ clock, len }) => clock + len <= endOf(client)),
    )
  );
}

/** Say the same of an update without gaps, of which the outline is known. */
export function isOutlineComplete(doc: Y.Doc, { blocks, references, deleted }: Outline): boolean {
  const ends = new Map(blocks.map(({ client, end }) => [client, end]));
  const has = (client: number, end: number) =>
    end <= Math.max(ends.get(client) ?? 0, Y.getState(doc.store, client));
  return (
    blocks.every(({ client, clock }) => clock <= Y.getState(doc.store, client)) &&
    [...references].every(([client, clock]) => has(client, clock + 1)) &&
    [...deleted].every(([client, ranges]) =>
      ranges.every(({ clock, len }) => has(client, clock + len)),
    )
  );
}

/** Say whether a document has all that an update brings, of which the outline is known. */
export function isKnown(doc: Y.Doc, { blocks, deleted }: Outline): boolean {
  return (
    deleted.size === 0 && blocks.every(({ client, end }) => end <= Y.getState(doc.store, client))
  );
}
