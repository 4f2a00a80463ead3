/**
 * Takes back into a room what a page had changed there and left behind (`keeping.ts`).
 *
 * The changes alone, where they can follow on the room's document. Where they cannot (it was compacted, or
 * a kernel has begun it anew), or somebody has deleted a row that they edit, a second room is made of the
 * document that was kept, as if the page were still open, and the two meet by the rules that hold for
 * all replicas (`exchange.ts`).
 */
import * as Y from 'yjs';
import { isComplete } from './completeness.ts';
import { compareGenerations } from './generations.ts';
import type { Kept } from './kept_store.ts';
import { LocalLink } from './local_link.ts';
import { Room } from './room.ts';

const LOOK_INTERVAL = 20; // ms
const MEETS_WITHIN = 60_000; // ms; longer if a newer document can't be moved to yet

/**
 * Take back changes, in their order.
 *
 * @param document gives the document that they were made on, if it was kept
 * @throws Error when something of them would be missing
 */
export async function takeBack(
  room: Room,
  changes: readonly Kept[],
  document: () => Promise<Kept | undefined>,
): Promise<void> {
  room.conflicts.adopt(changes.map(({ client }) => client));
  const meetsDeletion = changes.some(({ update }) => editsDeletedRow(room.doc, update));
  const left = meetsDeletion ? changes : follow(room, changes);
  const kept = left.length > 0 ? await document() : undefined;
  const areBack = kept ? await meet(room, kept, left) : follow(room, left).length === 0;
  if (!areBack) {
    throw new Error('were made on what is not there; they will be tried again');
  }
}

/** Let changes follow on what a room has; returns those that can't. */
function follow(room: Room, changes: readonly Kept[]): Kept[] {
  return changes.filter((change) => {
    const canFollow = isOf(change, room) && isComplete(room.doc, change.update);
    if (canFollow) {
      room.takeBack(change.update);
    }
    return !canFollow;
  });
}

/** Let a room meet the one that there was; returns whether nothing of the changes is missing. */
async function meet(room: Room, document: Kept, changes: readonly Kept[]): Promise<boolean> {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, document.update);
  const former = new Room(room.name, doc);
  former.conflicts.adopt(changes.map(({ client }) => client));
  const left = follow(former, changes);
  const [link, formerLink] = LocalLink.pair('what this browser has kept', 'the page');
  room.addLink(link);
  former.addLink(formerLink);
  const end = performance.now() + MEETS_WITHIN;
  let quietRounds = 0; // what one of them makes of the last message goes out in a round more
  while (quietRounds < 2 && performance.now() < end) {
    room.flush();
    former.flush();
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    const isQuiet =
      link.isQuiet &&
      room.status(link) === 'synced' &&
      former.status(formerLink) === 'synced' &&
      compareGenerations(room.generation, former.generation) === 0;
    quietRounds = isQuiet ? quietRounds + 1 : 0;
  }
  room.removeLink(link);
  former.destroy();
  return quietRounds > 0 && follow(room, left).length === 0;
}

const isOf = ({ generation: [number, id] }: Kept, room: Room): boolean =>
  compareGenerations({ number, id }, room.generation) === 0;

/** Whether an update sets cells of a row that was there, and of which nothing is left. */
function editsDeletedRow(doc: Y.Doc, update: Uint8Array): boolean {
  return Y.decodeUpdate(update).structs.some((struct) => {
    const container = struct instanceof Y.Item ? containerOf(doc, struct) : undefined;
    const items = [...(container?._map.values() ?? [])];
    return items.length > 0 && items.every(({ deleted }) => deleted);
  });
}

/** The map that an item of an update is for, if there is one; an item that follows another does not name it. */
function containerOf(doc: Y.Doc, { parent, origin }: Y.Item): Y.Map<unknown> | undefined {
  const id = parent instanceof Y.ID ? parent : origin;
  if (id === null || id.clock >= Y.getState(doc.store, id.client)) {
    return undefined;
  }
  const item = Y.getItem(doc.store, id);
  if (!(item instanceof Y.Item)) {
    return undefined;
  }
  const type = parent instanceof Y.ID ? (item.content as Y.ContentType).type : item.parent;
  return type instanceof Y.Map ? type : undefined;
}
