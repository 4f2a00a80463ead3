/**
 * The active cell and the selected rows, on screen: shows them, and moves the active cell.
 *
 * They are kept by id, in `selection.ts`; this is where they meet the drawn rows and columns.
 */
import { markActive } from './cells.ts';
import type { EditPlace } from './editing.ts';
import type { CellPlace } from './grid.ts';
import type { Extent } from './navigation.ts';
import { type RowKey, Selection } from './selection.ts';
import type { TableView } from './view.ts';

export class Cursor {
  readonly #view: TableView;
  /** The id that the active cell's element has. */
  readonly activeId: string;
  selection = new Selection();
  /** Where the active cell's row is, for when it goes. */
  #index = 0;

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

  /** Begins anew: the view shows another table. */
  restart(): void {
    this.selection = new Selection();
  }

  /** Makes a cell the active one and scrolls to it. */
  activate(row: RowKey, column: string): void {
    this.#view.grid?.scrollTo(this.#view.indexOf(row), this.#view.columnIndex(column));
    this.select({ row, column });
  }

  activateAt({ row, column }: CellPlace): void {
    const id = this.#view.live.columns[column];
    if (id !== undefined) this.activate(this.#view.rowAt(row), id);
  }

  /** Makes a cell the active one where it is. */
  select(place: EditPlace): void {
    this.selection.active = place;
    this.#index = this.#view.indexOf(place.row);
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
    this.#view.showState();
  }

  /** Follows the rows that came and went: what was selected stays so, or goes with its row. */
  follow(): void {
    const { order } = this.#view.live;
    this.selection.keepOnly((row) => order.has(row));
    const { active } = this.selection;
    if (typeof active?.row !== 'string') return;
    if (order.has(active.row)) this.#index = order.indexOf(active.row);
    else this.selection.active = { row: this.#view.rowAt(this.#index), column: active.column };
  }
}
