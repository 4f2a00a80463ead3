/**
 * What the tests of `sync/` share: documents as plain data, a seeded random, rooms linked in memory.
 */
import type { Store } from 'tinybase/store';
import type * as Y from 'yjs';
import { writeCell } from '../../src/sync/cells.ts';
import type { Link, LinkEvents, Sender } from '../../src/sync/link.ts';
import type { Room } from '../../src/sync/room.ts';

export type Plain = Record<string, unknown>;

/** A document's content as `{t, v}`, without what is empty. */
export function docContent(doc: Y.Doc, map = 'tinybase'): { t: Plain; v: Plain } {
  const { t = {}, v = {} } = doc.getMap(map).toJSON() as { t?: Plain; v?: Plain };
  const tables: Plain = {};
  for (const [tableId, table] of Object.entries(t) as [string, Plain][]) {
    const rows = Object.entries(table).filter(([, row]) => Object.keys(row as Plain).length > 0);
    if (rows.length > 0) {
      tables[tableId] = Object.fromEntries(rows);
    }
  }
  return { t: tables, v };
}

/** A Store's content in the same form. */
export function storeContent(store: Store): { t: Plain; v: Plain } {
  const encodeAll = (content: Plain): Plain =>
    Object.fromEntries(
      Object.entries(content).map(([id, cell]) => [id, writeCell(cell as string)]),
    );
  const t: Plain = {};
  for (const [tableId, table] of Object.entries(store.getTables())) {
    t[tableId] = Object.fromEntries(
      Object.entries(table).map(([rowId, row]) => [rowId, encodeAll(row)]),
    );
  }
  return { t, v: encodeAll(store.getValues()) };
}

/** Numbers from 0 to below `end`, the same for the same seed. */
export function randomFrom(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
}

/** Wait until all that is queued as microtasks has run. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

type Pick = (count: number) => number;

interface Message {
  readonly to: MemoryLink;
  readonly frames: readonly Uint8Array[];
  readonly sender: Sender;
}

/** Links between rooms in memory, whose messages wait until they are delivered, in any order. */
export class MemoryNetwork {
  readonly messages: Message[] = [];
  readonly #rooms = new Set<Room>();

  /** Link two rooms to one another; returns both ends. */
  connect(a: Room, b: Room): [MemoryLink, MemoryLink] {
    this.#rooms.add(a).add(b);
    const left = new MemoryLink(this, a, `room ${a.name}`);
    const right = new MemoryLink(this, b, `room ${b.name}`);
    left.other = right;
    right.other = left;
    a.addLink(left);
    b.addLink(right);
    return [left, right];
  }

  /** Deliver a message that `pick` chooses, out of so many. */
  deliverOne(pick: Pick = () => 0): boolean {
    const [message] = this.messages.splice(pick(this.messages.length || 1), 1);
    message?.to.events?.onframes(message.frames, message.sender);
    return message !== undefined;
  }

  /** Deliver the oldest message of a link that `pick` chooses: links keep their order. */
  deliverOneInOrder(pick: Pick): boolean {
    const to = this.messages[pick(this.messages.length || 1)]?.to;
    return this.deliverOne(() =>
      Math.max(
        0,
        this.messages.findIndex((message) => message.to === to),
      ),
    );
  }

  /** Deliver everything, what follows from it included; returns how many messages that were. */
  async deliver(next: () => boolean = () => this.deliverOne()): Promise<number> {
    let delivered = 0;
    for (;;) {
      await settle();
      if (next()) {
        delivered += 1;
        continue;
      }
      for (const room of this.#rooms) {
        room.flush(); // what would otherwise wait to be merged with more
      }
      if (this.messages.length === 0) {
        return delivered;
      }
    }
  }
}

export class MemoryLink implements Link {
  events: LinkEvents | null = null;
  other: MemoryLink | null = null;
  readonly sent: Uint8Array[] = [];

  constructor(
    readonly network: MemoryNetwork,
    readonly room: Room,
    readonly name: string,
  ) {}

  hello(greeting: readonly Uint8Array[]): void {
    this.send(greeting);
    this.other?.send(this.other.room.greeting());
  }

  send(frames: readonly Uint8Array[]): void {
    this.sent.push(...frames);
    if (this.other !== null) {
      const back: Sender = { name: this.name, send: (reply) => this.other?.send(reply) };
      this.network.messages.push({ to: this.other, frames, sender: back });
    }
  }

  close(): void {
    this.other = null;
  }
}
