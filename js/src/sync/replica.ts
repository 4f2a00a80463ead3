/**
 * A replica: a Store and the document that it is kept alike with, of whatever generation.
 *
 * The document is replaced when the room compacts it, and when somebody else has: then the replica
 * moves to the newer one. The Store stays the same; of a move its listeners hear what differs.
 */
import type { Store } from 'tinybase/store';
import * as Y from 'yjs';
import { StoreBinding } from './binding.ts';
import { carry } from './carrying.ts';
import { type Archive, docsBetween, freshDoc } from './compacting.ts';
import { ROOT } from './containers.ts';
import { compareGenerations, type Generation, Lineage } from './generations.ts';
import { RoomConflicts } from './room_conflicts.ts';
import { pieces } from './split_update.ts';
import { Staging } from './staging.ts';
import { UndoHistory } from './undo.ts';
import { type Outline, outline, type Range } from './update_bytes.ts';

const MAX_ARCHIVES = 3;

const LARGE = 256_000; // bytes
const FIRST_PIECE = 50_000; // bytes: some hundred rows, which are soon on the screen
const FIRST_PIECES = 500_000; // bytes: until these are there, people and the browser have more to do
const MAX_PIECE = 200_000; // bytes: as much as a page takes over in a twentieth of a second

/** A large update in pieces, and what is known of the whole. */
export interface Pieces {
  readonly outlined: Outline;
  readonly pieces: Iterator<Uint8Array>;
}

export interface ReplicaEvents {
  /** What can't be read or written, and what the Store's listeners throw. */
  onerror(message: string, error?: unknown): void;
  /** The document has changed, whichever it is at the time; without an update, by what is taken over. */
  onupdate(update: Uint8Array | undefined, transaction: Y.Transaction): void;
  /** The generation is about to change: what waits to be sent is of this one. */
  onleave(): void;
}

export class Replica {
  readonly store: Store;
  readonly conflicts: RoomConflicts;
  readonly history: UndoHistory;
  readonly #events: ReplicaEvents;
  readonly #isQuiet: boolean;
  #doc: Y.Doc;
  #binding: StoreBinding;
  #lineage: Lineage;
  #generation: Generation;
  #staging: Staging | undefined;
  #archives: Archive[] = [];
  #isMoving = false;
  #carried: Uint8Array | undefined;
  #receivedFrom: unknown;
  /** How many bytes have been taken over in pieces. */
  #taken = 0;

  /** @param isQuiet says that nothing but the replica changes the Store in its listeners */
  constructor(store: Store, doc: Y.Doc, events: ReplicaEvents, isQuiet = false) {
    this.#isQuiet = isQuiet;
    this.store = store;
    this.#events = events;
    this.#doc = doc;
    this.#binding = new StoreBinding(store, doc, events.onerror, ROOT, 'unite', isQuiet);
    this.conflicts = new RoomConflicts(this.#binding.conflicts);
    this.history = new UndoHistory(store, () => this.#isMoving || this.#binding.isReading);
    this.#lineage = new Lineage(doc, ROOT);
    this.#generation = this.#lineage.generation;
    this.#observe();
  }

  get doc(): Y.Doc {
    return this.#doc;
  }

  get generation(): Generation {
    return this.#generation;
  }

  /** Whether a newer document is on its way. */
  get isStaging(): boolean {
    return this.#staging !== undefined;
  }

  /** Take over an update of another replica. */
  take(update: Uint8Array, origin: unknown): void {
    this.#receivedFrom = origin;
    try {
      this.#binding.applyUpdate(update, origin);
    } finally {
      this.#receivedFrom = undefined;
    }
  }

  /**
   * Return a large update in pieces that can be taken over one after the other, the first a small one;
   * or nothing, if it has to be taken as a whole.
   */
  inPieces(update: Uint8Array): Pieces | undefined {
    if (update.length < LARGE) {
      return undefined;
    }
    const outlined = outline(update);
    return outlined.hasGaps || !this.#binding.canTakeInPieces(outlined)
      ? undefined
      : { outlined, pieces: pieces(update, outlined, () => this.#sizeOfPiece) };
  }

  get #sizeOfPiece(): number {
    return this.#taken < FIRST_PIECES ? FIRST_PIECE : MAX_PIECE;
  }

  /** Take over a piece. */
  takePiece(piece: Uint8Array, outlined: Outline, isLast: boolean, origin: unknown): void {
    this.#receivedFrom = origin;
    this.#taken += piece.length;
    try {
      this.#binding.applyPiece(piece, outlined, isLast, origin);
    } finally {
      this.#receivedFrom = undefined;
    }
  }

  /** Let new rows wait of which something is deleted, until all of the document is there. */
  holdBack(deleted: ReadonlyMap<number, readonly Range[]>): void {
    this.#binding.holdBack(deleted);
  }

  /** All of the document is there. */
  letGo(): void {
    this.#binding.letGo();
  }

  /** Part the Store and the document. */
  destroy(): void {
    this.#unobserve();
    this.history.destroy();
    this.#binding.destroy();
  }

  /** Go on with a fresh document of the same content. */
  compact(): void {
    const fresh = freshDoc(this.#doc, ROOT);
    this.#replace(fresh, 'unite');
  }

  /**
   * Take what was heard of a newer generation: a piece of its document, if there is one.
   *
   * Moves to that document when it is there as a whole.
   *
   * @param isLast says whether the piece is the last one of an answer
   * @param ask is called with the state that the pieces are at, now and then
   */
  hearOf(
    generation: Generation,
    piece: Uint8Array | undefined,
    isLast: boolean,
    ask: (state: Uint8Array) => void,
  ): void {
    const order = this.#staging ? compareGenerations(generation, this.#staging.generation) : 1;
    if (order < 0) {
      return;
    }
    const staging = order > 0 ? new Staging(generation) : (this.#staging as Staging);
    this.#staging = staging;
    if (piece !== undefined) {
      staging.take(piece);
    }
    if (isLast && staging.isWhole) {
      if (isIdle(this.store)) {
        this.#move(staging.doc);
      } // otherwise the next frame of that generation brings another try
    } else if (staging.isToAsk()) {
      ask(Y.encodeStateVector(staging.doc));
    }
  }

  /** Take a document of a newer generation, and carry into it what it lacks. */
  #move(doc: Y.Doc): void {
    const carried = carry(docsBetween(this.#doc, doc, this.#archives, ROOT), doc, ROOT);
    this.#replace(doc, 'follow', carried);
  }

  /** @param carried is what the document that takes the place of the one so far lacks */
  #replace(doc: Y.Doc, start: 'unite' | 'follow', carried?: Uint8Array): void {
    this.#events.onleave();
    this.#unobserve();
    this.#binding.destroy();
    const archive = { generation: this.#generation, update: Y.encodeStateAsUpdate(this.#doc) };
    this.#archives = [...this.#archives, archive].slice(-MAX_ARCHIVES);
    this.#staging = undefined;
    this.#doc = doc;
    this.#lineage = new Lineage(doc, ROOT);
    this.#generation = this.#lineage.generation;
    this.#observe();
    this.#isMoving = true;
    try {
      this.#binding = new StoreBinding(
        this.store,
        doc,
        this.#events.onerror,
        ROOT,
        start,
        this.#isQuiet,
      );
      this.conflicts.follow(this.#binding.conflicts);
      if (carried !== undefined) {
        this.#carried = carried;
        this.#binding.applyUpdate(carried, this);
        this.#carried = undefined;
      }
      this.#binding.follow();
    } finally {
      this.#isMoving = false;
    }
  }

  #observe(): void {
    this.#doc.on('afterTransactionCleanup', this.#onCleanup);
    this.#doc.on('update', this.#onUpdate);
    this.#lineage.map.observe(this.#onLineage);
  }

  #unobserve(): void {
    this.#doc.off('afterTransactionCleanup', this.#onCleanup);
    this.#doc.off('update', this.#onUpdate);
    this.#lineage.map.unobserve(this.#onLineage);
  }

  /**
   * Yjs encodes what a transaction has changed, once it has called this, if anybody listens. What was
   * received goes on as it came, so nobody needs that, and of a large document it takes a while.
   */
  readonly #onCleanup = (transaction: Y.Transaction, doc: Y.Doc): void => {
    if (this.#receivedFrom === undefined || transaction.origin !== this.#receivedFrom) {
      doc.on('update', this.#onUpdate);
      return;
    }
    doc.off('update', this.#onUpdate);
    if (hasChanged(transaction)) {
      this.#events.onupdate(undefined, transaction);
    }
  };

  readonly #onUpdate = (
    change: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    transaction: Y.Transaction,
  ): void => {
    // What was carried goes on as it was made: what it deletes here only lost, by nobody's wish.
    const carried = origin === this ? this.#carried : this.#binding.carrying;
    const update = carried ?? change;
    this.#events.onupdate(update, transaction);
  };

  readonly #onLineage = (): void => {
    const { generation } = this.#lineage;
    if (compareGenerations(generation, this.#generation) !== 0) {
      this.#events.onleave(); // somebody has loaded a saved document
      this.#generation = generation;
    }
  };
}

function hasChanged({ deleteSet, beforeState, afterState }: Y.Transaction): boolean {
  const hasNew = [...afterState].some(([client, clock]) => beforeState.get(client) !== clock);
  return hasNew || deleteSet.clients.size > 0;
}

/** Say whether a Store has no transaction open, and none of its listeners runs. */
export function isIdle(store: Store): boolean {
  let hasFinished = false;
  const listenerId = store.addDidFinishTransactionListener(() => {
    hasFinished = true;
  });
  store.transaction(() => undefined);
  store.delListener(listenerId);
  return hasFinished;
}
