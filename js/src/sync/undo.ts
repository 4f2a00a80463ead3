/**
 * Undo and redo of a Store's own edits.
 *
 * Each transaction of this replica is a step: the old and the new content of each cell and value it
 * changed, with what listeners of the Store did in it. What is loaded from the document is somebody
 * else's edit and is no step.
 *
 * Undoing a step puts the old content back where there still is what the step had left. Where
 * somebody has changed it since, theirs stays, and the result says so; the step is used up all the
 * same. To others an undo is an ordinary edit. What it really changed, a transaction of its own, is
 * the step that redo takes back in the same way. A new edit ends what could be redone.
 *
 * The history is bounded in steps and in cells. A transaction beyond the bound of cells is not kept,
 * and nor is anything before it: undo says so once, and has then nothing to undo.
 */
import type { Cell, Store } from 'tinybase/store';
import { readCell, writeCell } from './cells.ts';
import { Listeners } from './listeners.ts';

export const MAX_STEPS = 500;
export const MAX_CELLS = 50_000;

/** A cell; a value has neither table nor row. */
export interface Place {
  readonly tableId: string | null;
  readonly rowId: string | null;
  readonly cellId: string;
}

/** A place that was left as it is, and what is there. */
export interface Kept {
  readonly place: Place;
  readonly value: Cell | undefined;
}

/** What an undo or a redo did; nothing at all where there was nothing to do. */
export interface Undone {
  /** What was put back. */
  readonly changed: readonly Place[];
  /** What somebody else had changed since. */
  readonly kept: readonly Kept[];
  /** What the Store did not take back, because of its schema or a listener. */
  readonly refused: readonly Kept[];
  /** Whether the edit was of more cells than are kept, and nothing was done. */
  readonly isTooLarge: boolean;
}

/** What was at a place before and after, as the Store keeps it: objects and arrays as text. */
interface Change {
  readonly place: Place;
  readonly old: unknown;
  readonly new: unknown;
}

type Step = readonly Change[] | 'too large';

const NOTHING: Undone = { changed: [], kept: [], refused: [], isTooLarge: false };
const TOO_LARGE: Undone = { ...NOTHING, isTooLarge: true };

export class UndoHistory {
  readonly #store: Store;
  readonly #isLoading: () => boolean;
  readonly #listenerId: string;
  readonly #changeListeners = new Listeners();
  readonly #undo: Step[] = [];
  readonly #redo: Step[] = [];
  #cells = 0;
  #replayed: Step | undefined;
  #isReplaying = false;

  /** @param isLoading says whether the Store's transaction takes over somebody else's edits */
  constructor(store: Store, isLoading: () => boolean) {
    this.#store = store;
    this.#isLoading = isLoading;
    this.#listenerId = store.addDidFinishTransactionListener(() => this.#record());
  }

  /** Stop recording, and forget everything. */
  destroy(): void {
    this.#store.delListener(this.#listenerId);
    this.#undo.length = 0;
    this.#redo.length = 0;
    this.#changeListeners.clear();
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Undo the last edit that was not undone yet. */
  undo(): Undone {
    return this.#replay(this.#undo, this.#redo);
  }

  /** Redo what was undone last, as long as no edit has been made since. */
  redo(): Undone {
    return this.#replay(this.#redo, this.#undo);
  }

  /** Call a listener when there is more or less to undo; returns the function that stops it. */
  onChange(listener: () => void): () => void {
    return this.#changeListeners.add(listener);
  }

  #record(): void {
    if (this.#isLoading()) {
      return;
    }
    const step = changesOf(this.#store);
    if (this.#isReplaying) {
      this.#replayed = step;
    } else if (step.length > 0) {
      this.#redo.length = 0;
      if (step === 'too large') {
        this.#undo.length = 0;
        this.#cells = 0;
      }
      this.#push(this.#undo, step);
      this.#tell();
    }
  }

  #push(stack: Step[], step: Step): void {
    stack.push(step);
    if (stack === this.#undo) {
      this.#cells += sizeOf(step);
      while (stack.length > MAX_STEPS || this.#cells > MAX_CELLS) {
        this.#cells -= sizeOf(stack.shift());
      }
    }
  }

  #replay(source: Step[], target: Step[]): Undone {
    const step = source.pop();
    if (step === undefined) {
      return NOTHING;
    }
    if (source === this.#undo) {
      this.#cells -= sizeOf(step);
    }
    const undone = step === 'too large' ? TOO_LARGE : this.#putBack(step, target);
    if (undone === undefined) {
      this.#push(source, step);
      return NOTHING;
    }
    this.#tell();
    return undone;
  }

  /** Put a step's old content back; `undefined` where the Store takes nothing at the moment. */
  #putBack(step: readonly Change[], target: Step[]): Undone | undefined {
    const store = this.#store;
    const kept: Kept[] = [];
    const todo: Change[] = [];
    for (const change of step) {
      const present = contentAt(store, change.place);
      if (present === change.new) {
        todo.push(change);
      } else {
        kept.push({ place: change.place, value: readCell(present) });
      }
    }
    if (todo.length > 0 && !this.#write(todo, target)) {
      return undefined;
    }
    const changed: Place[] = [];
    const refused: Kept[] = [];
    for (const { place, old } of todo) {
      const present = contentAt(store, place);
      if (present === old) {
        changed.push(place);
      } else {
        refused.push({ place, value: readCell(present) });
      }
    }
    return { changed, kept, refused, isTooLarge: false };
  }

  #write(todo: readonly Change[], target: Step[]): boolean {
    let began = false;
    this.#replayed = undefined;
    this.#isReplaying = true;
    try {
      this.#store.transaction(() => {
        began = true;
        for (const { place, old } of todo) {
          setContent(this.#store, place, old);
        }
      });
    } finally {
      this.#isReplaying = false;
      const replayed: Step | undefined = this.#replayed;
      if (replayed !== undefined && sizeOf(replayed) > 0) {
        this.#push(target, replayed);
      }
    }
    return began;
  }

  #tell(): void {
    this.#changeListeners.tell();
  }
}

function sizeOf(step: Step | undefined): number {
  return typeof step === 'object' ? step.length : 0;
}

/** Return what the Store's transaction has changed. */
function changesOf(store: Store): Step {
  const [, , changedCells, , changedValues] = store.getTransactionLog();
  const changes: Change[] = [];
  for (const [tableId, rows] of Object.entries(changedCells)) {
    for (const [rowId, cells] of Object.entries(rows)) {
      for (const [cellId, [old, now]] of Object.entries(cells)) {
        changes.push({ place: { tableId, rowId, cellId }, old, new: now });
      }
      if (changes.length > MAX_CELLS) {
        return 'too large';
      }
    }
  }
  for (const [cellId, [old, now]] of Object.entries(changedValues)) {
    changes.push({ place: { tableId: null, rowId: null, cellId }, old, new: now });
  }
  return changes.length > MAX_CELLS ? 'too large' : changes;
}

/** Return what is at a place, as the Store keeps it. */
function contentAt(store: Store, { tableId, rowId, cellId }: Place): unknown {
  const cell =
    tableId === null || rowId === null
      ? store.getValue(cellId)
      : store.getCell(tableId, rowId, cellId);
  return cell === undefined ? undefined : writeCell(cell);
}

function setContent(store: Store, { tableId, rowId, cellId }: Place, content: unknown): void {
  const cell = readCell(content);
  if (tableId === null || rowId === null) {
    cell === undefined ? store.delValue(cellId) : store.setValue(cellId, cell);
  } else if (cell === undefined) {
    store.delCell(tableId, rowId, cellId, true);
  } else {
    store.setCell(tableId, rowId, cellId, cell);
  }
}
