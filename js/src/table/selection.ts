/**
 * Which cell is active, and which cells or rows are selected, by id.
 *
 * Ids, not places: rows that others add or remove move nothing of it. The active row may be `null`, the
 * blank line at the end in which a new row is typed. A range of cells reaches from the active cell to
 * its `head`; rows that are selected by their headers are another thing, and only one of the two is there.
 */
import type { RowOrder } from './rows.ts';

/** A row id, or null for the blank line. */
export type RowKey = string | null;

export interface ActiveCell {
  readonly row: RowKey;
  readonly column: string;
}

/** The rows and columns that a command means, in the order of the screen. */
export interface Area {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** A range by the places of its edges, columns counted from 0. */
export interface Extents {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export class Selection {
  #active: ActiveCell | undefined;
  #head: { readonly row: string; readonly column: string } | undefined;
  readonly #rows = new Set<string>();
  #anchor: string | undefined;

  get active(): ActiveCell | undefined {
    return this.#active;
  }

  /** Makes a cell the active one; a range ends by that. */
  set active(place: ActiveCell | undefined) {
    this.#active = place;
    this.#head = undefined;
  }

  /** The corner of the range that is not the active cell; without a range, the active cell. */
  get head(): ActiveCell | undefined {
    return this.#head ?? this.#active;
  }

  /** Makes a range from the active cell to this one. */
  extendTo(row: string, column: string): void {
    if (typeof this.#active?.row !== 'string') return;
    this.clearRows();
    this.#head = this.isActive(row, column) ? undefined : { row, column };
  }

  /** A column has another name now. */
  renameColumn(from: string, to: string): void {
    if (this.#active?.column === from) this.#active = { ...this.#active, column: to };
    if (this.#head?.column === from) this.#head = { ...this.#head, column: to };
  }

  /** Ends the range, if there is one. */
  endRange(): void {
    this.#head = undefined;
  }

  /** Whether a command means one cell only. */
  get isSingle(): boolean {
    return this.#rows.size === 0 && this.#head === undefined;
  }

  get rows(): ReadonlySet<string> {
    return this.#rows;
  }

  /** Where the range lies, undefined if there is none. */
  range(order: RowOrder, columns: readonly string[]): Extents | undefined {
    if (!this.#head || typeof this.#active?.row !== 'string') return undefined;
    const ends = [this.#active as { row: string; column: string }, this.#head];
    const rows = ends.map(({ row }) => order.indexOf(row));
    const places = ends.map(({ column }) => columns.indexOf(column));
    if (Math.min(...rows, ...places) < 0) return undefined;
    return {
      top: Math.min(...rows),
      bottom: Math.max(...rows),
      left: Math.min(...places),
      right: Math.max(...places),
    };
  }

  /** How many rows a command means. */
  rowCount(order: RowOrder, columns: readonly string[]): number {
    if (this.#rows.size > 0) return this.#rows.size;
    const range = this.range(order, columns);
    if (range) return range.bottom - range.top + 1;
    return typeof this.#active?.row === 'string' ? 1 : 0;
  }

  /** What a command means: the selected rows, the range, or the active cell. */
  area(order: RowOrder, columns: readonly string[]): Area {
    if (this.#rows.size > 0) return { rows: order.ids.filter((id) => this.#rows.has(id)), columns };
    const range = this.range(order, columns);
    if (range) {
      const { top, bottom, left, right } = range;
      return { rows: order.ids.slice(top, bottom + 1), columns: columns.slice(left, right + 1) };
    }
    const { row, column } = this.#active ?? {};
    return {
      rows: typeof row === 'string' ? [row] : [],
      columns: column === undefined ? [] : [column],
    };
  }

  isActive(row: RowKey, column: string): boolean {
    return this.active !== undefined && this.active.row === row && this.active.column === column;
  }

  clearRows(): void {
    this.#rows.clear();
    this.#anchor = undefined;
  }

  selectAll(order: readonly string[]): void {
    this.#head = undefined;
    for (const id of order) this.#rows.add(id);
  }

  /**
   * Selects as a click on a row's header does.
   *
   * @param row the clicked row
   * @param order all rows in their order
   * @param extend select from the row that was clicked before to this one (Shift)
   * @param toggle add this row, or take it out (Ctrl)
   */
  pick(row: string, order: readonly string[], { extend = false, toggle = false } = {}): void {
    this.#head = undefined;
    if (extend && this.#anchor !== undefined) {
      const ends = [order.indexOf(this.#anchor), order.indexOf(row)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      if (!toggle) this.#rows.clear();
      for (const id of order.slice(Math.max(0, ends[0]), ends[1] + 1)) this.#rows.add(id);
      return;
    }
    if (toggle && this.#rows.has(row)) this.#rows.delete(row);
    else {
      if (!toggle) this.#rows.clear();
      this.#rows.add(row);
    }
    this.#anchor = row;
  }

  /** Forgets rows that are gone. */
  keepOnly(exists: (row: string) => boolean): void {
    for (const row of this.#rows) if (!exists(row)) this.#rows.delete(row);
    if (this.#anchor !== undefined && !exists(this.#anchor)) this.#anchor = undefined;
    if (this.#head && !exists(this.#head.row)) this.#head = undefined;
  }
}
