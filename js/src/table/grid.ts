/**
 * The only file that knows SlickGrid: a window onto many rows, and a header with columns to resize.
 *
 * SlickGrid is used for what it does best, drawing only the rows and columns in sight. Its data, focus,
 * editing and selection are not used: cells are painted by a `GridPainter` from the Store, the focus
 * stays on the grid's own element with `aria-activedescendant` (so that it survives every redraw), and
 * the editor is an element of ours that lies over a cell. Because of that a redraw can lose nothing.
 *
 * Columns are addressed by index; index 0 is the row header, which stays in sight when scrolled
 * sideways. Rows are addressed by index.
 */
import { type GridOption, type Column as SlickColumn, SlickGrid } from 'slickgrid';

export const ROW_HEIGHT = 27;
export const HEADER_HEIGHT = 30;

export interface GridColumn {
  /** What the header cell shows. */
  readonly header: HTMLElement;
  readonly title: string;
  readonly width: number;
  readonly minWidth: number;
  readonly className: string;
  readonly resizable: boolean;
  /** Whether it stays in sight when scrolled sideways. */
  readonly pinned?: boolean;
  /** How the rows are sorted by the column. */
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

export interface GridPainter {
  rowCount(): number;
  /** Fills a cell's element, new or used before, with what it shows now. */
  paintCell(node: HTMLElement, row: number, column: number): void;
  /** Sets a row element's classes and attributes. */
  paintRow(node: HTMLElement, row: number): void;
  /** The person has set other widths; one for each column. */
  onWidths(widths: readonly number[]): void;
  onScroll(): void;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** SlickGrid asks for an item for each row; nothing reads it. */
const ITEM = Object.freeze({});
const NO_FORMAT = (): string => '';

const OPTIONS: GridOption = {
  explicitInitialization: true,
  rowHeight: ROW_HEIGHT,
  editable: false,
  enableCellNavigation: false,
  enableColumnReorder: false,
  enableHtmlRendering: false,
  enableMouseWheelScrollHandler: false,
  enableTextSelectionOnCells: true,
  forceSyncScrolling: true,
  fullWidthRows: true,
  showCellSelection: false,
  suppressCssChangesOnHiddenInit: true,
};

class PaintedGrid extends SlickGrid {
  #painter: GridPainter;
  /** Where each cell element stands: known without reading the document. */
  readonly places = new WeakMap<Element, CellPlace>();
  /** How many columns after the row header stay in sight. */
  pinnedCount = 0;

  constructor(container: HTMLElement, painter: GridPainter, shadowRoot: ShadowRoot | undefined) {
    const data = {
      getLength: () => painter.rowCount(),
      getItem: () => ITEM,
      getItemMetadata: () => null,
    };
    super(container, data, [], shadowRoot ? { ...OPTIONS, shadowRoot } : OPTIONS);
    this.#painter = painter;
  }

  protected override appendCellHtml(...args: Parameters<SlickGrid['appendCellHtml']>): void {
    super.appendCellHtml(...args);
    const [rowNode, row, column] = args;
    const node = rowNode.lastElementChild as HTMLElement;
    // A cell that takes the focus would lose it when it is redrawn. Row headers only could: what scrolls
    // must have something within that can be focused.
    if (column === 0) node.tabIndex = -1;
    else node.removeAttribute('tabindex');
    if (column > 0 && column <= this.pinnedCount) node.style.width = `var(--tbw-width-${column})`;
    this.places.set(node, { row, column });
    this.#painter.paintCell(node, row, column);
  }

  protected override appendRowHtml(...args: Parameters<SlickGrid['appendRowHtml']>): void {
    super.appendRowHtml(...args);
    const [nodes, , row] = args;
    const node = nodes[nodes.length - 1] as HTMLElement;
    delete node.dataset.row;
    this.#painter.paintRow(node, row);
  }

  /** Measures where the grid is; the original asks the page's body, whose scroll bars may differ. */
  protected override measureScrollbar(): { width: number; height: number } {
    const [viewport] = this._viewport;
    if (!viewport) return { width: 0, height: 0 };
    const before = viewport.style.overflow;
    viewport.style.overflow = 'scroll';
    const width = viewport.offsetWidth - viewport.clientWidth;
    const height = viewport.offsetHeight - viewport.clientHeight;
    viewport.style.overflow = before;
    return { width, height };
  }

  /** Clicks, keys and drags are not SlickGrid's here; its way with clicks spoils an open editor's selection. */
  protected override handleClick(): void {}
  protected override handleKeyDown(): void {}
  protected override createDraggable(): void {}
}

export class Grid {
  readonly #grid: PaintedGrid;
  readonly #viewport: HTMLElement;
  /** The element that scrolls with the cells; an editor is put into it. */
  readonly canvas: HTMLElement;
  #scroll = { left: 0, top: 0 };
  #headerHeight = HEADER_HEIGHT;

  constructor(
    readonly element: HTMLElement,
    readonly painter: GridPainter,
  ) {
    element.style.setProperty('--tbw-row-height', `${ROW_HEIGHT}px`);
    this.headerHeight = HEADER_HEIGHT;
    const root = element.getRootNode();
    this.#grid = new PaintedGrid(element, painter, root instanceof ShadowRoot ? root : undefined);
    this.#grid.init();
    this.#viewport = this.#grid.getViewportNode(0, 0) as HTMLElement;
    this.canvas = this.#grid.getCanvasNode(0, 0) as HTMLElement;
    this.#keepFocusOnElement();
    this.#grid.onScroll.subscribe(() => {
      // What is taken off the page or hidden is scrolled to its top by that, not by a person.
      if (this.#viewport.clientHeight === 0) return;
      this.#scroll = { left: this.#viewport.scrollLeft, top: this.#viewport.scrollTop };
      painter.onScroll();
    });
    this.#grid.onColumnsResized.subscribe(() => {
      painter.onWidths(this.#grid.getColumns().map((column) => column.width ?? 0));
      this.#placePinned();
    });
  }

  get headerHeight(): number {
    return this.#headerHeight;
  }

  set headerHeight(height: number) {
    this.#headerHeight = height;
    this.element.style.setProperty('--tbw-header-height', `${height}px`);
  }

  setColumns(columns: readonly GridColumn[]): void {
    this.element.style.setProperty('--tbw-row-header-width', `${columns[0]?.width ?? 0}px`);
    this.#grid.pinnedCount = columns.filter(({ pinned }) => pinned).length;
    this.#grid.setColumns(
      columns.map(
        (column, index): SlickColumn => ({
          // Ids of our own: SlickGrid makes element ids of them, and a cell id may hold anything.
          id: `c${index}`,
          field: '',
          name: column.header,
          toolTip: column.title,
          width: column.width,
          minWidth: column.minWidth,
          resizable: column.resizable,
          alwaysRenderColumn: index === 0 || column.pinned === true,
          cssClass: column.className,
          headerCssClass: column.className,
          headerCellAttrs: {
            'aria-colindex': index + 1,
            ...(column.sorted && { 'aria-sort': column.sorted }),
          },
          formatter: NO_FORMAT,
        }),
      ),
    );
    this.#placePinned();
    this.#grid.render();
  }

  /** Draws all rows in sight again: their number, order or columns changed. */
  refresh(): void {
    this.#grid.invalidate();
  }

  /** Takes other rows into account of which none is drawn. */
  takeCount(): void {
    this.#grid.updateRowCount();
    this.#grid.render();
  }

  drawnRows(): number[] {
    return Object.keys(this.#grid.getRowCache()).map(Number);
  }

  rowNode(row: number): HTMLElement | undefined {
    return this.#grid.getRowCache()[row]?.rowNode?.[0];
  }

  cellNode(row: number, column: number): HTMLElement | null {
    return this.#grid.getCellNode(row, column);
  }

  /** Whether something of a cell's element is in sight. */
  isInSight(node: HTMLElement): boolean {
    const seen = this.#viewport.getBoundingClientRect();
    const box = node.getBoundingClientRect();
    const isInLine = box.bottom >= seen.top && box.top <= seen.bottom;
    return isInLine && box.right >= seen.left && box.left <= seen.right;
  }

  /** The cell that an event happened in. */
  placeOf(event: Event): CellPlace | undefined {
    const [target] = event.composedPath();
    const node = target instanceof Element ? target.closest('.slick-cell') : null;
    return node ? this.#grid.places.get(node) : undefined;
  }

  /** The cell under the pointer, whatever the event happened in. */
  placeAt({ clientX, clientY }: MouseEvent): CellPlace | undefined {
    const root = this.element.getRootNode() as Document | ShadowRoot;
    const node = root.elementFromPoint?.(clientX, clientY)?.closest('.slick-cell');
    return node ? this.#grid.places.get(node) : undefined;
  }

  /** The column whose header an event happened in. */
  headerOf(event: Event): number | undefined {
    const [target] = event.composedPath();
    const node = target instanceof Element ? target.closest('.slick-header-column') : null;
    const index = Number(node?.getAttribute('aria-colindex') ?? 0) - 1;
    return index < 0 ? undefined : index;
  }

  headerNodes(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>('.slick-header-column')];
  }

  headerNode(column: number): HTMLElement | null {
    return this.element.querySelector(`.slick-header-column[aria-colindex="${column + 1}"]`);
  }

  /** The cell one on from a place, towards a pointer that is out of the grid. */
  stepTowards(
    { clientX, clientY }: MouseEvent,
    from: CellPlace | undefined,
  ): CellPlace | undefined {
    if (!from) return undefined;
    const { left, right, top, bottom } = this.#viewport.getBoundingClientRect();
    const down = clientY > bottom ? 1 : clientY < top ? -1 : 0;
    const on = clientX > right ? 1 : clientX < left ? -1 : 0;
    if (down === 0 && on === 0) return undefined;
    return { row: Math.max(0, from.row + down), column: Math.max(1, from.column + 1 + on) };
  }

  /** Where a cell lies in the canvas, in pixels, drawn or not. */
  boxOf(row: number, column: number): Box | undefined {
    const box = this.#grid.getCellNodeBox(row, column);
    if (!box) return undefined;
    const isPinned = column > 0 && column <= this.#grid.pinnedCount;
    const left = isPinned ? box.left + this.#viewport.scrollLeft : box.left;
    return { left, top: box.top, width: box.right - box.left, height: ROW_HEIGHT };
  }

  /** Up to where, in the canvas, what stays in sight covers a column's cells. */
  coveredTo(column: number): number {
    const { pinnedCount } = this.#grid;
    if (column <= pinnedCount) return 0;
    return this.#viewport.scrollLeft + (this.#grid.getCellNodeBox(0, pinnedCount)?.right ?? 0);
  }

  scrollTo(row: number, column: number): void {
    this.#grid.scrollRowIntoView(row, false);
    const box = column > 0 ? this.boxOf(row, column) : undefined;
    if (!box) return;
    const { pinnedCount } = this.#grid;
    if (column <= pinnedCount) return;
    const pinned = this.#grid.getCellNodeBox(row, pinnedCount)?.right ?? 0;
    const { scrollLeft, clientWidth } = this.#viewport;
    if (box.left < scrollLeft + pinned) this.#viewport.scrollLeft = box.left - pinned;
    else if (box.left + box.width > scrollLeft + clientWidth) {
      this.#viewport.scrollLeft = Math.min(box.left - pinned, box.left + box.width - clientWidth);
    }
  }

  /** The first row in sight, and by how many pixels it is scrolled out. */
  get anchor(): { row: number; offset: number } {
    const { top } = this.#grid.getVisibleRange();
    const box = this.boxOf(top, 0);
    return { row: top, offset: box ? this.#viewport.scrollTop - box.top : 0 };
  }

  set anchor({ row, offset }: { row: number; offset: number }) {
    this.#grid.scrollTo(row * ROW_HEIGHT + offset);
    this.#grid.render(); // scrollTo alone draws nothing, and the event that follows finds nothing to do
  }

  get isScrolled(): boolean {
    return this.#scroll.top > 0;
  }

  /** How many whole rows are in sight. */
  get pageSize(): number {
    return Math.max(1, Math.floor(this.#viewport.clientHeight / ROW_HEIGHT));
  }

  /** The height of the horizontal scroll bar, if one is shown. */
  get scrollbarHeight(): number {
    return this.#viewport.offsetHeight - this.#viewport.clientHeight;
  }

  /** Fits the grid to its element's size; also puts the scroll position back, which hiding resets. */
  resize(): void {
    this.#viewport.scrollLeft = this.#scroll.left;
    this.#viewport.scrollTop = this.#scroll.top;
    this.#grid.resizeCanvas();
  }

  destroy(): void {
    this.#grid.destroy(true);
  }

  /** Tells the pinned columns their widths, and their headers where they stop. */
  #placePinned(): void {
    if (this.#grid.pinnedCount === 0) return;
    let left = 0;
    this.#grid.getColumns().forEach(({ width = 0 }, column) => {
      if (column > 0 && column <= this.#grid.pinnedCount) {
        this.element.style.setProperty(`--tbw-width-${column}`, `${width}px`);
        this.headerNode(column)?.style.setProperty('left', `${left}px`);
      }
      left += width;
    });
  }

  #keepFocusOnElement(): void {
    this.element.style.removeProperty('outline');
    for (const node of this.element.querySelectorAll<HTMLElement>('[tabindex]')) {
      if (node.style.position === 'fixed') node.style.display = 'none'; // SlickGrid's own focus catchers
      node.removeAttribute('tabindex');
      if (!node.classList.contains('slick-viewport')) continue;
      // What scrolls would take part in Tab; and what has a tabindex needs a role in a grid.
      node.tabIndex = -1;
      node.setAttribute('role', 'rowgroup');
    }
  }
}
