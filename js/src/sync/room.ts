/**
 * A room: a Store and a document that are shared under a name, and the links to other replicas.
 *
 * Every update of the document goes to all links but the one it came from; what is redundant makes
 * Yjs emit nothing, so nothing goes in circles. Updates that follow one another closely are merged.
 * A link's peer is greeted with our state when the link is added, again at intervals and where a
 * gap is suspected; the peer answers with what we lack. So a message may be lost, repeated or late.
 *
 * The document is another one after a compaction, in this room or elsewhere; Store, conflicts and
 * undo go on (`replica.ts`). What the frames say is in `exchange.ts`.
 */
import { createStore, type Store } from 'tinybase/store';
import * as Y from 'yjs';
import { type Compacted, CompactionError } from './compacting.ts';
import { Exchange } from './exchange.ts';
import type { Link, LinkEvents, LinkState, Sender } from './link.ts';
import { Outgoing } from './outgoing.ts';
import { isIdle, Replica } from './replica.ts';
import type { RoomConflicts } from './room_conflicts.ts';
import { rowIdFactory } from './row_ids.ts';
import type { Undone } from './undo.ts';

const HELLO_INTERVAL = 20_000; // ms
const MAX_HELLO_INTERVAL = 80_000; // ms; a busy kernel answers none for as long as a cell runs
const GAP_INTERVAL = 100; // ms

export type StatusListener = (link: Link, state: LinkState) => void;

interface Connection {
  state: LinkState;
  helloAt: number;
  /** How long after the last hello the next one is due; longer while nobody answers. */
  patience: number;
  /** The same where something is missing; longer while answers don't bring it. */
  gapPatience: number;
}

export class Room {
  readonly name: string;
  /** Return an id for a new row that no other replica makes. */
  readonly newRowId: () => string;
  readonly #replica: Replica;
  readonly #exchange: Exchange;
  readonly #connections = new Map<Link, Connection>();
  readonly #outgoing = new Outgoing<Link>((link, update) =>
    link.send(this.#exchange.updateFrames('update', update)),
  );
  readonly #statusListeners = new Set<StatusListener>();
  #greeter: ReturnType<typeof setInterval> | undefined;

  constructor(name: string, doc: Y.Doc = new Y.Doc(), store: Store = createStore()) {
    this.name = name;
    this.newRowId = rowIdFactory(() => this.doc.clientID);
    this.#replica = new Replica(store, doc, {
      onerror: (message, error) =>
        console.error(`Room "${name}": ${message}`, ...(error === undefined ? [] : [error])),
      onupdate: (update, transaction) => this.#forward(update, transaction),
      onleave: () => this.flush(),
    });
    this.#exchange = new Exchange(name, this.#replica);
  }

  get store(): Store {
    return this.#replica.store;
  }

  /** The document; another one after a compaction. */
  get doc(): Y.Doc {
    return this.#replica.doc;
  }

  /** Where two sides set one cell without knowing of each other. */
  get conflicts(): RoomConflicts {
    return this.#replica.conflicts;
  }

  /** Whether there is an edit of this page to undo. */
  get canUndo(): boolean {
    return this.#replica.history.canUndo;
  }

  /** Whether there is something to redo. */
  get canRedo(): boolean {
    return this.#replica.history.canRedo;
  }

  /** Undo the last own edit; what somebody else has changed since stays, and the result says so. */
  undo(): Undone {
    return this.#replica.history.undo();
  }

  /** Redo what was undone last, as long as no edit has been made since. */
  redo(): Undone {
    return this.#replica.history.redo();
  }

  /** Call a listener when there is more or less to undo; returns the function that stops it. */
  onUndoChange(listener: () => void): () => void {
    return this.#replica.history.onChange(listener);
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
    this.#exchange.forget(link);
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
    this.#replica.destroy();
  }

  /**
   * Put a fresh document in the place of the one whose history has grown large.
   *
   * The Store stays as it is. The peers take the new document over; edits of theirs that were on
   * their way, or that somebody brings along later who is away now, come with them.
   *
   * @throws CompactionError when a peer would lose edits or be left behind; the message says which.
   */
  compact(): Compacted {
    this.#checkCompactable();
    const before = Y.encodeStateAsUpdate(this.doc).length;
    this.#replica.compact();
    this.#greetAll();
    return { before, after: Y.encodeStateAsUpdate(this.doc).length };
  }

  #checkCompactable(): void {
    if (!isIdle(this.store)) {
      throw new CompactionError(
        "compact() can't run in a transaction of the Store, or in one of its listeners; call it after",
      );
    }
    if (this.#replica.isStaging) {
      throw new CompactionError('somebody else has just compacted the document; nothing to do');
    }
    const open = this.links.filter((link) => this.status(link) !== 'offline');
    const obstacles = this.#exchange.obstacles(open);
    if (obstacles.length > 0) {
      throw new CompactionError(`the document was not compacted: ${obstacles.join('; ')}`);
    }
  }

  // --- Receiving

  #eventsOf(link: Link, connection: Connection): LinkEvents {
    return {
      onframes: (frames, sender) => this.#receive(link, connection, frames, sender),
      ongap: () => this.#hello(link, connection),
      onfailure: () => {
        this.#exchange.forget(link);
        this.#outgoing.forget(link);
        this.#setState(link, connection, 'offline');
      },
    };
  }

  #receive(
    link: Link,
    connection: Connection,
    frames: readonly Uint8Array[],
    sender: Sender,
  ): void {
    let hasGap = false;
    let hasMoved = false;
    for (const bytes of frames) {
      try {
        const taken = this.#exchange.take(link, bytes, sender);
        hasGap ||= taken.hasGap === true;
        hasMoved ||= taken.hasMoved === true;
        if (taken.isAnswer) {
          connection.patience = HELLO_INTERVAL;
          this.#setState(link, connection, 'synced');
        }
      } catch (error) {
        console.warn(
          `Room "${this.name}": dropped a frame of ${bytes.length} bytes from ${sender.name} that can't be read.`,
          error,
        );
      }
    }
    if (hasMoved) {
      this.#greetAll();
    }
    if (!hasGap) {
      connection.gapPatience = GAP_INTERVAL;
    } else if (Date.now() - connection.helloAt >= connection.gapPatience) {
      connection.gapPatience = Math.min(connection.gapPatience * 2, HELLO_INTERVAL);
      this.#hello(link, connection);
    }
  }

  // --- Sending

  /** Return the frames to greet a peer with: who says hello is asked in return. */
  greeting(): Uint8Array[] {
    return this.#exchange.greeting();
  }

  #hello(link: Link, connection: Connection): void {
    connection.helloAt = Date.now();
    link.hello(this.greeting());
  }

  #greetAll(): void {
    for (const [link, connection] of this.#connections) {
      this.#hello(link, connection);
    }
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

  #forward(change: Uint8Array, transaction: Y.Transaction): void {
    const { origin } = transaction;
    const isReceived = this.#connections.has(origin as Link);
    const update = isReceived ? this.#exchange.handedOn(transaction) : change;
    for (const [link, connection] of this.#connections) {
      // A peer that can't be reached is told everything when it answers a hello.
      if (link !== origin && connection.state !== 'offline') {
        this.#outgoing.add(link, update);
      }
    }
  }

  /** Send what waits to be sent. */
  flush(): void {
    this.#outgoing.flush();
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
