/** How wide each column is: as set by hand, or as a sample of its content asked for at first. */
import { inferWidth, type MeasureText, MIN_WIDTH } from './columns.ts';
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

export class Widths {
  readonly #inferred = new Map<string, number>();
  readonly #byHand = new Map<string, number>();

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
    for (const widths of [this.#inferred, this.#byHand]) {
      const width = widths.get(from);
      if (width === undefined) continue;
      widths.delete(from);
      widths.set(to, width);
      isByHand = widths === this.#byHand;
    }
    return isByHand;
  }

  /** Forgets what was inferred: another table is shown. */
  forget(): void {
    this.#inferred.clear();
  }

  widthOf(id: string, live: LiveTable, measure: MeasureText): number {
    return this.#byHand.get(id) ?? this.#inferredOf(id, live, measure);
  }

  #inferredOf(id: string, live: LiveTable, measure: MeasureText): number {
    const { summary, filters, sort } = live.looking;
    const filter = Object.hasOwn(filters, id) ? FILTER_MARK : 0;
    const place = sort.length > 1 && sort.some(({ column }) => column === id) ? SORT_PLACE : 0;
    const least = summary ? LEAST_WITH_SUMMARY : 0;
    const known = this.#inferred.get(id);
    if (known !== undefined) return Math.max(least, known + filter + place);
    const column = { id, type: live.typeOf(id) };
    const width = inferWidth(live.store, live.tableId, column, live.order.all.ids, measure);
    if (live.order.all.length > 0) this.#inferred.set(id, width);
    return Math.max(least, width + filter + place);
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
