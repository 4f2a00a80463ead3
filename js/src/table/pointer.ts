/**
 * What the pointer does to the table: makes a cell active, draws a range, selects rows, turns boxes over.
 *
 * A range is drawn by pressing in a cell and moving on; out of the grid it goes on by a row or a column
 * with each movement, which scrolls.
 *
 * A finger that moves scrolls. A tap on the active cell edits it, and a long press opens the menu: not every
 * browser tells of these, so both are told from touches here.
 */
import type { RowKey } from './selection.ts';
import type { TableView } from './view.ts';

const ARROW_WIDTH = 22; // pixels
const LONG_PRESS = 600; // ms: later than the browsers that open a context menu by themselves
const SLIP = 10; // pixels that a resting finger may move

export class Pointer {
  readonly #view: TableView;
  #drag: AbortController | undefined;
  /** Whether a finger has been put on the cell that was the active one already. */
  #isTapAgain = false;

  constructor(view: TableView) {
    this.#view = view;
  }

  listen(grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('pointerdown', (event) => this.#onPointerDown(event, signal), { signal });
    grid.addEventListener('mousedown', (event) => this.#onDown(event), { signal });
    grid.addEventListener('click', (event) => this.#onClick(event), { signal });
    grid.addEventListener('dblclick', (event) => this.#onDoubleClick(event), { signal });
    grid.addEventListener('mouseover', (event) => showTitle(event), { signal });
    signal.addEventListener('abort', () => this.#drag?.abort());
  }

  #onPointerDown(event: PointerEvent, signal: AbortSignal): void {
    this.#isTapAgain = false;
    if (event.pointerType !== 'touch') return;
    const place = this.#view.placeOf(event);
    const column = this.#view.live.columns[(place?.column ?? 0) - 1];
    const { selection } = this.#view;
    this.#isTapAgain =
      place !== undefined &&
      column !== undefined &&
      selection.isSingle &&
      selection.isActive(this.#view.rowAt(place.row), column);
    const [target] = event.composedPath();
    if (target) openMenuWhenHeld(target, event, signal);
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
    else if (event.button === 0 || !this.#view.cursor.isSelected(row, column)) {
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
    else if (this.#view.editing.place || event.button !== 0) return;
    else if (this.#isTapAgain || (isOnArrow(event) && this.#view.selection.isSingle))
      this.#view.actions.edit();
  }

  #onDoubleClick(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    const { active } = this.#view.selection;
    const isEditing = this.#view.editing.place !== undefined;
    if (place && place.column > 0 && active && !isEditing && !this.#view.actions.isCheck(active))
      this.#view.actions.edit();
  }
}

/** Opens the menu as a context menu is opened, if a finger stays where it is. */
const openMenuWhenHeld = (target: EventTarget, event: PointerEvent, signal: AbortSignal): void => {
  const { clientX, clientY } = event;
  const end = new AbortController();
  const stop = (): void => end.abort();
  let isHeld = false;
  const timer = setTimeout(() => {
    const init = { bubbles: true, composed: true, cancelable: true, clientX, clientY };
    target.dispatchEvent(new MouseEvent('contextmenu', init));
  }, LONG_PRESS);
  const listen = <E extends Event>(on: EventTarget, type: string, listener: (event: E) => void) =>
    on.addEventListener(type, listener as EventListener, {
      signal: end.signal,
      capture: true,
      passive: false,
    });
  end.signal.addEventListener('abort', () => clearTimeout(timer));
  listen(signal, 'abort', stop);
  listen(window, 'pointercancel', stop);
  listen(window, 'contextmenu', () => {
    isHeld = true;
    clearTimeout(timer);
  });
  listen(target, 'touchend', (lifted) => {
    // No click follows, which would close the menu again.
    if (isHeld) lifted.preventDefault();
    stop();
  });
  listen<PointerEvent>(window, 'pointermove', (moved) => {
    const slip = Math.hypot(moved.clientX - clientX, moved.clientY - clientY);
    if (!isHeld && slip > SLIP) stop();
  });
};

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
