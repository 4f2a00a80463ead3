/** The losers that a replica knows of, by their key and by the cell they lost. */
import type * as Y from 'yjs';
import type { Conflict, EditedPlace } from './conflict_records.ts';

export interface Loser {
  readonly place: EditedPlace;
  /** Its struct; an edit that was kept has none. */
  readonly id?: Y.ID | undefined;
  /** What it held, where that was still there to be seen. */
  readonly content?: unknown;
  /** The conflict that it is, where its value is known and another than the winner's. */
  readonly conflict?: Conflict | undefined;
}

const NONE: ReadonlySet<string> = new Set();

export class KnownLosers {
  readonly #losers = new Map<string, Loser>();
  readonly #byPlace = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#losers.size === 0;
  }

  keys(): Iterable<string> {
    return this.#losers.keys();
  }

  get(key: string): Loser | undefined {
    return this.#losers.get(key);
  }

  /** Return the keys of the losers of one place. */
  at(place: EditedPlace): ReadonlySet<string> {
    return (this.isEmpty ? undefined : this.#byPlace.get(placeKey(place))) ?? NONE;
  }

  /** Return the structs that lost one place. */
  idsAt(place: EditedPlace): Y.ID[] {
    return [...this.at(place)].flatMap((key) => this.#losers.get(key)?.id ?? []);
  }

  /** Add a loser, or what is now known of it. */
  add(key: string, { place, id, content, conflict }: Loser): void {
    const before = this.#losers.get(key);
    this.delete(key);
    this.#losers.set(key, {
      place,
      id: id ?? before?.id,
      content: content ?? before?.content,
      conflict: conflict ?? before?.conflict,
    });
    const at = placeKey(place);
    const keys = this.#byPlace.get(at);
    if (keys === undefined) {
      this.#byPlace.set(at, new Set([key]));
    } else {
      keys.add(key);
    }
  }

  /** Remove a loser; returns what was known of it. */
  delete(key: string): Loser | undefined {
    const loser = this.#losers.get(key);
    if (loser !== undefined) {
      this.#losers.delete(key);
      const at = placeKey(loser.place);
      const keys = this.#byPlace.get(at);
      keys?.delete(key);
      if (keys?.size === 0) {
        this.#byPlace.delete(at);
      }
    }
    return loser;
  }
}

function placeKey([tableId, rowId, cellId]: EditedPlace): string {
  return tableId === null || rowId === null
    ? `v${cellId}`
    : `${tableId.length}:${rowId.length}:${tableId}${rowId}${cellId}`;
}
