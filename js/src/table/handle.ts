/**
 * The small square at the corner of what is selected.
 *
 * Dragged with a mouse or a pen, it fills the cells that it is dragged over with those that are selected,
 * again and again. Dragged with a finger it selects them: there, a drag anywhere else scrolls. The keys for
 * both are those of a range, Ctrl+D and Ctrl+R.
 */
import type { CellPlace } from './grid.ts';
import { part } from './looking/dom.ts';
import type { Extents } from './selection.ts';
import type { TableView } from './view.ts';

interface Drag {
  readonly from: Extents;
  to: Extents;
  /** The cell that the pointer has got to. */
  head: CellPlace;
  readonly isTouch: boolean;
  readonly end: AbortController;
}

export class Handle {
  readonly #view: TableView;
  readonly #square = part('div', 'tbw-handle');
  readonly #preview = part('div', 'tbw-fill');
  #drag: Drag | undefined;

  constructor(view: TableView, signal: AbortSignal) {
    this.#view = view;
    for (const element of [this.#square, this.#preview]) {
      element.setAttribute('aria-hidden', 'true');
      element.hidden = true;
    }
    this.#square.title = 'Drag to fill';
    this.#square.addEventListener('pointerdown', (event) => this.#onDown(event));
    // The press is none of the cell below, and leaves the focus where it is.
    this.#square.addEventListener('mousedown', (event) => {
      event.preventDefault();
      event.stopPropagation();
    });
    signal.addEventListener('abort', () => this.#end());
  }

  /** Goes to the corner of what is selected. */
  follow(): void {
    const { grid } = this.#view;
    if (!grid) return;
    if (this.#square.parentNode !== grid.canvas) grid.canvas.append(this.#preview, this.#square);
    const { isReadOnly, options, cursor } = this.#view;
    const at = this.#drag?.isTouch === false ? this.#drag.from : cursor.extents;
    const box = at && grid.boxOf(at.bottom, at.right + 1);
    const right = box ? box.left + box.width : 0;
    this.#square.hidden = !box || right <= grid.coveredTo((at?.right ?? 0) + 1);
    // Where there is nothing to fill, it is there for fingers only.
    this.#square.toggleAttribute('data-select', isReadOnly || options.named !== undefined);
    if (box) place(this.#square, right, box.top + box.height);
    this.#showPreview();
  }

  #onDown(event: PointerEvent): void {
    const { cursor, editing } = this.#view;
    const from = cursor.extents;
    if (event.button !== 0 || !from || !editing.commit()) return;
    event.preventDefault();
    const end = new AbortController();
    const { signal } = end;
    const isTouch = event.pointerType === 'touch' || this.#square.hasAttribute('data-select');
    this.#drag = { from, to: from, head: { row: from.bottom, column: from.right }, isTouch, end };
    this.#square.setPointerCapture?.(event.pointerId);
    this.#square.addEventListener('pointermove', (moved) => this.#onMove(moved), { signal });
    this.#square.addEventListener('pointerup', () => this.#onUp(), { signal });
    this.#square.addEventListener('pointercancel', () => this.#end(), { signal });
    window.addEventListener('keydown', (key) => this.#onKey(key), { signal, capture: true });
  }

  #onMove(event: PointerEvent): void {
    const { grid, live } = this.#view;
    const drag = this.#drag;
    if (!drag || !grid) return;
    const place = grid.placeAt(event) ?? grid.stepTowards(event, drag.head);
    if (!place) return;
    drag.head = {
      row: Math.min(place.row, live.order.length - 1),
      column: Math.max(0, place.column - 1),
    };
    grid.scrollTo(drag.head.row, drag.head.column + 1);
    if (drag.isTouch) this.#select(drag);
    else {
      drag.to = grown(drag.from, drag.head);
      this.#showPreview();
    }
  }

  #select({ from, head }: Drag): void {
    const { live, cursor } = this.#view;
    const row = live.order.ids[from.top];
    const column = live.columns[from.left];
    if (row === undefined || column === undefined) return;
    if (!cursor.selection.isActive(row, column)) cursor.select({ row, column });
    cursor.extend(head);
  }

  #onUp(): void {
    const drag = this.#drag;
    this.#end();
    if (drag && !drag.isTouch && drag.to !== drag.from)
      this.#view.transfer.spread(drag.from, drag.to);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.#end();
  }

  #end(): void {
    this.#drag?.end.abort();
    this.#drag = undefined;
    this.#showPreview();
  }

  /** Shows which cells would be filled. */
  #showPreview(): void {
    const { grid } = this.#view;
    const { from, to } = this.#drag ?? {};
    this.#preview.hidden = from === to;
    const first = to && grid?.boxOf(to.top, to.left + 1);
    const last = to && grid?.boxOf(to.bottom, to.right + 1);
    if (!first || !last) return;
    place(this.#preview, first.left, first.top);
    this.#preview.style.width = `${last.left + last.width - first.left}px`;
    this.#preview.style.height = `${last.top + last.height - first.top}px`;
  }
}

/** The range out to a cell, either up or down or to a side; the range itself where the cell is in it. */
export const grown = (from: Extents, { row, column }: CellPlace): Extents => {
  const rows = Math.max(row - from.bottom, from.top - row, 0);
  const columns = Math.max(column - from.right, from.left - column, 0);
  if (rows === 0 && columns === 0) return from;
  if (rows >= columns)
    return { ...from, top: Math.min(from.top, row), bottom: Math.max(from.bottom, row) };
  return { ...from, left: Math.min(from.left, column), right: Math.max(from.right, column) };
};

const place = ({ style }: HTMLElement, left: number, top: number): void => {
  style.left = `${left}px`;
  style.top = `${top}px`;
};
