/**
 * Fills the rows and cells that the grid draws, from the Store, and finds those that are drawn.
 *
 * It keeps which rows are on screen, so that the table hears of changes in those only.
 */
import { flash, paintCell, paintRowHeader } from './cells.ts';
import type { ConflictPlace } from './conflict_marks.ts';
import type { EditPlace } from './editing.ts';
import type { GridPainter } from './grid.ts';
import { displayText } from './values.ts';
import type { TableView } from './view.ts';

/** When more cells than these change in one frame, flashing tells nothing any more. */
const MAX_FLASHES = 60;
const MAX_SPOKEN = 200; // characters

export class Painter implements GridPainter {
  readonly #view: TableView;
  /** The rows that are drawn, and maybe some that were. */
  readonly #onScreen = new Set<string>();

  constructor(view: TableView) {
    this.#view = view;
  }

  isOnScreen(row: string): boolean {
    return this.#onScreen.has(row);
  }

  /** All rows are about to be drawn again. */
  forgetScreen(): void {
    this.#onScreen.clear();
  }

  rowCount(): number {
    return this.#view.rowCount();
  }

  paintRow(node: HTMLElement, index: number): void {
    const { selection } = this.#view;
    const row = this.#view.rowAt(index);
    if (row !== null) this.#onScreen.add(row);
    const isSelected = row !== null && selection.rows.has(row);
    node.setAttribute('aria-rowindex', String(index + 2));
    node.setAttribute('aria-selected', String(isSelected));
    node.classList.toggle('tbw-selected', isSelected);
    node.classList.toggle('tbw-blank', row === null);
    const isDraft = row !== null && this.#view.live.draftCells(row) !== undefined;
    node.classList.toggle('tbw-draft', isDraft);
    node.classList.toggle('tbw-active-row', selection.active?.row === row);
  }

  paintCell(node: HTMLElement, index: number, columnIndex: number): void {
    const { live, selection, cursor, conflicts, rules } = this.#view;
    const row = this.#view.rowAt(index);
    if (columnIndex === 0) paintRowHeader(node, row, live.looking.rowNumbers ? index : undefined);
    const column = live.columns[columnIndex - 1];
    if (column === undefined) return;
    const cell = row === null ? undefined : live.getCell(row, column);
    paintCell(node, {
      row,
      column,
      columnIndex,
      type: live.typeOf(column, row),
      cell,
      text: live.textOf(column, cell),
      isActive: selection.isActive(row, column),
      activeId: cursor.activeId,
      hint: row === null && columnIndex === 1 ? 'New row' : '',
      range: cursor.rangeMark(index, columnIndex - 1),
      isChoice: rules.optionsOf(column, row) !== undefined,
      locked: rules.whyReadOnly({ row, column }),
      conflict: row === null ? undefined : conflicts.describe({ row, column }),
    });
  }

  /** Paints cells that have changed; true marks those that somebody else has changed. */
  repaint(cells: ReadonlyMap<string, ReadonlyMap<string, boolean>>): void {
    let flashes = 0;
    for (const [row, changed] of cells) {
      for (const [column, isFromElsewhere] of changed) {
        const node = this.nodeOf({ row, column });
        if (!node) continue;
        this.paintCell(node, this.#view.indexOf(row), this.#view.columnIndex(column));
        if (!isFromElsewhere) continue;
        if (++flashes <= MAX_FLASHES) flash(node);
        this.#tellActive(row, column);
      }
    }
  }

  /** Tells those who cannot see it what somebody else has made of the cell that they are in. */
  #tellActive(row: string, column: string): void {
    const { live, selection, editing, rules, notice } = this.#view;
    if (!selection.isActive(row, column) || editing.place) return;
    const cell = live.getCell(row, column);
    const text = cell === undefined ? 'empty' : displayText(cell).slice(0, MAX_SPOKEN);
    notice.say(`${rules.nameOf({ row, column })} is ${text} now.`);
  }

  /** The element of a cell, if it is drawn. */
  nodeOf({ row, column }: EditPlace): HTMLElement | undefined {
    const index = this.#view.indexOf(row);
    const columnIndex = this.#view.columnIndex(column);
    if (index < 0 || columnIndex < 1) return undefined;
    return this.#view.grid?.cellNode(index, columnIndex) ?? undefined;
  }

  /** The element of a cell that is in sight. */
  visibleNode(place: EditPlace): HTMLElement | undefined {
    const node = this.nodeOf(place);
    return node && this.#view.grid?.isInSight(node) ? node : undefined;
  }

  /** The elements of the cells that are drawn. */
  *drawnCells(): Generator<[HTMLElement, ConflictPlace]> {
    for (const index of this.#view.grid?.drawnRows() ?? []) {
      const row = this.#view.rowAt(index);
      for (const column of row === null ? [] : this.#view.live.columns) {
        const place = { row: row as string, column };
        const node = this.nodeOf(place);
        if (node) yield [node, place];
      }
    }
  }

  onWidths(widths: readonly number[]): void {
    this.#view.takeWidths(widths);
  }

  onScroll(): void {
    this.#view.editing.follow();
    this.#view.together.follow();
    this.#view.handle.follow();
  }
}
