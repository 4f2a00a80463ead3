/**
 * The rows that are shown, in their order: those that a filter lets through, sorted by some columns, and
 * where those are equal, or none is given, in the natural order of their ids.
 *
 * The keys by which the rows were sorted are kept beside them, so that a row is found by binary search, and
 * a changed one is put into its new place without sorting the rest. One row may be held: it stays in its
 * place, and in sight, while somebody works on it.
 */
import { compareRowIds, lowerBound, RowOrder } from '../rows.ts';
import type { MaybeCell } from '../values.ts';
import { compareKeys, keyOf, type SortBy, type SortKey, sortedPlaces } from './keys.ts';

export interface Look {
  readonly sort: readonly SortBy[];
  /** Whether a row is shown; undefined for all. */
  readonly matches?: ((row: string) => boolean) | undefined;
}

interface Entry {
  readonly id: string;
  readonly keys: readonly SortKey[];
}

const NOTHING: ReadonlySet<string> = new Set();
/** Above this share of changed rows, sorting everything is cheaper than merging. */
const REBUILD_SHARE = 0.2;

export class ShownOrder extends RowOrder {
  /** All rows of the table, in natural order. */
  readonly all = new RowOrder();
  readonly #cellAt: (row: string, column: string) => MaybeCell;
  #look: Look = { sort: [] };
  #ids: readonly string[] = [];
  /** For each column that sorts, the keys of the rows in `#ids`. */
  #keys: readonly (readonly SortKey[])[] = [];
  /** Rows of which a cell that matters has changed since. */
  readonly #touched = new Set<string>();
  #held: string | undefined;
  /** Whether the held row changed while it was held. */
  #isHeldStale = false;

  constructor(cellAt: (row: string, column: string) => MaybeCell) {
    super();
    this.#cellAt = cellAt;
  }

  override get ids(): readonly string[] {
    return this.#ids;
  }

  override get length(): number {
    return this.#ids.length;
  }

  get look(): Look {
    return this.#look;
  }

  /** The row that is held in its place. */
  get held(): string | undefined {
    return this.#held;
  }

  override reset(ids: Iterable<string>): void {
    this.all.reset(ids);
    this.#rebuild();
  }

  /** Shows other rows, or in another order. */
  lookAt(look: Look): void {
    this.#look = look;
    this.#rebuild();
  }

  /** Holds a row in its place, or none. */
  hold(row: string | undefined): void {
    if (row === this.#held) return;
    if (this.#isHeldStale && this.#held !== undefined) this.#touched.add(this.#held);
    this.#held = row;
    this.#isHeldStale = false;
  }

  /** Notes that a cell that matters has changed in a row. */
  touch(row: string): void {
    this.#touched.add(row);
  }

  override apply(changes: ReadonlyMap<string, number>, allIds: () => Iterable<string>): void {
    this.update(changes, allIds);
  }

  /**
   * Applies added (1) and removed (-1) rows, and what was noted of changed cells.
   *
   * @returns the rows that are in another place, came or went; undefined if that may be any
   */
  update(
    changes: ReadonlyMap<string, number>,
    allIds: () => Iterable<string>,
  ): ReadonlySet<string> | undefined {
    const before = this.all.ids;
    this.all.apply(changes, allIds);
    if (this.#isPlain) {
      this.#touched.clear();
      this.#ids = this.all.ids;
      return before === this.all.ids
        ? NOTHING
        : changes.size > 0
          ? new Set(changes.keys())
          : undefined;
    }
    const candidates = new Set([...changes.keys(), ...this.#touched]);
    this.#touched.clear();
    if (candidates.size === 0) return NOTHING;
    if (candidates.size > 64 && candidates.size > this.all.length * REBUILD_SHARE) {
      this.#rebuild();
      return undefined;
    }
    return this.#move(candidates);
  }

  override indexOf(id: string): number {
    if (this.#keys.length === 0) return placeIn(this.#ids, id);
    // The keys by which such a row was sorted are no longer those of its cells.
    if (this.#touched.has(id) || (id === this.#held && this.#isHeldStale))
      return this.#ids.indexOf(id);
    const index = this.insertionIndex(id);
    return this.#ids[index] === id ? index : -1;
  }

  override insertionIndex(id: string): number {
    return this.#placeFor({ id, keys: this.#keysOf(id) });
  }

  get #isPlain(): boolean {
    return this.#look.sort.length === 0 && !this.#look.matches;
  }

  #keysOf(row: string): SortKey[] {
    return this.#look.sort.map(({ column }) => keyOf(this.#cellAt(row, column)));
  }

  #placeFor(entry: Entry, ids = this.#ids, keys = this.#keys): number {
    if (keys.length === 0) return lowerBound(ids, entry.id, 0);
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isBefore =
        (this.#compareKeys((i) => keys[i]?.[middle], entry.keys) ||
          compareRowIds(ids[middle] as string, entry.id)) < 0;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compareKeys(keyAt: (i: number) => SortKey, others: readonly SortKey[]): number {
    const { sort } = this.#look;
    for (let i = 0; i < sort.length; i++) {
      const order = compareKeys(keyAt(i), others[i], sort[i]?.descending === true);
      if (order !== 0) return order;
    }
    return 0;
  }

  #rebuild(): void {
    const { sort, matches } = this.#look;
    const isShown = (id: string): boolean => id === this.#held || matches?.(id) !== false;
    const ids = matches ? this.all.ids.filter(isShown) : this.all.ids;
    this.#touched.clear();
    this.#isHeldStale = this.#held !== undefined;
    const keys = sort.map(({ column }) => ids.map((id) => keyOf(this.#cellAt(id, column))));
    if (sort.length === 0) {
      this.#ids = ids;
      this.#keys = [];
      return;
    }
    const places = sortedPlaces(keys, sort);
    this.#ids = arranged(ids, places);
    this.#keys = keys.map((column) => arranged(column, places));
  }

  /** Takes some rows out of their places and puts them where they belong now. */
  #move(candidates: ReadonlySet<string>): ReadonlySet<string> {
    const places = new Map<string, number>();
    this.#ids.forEach((id, place) => {
      if (candidates.has(id)) places.set(id, place);
    });
    const moved = new Set<string>();
    const entries: Entry[] = [];
    for (const id of candidates) {
      const exists = this.all.has(id);
      const place = places.get(id);
      const isHeld = id === this.#held && exists;
      if (isHeld) this.#isHeldStale = true;
      if (isHeld && place !== undefined) continue;
      const isShown = exists && (isHeld || this.#look.matches?.(id) !== false);
      if (place === undefined && !isShown) continue;
      const keys = isShown ? this.#keysOf(id) : [];
      if (isShown && place !== undefined && !this.#isElsewhere(place, keys)) continue;
      moved.add(id);
      if (isShown) entries.push({ id, keys });
    }
    if (moved.size > 0) this.#replace(moved, entries);
    return moved;
  }

  #isElsewhere(place: number, keys: readonly SortKey[]): boolean {
    return this.#compareKeys((i) => this.#keys[i]?.[place], keys) !== 0;
  }

  #replace(moved: ReadonlySet<string>, entries: Entry[]): void {
    const ids = this.#ids;
    const isKept = (_: unknown, i: number): boolean => !moved.has(ids[i] as string);
    const keptIds = ids.filter(isKept);
    const keptKeys = this.#keys.map((column) => column.filter(isKept));
    entries.sort(
      (a, b) => this.#compareKeys((i) => a.keys[i], b.keys) || compareRowIds(a.id, b.id),
    );
    const at = entries.map((entry) => this.#placeFor(entry, keptIds, keptKeys));
    this.#ids = woven(
      keptIds,
      entries.map(({ id }) => id),
      at,
    );
    this.#keys = keptKeys.map((column, i) =>
      woven(
        column,
        entries.map(({ keys }) => keys[i]),
        at,
      ),
    );
  }
}

const placeIn = (ids: readonly string[], id: string): number => {
  const index = lowerBound(ids, id, 0);
  return ids[index] === id ? index : -1;
};

const arranged = <T>(items: readonly T[], places: Uint32Array): T[] => {
  const result = new Array<T>(places.length);
  for (let i = 0; i < places.length; i++) result[i] = items[places[i] as number] as T;
  return result;
};

/** Puts items before those that stand in these places, which are in ascending order. */
const woven = <T>(items: readonly T[], added: readonly T[], at: readonly number[]): T[] => {
  const result: T[] = [];
  let from = 0;
  added.forEach((item, i) => {
    for (; from < (at[i] as number); from++) result.push(items[from] as T);
    result.push(item);
  });
  for (; from < items.length; from++) result.push(items[from] as T);
  return result;
};
