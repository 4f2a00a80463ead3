/**
 * Peers for the tests of conflicts: a Store that is bound to a document, and whoever it meets.
 */
import { createStore, type Store } from 'tinybase/store';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import type { Conflict } from '../../src/sync/conflicts.ts';

export const RECORDS = 'tinybase/conflicts';

/** A replica with a client id that is known: of two edits, the one of the higher id wins. */
export class Peer {
  readonly doc = new Y.Doc();
  readonly store: Store = createStore();
  readonly binding: StoreBinding;

  constructor(
    readonly client: number,
    state?: Uint8Array,
  ) {
    this.doc.clientID = client;
    if (state !== undefined) {
      Y.applyUpdate(this.doc, state);
    }
    this.binding = new StoreBinding(this.store, this.doc);
  }

  set(value: string | number | object): this {
    this.store.setCell('t', 'r', 'c', value as string);
    return this;
  }

  get value(): unknown {
    return this.store.getCell('t', 'r', 'c');
  }

  get state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }

  /** What is open: of each conflict, what won and what was overwritten. */
  get open(): unknown[] {
    return this.binding.conflicts.open().map(seen);
  }

  get records(): Record<string, unknown> {
    return this.doc.getMap(RECORDS).toJSON();
  }

  receive(other: Peer): this {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(this.doc)));
    return this;
  }
}

function seen({ winner, loser }: Conflict): unknown {
  return [winner.client, winner.value, loser.client, loser.value];
}

/** Exchange everything between all, until nobody learns anything more. */
export function meet(...peers: Peer[]): void {
  for (let round = 0; round < 3; round += 1) {
    for (const to of peers) {
      for (const from of peers) {
        to.receive(from);
      }
    }
  }
}

/** Peers that share one cell. */
export function peersOn(value: string, ...clients: number[]): Peer[] {
  const peers = clients.map((client) => new Peer(client));
  peers[0]?.set(value);
  meet(...peers);
  return peers;
}

export function pairOn(value = 'start'): [low: Peer, high: Peer] {
  return peersOn(value, 10, 20) as [Peer, Peer];
}
