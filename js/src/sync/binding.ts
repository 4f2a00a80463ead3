/**
 * A TinyBase Store and a Y.Doc that hold the same content, kept so cell by cell.
 *
 * Store to document: each Store transaction is written (`writing.ts`), when it has finished, as one
 * document transaction with the cells it changed, before anything remote can come between. Deletions
 * delete cells and never a container.
 *
 * Document to Store: an event only notes which places were touched. When all document transactions
 * have finished, those places are read again (`reading.ts`) and the Store takes them over in one
 * transaction. Nothing is written in answer, with two exceptions. What listeners of the Store change
 * while it takes over is saved after; and repair.
 *
 * Repair: where an event says that another's container has taken the place of one, made by somebody
 * who did not know of that one, the Store keeps the cells that the document now lacks under it, and
 * they are written back. That happens where the rules of `containers.ts` don't reach, or beside an
 * unmodified TinyBase peer. A container that was made again by somebody who did know the old one
 * (`replaced.ts`) is followed as it is. Of a row that two replicas made while apart, all that was under
 * the container that gave way is carried to the other (`races.ts`), where the update came through
 * `applyUpdate`.
 *
 * TinyBase's own `createYjsPersister` reads the same layout, but loses all but the first of several
 * transactions in one tick.
 */
import type { Store } from 'tinybase/store';
import * as Y from 'yjs';
import { applyCompactly } from './compact_structs.ts';
import { Conflicts, type EditedPlace } from './conflicts.ts';
import { childMap, ROOT, TABLES, VALUES, type YMap } from './containers.ts';
import { HeldRows } from './held_rows.ts';
import { RaceWatch } from './race_watch.ts';
import type { Carried } from './races.ts';
import { changedSince, lackedBy, type Taken, takeOver } from './reading.ts';
import { lostRaces } from './replaced.ts';
import { isRowIdOf } from './row_ids.ts';
import { type Content, sendable, sendableText } from './structs.ts';
import { Touched } from './touched.ts';
import type { Outline, Range } from './update_bytes.ts';
import { DocumentWriter, type Edits, type Entries } from './writing.ts';

const CARRIED = 'carried'; // the origin of a transaction that carries
const CONTAINER_DEPTH = 2; // events this deep (root, tables, a table) are about containers

export class StoreBinding {
  /** Where two sides set one cell without knowing of each other. */
  readonly conflicts: Conflicts;
  readonly #store: Store;
  readonly #doc: Y.Doc;
  readonly #root: YMap;
  readonly #writer: DocumentWriter;
  readonly #onError: (message: string, error?: unknown) => void;
  readonly #races: RaceWatch;
  readonly #listenerId: string;
  #touched = new Touched();
  #replaced = new Touched();
  #reading = false;
  #isHeld = false;
  #carrying: Uint8Array | undefined;
  #changedWhileReading: Edits | undefined;
  #retrying = false;
  #held: HeldRows | undefined;
  /** Whether rows are held until it is said that all is there. */
  #isHolding = false;
  readonly #isQuiet: boolean;

  /**
   * Bind a Store to a document. What both hold is united; the document's cell stays where both have
   * one. To follow a document is to take over what it has, and to forget what it has not: with its
   * next change, or when `follow` is called.
   *
   * @param onError is told what can't be read or written, and what the Store's listeners throw.
   * @param mapName is the name of the document's root map.
   * @param start is what happens to the Store's content.
   * @param isQuiet says that the Store takes everything as it is: it has no schema, and none of its
   *   listeners changes it. Then nobody looks for what it made of a change.
   */
  constructor(
    store: Store,
    doc: Y.Doc,
    onError: (message: string, error?: unknown) => void = console.error,
    mapName: string = ROOT,
    start: 'unite' | 'follow' = 'unite',
    isQuiet = false,
  ) {
    this.#store = store;
    this.#isQuiet = isQuiet;
    this.#doc = doc;
    this.#root = doc.getMap(mapName);
    this.#onError = onError;
    this.#writer = new DocumentWriter(
      doc,
      mapName,
      (rowId) => isRowIdOf(doc.clientID, rowId),
      (obstacle) => onError(`${obstacle}: a change was not saved`),
    );
    this.#races = new RaceWatch(doc, mapName);
    this.#touched.add([]);
    this.#root.observeDeep(this.#note);
    doc.on('afterAllTransactions', this.#read);
    this.conflicts = new Conflicts(doc, mapName, (transaction) => transaction.origin === this);
    this.#listenerId = store.addDidFinishTransactionListener(() => this.#save());
    if (start === 'unite') {
      this.#replaced.add([]);
      this.#read();
    }
  }

  /** Take over what the document has, as far as that has not been done. */
  follow(): void {
    this.#read();
  }

  /**
   * Apply an update of another replica to the document, and carry what it makes lose a race.
   *
   * `Y.applyUpdate` does nearly the same, but then the cells that another's container takes the place
   * of are written back as new edits, also those that somebody had deleted.
   */
  applyUpdate(update: Uint8Array, origin?: unknown): void {
    const before = this.#races.documentBefore(update);
    this.#isHeld = before !== undefined;
    try {
      Y.applyUpdate(this.#doc, update, origin);
      if (before !== undefined) {
        this.#carry(this.#races.carry(before, update));
      }
    } finally {
      this.#isHeld = false;
      if (before !== undefined) {
        this.#read();
      }
    }
  }

  /** Say whether an update can be applied in pieces: whether no rows may lose a race by it. */
  canTakeInPieces(outline: Outline): boolean {
    return !this.#races.mayRace(outline);
  }

  /**
   * Apply a piece of an update that can be applied so; they must come in their order, and all of them.
   *
   * The Store takes over what each brings, but for rows of which something was overwritten or deleted:
   * these follow with the last piece, so that nothing is shown that was never true.
   *
   * @param isLast says whether it is the last one
   */
  applyPiece(piece: Uint8Array, { deleted }: Outline, isLast: boolean, origin?: unknown): void {
    if (this.#held === undefined || this.#isHolding) {
      this.#hold().add(deleted);
    }
    if (isLast) {
      if (!this.#isHolding) this.#release();
      this.#races.forget();
    }
    applyCompactly(this.#doc, piece, origin);
  }

  #hold(): HeldRows {
    this.#held ??= new HeldRows();
    return this.#held;
  }

  /**
   * From now on let new rows wait of which something is deleted, until `letGo`.
   *
   * @param deleted is what is deleted of a document that comes without its deletions
   */
  holdBack(deleted: ReadonlyMap<number, readonly Range[]>): void {
    this.#isHolding = true;
    this.#hold().add(deleted);
    this.#hold().expectMore();
  }

  /** The deletions are there: the Store takes over what was held back. */
  letGo(): void {
    if (this.#isHolding) {
      this.#isHolding = false;
      this.#release();
      this.#read();
    }
  }

  #release(): void {
    this.#held?.letGo(this.#touched);
    this.#held = undefined;
  }

  #carry({ update, rows }: Carried): void {
    for (const { tableId, rowId } of rows) {
      this.#replaced.remove([TABLES, tableId, rowId]);
    }
    if (update !== undefined) {
      this.#carrying = update;
      Y.applyUpdate(this.#doc, update, CARRIED);
      this.#carrying = undefined;
    }
  }

  /** What is just being carried, as it was made: the document's change also says what only lost. */
  get carrying(): Uint8Array | undefined {
    return this.#carrying;
  }

  /** Whether the Store takes over what the document has, so that its changes are not its own. */
  get isReading(): boolean {
    return this.#reading;
  }

  /** Unbind; both keep their content. */
  destroy(): void {
    this.#store.delListener(this.#listenerId);
    this.conflicts.destroy();
    this.#doc.off('afterAllTransactions', this.#read);
    this.#root.unobserveDeep(this.#note);
  }

  // --- Store to document

  #save(): void {
    if (this.#reading && this.#isQuiet) {
      return;
    }
    const edits = changesOf(this.#store);
    if (this.#reading) {
      this.#changedWhileReading = edits;
    } else {
      this.#saveEdits(edits);
    }
  }

  /** Save what listeners of the Store have changed while it took over what the document has. */
  #saveLate(taken: Taken): void {
    const changed = this.#changedWhileReading;
    this.#changedWhileReading = undefined;
    if (changed === undefined) {
      return;
    }
    this.#saveEdits(differing(this.#root, changed));
    if (countOf(changed) !== taken.count) {
      this.#saveEdits(changedSince(this.#root, this.#store, taken)); // what they have put back
    }
  }

  #saveEdits(edits: Edits): void {
    if (edits.cells.size > 0 || edits.values.size > 0) {
      this.#write(edits, () => this.conflicts.editing(placesOf(edits)));
    }
  }

  /** Write in one transaction of the document; `before` runs in it too. */
  #write(edits: Edits, before?: () => void): void {
    this.#doc.transact((transaction) => {
      before?.();
      this.#writer.write(transaction, edits);
    }, this);
  }

  // --- Document to Store

  readonly #note = (events: Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction) => {
    if (origin === this && !this.#writer.hasLetIn) {
      return;
    }
    for (const event of events) {
      if (!(event instanceof Y.YMapEvent)) {
        continue;
      }
      const path = event.path.map(String);
      if (!this.#touched.covers(...path)) {
        for (const key of event.keysChanged) {
          this.#touched.add([...path, key as string]);
        }
      }
      if (path.length <= CONTAINER_DEPTH && path[0] !== VALUES) {
        for (const key of lostRaces(event)) {
          this.#replaced.add([...path, key]);
        }
      }
    }
  };

  readonly #read = (): void => {
    if (this.#isHeld || this.#touched.isEmpty) {
      return;
    }
    let taken: Taken | undefined;
    const replaced = this.#replaced;
    const wasReading = this.#reading;
    this.#reading = true;
    try {
      this.#store.transaction(() => {
        const touched = this.#touched;
        this.#touched = new Touched();
        this.#replaced = new Touched();
        taken = { places: [], count: 0 };
        takeOver(this.#root, this.#store, touched.below, {
          replaced,
          held: this.#held,
          taken: this.#isQuiet ? undefined : taken,
        });
      });
    } catch (error) {
      this.#onError('A listener failed while the Store took over a change', error);
    } finally {
      this.#reading = wasReading;
    }
    if (taken !== undefined) {
      if (!replaced.isEmpty) {
        this.#write(lackedBy(this.#root, this.#store, replaced.below));
      }
      this.#saveLate(taken);
    } else if (!this.#retrying) {
      // The Store takes nothing while its listeners run. They are done when this task is.
      this.#retrying = true;
      queueMicrotask(() => {
        this.#retrying = false;
        this.#read();
      });
    }
  };
}

/** Return what the Store's transaction changed, as a document holds it. */
function changesOf(store: Store): Edits {
  const [, , changedCells, , changedValues] = store.getTransactionLog();
  const cells = new Map<string, Map<string, Entries>>();
  for (const [tableId, changedRows] of Object.entries(changedCells)) {
    const rows = new Map<string, Entries>();
    for (const [rowId, changedRow] of Object.entries(changedRows)) {
      rows.set(sendableText(rowId), entriesOf(changedRow));
    }
    cells.set(sendableText(tableId), rows);
  }
  return { cells, values: entriesOf(changedValues) };
}

/** Return those of some changes that a document does not have. */
function differing(root: YMap, { cells, values }: Edits): Edits {
  const tables = childMap(root, TABLES);
  const differingCells = new Map<string, Map<string, Entries>>();
  for (const [tableId, rows] of cells) {
    const table = childMap(tables, tableId);
    const differingRows = new Map<string, Entries>();
    for (const [rowId, row] of rows) {
      const entries = differingEntries(childMap(table, rowId), row);
      if (entries.size > 0) {
        differingRows.set(rowId, entries);
      }
    }
    if (differingRows.size > 0) {
      differingCells.set(tableId, differingRows);
    }
  }
  return { cells: differingCells, values: differingEntries(childMap(root, VALUES), values) };
}

function differingEntries(map: YMap | undefined, entries: Entries): Entries {
  return new Map([...entries].filter(([id, content]) => map?.get(id) !== content));
}

/** How many cells and values are changed. */
function countOf({ cells, values }: Edits): number {
  let count = values.size;
  for (const rows of cells.values()) {
    for (const row of rows.values()) {
      count += row.size;
    }
  }
  return count;
}

function entriesOf(changed: Readonly<Record<string, readonly unknown[]>>): Entries {
  const entries = new Map<string, Content | undefined>();
  for (const [id, [, content]] of Object.entries(changed)) {
    // The log has objects and arrays as a document has them: as text.
    entries.set(sendableText(id), content === undefined ? content : sendable(content as Content));
  }
  return entries;
}

/** The places that are written, as the conflicts are told of them. */
function* placesOf({ cells, values }: Edits): Generator<EditedPlace> {
  for (const [tableId, rows] of cells) {
    for (const [rowId, row] of rows) {
      for (const cellId of row.keys()) {
        yield [tableId, rowId, cellId];
      }
    }
  }
  for (const valueId of values.keys()) {
    yield [null, null, valueId];
  }
}
