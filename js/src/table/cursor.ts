/**
 * The active cell and the selected rows, on screen: shows them, and moves the active cell.
 *
 * They are kept by id, in `selection.ts`; this is where they meet the drawn rows and columns.
 */
import { markActive, markRange } from './cells.ts';
import type { EditPlace } from './editing.ts';
import type { CellPlace } from './grid.ts';
import type { Extent } from './navigation.ts';
import { type Extents, type RowKey, Selection } from './selection.ts';
import type { TableView } from './view.ts';

export class Cursor {
  readonly #view: TableView;
  /** The id that the active cell's element has. */
  readonly activeId: string;
  selection = new Selection();
  /** Where the active cell's row is, for when it goes. */
  #index = 0;
  #isRangeShown = false;

  constructor(view: TableView, activeId: string) {
    this.#view = view;
    this.activeId = activeId;
  }

  /** How far the active cell can be moved. */
  get extent(): Extent {
    const { live, grid } = this.#view;
    return {
      rows: this.#view.rowCount(),
      filledRows: live.order.length,
      columns: live.columns.length,
      page: grid?.pageSize ?? 1,
    };
  }

  /** Where the active cell is, with columns counted from 0. */
  get place(): CellPlace | undefined {
    const { active } = this.selection;
    return (
      active && {
        row: this.#view.indexOf(active.row),
        column: this.#view.live.columns.indexOf(active.column),
      }
    );
  }

  /** Where the corner of the range is that moves. */
  get headPlace(): CellPlace | undefined {
    const { head } = this.selection;
    return (
      head && {
        row: this.#view.indexOf(head.row),
        column: this.#view.live.columns.indexOf(head.column),
      }
    );
  }

  /** Where the range is, or the active cell; undefined in the blank line, and where rows are selected. */
  get extents(): Extents | undefined {
    const { live } = this.#view;
    const range = this.selection.range(live.order, live.columns);
    const { row = -1, column = -1 } = this.place ?? {};
    const isCell = this.selection.isSingle && row >= 0 && row < live.order.length && column >= 0;
    return range ?? (isCell ? { top: row, bottom: row, left: column, right: column } : undefined);
  }

  /** Whether a command would mean this cell, too. */
  isSelected(row: RowKey, column: string): boolean {
    if (row === null) return false;
    const { rows, columns } = this.selection.area(this.#view.live.order, this.#view.live.columns);
    return rows.includes(row) && columns.includes(column);
  }

  /** Begins anew: the view shows another table. */
  restart(): void {
    this.selection = new Selection();
  }

  /** Makes a cell the active one and scrolls to it. */
  activate(row: RowKey, column: string): void {
    this.#view.leaveRow(row);
    this.#view.grid?.scrollTo(this.#view.indexOf(row), this.#view.columnIndex(column));
    this.select({ row, column });
  }

  activateAt({ row, column }: CellPlace): void {
    const id = this.#view.live.columns[column];
    if (id !== undefined) this.activate(this.#view.rowAt(row), id);
  }

  /** Makes a range from the active cell to this place, and scrolls to it. */
  extend({ row, column }: CellPlace): void {
    const { live, grid } = this.#view;
    const rowId = live.order.ids[row];
    const columnId = live.columns[column];
    if (rowId === undefined || columnId === undefined) return;
    grid?.scrollTo(row, column + 1);
    this.selection.extendTo(rowId, columnId);
    this.show();
    this.tellRange();
  }

  /** Makes a range of the cells between two rows and two columns. */
  selectRange([top, bottom, left, right]: readonly [string, string, string, string]): void {
    this.activate(top, left);
    this.selection.extendTo(bottom, right);
    this.show();
  }

  /** Says how much is selected to those who cannot see it. */
  tellRange(): void {
    const { live, notice } = this.#view;
    const range = this.selection.range(live.order, live.columns);
    if (!range) return;
    const rows = range.bottom - range.top + 1;
    const columns = range.right - range.left + 1;
    notice.say(`${rows.toLocaleString('en')} by ${columns.toLocaleString('en')} cells selected.`);
  }

  /** Which edges of the range a cell has, empty within it, undefined out of it. */
  rangeMark(row: number, column: number): string | undefined {
    const range = this.selection.range(this.#view.live.order, this.#view.live.columns);
    return range && edgesAt(range, row, column);
  }

  /** Scrolls to the active cell. */
  scrollToActive(): void {
    const { active } = this.selection;
    if (active)
      this.#view.grid?.scrollTo(
        this.#view.indexOf(active.row),
        this.#view.columnIndex(active.column),
      );
  }

  /** Makes a cell the active one where it is. */
  select(place: EditPlace): void {
    this.#view.leaveRow(place.row);
    this.selection.active = place;
    this.#index = this.#view.indexOf(place.row);
    const { held } = this.#view.live.order;
    // The row that was worked on may go to its place now.
    if (held !== undefined && place.row !== null && place.row !== held) this.#view.schedule();
    this.show();
  }

  /** Shows which cell is active and which rows are selected. */
  show(): void {
    const { grid } = this.#view;
    const { active } = this.selection;
    for (const index of grid?.drawnRows() ?? []) {
      const node = grid?.rowNode(index);
      if (node) this.#view.painter.paintRow(node, index);
    }
    const before = grid?.canvas.querySelector<HTMLElement>('.tbw-active');
    const node =
      active &&
      grid?.cellNode(this.#view.indexOf(active.row), this.#view.columnIndex(active.column));
    if (before && before !== node) markActive(before, false, this.activeId);
    if (node) markActive(node, true, this.activeId);
    this.#showRange();
    this.#view.showState();
  }

  #showRange(): void {
    const { live, grid } = this.#view;
    const range = this.selection.range(live.order, live.columns);
    if (!range && !this.#isRangeShown) return;
    this.#isRangeShown = range !== undefined;
    for (const row of grid?.drawnRows() ?? []) {
      for (let column = 0; column < live.columns.length; column++) {
        const node = grid?.cellNode(row, column + 1);
        if (node) markRange(node, range && edgesAt(range, row, column));
      }
    }
  }

  /** Follows the rows that came and went: what was selected stays so, or goes with its row. */
  follow(): void {
    const { order } = this.#view.live;
    this.selection.keepOnly((row) => order.has(row));
    const { active } = this.selection;
    if (typeof active?.row !== 'string') return;
    if (order.has(active.row)) this.#index = order.indexOf(active.row);
    else {
      const index = Math.max(0, Math.min(this.#index, order.length - 1));
      this.selection.active = { row: this.#view.rowAt(index), column: active.column };
    }
  }
}

const edgesAt = (
  { top, bottom, left, right }: Extents,
  row: number,
  column: number,
): string | undefined => {
  if (row < top || row > bottom || column < left || column > right) return undefined;
  const edges = { t: row === top, b: row === bottom, l: column === left, r: column === right };
  return Object.entries(edges).reduce((text, [name, is]) => (is ? text + name : text), '');
};
