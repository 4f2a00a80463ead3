/**
 * What is in a column, as its header says it: how many cells there are, how the numbers are spread, which
 * values are the most frequent. Follows edits one by one; only a number that may change the range asks for a new count.
 */
import { kindOf, type MaybeCell } from '../values.ts';

export const BINS = 24;
/** Above so many different values, which they are says nothing any more. */
export const MAX_DISTINCT = 1000;

type Scalar = string | boolean;

export interface NumberSummary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** How many numbers are in each of as many equal stretches from `min` to `max`. */
  readonly bins: readonly number[];
}

export class ColumnSummary {
  /** Cells that are neither null nor absent. */
  present = 0;
  readonly #values = new Map<Scalar, number>();
  #hasTooMany = false;
  #containers = 0;
  #numbers: number[] | undefined = [];
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  #bins = new Array<number>(BINS).fill(0);
  /** Whether the range must be found anew. */
  isStale = false;

  /** Counts a cell, while all are counted for the first time. */
  read(cell: MaybeCell): void {
    this.#change(cell, 1);
  }

  /** All cells have been read. */
  finish(): void {
    const numbers = this.#numbers ?? [];
    this.#numbers = undefined;
    for (const number of numbers) {
      this.#min = Math.min(this.#min, number);
      this.#max = Math.max(this.#max, number);
    }
    for (const number of numbers) this.#bin(number, 1);
  }

  /** A cell has changed. */
  replace(old: MaybeCell, cell: MaybeCell): void {
    this.#change(old, -1);
    this.#change(cell, 1);
  }

  get numbers(): NumberSummary | undefined {
    if (this.#count === 0) return undefined;
    return { count: this.#count, min: this.#min, max: this.#max, bins: this.#bins };
  }

  /** The most frequent texts and truth values; undefined where there are too many different ones. */
  top(limit: number): readonly (readonly [Scalar, number])[] | undefined {
    if (this.#hasTooMany) return undefined;
    return [...this.#values].sort((a, b) => b[1] - a[1]).slice(0, limit);
  }

  /** How many different texts and truth values there are; undefined if too many to count. */
  get distinct(): number | undefined {
    return this.#hasTooMany ? undefined : this.#values.size;
  }

  get containers(): number {
    return this.#containers;
  }

  #change(cell: MaybeCell, by: 1 | -1): void {
    const kind = kindOf(cell);
    if (kind === 'absent' || kind === 'null') return;
    this.present += by;
    if (kind === 'json') this.#containers += by;
    else if (kind === 'number') this.#number(cell as number, by);
    else this.#value(cell as Scalar, by);
  }

  #number(number: number, by: 1 | -1): void {
    this.#count += by;
    if (!this.#numbers) this.#bin(number, by);
    else if (by === 1) this.#numbers.push(number);
    else this.isStale = true;
  }

  #bin(number: number, by: 1 | -1): void {
    const isEnd = by === -1 && (number === this.#min || number === this.#max);
    if (isEnd || number < this.#min || number > this.#max) {
      this.isStale = true;
      return;
    }
    const width = this.#max - this.#min;
    const place = width === 0 ? 0 : Math.floor(((number - this.#min) / width) * BINS);
    const bin = Math.min(BINS - 1, place);
    this.#bins[bin] = Math.max(0, (this.#bins[bin] ?? 0) + by);
  }

  #value(value: Scalar, by: 1 | -1): void {
    if (this.#hasTooMany) return;
    const count = (this.#values.get(value) ?? 0) + by;
    if (count > 0) this.#values.set(value, count);
    else this.#values.delete(value);
    if (this.#values.size <= MAX_DISTINCT) return;
    this.#hasTooMany = true;
    this.#values.clear();
  }
}
