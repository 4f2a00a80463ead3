/** A peer of the fuzzer that runs our code: a Room whose links keep what is sent. */
import { createStore } from 'tinybase';
import type * as Y from 'yjs';
import { writeCell } from '../../src/sync/cells.ts';
import type { Link, LinkEvents } from '../../src/sync/link.ts';
import { Room } from '../../src/sync/room.ts';
import {
  type Arrival,
  decode,
  encode,
  fill,
  listen,
  makeDoc,
  type OpenConflict,
  type Peer,
  type Sent,
  type Start,
  type Taken,
} from './fuzz_peer.ts';

class Wire implements Link {
  events: LinkEvents | null = null;
  readonly name: string;

  constructor(
    readonly other: number,
    readonly sent: Sent[],
  ) {
    this.name = `peer ${other}`;
  }

  hello(greeting: readonly Uint8Array[]): void {
    this.send(greeting);
  }

  send(frames: readonly Uint8Array[]): void {
    this.sent.push(...frames.map((frame): Sent => [this.other, encode(frame)]));
  }

  close(): void {}
}

export class OwnPeer implements Peer {
  readonly store = createStore();
  readonly newRowId: () => string;
  readonly #room: Room;
  readonly #sent: Sent[] = [];
  readonly #wires = new Map<number, Wire>();
  #applying: unknown;
  #handsOn = false;

  constructor(start: Start) {
    const doc = makeDoc(start);
    fill(this.store, start);
    this.#room = new Room('fuzz', doc, this.store);
    this.newRowId = this.#room.newRowId;
    doc.on('beforeTransaction', ({ origin }: Y.Transaction) => {
      this.#applying = origin;
    });
    this.doc.on('update', (_: Uint8Array, origin: unknown) => {
      this.#handsOn ||= origin instanceof Wire;
    });
    for (const other of start.others) {
      const wire = new Wire(other, this.#sent);
      this.#wires.set(other, wire);
      this.#room.addLink(wire);
    }
    this.#room.flush(); // what comes from now on waits, because no time passes
    this.#sent.length = 0; // the fuzzer says when there is a hello
    listen(this.store, start);
  }

  conflicts(): OpenConflict[] {
    return this.#room.conflicts
      .open()
      .map(({ tableId, rowId, cellId, winner, loser }) => [
        tableId === null || rowId === null ? [cellId] : [tableId, rowId, cellId],
        writeCell(winner.value),
        loser.value === undefined ? [] : [writeCell(loser.value)],
      ]);
  }

  receive([sender, frame, isGreeting]: Arrival): Taken {
    const wire = this.#wires.get(sender);
    const answers: string[] = [];
    this.#applying = undefined;
    this.#handsOn = false;
    wire?.events?.onframes([decode(frame)], {
      name: wire.name,
      send: (frames) => answers.push(...frames.map(encode)),
    });
    // A transaction's origin is the link it came by; a frame that is kept back makes none.
    const isApplied = this.#applying !== undefined;
    if (isGreeting) {
      answers.push(encode(this.hello()));
    }
    return [isApplied, this.#handsOn, answers];
  }

  send(): Sent[] {
    this.#room.flush();
    return this.#sent.splice(0);
  }

  get doc(): Y.Doc {
    return this.#room.doc;
  }

  hello(): Uint8Array {
    return this.greeting().at(-1) as Uint8Array;
  }

  greeting(): Uint8Array[] {
    return this.#room.greeting();
  }

  compact(): void {
    this.#room.compact();
  }

  async end(): Promise<void> {
    this.#room.destroy();
  }
}
