/**
 * The table on screen: puts the toolbar, the grid, the editor and the keys together over one LiveTable.
 *
 * Changes of the Store are taken once an animation frame (`flush`), or at once after the person did
 * something here. The grid itself is made when its place on the page is known to have a size, since it
 * may be mounted in an element that is hidden or not in the page yet.
 */
import { Actions } from './actions.ts';
import { flash, paintCell, paintRowHeader } from './cells.ts';
import { type MeasureText, textMeasure } from './columns.ts';
import { ConflictMarks, type ConflictPlace } from './conflict_marks.ts';
import { Cursor } from './cursor.ts';
import { Editing } from './editing.ts';
import { type CellPlace, Grid, type GridPainter, HEADER_HEIGHT, ROW_HEIGHT } from './grid.ts';
import { gridColumns } from './headers.ts';
import { LiveTable } from './live.ts';
import type { Notice } from './notice.ts';
import type { ConflictSource, History, TableOptions } from './options.ts';
import type { RowKey, Selection } from './selection.ts';
import { Shell } from './shell.ts';
import { addTheme } from './theme.ts';
import { Widths } from './widths.ts';

const DEFAULT_HEIGHT = 400;
const BORDERS = 2;
/** When more cells than these change in one frame, flashing tells nothing any more. */
const MAX_FLASHES = 60;
let views = 0;

export class TableView implements GridPainter {
  readonly #shell: Shell;
  readonly #listeners = new AbortController();
  readonly #resizes: ResizeObserver | undefined;
  readonly #actions = new Actions(this);
  readonly #widths = new Widths();
  readonly cursor = new Cursor(this, `tbw-active-${++views}`);
  readonly conflicts: ConflictMarks;
  #options: TableOptions;
  #live: LiveTable;
  #editing: Editing;
  #grid: Grid | undefined;
  /** The document or shadow root that the grid was made in. */
  #gridRoot: Node | undefined;
  #measure: MeasureText = (text) => text.length * 7;
  /** The rows that are drawn, and maybe some that were. */
  #onScreen = new Set<string>();
  #frame = 0;
  #size = { width: 0, height: 0 };

  constructor(host: HTMLElement, options: TableOptions) {
    this.#options = options;
    this.#shell = new Shell(host, {
      addRow: () => this.#actions.addRow(),
      deleteRows: () => this.#actions.deleteRows(),
      startColumn: (name) => this.#startColumn(name),
      undo: () => this.#actions.undo('undo'),
      redo: () => this.#actions.undo('redo'),
      nextConflict: () => this.conflicts.next(),
    });
    const { root, grid } = this.#shell;
    this.conflicts = new ConflictMarks(this, root, grid, this.#listeners.signal);
    this.#live = this.#makeLive();
    this.#editing = this.#makeEditing();
    this.#widths.set(options.columnWidths ?? {});
    this.#actions.listen(root, grid, this.#listeners.signal);
    const stop = options.history?.onUndoChange(() => this.schedule());
    this.#listeners.signal.addEventListener('abort', () => stop?.());
    this.flush();
    this.#resizes =
      typeof ResizeObserver === 'undefined'
        ? undefined
        : new ResizeObserver(() => this.#onResize());
    this.#resizes?.observe(root);
    this.#onResize();
  }

  update(partial: Partial<TableOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...partial };
    const { store, tableId, columns, readOnly } = this.#options;
    this.#widths.set(partial.columnWidths ?? {});
    if (store !== before.store || tableId !== before.tableId) this.#restart();
    else if (columns !== before.columns) this.#live.wanted = columns;
    if (readOnly && !before.readOnly) this.#editing.cancel();
    this.flush();
    if (partial.columnWidths) this.#setColumns();
    if (readOnly !== before.readOnly) this.#refresh();
    this.#fitHeight();
  }

  focus(): void {
    this.#shell.focus();
  }

  destroy(): void {
    this.#listeners.abort();
    this.#resizes?.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#editing.destroy();
    this.#live.destroy();
    this.#grid?.destroy();
    this.#shell.destroy();
  }

  // What the grid asks for.

  rowCount(): number {
    return this.#live.order.length + (this.isReadOnly ? 0 : 1);
  }

  paintRow(node: HTMLElement, index: number): void {
    const row = this.rowAt(index);
    if (row !== null) this.#onScreen.add(row);
    const isSelected = row !== null && this.selection.rows.has(row);
    node.setAttribute('aria-rowindex', String(index + 2));
    node.setAttribute('aria-selected', String(isSelected));
    node.classList.toggle('tbw-selected', isSelected);
    node.classList.toggle('tbw-blank', row === null);
    node.classList.toggle('tbw-active-row', this.selection.active?.row === row);
  }

  paintCell(node: HTMLElement, index: number, columnIndex: number): void {
    const row = this.rowAt(index);
    if (columnIndex === 0) paintRowHeader(node, row);
    const column = this.#live.columns[columnIndex - 1];
    if (column === undefined) return;
    paintCell(node, {
      row,
      column,
      columnIndex,
      type: this.#live.typeOf(column),
      cell: row === null ? undefined : this.#live.getCell(row, column),
      isActive: this.selection.isActive(row, column),
      activeId: this.cursor.activeId,
      hint: row === null && columnIndex === 1 ? 'New row' : '',
      conflict: row === null ? undefined : this.conflicts.describe({ row, column }),
    });
  }

  onWidths(widths: readonly number[]): void {
    const { columns } = this.#live;
    const changed = columns.flatMap((id, i): [string, number][] => {
      const width = widths[i + 1];
      const isNew =
        width !== undefined && width !== this.#widths.widthOf(id, this.#live, this.#measure);
      return isNew ? [[id, width]] : [];
    });
    this.#widths.set(Object.fromEntries(changed));
    this.#options.onColumnWidths?.(this.#widths.byHand);
    this.#fitHeight();
    this.#editing.follow();
  }

  onScroll(): void {
    this.#editing.follow();
  }

  // What the actions and the conflicts ask for.

  get conflictSource(): ConflictSource | undefined {
    return this.#options.conflicts;
  }

  get history(): History | undefined {
    return this.#options.history;
  }

  get notice(): Notice {
    return this.#shell.notice;
  }

  /** The element of a cell that is in sight. */
  visibleNode({ row, column }: ConflictPlace): HTMLElement | undefined {
    const node = this.#nodeOf(row, column);
    return node && this.#grid?.isInSight(node) ? node : undefined;
  }

  /** The elements of the cells that are drawn. */
  *drawnCells(): Generator<[HTMLElement, ConflictPlace]> {
    for (const index of this.#grid?.drawnRows() ?? []) {
      const row = this.rowAt(index);
      for (const column of row === null ? [] : this.#live.columns) {
        const node = this.#nodeOf(row as string, column);
        if (node) yield [node, { row: row as string, column }];
      }
    }
  }

  get grid(): Grid | undefined {
    return this.#grid;
  }

  get live(): LiveTable {
    return this.#live;
  }

  get selection(): Selection {
    return this.cursor.selection;
  }

  get editing(): Editing {
    return this.#editing;
  }

  get isReadOnly(): boolean {
    return this.#options.readOnly === true;
  }

  rowAt(index: number): RowKey {
    return this.#live.order.ids[index] ?? null;
  }

  placeOf(event: Event): CellPlace | undefined {
    return this.#grid?.placeOf(event);
  }

  // Following the Store.

  /** Takes what has changed with the next frame. */
  schedule(): void {
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  #makeLive(): LiveTable {
    const { store, tableId, columns } = this.#options;
    const onPending = (): void => this.schedule();
    const live = new LiveTable(store, tableId, onPending, (row) => this.#onScreen.has(row));
    live.wanted = columns;
    return live;
  }

  #makeEditing(): Editing {
    return new Editing({
      live: this.#live,
      newRowId: () => this.#options.newRowId(),
      canvas: () => (this.#grid as Grid).canvas,
      boxOf: ({ row, column }) => {
        const columnIndex = this.columnIndex(column);
        return columnIndex > 0 ? this.#grid?.boxOf(this.indexOf(row), columnIndex) : undefined;
      },
      onTaken: (place, edited, move) => this.#actions.onTaken(place, edited, move),
      onCancelled: () => this.focus(),
    });
  }

  #restart(): void {
    this.conflicts.restart();
    this.#editing.destroy();
    this.#live.destroy();
    this.cursor.restart();
    this.#widths.forget();
    this.#live = this.#makeLive();
    this.#editing = this.#makeEditing();
    this.#live.take();
    this.#setColumns();
    this.#refresh();
  }

  /** Takes what has changed in the Store and shows it. */
  flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const anchor = this.#grid?.isScrolled ? this.#grid.anchor : undefined;
    const anchorRow = anchor && this.#live.order.ids[anchor.row];
    const changes = this.#live.take();
    if (changes.rows) this.cursor.follow();
    if (changes.columns || (changes.rows && this.#needsWiderRowHeader())) this.#setColumns();
    if (changes.rows) {
      this.#refresh();
      // Rows that come or go above must not move those that are being looked at.
      if (anchor && anchorRow !== undefined && this.#grid) {
        this.#grid.anchor = {
          row: this.#live.order.insertionIndex(anchorRow),
          offset: anchor.offset,
        };
      }
    } else this.#repaint(changes.cells);
    if (changes.rows || changes.columns || changes.cells.size > 0) this.#editing.follow();
    this.conflicts.take(changes.rows || changes.columns || changes.cells.size > 0);
    this.showState();
  }

  #repaint(cells: ReadonlyMap<string, ReadonlyMap<string, boolean>>): void {
    let flashes = 0;
    for (const [row, changed] of cells) {
      for (const [column, isFromElsewhere] of changed) {
        const node = this.#nodeOf(row, column);
        if (!node) continue;
        this.paintCell(node, this.indexOf(row), this.columnIndex(column));
        if (isFromElsewhere && ++flashes <= MAX_FLASHES) flash(node);
      }
    }
  }

  // Drawing.

  #onResize(): void {
    const { width, height } = this.#shell.root.getBoundingClientRect();
    if (!this.#shell.root.isConnected || (this.#resizes && width === 0)) {
      this.#size = { width: 0, height: 0 };
      return;
    }
    const root = this.#shell.root.getRootNode();
    if (this.#grid && root !== this.#gridRoot) {
      this.#editing.destroy();
      this.#grid.destroy();
      this.#grid = undefined;
    }
    if (!this.#grid) this.#makeGrid(root as Document | ShadowRoot);
    else if (width !== this.#size.width) this.#grid.resize();
    this.#size = { width, height };
    this.#fitHeight();
  }

  #makeGrid(root: Document | ShadowRoot): void {
    this.#gridRoot = root;
    addTheme(root);
    this.#measure = textMeasure(this.#shell.grid);
    this.#grid = new Grid(this.#shell.grid, this);
    this.#setColumns();
  }

  #setColumns(): void {
    // The first column brings the grid into sight, which must be before it measures itself.
    this.showState();
    if (!this.#grid) return;
    this.#grid.setColumns(gridColumns(this.#live, this.#widths, this.#measure));
    this.#fitHeight();
  }

  #needsWiderRowHeader(): boolean {
    const width = this.#grid?.boxOf(0, 0)?.width;
    return width !== undefined && this.#widths.rowHeaderWidth(this.#live, this.#measure) > width;
  }

  #startColumn(name: string): void {
    this.#live.draft(name);
    this.#setColumns();
    this.#actions.addRow();
  }

  #refresh(): void {
    this.#onScreen.clear();
    this.#grid?.refresh();
    this.#fitHeight();
  }

  /** The grid is as high as its rows, up to the height that was asked for. */
  #fitHeight(): void {
    if (!this.#grid) return;
    const most = (this.#options.height ?? DEFAULT_HEIGHT) - this.#shell.toolbarHeight - BORDERS;
    const needed = HEADER_HEIGHT + this.rowCount() * ROW_HEIGHT + this.#grid.scrollbarHeight;
    const height = `${Math.max(HEADER_HEIGHT + ROW_HEIGHT, Math.min(most, needed))}px`;
    if (this.#shell.grid.style.height === height) return;
    this.#shell.grid.style.height = height;
    this.#grid.resize();
  }

  /** Says what the table is and has, above it and to those who cannot see it. */
  showState(): void {
    const { tableId, status, history } = this.#options;
    this.#shell.update({
      tableId,
      status,
      rowCount: this.#live.order.length,
      lineCount: this.rowCount(),
      columnCount: this.#live.columns.length,
      readOnly: this.isReadOnly,
      deletable: this.isReadOnly ? 0 : this.selection.targets.length,
      activeId: this.selection.active && this.cursor.activeId,
      conflicts: this.conflicts.count,
      undoable: history && { undo: history.canUndo, redo: history.canRedo },
    });
  }

  #nodeOf(row: string, column: string): HTMLElement | undefined {
    const index = this.indexOf(row);
    const columnIndex = this.columnIndex(column);
    if (index < 0 || columnIndex < 1) return undefined;
    return this.#grid?.cellNode(index, columnIndex) ?? undefined;
  }

  indexOf(row: RowKey): number {
    return row === null ? this.#live.order.length : this.#live.order.indexOf(row);
  }

  columnIndex(column: string): number {
    return this.#live.columns.indexOf(column) + 1;
  }
}
