/**
 * A room: a Store and a document that are shared under a name, and the links to other replicas.
 *
 * Every update of the document goes to all links but the one it came from; what is redundant makes
 * Yjs emit nothing, so nothing goes in circles. Updates that follow one another closely are merged.
 * A link's peer is greeted with our state when the link is added, again at intervals and where a
 * gap is suspected; the peer answers with what we lack. So a message may be lost, repeated or late.
 */
import { createStore, type Store } from 'tinybase/store';
import * as Y from 'yjs';
import { StoreBinding } from './binding.ts';
import { isComplete } from './completeness.ts';
import { decodeFrame, encodeFrame } from './frames.ts';
import type { Link, LinkEvents, LinkState, Sender } from './link.ts';
import { RoomConflicts } from './room_conflicts.ts';
import { rowIdFactory } from './row_ids.ts';
import { splitUpdate } from './split_update.ts';
import { UndoHistory, type Undone } from './undo.ts';
import { mergeUpdates } from './updates.ts';

const HELLO_INTERVAL = 20_000; // ms
const MAX_HELLO_INTERVAL = 80_000; // ms; a busy kernel answers none for as long as a cell runs
const GAP_INTERVAL = 100; // ms
const MERGE_INTERVAL = 20; // ms
const MAX_UPDATE = 2_000_000; // bytes

export type StatusListener = (link: Link, state: LinkState) => void;

interface Connection {
  state: LinkState;
  outgoing: Uint8Array[];
  helloAt: number;
  /** How long after the last hello the next one is due; longer while nobody answers. */
  patience: number;
  /** The same where something is missing; longer while answers don't bring it. */
  gapPatience: number;
}

export class Room {
  readonly name: string;
  readonly doc: Y.Doc;
  readonly store: Store;
  /** Return an id for a new row that no other replica makes. */
  readonly newRowId: () => string;
  /** Where two sides set one cell without knowing of each other. */
  readonly conflicts: RoomConflicts;
  readonly #binding: StoreBinding;
  readonly #history: UndoHistory;
  readonly #connections = new Map<Link, Connection>();
  readonly #statusListeners = new Set<StatusListener>();
  #greeter: ReturnType<typeof setInterval> | undefined;
  #received: Uint8Array = new Uint8Array();
  #flushPlanned: 'soon' | 'later' | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, doc: Y.Doc = new Y.Doc(), store: Store = createStore()) {
    this.name = name;
    this.doc = doc;
    this.store = store;
    this.newRowId = rowIdFactory(() => doc.clientID);
    this.#binding = new StoreBinding(store, doc, (message, error) =>
      console.error(`Room "${name}": ${message}`, ...(error === undefined ? [] : [error])),
    );
    this.conflicts = new RoomConflicts(this.#binding.conflicts);
    this.#history = new UndoHistory(store, () => this.#binding.isReading);
    doc.on('update', this.#forward);
  }

  /** Whether there is an edit of this page to undo. */
  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  /** Whether there is something to redo. */
  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** Undo the last own edit; what somebody else has changed since stays, and the result says so. */
  undo(): Undone {
    return this.#history.undo();
  }

  /** Redo what was undone last, as long as no edit has been made since. */
  redo(): Undone {
    return this.#history.redo();
  }

  /** Call a listener when there is more or less to undo; returns the function that stops it. */
  onUndoChange(listener: () => void): () => void {
    return this.#history.onChange(listener);
  }

  get links(): readonly Link[] {
    return [...this.#connections.keys()];
  }

  /** Connect a link and greet its peers. */
  addLink(link: Link): void {
    if (this.#connections.has(link)) {
      return;
    }
    const connection: Connection = {
      state: 'connecting',
      outgoing: [],
      helloAt: 0,
      patience: HELLO_INTERVAL,
      gapPatience: GAP_INTERVAL,
    };
    this.#connections.set(link, connection);
    link.events = this.#eventsOf(link, connection);
    this.#greeter ??= setInterval(() => this.#greetAgain(), HELLO_INTERVAL);
    this.#hello(link, connection);
  }

  /** Disconnect a link and close it; what waits to be sent is sent before. */
  removeLink(link: Link): void {
    if (!this.#connections.has(link)) {
      return;
    }
    this.flush();
    this.#connections.delete(link);
    link.events = null;
    link.close();
    if (this.#connections.size === 0) {
      clearInterval(this.#greeter);
      this.#greeter = undefined;
    }
  }

  /** Return where a link of this room stands. */
  status(link: Link): LinkState {
    return this.#connections.get(link)?.state ?? 'offline';
  }

  /** Call a listener when a link's state changes; returns the function that stops it. */
  onStatus(listener: StatusListener): () => void {
    this.#statusListeners.add(listener);
    return () => {
      this.#statusListeners.delete(listener);
    };
  }

  /** Close all links and unbind the Store from the document. */
  destroy(): void {
    for (const link of this.links) {
      this.removeLink(link);
    }
    this.doc.off('update', this.#forward);
    this.#history.destroy();
    this.#binding.destroy();
  }

  // --- Receiving

  #eventsOf(link: Link, connection: Connection): LinkEvents {
    return {
      onframes: (frames, sender) => this.#receive(link, connection, frames, sender),
      ongap: () => this.#hello(link, connection),
      onfailure: () => this.#setState(link, connection, 'offline'),
    };
  }

  #receive(
    link: Link,
    connection: Connection,
    frames: readonly Uint8Array[],
    sender: Sender,
  ): void {
    let hasGap = false;
    for (const bytes of frames) {
      try {
        hasGap = !this.#receiveFrame(link, connection, bytes, sender) || hasGap;
      } catch (error) {
        console.warn(
          `Room "${this.name}": dropped a frame of ${bytes.length} bytes from ${sender.name} that can't be read.`,
          error,
        );
      }
    }
    if (!hasGap) {
      connection.gapPatience = GAP_INTERVAL;
    } else if (Date.now() - connection.helloAt >= connection.gapPatience) {
      connection.gapPatience = Math.min(connection.gapPatience * 2, HELLO_INTERVAL);
      this.#hello(link, connection);
    }
  }

  /** Take one frame; returns whether that was possible, as far as it goes. */
  #receiveFrame(link: Link, connection: Connection, bytes: Uint8Array, sender: Sender): boolean {
    const { kind, payload } = decodeFrame(bytes);
    switch (kind) {
      case 'awareness':
        return true;
      case 'step1':
        sender.send(updateFrames('step2', Y.encodeStateAsUpdate(this.doc, payload)));
        return true;
      case 'update':
        if (!isComplete(this.doc, payload)) {
          return false;
        }
        this.#apply(link, payload);
        return true;
      case 'step2':
        this.#apply(link, payload);
        connection.patience = HELLO_INTERVAL;
        this.#setState(link, connection, 'synced');
        return this.doc.store.pendingStructs === null;
    }
  }

  #apply(link: Link, update: Uint8Array): void {
    this.#received = update;
    Y.applyUpdate(this.doc, update, link);
  }

  // --- Sending

  #hello(link: Link, connection: Connection): void {
    connection.helloAt = Date.now();
    link.hello(encodeFrame('step1', Y.encodeStateVector(this.doc)));
  }

  #greetAgain(): void {
    for (const [link, connection] of this.#connections) {
      // Timers are not exact: half an interval tells "due now" from "due next time".
      if (Date.now() - connection.helloAt > connection.patience - HELLO_INTERVAL / 2) {
        connection.patience = Math.min(connection.patience * 2, MAX_HELLO_INTERVAL);
        this.#hello(link, connection);
      }
    }
  }

  readonly #forward = (change: Uint8Array, origin: unknown): void => {
    // What was received goes on as it came. What it changed here may say more: where the one who
    // sent it knew less than we do, Yjs deleted what lost, and that is nobody's wish.
    const isReceived = this.#connections.has(origin as Link);
    const update = isReceived ? this.#received : change;
    for (const [link, connection] of this.#connections) {
      // A peer that can't be reached is told everything when it answers a hello.
      if (link !== origin && connection.state !== 'offline') {
        connection.outgoing.push(update);
      }
    }
    this.#planFlush();
  };

  #planFlush(): void {
    const sinceLast = performance.now() - this.#flushedAt;
    // Browsers let the timers of hidden pages wait for a second and longer.
    const isDue = sinceLast >= MERGE_INTERVAL || globalThis.document?.hidden === true;
    if (isDue && this.#flushPlanned !== 'soon') {
      this.#flushPlanned = 'soon';
      queueMicrotask(() => this.flush());
    } else if (!isDue && this.#flushPlanned === undefined) {
      this.#flushPlanned = 'later';
      setTimeout(() => this.flush(), MERGE_INTERVAL - sinceLast);
    }
  }

  /** Send what waits to be sent. */
  flush(): void {
    this.#flushPlanned = undefined;
    this.#flushedAt = performance.now();
    for (const [link, connection] of this.#connections) {
      if (connection.outgoing.length > 0) {
        const updates = connection.outgoing;
        connection.outgoing = [];
        link.send(updateFrames('update', mergeUpdates(updates)));
      }
    }
  }

  #setState(link: Link, connection: Connection, state: LinkState): void {
    if (connection.state === state) {
      return;
    }
    connection.state = state;
    for (const listener of this.#statusListeners) {
      listener(link, state);
    }
  }
}

/** Encode an update as frames of moderate size, the last of which has the given kind. */
function updateFrames(kind: 'step2' | 'update', update: Uint8Array): Uint8Array[] {
  const pieces = splitUpdate(update, MAX_UPDATE);
  return pieces.map((piece, at) => encodeFrame(at < pieces.length - 1 ? 'update' : kind, piece));
}
