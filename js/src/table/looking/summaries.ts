/**
 * The summaries of all columns: made one after the other while the page is idle, kept up to date with
 * every edit, drawn into the headers.
 *
 * A column is read from the list of rows as it was when the reading began. An edit of a row that has been
 * read is applied when the reading ends; one that has not is going to be read as it is by then.
 */
import type { LiveTable } from '../live.ts';
import { lowerBound } from '../rows.ts';
import type { MaybeCell } from '../values.ts';
import { part } from './dom.ts';
import { cancelIdle, whenIdle } from './idle.ts';
import { ColumnSummary } from './summary.ts';
import { drawSummary } from './summary_view.ts';

const SLICE = 200; // rows

interface Reading {
  readonly column: string;
  readonly rows: readonly string[];
  next: number;
  readonly summary: ColumnSummary;
  readonly edits: (readonly [MaybeCell, MaybeCell])[];
}

export class Summaries {
  readonly #live: LiveTable;
  readonly #ready = new Map<string, ColumnSummary>();
  readonly #elements = new Map<string, HTMLElement>();
  readonly #changed = new Set<string>();
  #reading: Reading | undefined;
  #idle: number | undefined;

  constructor(live: LiveTable) {
    this.#live = live;
    live.onCell = (row, column, cell, old) => this.#note(row, column, cell, old);
    this.#work();
  }

  /** The element in a column's header. */
  elementOf(column: string): HTMLElement {
    let element = this.#elements.get(column);
    if (!element) {
      element = part('div', 'tbw-summary');
      this.#elements.set(column, element);
      this.#changed.add(column);
      this.#work();
    }
    return element;
  }

  /** Rows came or went, or columns: counts of missing cells may be others. */
  refresh(): void {
    for (const column of this.#live.columns) this.#changed.add(column);
    this.#work();
  }

  destroy(): void {
    this.#live.onCell = undefined;
    if (this.#idle !== undefined) cancelIdle(this.#idle);
    this.#idle = undefined;
  }

  #note(row: string, column: string, cell: MaybeCell, old: MaybeCell): void {
    const reading = this.#reading;
    if (reading?.column === column) {
      const place = lowerBound(reading.rows, row, 0);
      const isUnread = reading.rows[place] === row && place >= reading.next;
      if (!isUnread) reading.edits.push([old, cell]);
      return;
    }
    const summary = this.#ready.get(column);
    if (!summary) return;
    summary.replace(old, cell);
    if (summary.isStale) this.#ready.delete(column);
    this.#changed.add(column);
    this.#work();
  }

  #work(): void {
    this.#idle ??= whenIdle((deadline) => {
      this.#idle = undefined;
      this.#draw();
      while (this.#begin() && deadline.timeRemaining() > 1) this.#read();
      if (this.#reading || this.#changed.size > 0) this.#work();
    });
  }

  /** Begins with the next column that is not read yet; false if there is none. */
  #begin(): boolean {
    if (this.#reading) return true;
    const column = this.#live.columns.find((id) => !this.#ready.has(id));
    if (column === undefined) return false;
    const rows = this.#live.order.all.ids;
    this.#reading = { column, rows, next: 0, summary: new ColumnSummary(), edits: [] };
    return true;
  }

  #read(): void {
    const { column, rows, summary, edits } = this.#reading as Reading;
    const reading = this.#reading as Reading;
    const end = Math.min(rows.length, reading.next + SLICE);
    for (; reading.next < end; reading.next++)
      summary.read(this.#live.getCell(rows[reading.next] as string, column));
    if (reading.next < rows.length) return;
    this.#reading = undefined;
    summary.finish();
    for (const [old, cell] of edits) summary.replace(old, cell);
    if (!summary.isStale) this.#ready.set(column, summary);
    this.#changed.add(column);
  }

  #draw(): void {
    for (const column of this.#changed) {
      const element = this.#elements.get(column);
      const summary = this.#ready.get(column);
      if (!element || !summary) continue;
      drawSummary(element, column, summary, {
        type: this.#live.typeOf(column),
        rows: this.#live.order.all.length - this.#live.draftRowCount,
      });
    }
    this.#changed.clear();
  }
}
