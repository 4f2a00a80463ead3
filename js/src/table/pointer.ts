/**
 * What the pointer does to the table: makes a cell active, draws a range, selects rows, turns boxes over.
 *
 * A range is drawn by pressing in a cell and moving on; out of the grid it goes on by a row or a column
 * with each movement, which scrolls.
 */
import type { RowKey } from './selection.ts';
import type { TableView } from './view.ts';

const ARROW_WIDTH = 22; // pixels

export class Pointer {
  readonly #view: TableView;
  #drag: AbortController | undefined;

  constructor(view: TableView) {
    this.#view = view;
  }

  listen(grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('mousedown', (event) => this.#onDown(event), { signal });
    grid.addEventListener('click', (event) => this.#onClick(event), { signal });
    grid.addEventListener('dblclick', (event) => this.#onDoubleClick(event), { signal });
    grid.addEventListener('mouseover', (event) => showTitle(event), { signal });
    signal.addEventListener('abort', () => this.#drag?.abort());
  }

  #onDown(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    if (!place) return;
    event.preventDefault();
    if (!this.#view.editing.commit()) return;
    const { selection, live, conflicts } = this.#view;
    const row: RowKey = this.#view.rowAt(place.row);
    const column = live.columns[Math.max(0, place.column - 1)];
    if (column === undefined) return;
    if (place.column === 0 && row !== null) this.#pressHeader(row, column, event);
    else if (event.shiftKey && selection.active && row !== null)
      this.#view.cursor.extend({ row: place.row, column: place.column - 1 });
    else if (event.button === 0 || !this.#isInSelection(row, column)) {
      selection.clearRows();
      this.#view.cursor.show();
      this.#view.cursor.activate(row, column);
    }
    this.#view.focus();
    if (event.button === 0) this.#startDrag(event, place.column === 0);
    conflicts.popup.close();
    if (row !== null && conflicts.popup.isOnMark(event)) conflicts.popup.open({ row, column });
  }

  #pressHeader(row: string, column: string, event: MouseEvent): void {
    const { selection, live, cursor } = this.#view;
    const isMenu = event.button !== 0 && selection.rows.has(row);
    if (isMenu) return;
    const active = selection.active?.column ?? column;
    // Before the rows: a new active cell ends what was selected.
    cursor.activate(row, active);
    const how = { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey };
    selection.pick(row, live.order.ids, how);
    cursor.show();
  }

  #isInSelection(row: RowKey, column: string): boolean {
    const { selection, live } = this.#view;
    if (row === null) return false;
    const { rows, columns } = selection.area(live.order, live.columns);
    return rows.includes(row) && columns.includes(column);
  }

  #startDrag(event: MouseEvent, isRows: boolean): void {
    this.#drag?.abort();
    this.#drag = new AbortController();
    const { signal } = this.#drag;
    const root = (event.currentTarget as HTMLElement).getRootNode();
    const onMove = (moved: Event): void => this.#onDrag(moved as MouseEvent, isRows);
    root.addEventListener('mousemove', onMove, { signal });
    window.addEventListener('mouseup', () => this.#drag?.abort(), { signal, capture: true });
  }

  #onDrag(event: MouseEvent, isRows: boolean): void {
    const { cursor, selection, live, grid } = this.#view;
    if ((event.buttons & 1) === 0 || this.#view.editing.place) {
      this.#drag?.abort();
      return;
    }
    const place = this.#view.placeOf(event) ?? grid?.stepTowards(event, cursor.headPlace);
    if (!place || place.row >= live.order.length) return;
    if (!isRows) cursor.extend({ row: place.row, column: Math.max(0, place.column - 1) });
    else {
      selection.pick(live.order.ids[place.row] as string, live.order.ids, { extend: true });
      cursor.show();
    }
  }

  #onClick(event: MouseEvent): void {
    const [target] = event.composedPath();
    const isCheck = target instanceof Element && target.classList.contains('tbw-check');
    if (isCheck && !event.shiftKey) this.#view.actions.toggle();
    else if (event.button === 0 && isOnArrow(event) && this.#view.selection.isSingle)
      this.#view.actions.edit();
  }

  #onDoubleClick(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    const { active } = this.#view.selection;
    if (place && place.column > 0 && active && !this.#view.actions.isCheck(active))
      this.#view.actions.edit();
  }
}

/** Whether a click is one on the arrow of a cell that has options. */
const isOnArrow = (event: MouseEvent): boolean => {
  const node = event.target instanceof Element ? event.target.closest('[data-options]') : null;
  return node !== null && event.clientX >= node.getBoundingClientRect().right - ARROW_WIDTH;
};

/** A text that is cut off is shown in full while the pointer rests on it. */
const showTitle = (event: MouseEvent): void => {
  const node =
    event.target instanceof Element ? event.target.closest<HTMLElement>('[data-col]') : null;
  if (node && !node.title && node.scrollWidth > node.clientWidth)
    node.title = node.textContent ?? '';
};
