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
import { Staging } from './staging.ts';
import { UndoHistory } from './undo.ts';

const MAX_ARCHIVES = 3;

export interface ReplicaEvents {
  /** What can't be read or written, and what the Store's listeners throw. */
  onerror(message: string, error?: unknown): void;
  /** The document has changed, whichever it is at the time. */
  onupdate(update: Uint8Array, transaction: Y.Transaction): void;
  /** The generation is about to change: what waits to be sent is of this one. */
  onleave(): void;
}

export class Replica {
  readonly store: Store;
  readonly conflicts: RoomConflicts;
  readonly history: UndoHistory;
  readonly #events: ReplicaEvents;
  #doc: Y.Doc;
  #binding: StoreBinding;
  #lineage: Lineage;
  #generation: Generation;
  #staging: Staging | undefined;
  #archives: Archive[] = [];
  #isMoving = false;
  #carried: Uint8Array | undefined;

  constructor(store: Store, doc: Y.Doc, events: ReplicaEvents) {
    this.store = store;
    this.#events = events;
    this.#doc = doc;
    this.#binding = new StoreBinding(store, doc, events.onerror);
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
    this.#binding.applyUpdate(update, origin);
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
      this.#binding = new StoreBinding(this.store, doc, this.#events.onerror, ROOT, start);
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
    this.#doc.on('update', this.#onUpdate);
    this.#lineage.map.observe(this.#onLineage);
  }

  #unobserve(): void {
    this.#doc.off('update', this.#onUpdate);
    this.#lineage.map.unobserve(this.#onLineage);
  }

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
