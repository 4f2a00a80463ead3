/**
 * Which containers another took the place of without its maker knowing of them.
 *
 * A map's items under one key form a chain: each names as its origin the item its maker saw there. A
 * container that has the old one in that chain was put in its place on purpose, and the old one's
 * cells are gone with it. One that has not was made while apart, and what the old one held is lost
 * by a race, not by anybody's will.
 */
import * as Y from 'yjs';

/** Return the keys of an event's map at which a container replaced, or was replaced, by a race. */
export function lostRaces(event: Y.YMapEvent<unknown>): string[] {
  const keys: string[] = [];
  for (const [key, { action }] of event.changes.keys) {
    const now = event.target._map.get(key);
    if (action !== 'update' || now === undefined) {
      continue;
    }
    const before = visibleBefore(event, now);
    const isContainer = before !== null && (holdsMap(before) || holdsMap(now));
    if (isContainer && !descends(event.transaction.doc.store, now, before.lastId)) {
      keys.push(key);
    }
  }
  return keys;
}

/** Return the item that an event's transaction found at a key, below what it has put there. */
function visibleBefore(event: Y.YMapEvent<unknown>, now: Y.Item): Y.Item | null {
  let item = now.left;
  while (item !== null && event.adds(item)) {
    item = item.left;
  }
  return item;
}

function holdsMap({ content }: Y.Item): boolean {
  return content instanceof Y.ContentType && content.type instanceof Y.Map;
}

/** Say whether an item was made, directly or over others, in place of one that its makers knew. */
function descends(store: Y.Doc['store'], item: Y.Item, ancestor: Y.ID): boolean {
  let { origin } = item;
  while (origin !== null) {
    const struct = Y.getItem(store, origin);
    if (!(struct instanceof Y.Item)) {
      return true; // so long deleted that its own origin is forgotten
    }
    if (contains(struct, ancestor)) {
      return true;
    }
    origin = struct.origin;
  }
  return false;
}

function contains({ id, length }: Y.Item, { client, clock }: Y.ID): boolean {
  return id.client === client && id.clock <= clock && clock < id.clock + length;
}
