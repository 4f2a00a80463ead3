/**
 * Takes back into a room what a page had changed there and left behind (`keeping.ts`).
 *
 * The changes alone, where they can follow on the room's document. Where they cannot (it was compacted, or
 * a kernel has begun it anew), a second room is made of the document that was kept, as if the page
 * were still open, and the two meet by the rules that hold for all replicas (`exchange.ts`).
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
  const left = follow(room, changes);
  if (left.length > 0) {
    const kept = await document();
    if (kept === undefined || !(await meet(room, kept, left))) {
      throw new Error('were made on what is not there; they will be tried again');
    }
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
  let hasMet = false;
  while (!hasMet && performance.now() < end) {
    room.flush();
    former.flush();
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    hasMet =
      link.isQuiet &&
      room.status(link) === 'synced' &&
      former.status(formerLink) === 'synced' &&
      compareGenerations(room.generation, former.generation) === 0;
  }
  room.removeLink(link);
  former.destroy();
  return hasMet && follow(room, left).length === 0;
}

const isOf = ({ generation: [number, id] }: Kept, room: Room): boolean =>
  compareGenerations({ number, id }, room.generation) === 0;
