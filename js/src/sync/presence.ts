/**
 * Who is in a room, and where: Yjs' awareness protocol, which every link carries beside the document.
 *
 * Nothing of it is ever in a document. Each replica says who works there and repeats it every 15
 * seconds; who has not been heard of for 30 is gone. It begins when somebody is there to be shown.
 */
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  outdatedTimeout,
} from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Link } from './link.ts';
import { Listeners } from './listeners.ts';
import { type PeerState, type Presentation, readState, writeState } from './presence_states.ts';
import { Allowance, type Entry, readEntries, writeEntries } from './presence_updates.ts';

const MAX_PEERS = 200;
const INTERVAL = 80; // ms between what is said of one's own moves
const INSISTING_INTERVAL = 1_000; // ms

interface Change {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** Send an update to all links but one. */
type Send = (update: Uint8Array, except: Link | undefined) => void;

export class Presence {
  readonly #clientId: number;
  readonly #send: Send;
  readonly #allowances = new WeakMap<Link, Allowance>();
  readonly #listeners = new Listeners();
  #awareness: Awareness | undefined;
  #peers: readonly PeerState[] | undefined;
  #own: Presentation | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;
  #insistedAt = Number.NEGATIVE_INFINITY;
  #hasWarned = false;

  constructor(clientId: number, send: Send) {
    this.#clientId = clientId;
    this.#send = send;
  }

  /** The others who are there, in the order in which they were first heard of. */
  get peers(): readonly PeerState[] {
    this.#peers ??= [...(this.#awareness?.getStates() ?? [])].flatMap(([id, state]) =>
      id === this.#clientId ? [] : (readState(id, state) ?? []),
    );
    return this.#peers;
  }

  /** What is said of who works here. */
  get own(): Presentation | undefined {
    return this.#own;
  }

  /** Call a listener when others come, move or go; returns the function that stops it. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Say who is here and where; undefined: nobody any more. */
  show(own: Presentation | undefined): void {
    if (JSON.stringify(own) === JSON.stringify(this.#own)) {
      return;
    }
    const isUrgent = own === undefined || this.#own === undefined;
    this.#own = own;
    const sinceSaid = performance.now() - this.#saidAt;
    if (isUrgent || sinceSaid >= INTERVAL) {
      this.#say();
    } else {
      this.#timer ??= setTimeout(() => this.#say(), INTERVAL - sinceSaid);
    }
  }

  #say(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#own === undefined && this.#awareness === undefined) {
      return;
    }
    this.#saidAt = performance.now();
    this.#begin().setLocalState(this.#own === undefined ? null : writeState(this.#own));
  }

  /** Return all that is known, for a peer that has just come; undefined if that is nothing. */
  all(): Uint8Array | undefined {
    const awareness = this.#awareness;
    return awareness && awareness.states.size > 0
      ? encodeAwarenessUpdate(awareness, [...awareness.states.keys()])
      : undefined;
  }

  /**
   * Take what came over a link.
   *
   * @throws Error when it can't be read.
   */
  take(update: Uint8Array, link: Link, sender: string): void {
    if (!this.#isAllowed(update, link, sender)) {
      return;
    }
    const awareness = this.#begin();
    const fresh = new Set<number>();
    const believed = readEntries(update).filter((entry) =>
      this.#isToBeBelieved(awareness, entry, fresh),
    );
    if (believed.length > 0) {
      applyAwarenessUpdate(awareness, writeEntries(believed), link);
    }
  }

  destroy(): void {
    this.show(undefined);
    this.#awareness?.destroy();
    this.#awareness = undefined;
    this.#listeners.clear();
  }

  #begin(): Awareness {
    if (this.#awareness === undefined) {
      const doc = new Y.Doc();
      doc.clientID = this.#clientId;
      const awareness = new Awareness(doc);
      awareness.setLocalState(null);
      awareness.on('change', () => {
        this.#peers = undefined;
        this.#listeners.tell();
      });
      awareness.on('update', ({ added, updated, removed }: Change, origin: unknown) => {
        // Everybody sees for themselves who has not been heard of.
        if (origin !== 'timeout') {
          const clients = [...added, ...updated, ...removed];
          const from = origin === 'local' ? undefined : (origin as Link);
          this.#send(encodeAwarenessUpdate(awareness, clients), from);
        }
      });
      this.#awareness = awareness;
    }
    return this.#awareness;
  }

  #isAllowed(update: Uint8Array, link: Link, sender: string): boolean {
    const allowance = this.#allowances.get(link) ?? new Allowance();
    this.#allowances.set(link, allowance);
    const isAllowed = allowance.take(update.length);
    if (!isAllowed && !this.#hasWarned) {
      this.#hasWarned = true;
      console.warn(`tinybase-widget: ${sender} says too often who is there; not all is heard.`);
    }
    return isAllowed;
  }

  #isToBeBelieved(
    awareness: Awareness,
    { client, clock, state }: Entry,
    fresh: Set<number>,
  ): boolean {
    if (client === this.#clientId) {
      this.#insist(awareness, clock, state === undefined);
      return false;
    }
    if (awareness.meta.has(client) || fresh.has(client)) {
      return true;
    }
    if (state === undefined) {
      return false;
    }
    if (awareness.meta.size + fresh.size >= MAX_PEERS) {
      this.#forgetTheLongGone(awareness);
    }
    const hasRoom = awareness.meta.size + fresh.size < MAX_PEERS;
    if (hasRoom) {
      fresh.add(client);
    }
    return hasRoom;
  }

  /** Somebody has spoken for us: say again what is true, later than they. */
  #insist(awareness: Awareness, clock: number, isSaidToBeGone: boolean): void {
    const own = awareness.meta.get(this.#clientId);
    const isOlder =
      own === undefined || clock < own.clock || (clock === own.clock && !isSaidToBeGone);
    if (isOlder || performance.now() - this.#insistedAt < INSISTING_INTERVAL) {
      return;
    }
    this.#insistedAt = performance.now();
    own.clock = clock;
    awareness.setLocalState(awareness.getLocalState());
  }

  #forgetTheLongGone(awareness: Awareness): void {
    const longAgo = Date.now() - 2 * outdatedTimeout;
    for (const [client, { lastUpdated }] of awareness.meta) {
      if (!awareness.states.has(client) && client !== this.#clientId && lastUpdated < longAgo) {
        awareness.meta.delete(client);
      }
    }
  }
}
