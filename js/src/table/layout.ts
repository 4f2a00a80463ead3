/**
 * Where the grid lies: makes it once its place on the page has a size, and gives it columns and a height.
 *
 * A table may be mounted in an element that is hidden or not in the page yet, and may be moved from a
 * document into a shadow root; the grid belongs to the one it was made in, and is made anew there.
 */
import { type MeasureText, textMeasure } from './columns.ts';
import type { Draft } from './editing.ts';
import { Grid, type GridPainter, HEADER_HEIGHT, ROW_HEIGHT } from './grid.ts';
import { gridColumns } from './headers.ts';
import type { Shell } from './shell.ts';
import { addTheme } from './theme.ts';
import type { TableView } from './view.ts';
import { Widths } from './widths.ts';

const DEFAULT_HEIGHT = 400;
const BORDERS = 2;
const SCROLLBAR = 16; // whether there is one yet or not
const SUMMARY_HEIGHT = 66;

export class Layout {
  readonly #view: TableView;
  readonly #shell: Shell;
  readonly #painter: GridPainter;
  readonly widths = new Widths();
  #grid: Grid | undefined;
  /** The document or shadow root that the grid was made in. */
  #gridRoot: Node | undefined;
  #measure: MeasureText = (text) => text.length * 7;
  #resizes: ResizeObserver | undefined;
  #size = { width: 0, height: 0 };

  constructor(view: TableView, shell: Shell, painter: GridPainter) {
    this.#view = view;
    this.#shell = shell;
    this.#painter = painter;
  }

  get grid(): Grid | undefined {
    return this.#grid;
  }

  /** Begins to follow the size of the table's place. */
  observe(): void {
    if (typeof ResizeObserver !== 'undefined')
      this.#resizes = new ResizeObserver(() => this.#onResize());
    this.#resizes?.observe(this.#shell.root);
    this.#onResize();
  }

  destroy(): void {
    this.#resizes?.disconnect();
    this.#grid?.destroy();
  }

  setColumns(): void {
    // The first column brings the grid into sight, which must be before it measures itself.
    this.#view.showState();
    if (!this.#grid) return;
    const { summaries } = this.#view.looker;
    const headerHeight = HEADER_HEIGHT + (summaries ? SUMMARY_HEIGHT : 0);
    const isOther = headerHeight !== this.#grid.headerHeight;
    this.#grid.headerHeight = headerHeight;
    this.#shell.grid.toggleAttribute('data-summary', summaries !== undefined);
    const { live, rules } = this.#view;
    this.#fill();
    this.#grid.setColumns(gridColumns(live, rules, this.widths, this.#measure, summaries));
    this.fitHeight();
    if (isOther) this.#grid.resize();
  }

  get needsWiderRowHeader(): boolean {
    const width = this.#grid?.boxOf(0, 0)?.width;
    return (
      width !== undefined && this.widths.rowHeaderWidth(this.#view.live, this.#measure) > width
    );
  }

  /** Makes a column so many pixels wider. */
  widen(column: string, by: number): void {
    const { live } = this.#view;
    const width = this.widths.widthOf(column, live, this.#measure);
    this.widths.keep(new Map([[column, width + by]]), live, this.#measure);
    this.setColumns();
  }

  /** Takes the widths that the person has set, one for each column of the grid. */
  takeWidths(widths: readonly number[]): void {
    const { live } = this.#view;
    const changed = live.columns.flatMap((id, i): [string, number][] => {
      const width = widths[i + 1];
      const isNew = width !== undefined && width !== this.widths.widthOf(id, live, this.#measure);
      return isNew ? [[id, width]] : [];
    });
    this.widths.keep(new Map(changed), live, this.#measure);
    this.fitHeight();
  }

  /** Gives columns that are cut what room there is; whether that changes any. */
  #fill(): boolean {
    const { width } = this.#shell.root.getBoundingClientRect();
    const room = width - BORDERS - SCROLLBAR;
    return this.widths.fill(room, this.#view.live, this.#measure);
  }

  /** The grid is as high as its rows, up to the height that was asked for. */
  fitHeight(): void {
    // Off the page nothing has a height, and what is above the grid would seem to have none.
    if (!this.#grid || !this.#shell.root.isConnected || this.#size.width === 0) return;
    const { height: wanted = DEFAULT_HEIGHT } = this.#view.options;
    const most = wanted - this.#shell.toolbarHeight - BORDERS;
    const { headerHeight } = this.#grid;
    const needed = headerHeight + this.#view.rowCount() * ROW_HEIGHT + this.#grid.scrollbarHeight;
    const height = `${Math.max(headerHeight + ROW_HEIGHT, Math.min(most, needed))}px`;
    if (this.#shell.grid.style.height === height) return;
    const { row = -1 } = this.#view.cursor.place ?? {};
    const node = this.#grid.rowNode(row);
    const wasInSight = node !== undefined && this.#grid.isInSight(node);
    this.#shell.grid.style.height = height;
    this.#grid.resize();
    // What is above may have more lines now: where somebody works is not to go out of sight for that.
    if (wasInSight) this.#grid.scrollTo(row, 0);
  }

  #onResize(): void {
    const { width, height } = this.#shell.root.getBoundingClientRect();
    if (!this.#shell.root.isConnected || (this.#resizes && width === 0)) {
      this.#size = { width: 0, height: 0 };
      return;
    }
    const root = this.#shell.root.getRootNode();
    let draft: Draft | undefined;
    if (this.#grid && root !== this.#gridRoot) {
      draft = this.#view.editing.suspend();
      this.#grid.destroy();
      this.#grid = undefined;
    }
    if (!this.#grid) this.#makeGrid(root as Document | ShadowRoot);
    else if (width !== this.#size.width) this.#grid.resize();
    const isOther = width !== this.#size.width;
    this.#size = { width, height };
    if (isOther && this.#fill()) this.#view.redraw();
    this.fitHeight();
    if (draft) this.#view.editing.resume(draft);
  }

  #makeGrid(root: Document | ShadowRoot): void {
    this.#gridRoot = root;
    addTheme(root);
    this.#measure = textMeasure(this.#shell.grid);
    this.#grid = new Grid(this.#shell.grid, this.#painter);
    this.setColumns();
  }
}
