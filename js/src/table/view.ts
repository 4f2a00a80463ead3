/**
 * The table on screen: puts the toolbar, the grid, the editor and the keys together over one LiveTable.
 *
 * Changes of the Store are taken once an animation frame (`flush`), or at once after the person did
 * something here. `layout.ts` has the grid's place on the page, `painter.ts` what is drawn in it.
 */
import { Actions } from './actions.ts';
import { ColumnActions } from './column_actions.ts';
import { ConflictMarks } from './conflict_marks.ts';
import { Cursor } from './cursor.ts';
import { Editing } from './editing.ts';
import type { CellPlace, Grid } from './grid.ts';
import { Handle } from './handle.ts';
import { Layout } from './layout.ts';
import { LiveTable } from './live.ts';
import { Anchor } from './looking/anchor.ts';
import { Looker } from './looking/looker.ts';
import { Selecting } from './looking/selecting.ts';
import { NamedRowActions } from './named_rows.ts';
import type { Notice } from './notice.ts';
import type { ConflictSource, History, TableOptions } from './options.ts';
import { Overlays } from './overlays.ts';
import { Painter } from './painter.ts';
import { Pointer } from './pointer.ts';
import { renamedLook, renamedRules } from './renamed.ts';
import { RowActions } from './row_actions.ts';
import { Rules } from './rules.ts';
import type { RowKey, Selection } from './selection.ts';
import { Shell } from './shell.ts';
import { Together } from './together/together.ts';
import { Transfer } from './transfer.ts';

/** Options by which cells look different. */
const RULES = [
  'readOnly',
  'readOnlyColumns',
  'readOnlyCells',
  'columnOptions',
  'rowOptions',
  'schema',
  'rowSchema',
] as const;
/** Of many rows that come one after the other some are shown so often, in milliseconds. */
const MANY_INTERVAL = 250;
let views = 0;

export class TableView {
  readonly #shell: Shell;
  readonly #listeners = new AbortController();
  readonly #pointer = new Pointer(this);
  readonly #layout: Layout;
  readonly overlays: Overlays;
  readonly actions = new Actions(this);
  readonly rows = new RowActions(this);
  readonly named = new NamedRowActions(this);
  readonly columns = new ColumnActions(this);
  readonly transfer = new Transfer(this);
  readonly cursor = new Cursor(this, `tbw-active-${++views}`);
  readonly painter = new Painter(this);
  readonly conflicts: ConflictMarks;
  readonly looker: Looker;
  readonly together: Together;
  readonly handle: Handle;
  readonly #selecting = new Selecting(this);
  #options: TableOptions;
  #live: LiveTable;
  #rules: Rules;
  #editing: Editing;
  #frame = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;
  /** What the host is to be told once all is shown. */
  #untold: (() => void)[] = [];

  constructor(host: HTMLElement, options: TableOptions) {
    this.#options = options;
    this.#shell = new Shell(host, {
      addRow: () => this.rows.add(),
      deleteRows: () => this.rows.delete(),
      openMenu: (anchor) => this.overlays.menu.open(anchor),
      startColumn: (name) => this.columns.start(name),
      undo: () => this.actions.undo('undo'),
      redo: () => this.actions.undo('redo'),
      nextConflict: () => this.conflicts.next(),
    });
    const { root, grid } = this.#shell;
    this.#layout = new Layout(this, this.#shell, this.painter);
    this.conflicts = new ConflictMarks(this, root, grid, this.#listeners.signal);
    this.overlays = new Overlays(this, root, grid, this.#listeners.signal);
    this.#live = this.#makeLive();
    this.#rules = this.#makeRules();
    this.looker = new Looker(this, this.#shell, this.#listeners.signal);
    this.looker.take(options.looking);
    this.together = new Together(this, this.#shell, this.#listeners.signal);
    this.handle = new Handle(this, this.#listeners.signal);
    this.#editing = this.#makeEditing();
    this.#layout.widths.set(options.columnWidths ?? {});
    this.actions.listen(root, grid, this.#listeners.signal);
    this.#pointer.listen(grid, this.#listeners.signal);
    this.transfer.listen(grid, this.#listeners.signal);
    const stop = options.history?.onUndoChange(() => this.schedule());
    this.#listeners.signal.addEventListener('abort', () => stop?.());
    this.flush();
    this.#layout.observe();
    if (options.selection) this.#selecting.take(options.selection);
  }

  update(partial: Partial<TableOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...partial };
    if (Object.keys(partial).join() === 'status') {
      this.together.sayState(before.status, partial.status);
      this.schedule();
      return;
    }
    const { store, tableId, columns } = this.#options;
    this.#layout.widths.set(partial.columnWidths ?? {});
    if (store !== before.store || tableId !== before.tableId) this.#restart();
    else if (columns !== before.columns) this.#live.wanted = columns;
    const haveRulesChanged = RULES.some((name) => this.#options[name] !== before[name]);
    if (haveRulesChanged) this.#live.forgetDeclared();
    this.looker.take(partial.looking);
    this.together.sayState(before.status, partial.status);
    this.flush();
    this.looker.redraw();
    if (partial.selection) this.#selecting.take(partial.selection);
    if (partial.columnWidths) this.#layout.setColumns();
    if (haveRulesChanged) {
      this.#layout.setColumns();
      this.#refresh();
      this.#editing.follow();
    }
    this.#layout.fitHeight();
  }

  focus(): void {
    this.#shell.focus();
  }

  destroy(): void {
    this.#listeners.abort();
    this.#editing.end();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#later);
    this.#live.destroy();
    this.looker.destroy();
    this.#layout.destroy();
    this.#shell.destroy();
  }

  // What the parts ask for.

  get options(): TableOptions {
    return this.#options;
  }

  get conflictSource(): ConflictSource | undefined {
    return this.#options.conflicts;
  }

  get history(): History | undefined {
    return this.#options.history;
  }

  get isReadOnly(): boolean {
    return this.#options.readOnly === true;
  }

  get notice(): Notice {
    return this.#shell.notice;
  }

  get grid(): Grid | undefined {
    return this.#layout.grid;
  }

  get live(): LiveTable {
    return this.#live;
  }

  get selection(): Selection {
    return this.cursor.selection;
  }

  get rules(): Rules {
    return this.#rules;
  }

  get editing(): Editing {
    return this.#editing;
  }

  /** How many rows the grid draws: the blank line counts. */
  rowCount(): number {
    const hasBlankLine = !this.isReadOnly && this.#options.named === undefined;
    return this.#live.order.length + (hasBlankLine ? 1 : 0);
  }

  rowAt(index: number): RowKey {
    return this.#live.order.ids[index] ?? null;
  }

  indexOf(row: RowKey): number {
    return row === null ? this.#live.order.length : this.#live.order.indexOf(row);
  }

  columnIndex(column: string): number {
    return this.#live.columns.indexOf(column) + 1;
  }

  placeOf(event: Event): CellPlace | undefined {
    return this.grid?.placeOf(event);
  }

  /** The column whose header an event happened in. */
  headerColumn(event: Event): string | undefined {
    return this.#live.columns[(this.grid?.headerOf(event) ?? 0) - 1];
  }

  /** Before another row is the active one: a new row that was given nothing goes. */
  leaveRow(to: RowKey): void {
    if (this.#live.draftRowCount > 0 && this.#live.dropEmptyDrafts(to)) this.redraw();
  }

  /** Takes the widths that the person has set. */
  takeWidths(widths: readonly number[]): void {
    this.#layout.takeWidths(widths);
    this.#options.onColumnWidths?.(this.#layout.widths.byHand);
    this.#editing.follow();
    this.together.follow();
    this.handle.follow();
  }

  /** Makes a column so many pixels wider. */
  widen(column: string, by: number): void {
    this.#layout.widen(column, by);
    this.#options.onColumnWidths?.(this.#layout.widths.byHand);
    this.showState();
  }

  // Following the Store.

  /** Takes what has changed with the next frame; many rows not with each frame. */
  schedule(isMany = false): void {
    const left = this.#flushedAt + MANY_INTERVAL - performance.now();
    if (isMany && left > 0) this.#later ??= setTimeout(() => this.schedule(), left);
    else this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  /** Takes what has changed in the Store and shows it. */
  flush(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#later);
    this.#frame = 0;
    this.#later = undefined;
    this.#flushedAt = performance.now();
    const { grid } = this;
    const { held, ids } = this.#live.order;
    const anchor = grid?.isScrolled ? new Anchor(grid, this.#live) : undefined;
    this.#live.hold(this.selection.active?.row, this.#editing?.place?.row);
    const changes = this.#live.take();
    this.looker.tellHidden(held);
    const events = this.#live.own.take();
    if (events.length > 0) this.#options.onEvents?.(events);
    const hasChanged = changes.rows || changes.columns || changes.cells.size > 0;
    if (changes.rows) {
      this.cursor.follow();
      this.looker.summaries?.refresh();
    }
    if (changes.look || changes.columns || (changes.rows && this.#layout.needsWiderRowHeader))
      this.#layout.setColumns();
    if (changes.rows && !changes.drafts && this.#isDrawnAsBefore(ids)) this.grid?.takeCount();
    else if (changes.rows) {
      this.#refresh();
      // Rows that come or go above must not move those that are being looked at.
      anchor?.restore(this.#live, changes);
    }
    this.painter.repaint(changes.cells);
    if (hasChanged) this.#editing.follow();
    this.conflicts.take(hasChanged);
    this.showState();
    for (const tell of this.#untold.splice(0)) tell();
  }

  /** Follows a column that has another name now: all that was said of it holds for that name. */
  renameColumn(from: string, to: string): void {
    const look = renamedLook(this.looker.looking, from, to);
    const rules = renamedRules(this.#options, from, to);
    const { columns, ...others } = rules;
    this.#options = { ...this.#options, ...rules };
    if (columns) this.#live.wanted = columns;
    this.#live.renameColumn(from, to);
    this.looker.take(look);
    this.selection.renameColumn(from, to);
    this.#editing?.renameColumn(from, to);
    const { onLooking, onColumns, onColumnWidths, onRules } = this.#options;
    const { widths } = this.#layout;
    if (widths.rename(from, to)) this.#untold.push(() => onColumnWidths?.(widths.byHand));
    if (Object.keys(look).length > 0) this.#untold.push(() => onLooking?.(look));
    if (columns) this.#untold.push(() => onColumns?.(columns));
    if (Object.keys(others).length > 0) this.#untold.push(() => onRules?.(others));
  }

  #makeLive(): LiveTable {
    const { store, tableId, columns } = this.#options;
    const onPending = (isMany: boolean): void => this.schedule(isMany);
    const live = new LiveTable(store, tableId, onPending, (row) => this.painter.isOnScreen(row));
    live.wanted = columns;
    live.isTypedByRow = this.#options.named !== undefined;
    live.onRenamed = (from, to) => this.renameColumn(from, to);
    return live;
  }

  #makeRules(): Rules {
    const rules = new Rules(this.#live, () => this.#options);
    this.#live.declared = (column, row) => rules.declaredType(column, row);
    this.#live.declaredColumns = () => rules.schemaColumns;
    return rules;
  }

  #makeEditing(): Editing {
    return new Editing({
      live: this.#live,
      rules: this.#rules,
      newRowId: () => this.rows.lastId(),
      root: () => this.#shell.root,
      canvas: () => (this.grid as Grid).canvas,
      boxOf: ({ row, column }) => {
        const columnIndex = this.columnIndex(column);
        return columnIndex > 0 ? this.grid?.boxOf(this.indexOf(row), columnIndex) : undefined;
      },
      onTaken: (place, edited, move) => this.actions.onTaken(place, edited, move),
      onIncomplete: (missing) =>
        this.notice.show(`This row is added as soon as it has ${missing.join(', ')}.`),
      onReplaced: (place, theirs) =>
        this.notice.show(
          `Your edit of ${this.#rules.nameOf(place)}, replaced ${theirs}, set by somebody while you typed.`,
        ),
      onCancelled: () => this.focus(),
    });
  }

  #restart(): void {
    this.conflicts.restart();
    const lost = this.#editing.end();
    if (lost) this.notice.show(`Not saved: “${lost.text}”, typed into ${lost.place.column}.`);
    this.#live.destroy();
    this.cursor.restart();
    this.#layout.widths.forget();
    this.#live = this.#makeLive();
    this.#rules = this.#makeRules();
    this.looker.restart();
    this.#editing = this.#makeEditing();
    this.#live.take();
    this.#layout.setColumns();
    this.#refresh();
  }

  /** Takes what has changed, and draws all of it again. */
  redraw(): void {
    this.flush();
    this.#layout.setColumns();
    this.#refresh();
    this.#editing.follow();
    this.showState();
  }

  /** Whether the rows that are drawn are, place by place, those that were there before. */
  #isDrawnAsBefore(before: readonly string[]): boolean {
    const { ids } = this.#live.order;
    const drawn = this.grid?.drawnRows() ?? [];
    const isTheSame = (at: number): boolean => before[at] !== undefined && before[at] === ids[at];
    return drawn.length > 0 && drawn.every(isTheSame);
  }

  #refresh(): void {
    // A grid that was hidden for want of rows must be in sight before it measures itself.
    if (this.#options.named) this.showState();
    this.painter.forgetScreen();
    this.grid?.refresh();
    this.#layout.fitHeight();
  }

  /** Says what the table is and has, above it and to those who cannot see it. */
  showState(): void {
    const { tableId, status, history, named } = this.#options;
    if (this.looker.show()) this.#layout.fitHeight();
    this.#selecting.tell();
    this.together.update();
    this.handle.follow();
    this.#shell.update({
      tableId,
      named,
      status,
      rowCount: this.#live.order.length - this.#live.draftRowCount,
      totalCount: this.#live.order.all.length - this.#live.draftRowCount,
      lineCount: this.rowCount(),
      totalLineCount: this.rowCount() - this.#live.order.length + this.#live.order.all.length,
      columnCount: this.#live.columns.length,
      readOnly: this.isReadOnly,
      deletable: this.isReadOnly
        ? 0
        : this.selection.rowCount(this.#live.order, this.#live.columns),
      activeId: this.selection.active && this.cursor.activeId,
      conflicts: this.conflicts.count,
      undoable: history && { undo: history.canUndo, redo: history.canRedo },
    });
  }
}
