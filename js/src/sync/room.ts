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
import { StoreBinding } from './binding.ts';
import { type Compacted, CompactionError } from './compacting.ts';
import { Connection, GREETING_INTERVAL, LinkListeners, type Loading } from './connection.ts';
import { Exchange, type Taken } from './exchange.ts';
import { encodeFrame } from './frames.ts';
import type { Generation } from './generations.ts';
import { Intake } from './intake.ts';
import type { Link, LinkEvents, LinkState, Rows, Sender } from './link.ts';
import { Listeners } from './listeners.ts';
import { Outgoing } from './outgoing.ts';
import { Presence } from './presence.ts';
import { isIdle, Replica, type ReplicaEvents } from './replica.ts';
import type { RoomConflicts } from './room_conflicts.ts';
import { rowIdFactory } from './row_ids.ts';
import type { Undone } from './undo.ts';
import { Unsaved } from './unsaved.ts';

/** What a link's peer has of what was changed here. */
export interface Saving {
  /** How many edits it has not confirmed. */
  readonly edits: number;
  /** Whether it has confirmed everything. */
  readonly isDone: boolean;
  /** Since when it has been silent, though it was spoken to; by `performance.now()`. */
  readonly silentSince: number | undefined;
}

export class Room {
  readonly name: string;
  /** Return an id for a new row that no other replica makes. */
  readonly newRowId: () => string;
  /** Who is there. */
  readonly presence: Presence;
  readonly #replica: Replica;
  readonly #exchange: Exchange;
  readonly #connections = new Map<Link, Connection>();
  readonly #outgoing = new Outgoing<Link>((link, update) =>
    this.#tell(link, this.#exchange.updateFrames('update', update), this.#unsaved.departing(link)),
  );
  readonly #unsaved = new Unsaved((link) => this.#linkListeners.saving.tell(link));
  readonly #linkListeners = new LinkListeners();
  readonly #changeListeners = new Listeners<[update: Uint8Array | undefined, isEdit: boolean]>();
  readonly #intake = new Intake();
  #greeter: ReturnType<typeof setInterval> | undefined;

  /** @param isQuiet says that the Store has no schema, and no listeners that change it */
  constructor(
    name: string,
    doc: Y.Doc = new Y.Doc(),
    store: Store = createStore(),
    isQuiet = false,
  ) {
    this.name = name;
    this.newRowId = rowIdFactory(() => this.doc.clientID);
    const events: ReplicaEvents = {
      onerror: (message, error) =>
        console.error(`Room "${name}": ${message}`, ...(error === undefined ? [] : [error])),
      onupdate: (update, transaction) => this.#forward(update, transaction),
      onleave: () => this.flush(),
    };
    this.#replica = new Replica(store, doc, events, isQuiet);
    this.#exchange = new Exchange(name, this.#replica, (link) => this.#departingWhole(link));
    this.presence = new Presence(this.doc.clientID, (update, except) =>
      this.#forwardPresence(update, except),
    );
  }

  get store(): Store {
    return this.#replica.store;
  }

  /** The document; another one after a compaction. */
  get doc(): Y.Doc {
    return this.#replica.doc;
  }

  /** Which document it is of those that took each other's place. */
  get generation(): Generation {
    return this.#replica.generation;
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
    const connection = new Connection(link, this.#linkListeners);
    this.#connections.set(link, connection);
    this.#unsaved.open(link);
    link.events = this.#eventsOf(connection);
    this.#greeter ??= setInterval(() => this.#greetAgain(), GREETING_INTERVAL);
    this.#hello(connection);
  }

  /** Disconnect a link and close it; what waits to be sent is sent before. */
  removeLink(link: Link): void {
    if (!this.#connections.has(link)) {
      return;
    }
    this.flush();
    this.#connections.delete(link);
    this.#unsaved.close(link);
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
  onStatus(listener: (link: Link, state: LinkState) => void): () => void {
    return this.#linkListeners.status.add(listener);
  }

  /** Return how far a link's peer has what was changed here. */
  saving(link: Link): Saving {
    return {
      edits: this.#unsaved.edits(link),
      isDone: this.#unsaved.isEmpty(link),
      silentSince: this.#connections.get(link)?.askedAt,
    };
  }

  /** Call a listener when that changes; returns the function that stops it. */
  onSaving(listener: (link: Link) => void): () => void {
    return this.#linkListeners.saving.add(listener);
  }

  /**
   * Call a listener when the document changes; returns the function that stops it.
   *
   * @param listener is given what this room has changed; nothing where others have
   */
  onChange(listener: (update: Uint8Array | undefined, isEdit: boolean) => void): () => void {
    return this.#changeListeners.add(listener);
  }

  /** Take back a change of this person's that is not new; the document has all that it refers to. */
  takeBack(update: Uint8Array): void {
    this.#exchange.takeBack(update, this);
  }

  /** So many edits have been taken back; who is told everything from now on will confirm them. */
  recall(edits: number): void {
    for (let count = Math.max(edits, 1); count > 0; count -= 1) {
      this.#unsaved.add(true);
    }
    this.#greetAll();
  }

  /** Return what is coming over a link, if that is much, and how far it is. */
  loading(link: Link): Loading | undefined {
    return this.#connections.get(link)?.loading;
  }

  /** Call a listener when that changes; returns the function that stops it. */
  onLoading(listener: (link: Link) => void): () => void {
    return this.#linkListeners.loading.add(listener);
  }

  /** Call back when all that has been received is taken. */
  whenTaken(callback: () => void): void {
    this.#intake.add({
      next: () => {
        callback();
        return { done: true, value: undefined };
      },
    });
  }

  /** Close all links and unbind the Store from the document. */
  destroy(): void {
    this.#intake.stop();
    this.presence.destroy();
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
    if (this.#intake.isBusy) {
      throw new CompactionError('the document is still being loaded; try again when it is there');
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

  #eventsOf(connection: Connection): LinkEvents {
    const { link } = connection;
    return {
      onframes: (frames, sender, rows) => {
        this.#hear(connection);
        if (rows) connection.rowsArrive();
        this.#intake.add(this.#receive(connection, frames, sender, rows));
      },
      onpart: (done, of) => {
        this.#hear(connection);
        connection.arriving(done, of);
      },
      ongap: () => this.#hello(connection),
      onfailure: () => {
        this.#exchange.forget(link);
        this.#outgoing.forget(link);
        this.#unsaved.isStaying(link);
        connection.fail();
      },
    };
  }

  /** A link's peer has said something; what it could not hear while it was silent is told again. */
  #hear(connection: Connection): void {
    const wasSilent = connection.hear(this.#unsaved.isEmpty(connection.link));
    const present = wasSilent ? this.presence.all() : undefined;
    if (present) {
      connection.link.send([encodeFrame('awareness', present)]);
    }
  }

  *#receive(
    connection: Connection,
    frames: readonly Uint8Array[],
    sender: Sender,
    rows?: Rows,
  ): Generator<void> {
    let hasGap = false;
    let hasMoved = false;
    let isToAsk = false;
    let taking = 0;
    const size = frames.reduce((sum, { length }) => sum + length, 0);
    if (rows) this.#beginRows(connection, rows);
    for (const bytes of frames) {
      try {
        const { length: of } = bytes;
        const before = taking;
        taking += of;
        const progress = (done: number) =>
          rows
            ? connection.takeRows(rows, (before + done) / size)
            : connection.setLoading({ phase: 'taking', done, of });
        const taken = yield* this.#take(connection, bytes, sender, progress);
        if (rows) progress(of);
        if (taken.presence) {
          this.presence.take(taken.presence, connection.link, sender.name);
        }
        hasGap ||= taken.hasGap === true;
        hasMoved ||= taken.hasMoved === true;
        if (taken.isAnswer) {
          isToAsk = !connection.answered();
          if (!isToAsk) this.#exchange.letGo(connection.link);
        }
      } catch (error) {
        console.warn(
          `Room "${this.name}": dropped a frame of ${bytes.length} bytes from ${sender.name} that can't be read.`,
          error,
        );
      } finally {
        connection.endLoading();
      }
    }
    if (hasMoved) {
      this.#greetAll();
    }
    if (isToAsk || (frames.length > 0 && connection.asksForGap(hasGap))) {
      this.#hello(connection);
    }
  }

  #beginRows(connection: Connection, rows: Rows): void {
    connection.beginRows(rows);
    if (rows.deleted) {
      try {
        this.#exchange.holdBack(connection.link, rows.deleted);
      } catch (error) {
        const { name } = connection.link;
        console.warn(`Room "${this.name}": can't read what ${name} has deleted.`, error);
      }
    }
  }

  /** Take one frame; a large document in steps. */
  *#take(
    connection: Connection,
    bytes: Uint8Array,
    sender: Sender,
    progress: (done: number) => void,
  ): Generator<void, Taken> {
    const steps = this.#exchange.take(connection.link, bytes, sender);
    let step = steps.next();
    for (let done = 0; step.done !== true; step = steps.next()) {
      done += step.value;
      progress(done);
      yield;
    }
    return step.value;
  }

  // --- Sending

  /** Return the frames to greet a peer with: who says hello is asked in return. */
  greeting(): Uint8Array[] {
    const present = this.presence.all();
    const greeting = this.#exchange.greeting();
    return present ? [encodeFrame('awareness', present), ...greeting] : greeting;
  }

  #tell(link: Link, frames: readonly Uint8Array[], onconfirmed?: () => void): void {
    if (onconfirmed) {
      this.#connections.get(link)?.expect();
    }
    link.send(frames, onconfirmed);
  }

  #departingWhole(link: Link): (() => void) | undefined {
    const onconfirmed = this.#unsaved.departingWhole(link);
    if (onconfirmed) {
      this.#connections.get(link)?.expect();
    }
    return onconfirmed;
  }

  #hello(connection: Connection): void {
    connection.greet();
    connection.link.hello(this.greeting());
  }

  #greetAll(): void {
    for (const connection of this.#connections.values()) {
      this.#hello(connection);
    }
  }

  #greetAgain(): void {
    for (const connection of this.#connections.values()) {
      if (connection.isDue(this.#intake.isBusy)) {
        connection.giveTime();
        this.#hello(connection);
      }
    }
  }

  /** @param change is missing where the transaction takes over what was received */
  #forward(change: Uint8Array | undefined, transaction: Y.Transaction): void {
    const { origin } = transaction;
    const isReceived = change === undefined || this.#exchange.isTakingFrom(origin);
    const isEdit = origin instanceof StoreBinding;
    if (!isReceived) {
      this.#unsaved.add(isEdit);
    }
    this.#changeListeners.tell(isReceived ? undefined : change, isEdit);
    let update = isReceived ? undefined : change;
    for (const [link, connection] of this.#connections) {
      // A peer that can't be reached, or comes later, is told everything when it says hello.
      const isAlone = link.mayBeAlone === true && !this.#exchange.hasHeard(link);
      const willAsk = isReceived && connection.isGivingRows;
      if (link !== origin && connection.state !== 'offline' && !isAlone && !willAsk) {
        update ??= this.#exchange.handedOn(transaction);
        this.#outgoing.add(link, update);
        if (!isReceived) {
          this.#unsaved.isLeaving(link);
        }
      }
    }
  }

  #forwardPresence(update: Uint8Array, except: Link | undefined): void {
    const frames = [encodeFrame('awareness', update)];
    for (const [link, connection] of this.#connections) {
      // What a kernel that runs a cell can't hear would only pile up in front of it.
      if (link !== except && connection.state === 'synced' && !connection.isSilent) {
        this.#tell(link, frames, connection.asksForPresence() ? () => undefined : undefined);
      }
    }
  }

  /** Send what waits to be sent. */
  flush(): void {
    this.#outgoing.flush();
  }
}
