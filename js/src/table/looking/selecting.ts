/** Tells the kernel what is selected, and selects what it says. */
import type { ActiveCell } from '../selection.ts';
import type { TableView } from '../view.ts';

export interface Selected {
  /** Row ids. */
  readonly rows: readonly string[];
  /** The active cell's row and cell id; null if there is none, or in the blank line. */
  readonly cell: readonly [string, string] | null;
}

export class Selecting {
  readonly #view: TableView;
  #told: Selected = { rows: [], cell: null };
  #isTaking = false;

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Selects what is told; what is not shown stays unselected. */
  take({ rows, cell }: Selected): void {
    // What was told from here comes back; to select it again would scroll, and forget where a range began.
    if (isSame(new Set(rows), cell, this.#told)) return;
    this.#isTaking = true;
    this.#view.together.isOverlooking = true;
    const { selection, live, cursor } = this.#view;
    selection.clearRows();
    for (const row of rows) if (live.order.has(row)) selection.pick(row, [], { toggle: true });
    const [row, column] = cell ?? [];
    const isShown = row !== undefined && live.order.has(row);
    if (isShown && column !== undefined && live.columns.includes(column))
      cursor.activate(row, column);
    cursor.show();
    this.#told = this.#now();
    this.#isTaking = false;
    this.#view.together.overlook();
  }

  /** Tells what is selected now, if it is something else than before. */
  tell(): void {
    const { rows, active } = this.#view.selection;
    if (this.#isTaking || isSame(rows, cellOf(active), this.#told)) return;
    this.#told = this.#now();
    this.#view.options.onSelection?.(this.#told);
  }

  #now(): Selected {
    const { rows, active } = this.#view.selection;
    return { rows: [...rows], cell: cellOf(active) };
  }
}

const cellOf = (active: ActiveCell | undefined): Selected['cell'] =>
  typeof active?.row === 'string' ? [active.row, active.column] : null;

const isSame = (
  rows: ReadonlySet<string>,
  cell: Selected['cell'],
  { rows: otherRows, cell: otherCell }: Selected,
): boolean =>
  cell?.[0] === otherCell?.[0] &&
  cell?.[1] === otherCell?.[1] &&
  rows.size === otherRows.length &&
  otherRows.every((row) => rows.has(row));
