/**
 * The rooms of this page: one object for each name, linked to the other tabs from the start, and to
 * each kernel that shows it for as long as a view of that kernel is open.
 */
import { BroadcastLink } from './broadcast_link.ts';
import { CommLink, type CommModel } from './comm_link.ts';
import { type Keeping, keep } from './keeping.ts';
import { getPage } from './page.ts';
import { PageServers } from './page_servers.ts';
import { Room } from './room.ts';

/** Return the page's room of a name; open it where there is none. */
export function openRoom(name: string): Room {
  const { rooms, pageId } = getPage();
  const existing = rooms.get(name);
  if (existing !== undefined) {
    return existing;
  }
  const room = new Room(name, undefined, undefined, true);
  rooms.set(name, room);
  if (typeof BroadcastChannel !== 'undefined') {
    room.addLink(new BroadcastLink(name, pageId, () => room.greeting()));
  }
  return room;
}

/** The servers that this page has joined for kernels. */
const servers = new WeakMap<CommLink, PageServers>();

/** A view's part in the link to its kernel. */
export interface CommSeat {
  readonly link: CommLink;
  /** Keeps what the kernel has not confirmed, where it says of which place the room is. */
  readonly keeping: Keeping | undefined;
  /** Give the seat up; the link closes with its last one. */
  leave(): void;
}

/**
 * Link a room to a kernel by one more model; the views of one kernel share one link.
 *
 * @param place tells the room from others of its name (`keeping.ts`)
 */
export function joinByComm(room: Room, peer: string, model: CommModel, place = ''): CommSeat {
  const existing = room.links.find(
    (candidate): candidate is CommLink => candidate instanceof CommLink && candidate.peer === peer,
  );
  const link = existing ?? new CommLink(peer, getPage().pageId);
  const keeping = place ? keep(room, place) : undefined;
  keeping?.watch(link);
  const detach = link.attach(model);
  if (existing === undefined) {
    servers.set(link, new PageServers(room, link));
    room.addLink(link);
  } else if (room.status(link) !== 'synced') {
    link.events?.ongap(); // the new model may have what the others lack: a way to the kernel
  }
  const leave = () => {
    room.flush();
    detach();
    if (!link.isOpen) {
      servers.get(link)?.close();
      room.removeLink(link);
    }
  };
  return { link, keeping, leave };
}
