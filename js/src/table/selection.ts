/**
 * Which cell is active and which rows are selected, by id.
 *
 * Ids, not places: rows that others add or remove move nothing of it. The active row may be `null`, the
 * blank line at the end in which a new row is typed.
 */

/** A row id, or null for the blank line. */
export type RowKey = string | null;

export interface ActiveCell {
  readonly row: RowKey;
  readonly column: string;
}

export class Selection {
  active: ActiveCell | undefined;
  readonly #rows = new Set<string>();
  #anchor: string | undefined;

  get rows(): ReadonlySet<string> {
    return this.#rows;
  }

  /** The rows that "Delete row" means: the selected ones, else the active one. */
  get targets(): string[] {
    if (this.#rows.size > 0) return [...this.#rows];
    return typeof this.active?.row === 'string' ? [this.active.row] : [];
  }

  isActive(row: RowKey, column: string): boolean {
    return this.active !== undefined && this.active.row === row && this.active.column === column;
  }

  clearRows(): void {
    this.#rows.clear();
    this.#anchor = undefined;
  }

  selectAll(order: readonly string[]): void {
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
  }
}
