/** Takes columns to another place by their headers; a line says where one would go. */
const THRESHOLD = 5; // pixels; less is a click

export interface DragHost {
  /** The columns' headers, the row header not among them. */
  headers(): readonly HTMLElement[];
  /** The column whose header an event happened in. */
  columnOf(event: Event): number | undefined;
  /** Takes a column to another place. */
  onMove(from: number, to: number): void;
}

export class HeaderDragging {
  readonly #host: DragHost;
  readonly #line = document.createElement('div');
  readonly #grid: HTMLElement;
  #drag: { readonly from: number; readonly x: number; to: number | undefined } | undefined;

  constructor(grid: HTMLElement, host: DragHost, signal: AbortSignal) {
    this.#grid = grid;
    this.#host = host;
    this.#line.className = 'tbw-drop-line';
    grid.addEventListener('pointerdown', (event) => this.#onDown(event), { signal });
    window.addEventListener('pointermove', (event) => this.#onMove(event), { signal });
    window.addEventListener('pointerup', () => this.#onUp(), { signal });
    window.addEventListener('pointercancel', () => this.#end(), { signal });
    window.addEventListener('keydown', (event) => this.#onKey(event), { signal, capture: true });
    // The click that ends a drag is none.
    grid.addEventListener('click', (event) => this.#onClick(event), { signal, capture: true });
  }

  #hasDragged = false;

  #onDown(event: PointerEvent): void {
    this.#hasDragged = false;
    const [target] = event.composedPath();
    const isOther = target instanceof Element && target.closest('button, .slick-resizable-handle');
    const from = this.#host.columnOf(event);
    if (event.button !== 0 || event.pointerType === 'touch' || isOther || from === undefined)
      return;
    this.#drag = { from, x: event.clientX, to: undefined };
  }

  #onMove({ clientX, buttons }: PointerEvent): void {
    const drag = this.#drag;
    if (!drag) return;
    if (buttons === 0) {
      this.#end();
      return;
    }
    if (!this.#hasDragged && Math.abs(clientX - drag.x) < THRESHOLD) return;
    this.#hasDragged = true;
    const headers = this.#host.headers();
    const next = headers.findIndex((header) => {
      const { left, width } = header.getBoundingClientRect();
      return clientX < left + width / 2;
    });
    drag.to = next < 0 ? headers.length : next;
    const last = headers[headers.length - 1];
    const x =
      next < 0 ? last?.getBoundingClientRect().right : headers[next]?.getBoundingClientRect().left;
    if (x === undefined) return;
    const grid = this.#grid.getBoundingClientRect();
    this.#line.style.left = `${Math.max(0, Math.min(x - grid.left, grid.width) - 1)}px`;
    this.#grid.dataset.dragging = '';
    headers[drag.from]?.setAttribute('data-dragged', '');
    if (!this.#line.isConnected) this.#grid.append(this.#line);
  }

  #onUp(): void {
    const drag = this.#drag;
    this.#end();
    if (drag?.to === undefined) return;
    const to = drag.to > drag.from ? drag.to - 1 : drag.to;
    if (to !== drag.from) this.#host.onMove(drag.from, to);
  }

  #onKey(event: KeyboardEvent): void {
    if (!this.#drag || event.key !== 'Escape') return;
    this.#end();
    event.preventDefault();
    event.stopPropagation();
  }

  #onClick(event: Event): void {
    if (!this.#hasDragged) return;
    this.#hasDragged = false;
    event.stopPropagation();
  }

  #end(): void {
    if (this.#drag) this.#host.headers()[this.#drag.from]?.removeAttribute('data-dragged');
    this.#drag = undefined;
    this.#line.remove();
    delete this.#grid.dataset.dragging;
  }
}
