/** All peers of a fuzzer's world that run in Node.js: takes requests, gives answers. */
import * as Y from 'yjs';
import { NpmPeer } from './fuzz_npm.ts';
import { OwnPeer } from './fuzz_own.ts';
import {
  type Arrival,
  docContent,
  edit,
  encode,
  type Operation,
  type Peer,
  type Start,
  storeContent,
} from './fuzz_peer.ts';

interface Guest {
  peer: Peer;
  moves: number;
}

const guests = new Map<number, Guest>();
const errors: string[] = [];

// There is no time but what is counted here: runs repeat exactly, and nothing is sent but when the
// fuzzer says so.
let now = 0;
Date.now = () => {
  now += 50;
  return now;
};
performance.now = () => 0;
globalThis.setTimeout = (() => 0) as never;
globalThis.setInterval = (() => 0) as never;
for (const level of ['warn', 'error'] as const) {
  console[level] = (...args: unknown[]) => errors.push(args.map(String).join(' '));
}

/** The peers that wait for promises before they have done what was asked. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

declare function setImmediate(callback: () => void): void;

function guest(slot: number): Guest {
  const found = guests.get(slot);
  if (found === undefined) {
    throw new Error(`there is no peer ${slot}`);
  }
  return found;
}

const requests = {
  async start(kind: 'js' | 'npm', start: Start) {
    await guests.get(start.slot)?.peer.end();
    const peer = kind === 'npm' ? await NpmPeer.make(start) : new OwnPeer(start);
    const made = { peer, moves: 0 };
    peer.doc.on('update', () => {
      made.moves += 1;
    });
    guests.set(start.slot, made);
    await settle();
  },
  async edit(slot: number, transactions: Operation[][], isSent: boolean) {
    const { peer } = guest(slot);
    const edited = edit(peer, transactions);
    await settle();
    return { ...edited, sent: isSent ? peer.send() : [], moves: guest(slot).moves };
  },
  async receive(slot: number, arrivals: Arrival[]) {
    const { peer } = guest(slot);
    const taken = [];
    for (const arrival of arrivals) {
      taken.push(peer.receive(arrival));
      await settle();
    }
    return { taken, sent: peer.send(), moves: guest(slot).moves };
  },
  hello: (slot: number) => encode(guest(slot).peer.hello()),
  greeting: (slot: number) => guest(slot).peer.greeting?.().map(encode),
  compact(slot: number) {
    const { peer } = guest(slot);
    try {
      peer.compact?.();
    } catch (error) {
      return { refused: String(error), sent: [] };
    }
    return { refused: null, sent: peer.send() };
  },
  save: (slot: number) => encode(Y.encodeStateAsUpdate(guest(slot).peer.doc)),
  content(slot: number) {
    const { peer } = guest(slot);
    return {
      document: docContent(peer.doc),
      store: storeContent(peer.store),
      conflicts: peer.conflicts?.() ?? null,
    };
  },
  places: (slot: number) => storeContent(guest(slot).peer.store).map(([place]) => place),
  async end() {
    for (const { peer } of guests.values()) {
      await peer.end();
    }
    guests.clear();
    now = 0;
    return errors.splice(0);
  },
};

/** Answer one request: the name of one, and its arguments. */
export async function answer([name, ...args]: [keyof typeof requests, ...unknown[]]) {
  return await (requests[name] as (...args: unknown[]) => unknown)(...args);
}
