/**
 * How wide each column is: as set by hand, or as a sample of its content asked for at first.
 *
 * Columns with long texts are cut at first, and get the room that is left beside the others. Once a person
 * has set a width nothing moves by itself any more.
 */
import { MAX_FIRST_WIDTH, type MeasureText, MIN_WIDTH, wantedWidth } from './columns.ts';
import type { LiveTable } from './live.ts';

const ROW_HEADER_MIN = 44;
const ROW_HEADER_MAX = 96;
const ROW_NAME_MAX = 200;
const ROW_HEADER_SAMPLE = 100;
const ROW_HEADER_PADDING = 22;
/** What is in a column needs so much to be said. */
const LEAST_WITH_SUMMARY = 104;
const FILTER_MARK = 16;
const SORT_PLACE = 8;
/** Where nothing hovers the column's menu is always there, beside the mark of a sorted column. */
const SORT_MARK = 16;

export class Widths {
  readonly #inferred = new Map<string, number>();
  readonly #byHand = new Map<string, number>();
  /** How much wider than that the room lets columns be. */
  #stretched: ReadonlyMap<string, number> = new Map();

  /** Takes widths that were set by hand, here or elsewhere. */
  set(widths: Readonly<Record<string, number>>): void {
    for (const [id, width] of Object.entries(widths))
      this.#byHand.set(id, Math.max(MIN_WIDTH, width));
  }

  /** All that were set by hand. */
  get byHand(): Record<string, number> {
    return Object.fromEntries(this.#byHand);
  }

  /** A column has another name now; says whether its width was set by hand. */
  rename(from: string, to: string): boolean {
    let isByHand = false;
    const stretched = new Map(this.#stretched);
    this.#stretched = stretched;
    for (const widths of [this.#inferred, this.#byHand, stretched]) {
      const width = widths.get(from);
      if (width === undefined) continue;
      widths.delete(from);
      widths.set(to, width);
      isByHand ||= widths === this.#byHand;
    }
    return isByHand;
  }

  /** Forgets what was inferred: another table is shown. */
  forget(): void {
    this.#inferred.clear();
    this.#stretched = new Map();
  }

  /** Shares so many pixels, for row headers and columns, among the columns that are cut; whether that changes any. */
  fill(pixels: number, live: LiveTable, measure: MeasureText): boolean {
    if (this.#byHand.size > 0) return false;
    const before = this.#stretched;
    this.#stretched = new Map();
    const all = live.columns.map((id) => this.widthOf(id, live, measure));
    let room = all.reduce(
      (left, width) => left - width,
      pixels - this.rowHeaderWidth(live, measure),
    );
    const cut = live.columns.filter((id) => (this.#inferred.get(id) ?? 0) > MAX_FIRST_WIDTH);
    const stretched = new Map<string, number>();
    // Who needs least first: what they leave is for the others.
    cut.sort((a, b) => (this.#inferred.get(a) ?? 0) - (this.#inferred.get(b) ?? 0));
    for (const [at, id] of cut.entries()) {
      const wanted = (this.#inferred.get(id) ?? 0) - MAX_FIRST_WIDTH;
      const more = Math.min(wanted, Math.floor(room / (cut.length - at)));
      if (more <= 0) break;
      stretched.set(id, more);
      room -= more;
    }
    this.#stretched = stretched;
    const ids = new Set([...before.keys(), ...stretched.keys()]);
    return [...ids].some((id) => before.get(id) !== stretched.get(id));
  }

  /** Keeps widths that a person has set; columns that had been given room keep it. */
  keep(changed: ReadonlyMap<string, number>, live: LiveTable, measure: MeasureText): void {
    const stretched = [...this.#stretched.keys()].map((id): [string, number] => [
      id,
      this.widthOf(id, live, measure),
    ]);
    this.#stretched = new Map();
    this.set(Object.fromEntries([...stretched, ...changed]));
  }

  widthOf(id: string, live: LiveTable, measure: MeasureText): number {
    const more = this.#stretched.get(id) ?? 0;
    return this.#byHand.get(id) ?? this.#inferredOf(id, live, measure) + more;
  }

  #inferredOf(id: string, live: LiveTable, measure: MeasureText): number {
    const { summary, filters, sort } = live.looking;
    const filter = Object.hasOwn(filters, id) ? FILTER_MARK : 0;
    const isSorted = sort.some(({ column }) => column === id);
    const place = isSorted ? placeOf(sort.length) : 0;
    const least = summary ? LEAST_WITH_SUMMARY : 0;
    const known = this.#inferred.get(id);
    if (known !== undefined)
      return Math.max(least, Math.min(known, MAX_FIRST_WIDTH) + filter + place);
    const column = { id, type: live.typeOf(id) };
    const width = wantedWidth(live.store, live.tableId, column, live.order.all.ids, measure);
    if (live.order.all.length > 0) this.#inferred.set(id, width);
    return Math.max(least, Math.min(width, MAX_FIRST_WIDTH) + filter + place);
  }

  rowHeaderWidth({ order, looking, isTypedByRow }: LiveTable, measure: MeasureText): number {
    const { ids } = order.all;
    const shown = looking.rowNumbers
      ? [ids.length.toLocaleString('en')]
      : [...ids.slice(0, ROW_HEADER_SAMPLE), ids[ids.length - 1] ?? ''];
    const widest = Math.max(...shown.map((id) => measure(id.slice(0, 80), 'cell')));
    // Names are read, ids are looked up.
    const most = isTypedByRow ? ROW_NAME_MAX : ROW_HEADER_MAX;
    return Math.ceil(Math.min(most, Math.max(ROW_HEADER_MIN, widest + ROW_HEADER_PADDING)));
  }
}

const placeOf = (sorted: number): number =>
  (sorted > 1 ? SORT_PLACE : 0) +
  (globalThis.matchMedia?.('(hover: none)')?.matches ? SORT_MARK : 0);
