/**
 * One table of a Store as the grid needs it: its rows in order, its columns with their types, and what
 * has changed since somebody last looked. It copies no cells.
 *
 * The Store's listeners only note what they hear, so that a hundred thousand changes cost little;
 * `take` applies it all at once. Cell changes are noted for rows that are on screen only.
 */
import type { Cell, GetIdChanges, Id } from 'tinybase';
import { columnIds, inferType, pinnedFirst } from './columns.ts';
import { OwnChanges } from './looking/events.ts';
import { matcher } from './looking/filter.ts';
import { formatNumber } from './looking/formats.ts';
import { type Looking, NO_LOOKING } from './looking/look.ts';
import { ShownOrder } from './looking/order.ts';
import { SearchTexts } from './looking/search_texts.ts';
import { Renames } from './renames.ts';
import type { RowKey } from './selection.ts';
import type { TableSource } from './source.ts';
import { type ColumnType, kindOf, type MaybeCell, typeOf } from './values.ts';

/** As many rows come at once only where a table is loading. */
const MANY = 100;

export interface LiveChanges {
  readonly rows: boolean;
  /** Rows may look otherwise, though they are where they were. */
  readonly drafts: boolean;
  /** Columns came, went or are of another type now. */
  readonly columns: boolean;
  /** Cell ids by row id; true where the change came from elsewhere. */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
  /** The rows that came, went or are in another place; undefined if that may be any. */
  readonly moved: ReadonlySet<string> | undefined;
  /** The table is sorted or filtered otherwise. */
  readonly look: boolean;
}

export class LiveTable {
  /** Says the type of a column, where its cells have no say. */
  declared: ((cellId: string, rowId?: RowKey) => ColumnType | undefined) | undefined;
  /** Whether each cell has a type of its own. */
  isTypedByRow = false;
  /** Says which columns there are even if no row has a cell for them. */
  declaredColumns: (() => readonly string[]) | undefined;
  /** The rows that are shown, in their order. */
  readonly order = new ShownOrder((row, column) => this.getCell(row, column));
  readonly #texts = new SearchTexts((row, column) => this.getCell(row, column));
  #looking = NO_LOOKING;
  #lookStale = false;
  /** Told of every cell that changes. */
  onCell: ((row: string, column: string, cell: MaybeCell, old: MaybeCell) => void) | undefined;
  /** Told of a column that has another name now, before that is shown. */
  onRenamed: ((from: string, to: string) => void) | undefined;
  readonly #renames = new Renames();
  /** What was written here, for those who want to hear of it. */
  readonly own = new OwnChanges();
  /** The columns whose cells decide where a row is shown. */
  #decisive: ReadonlySet<string> = new Set();
  /** Rows that were written here since they were last asked for; true for new ones. */
  readonly #ownRows = new Map<string, boolean>();
  readonly #types = new Map<string, ColumnType>();
  /** Columns that were begun here, and may have no cell yet. */
  readonly #drafts = new Set<string>();
  /** Rows that were begun here and are not in the Store yet, with the cells that they have so far. */
  readonly #draftRows = new Map<string, Record<string, Cell>>();
  #columns: string[] = [];
  #wanted: readonly string[] | null | undefined;
  readonly #listenerIds: Id[];
  #rowChanges = new Map<string, number>();
  #cellChanges = new Map<string, Map<string, boolean>>();
  readonly #staleTypes = new Set<string>();
  #columnsStale = true;
  /** Rows were put on screen or taken off it without the Store. */
  #rowsStale = false;
  #isWriting = false;
  #isOwn = false;

  constructor(
    readonly store: TableSource,
    readonly tableId: string,
    /** Told that there is something to take; whether it is so many rows that they may wait. */
    readonly onPending: (isMany: boolean) => void,
    readonly isOnScreen: (rowId: string) => boolean,
  ) {
    this.order.reset(store.getRowIds(tableId));
    this.#listenerIds = [
      store.addRowIdsListener(tableId, (_store, _tableId, changes) => this.#noteRows(changes)),
      store.addTableCellIdsListener(tableId, (_store, _tableId, getChanges) => {
        this.#renames.noteColumns(getChanges?.() ?? {});
        this.#columnsStale = true;
        onPending(false);
      }),
      store.addCellListener(tableId, null, null, (_store, _tableId, rowId, cellId, cell, old) =>
        this.#noteCell(rowId, cellId, cell, old),
      ),
    ];
  }

  /** The cell ids to show, in order. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  set wanted(ids: readonly string[] | null | undefined) {
    this.#wanted = ids;
    this.#columnsStale = true;
  }

  /** Which columns there are, or of which type, is declared in another way now. */
  forgetDeclared(): void {
    this.#columnsStale = true;
  }

  /** How many columns, of those that are shown, stay in sight at the left. */
  get pinnedCount(): number {
    const pinned = new Set(this.#looking.pinned);
    const first = this.#columns.findIndex((id) => !pinned.has(id));
    return first < 0 ? this.#columns.length : first;
  }

  /** How the rows are sorted, filtered and searched. */
  get looking(): Looking {
    return this.#looking;
  }

  set looking(looking: Looking) {
    const { sort, filters, search, pinned } = this.#looking;
    this.#lookStale ||=
      sort !== looking.sort || filters !== looking.filters || search !== looking.search;
    this.#columnsStale ||= pinned !== looking.pinned;
    this.#looking = looking;
  }

  /** Somebody is about to search. */
  warmSearch(): void {
    this.#texts.warm(this.order.all.ids);
  }

  /**
   * Holds the row that somebody works on in its place: the one with the open editor, else the active one
   * once it was edited here, or one that was added here, until another row is active.
   */
  hold(active: RowKey | undefined, edited: RowKey | undefined): void {
    const { held } = this.order;
    const added = [...this.#ownRows].filter(([, isNew]) => isNew).map(([id]) => id);
    let next: string | undefined;
    if (typeof edited === 'string') next = edited;
    else if (typeof active !== 'string') next = added.length === 1 ? added[0] : held;
    else if (active === held || this.#ownRows.has(active)) next = active;
    this.#ownRows.clear();
    this.order.hold(next);
  }

  /** Adds a column that no row has a cell for yet; it stays until this table is shown no more. */
  draft(cellId: string, at = this.#columns.length): void {
    if (this.#columns.includes(cellId)) return;
    this.#drafts.add(cellId);
    this.#columns = [...this.#columns.slice(0, at), cellId, ...this.#columns.slice(at)];
    this.#types.set(cellId, 'mixed');
  }

  /** Shows a column no more, unless it has cells. */
  forgetColumn(cellId: string): void {
    this.#drafts.delete(cellId);
    this.#columns = this.#columns.filter((id) => id !== cellId);
    this.#columnsStale = true;
  }

  /** Shows a column under another name, in its place. */
  renameColumn(from: string, to: string): void {
    const isDraft = this.#drafts.delete(from);
    if (isDraft) this.#drafts.add(to);
    this.#columns = [...new Set(this.#columns.map((id) => (id === from ? to : id)))];
    this.#types.set(to, this.#types.get(from) ?? 'mixed');
    this.#columnsStale = true;
  }

  /** Puts a row on screen that is not in the Store yet. */
  draftRow(rowId: string): void {
    this.#draftRows.set(rowId, {});
    this.#rowsStale = true;
    this.order.apply(new Map([[rowId, 1]]), () => this.#allRowIds());
  }

  /** The cells that a draft row has so far; undefined for any other row. */
  draftCells(rowId: string): Readonly<Record<string, Cell>> | undefined {
    return this.#draftRows.size > 0 ? this.#draftRows.get(rowId) : undefined;
  }

  setDraftCells(rowId: string, cells: Record<string, Cell>): void {
    this.#draftRows.set(rowId, cells);
  }

  /** Takes draft rows that have no cell yet off the screen, but this one; says whether there were any. */
  dropEmptyDrafts(but: string | null): boolean {
    let dropped = false;
    for (const [rowId, cells] of this.#draftRows) {
      if (rowId === but || Object.keys(cells).length > 0) continue;
      this.dropDraft(rowId);
      dropped = true;
    }
    return dropped;
  }

  dropDraft(rowId: string): void {
    if (!this.#draftRows.delete(rowId) || this.store.hasRow(this.tableId, rowId)) return;
    this.#rowsStale = true;
    this.order.apply(new Map([[rowId, -1]]), () => this.#allRowIds());
  }

  get draftRowCount(): number {
    return this.#draftRows.size;
  }

  /** The type that is declared for a column, or that its cells have; of a cell, where each has its own. */
  typeOf(cellId: string, rowId?: RowKey): ColumnType {
    const declared = this.declared?.(cellId, rowId);
    if (declared !== undefined) return declared;
    if (this.isTypedByRow && rowId != null) return typeOf([kindOf(this.getCell(rowId, cellId))]);
    return this.#types.get(cellId) ?? 'mixed';
  }

  getCell(rowId: string, cellId: string): MaybeCell {
    const draft = this.draftCells(rowId);
    if (draft) return Object.hasOwn(draft, cellId) ? draft[cellId] : undefined;
    return this.store.getCell(this.tableId, rowId, cellId);
  }

  /** How a cell is written, where its column has a format; undefined elsewhere. */
  textOf(cellId: string, cell: MaybeCell): string | undefined {
    const { formats } = this.#looking;
    if (typeof cell !== 'number' || !Object.hasOwn(formats, cellId)) return undefined;
    return formatNumber(cell, formats[cellId] as string);
  }

  /** Writes as one transaction, whose cells do not count as changed elsewhere. */
  write(actions: () => void): void {
    this.#isWriting = true;
    try {
      this.asOwn(() => this.store.transaction(actions));
    } finally {
      this.#isWriting = false;
    }
  }

  /** What is done in the Store meanwhile was done by the person here. */
  asOwn<T>(actions: () => T): T {
    this.#isOwn = true;
    try {
      return actions();
    } finally {
      this.#isOwn = false;
    }
  }

  /** Applies what was noted and says what it was. */
  take(): LiveChanges {
    const cells = this.#cellChanges;
    this.#cellChanges = new Map();
    const before = this.order.ids;
    const columnsBefore = this.#columns;
    for (const [from, to] of this.#renames.take((row, column) => this.getCell(row, column)))
      this.onRenamed?.(from, to);
    const moved = this.#takeRows();
    const columns = this.#takeColumns(columnsBefore);
    const look = this.#takeLook();
    const drafts = this.#rowsStale;
    this.#rowsStale = false;
    return {
      rows: drafts || before !== this.order.ids,
      drafts,
      columns,
      cells,
      moved: look ? undefined : moved,
      look,
    };
  }

  destroy(): void {
    this.#texts.clear();
    for (const id of this.#listenerIds) this.store.delListener(id);
  }

  #allRowIds(): string[] {
    return [...this.store.getRowIds(this.tableId), ...this.#draftRows.keys()];
  }

  get #hasMany(): boolean {
    return !this.#isOwn && this.#rowChanges.size > MANY;
  }

  #noteRows(getChanges: GetIdChanges | undefined): void {
    for (const [id, change] of Object.entries(getChanges?.() ?? {})) {
      const sum = (this.#rowChanges.get(id) ?? 0) + change;
      if (this.#isOwn) this.own.row(id, change);
      if (this.#isWriting && change === 1) this.#ownRows.set(id, true);
      if (sum === 0) this.#rowChanges.delete(id);
      else this.#rowChanges.set(id, sum);
    }
    this.onPending(this.#hasMany);
  }

  #noteCell(rowId: string, cellId: string, cell: MaybeCell, old: MaybeCell): void {
    this.onCell?.(rowId, cellId, cell, old);
    if (this.#isOwn) this.own.cell(rowId, cellId, cell, old);
    if (cell === undefined) this.#renames.noteGone(rowId, cellId, old);
    const type = this.#types.get(cellId);
    if (type === 'mixed' || (type !== undefined && hasOtherType(cell, type))) {
      this.#staleTypes.add(cellId);
      this.onPending(this.#hasMany);
    }
    this.#texts.forget(rowId);
    if (this.#isWriting && !this.#ownRows.has(rowId)) this.#ownRows.set(rowId, false);
    if (this.#decisive.has(cellId)) {
      this.order.touch(rowId);
      this.onPending(this.#hasMany);
    }
    if (!this.isOnScreen(rowId)) return;
    let cells = this.#cellChanges.get(rowId);
    if (!cells) {
      cells = new Map();
      this.#cellChanges.set(rowId, cells);
    }
    cells.set(cellId, !this.#isWriting);
    this.onPending(false);
  }

  #takeRows(): ReadonlySet<string> | undefined {
    const { order } = this;
    const changes = this.#rowChanges;
    for (const rowId of this.#draftRows.keys())
      if (this.store.hasRow(this.tableId, rowId)) {
        this.#draftRows.delete(rowId);
        order.touch(rowId);
        this.#rowsStale = true;
      }
    const count = this.store.getRowCount(this.tableId) + this.#draftRows.size;
    this.#rowChanges = new Map();
    // The first rows, like the last, say anew which types there are.
    if ((count === 0) !== (order.all.length === 0)) this.#columnsStale = true;
    const moved = order.update(changes, () => this.#allRowIds());
    if (order.all.length === count) return moved;
    // An id like "__proto__" cannot be heard of through an object's keys.
    order.reset(this.#allRowIds());
    return undefined;
  }

  #takeColumns(before: readonly string[]): boolean {
    if (this.#columnsStale) {
      this.#columnsStale = false;
      const cellIds = this.store.getTableCellIds(this.tableId);
      const present = [...cellIds, ...(this.declaredColumns?.() ?? [])];
      const ids = columnIds([...present, ...this.#drafts], this.#wanted, this.#columns);
      this.#columns = pinnedFirst(ids, this.#looking.pinned);
      for (const id of this.#columns)
        if (this.order.all.length > 0 || !this.#types.has(id)) this.#staleTypes.add(id);
    }
    let changed =
      before.length !== this.#columns.length || before.some((id, i) => this.#columns[i] !== id);
    for (const id of this.#staleTypes) {
      if (!this.#columns.includes(id)) continue;
      const type = inferType(this.store, this.tableId, id, this.order.all.ids);
      if (type !== this.#types.get(id)) changed = true;
      this.#types.set(id, type);
    }
    this.#staleTypes.clear();
    return changed;
  }

  /** Sorts and filters, if that is to be done otherwise than before. */
  #takeLook(): boolean {
    const { sort, filters, search } = this.#looking;
    const areOthers = this.#texts.lookInto(this.#columns);
    const isSearching = search.trim() !== '';
    if (!this.#lookStale && !(areOthers && isSearching)) return false;
    this.#lookStale = false;
    const searched = isSearching ? this.#columns : [];
    this.#decisive = new Set([
      ...sort.map(({ column }) => column),
      ...Object.keys(filters),
      ...searched,
    ]);
    const cellAt = (row: string, column: string): MaybeCell => this.getCell(row, column);
    const matches = matcher(filters, search, cellAt, this.#texts.of);
    // A row that was begun here is shown while it has no cells yet.
    const isShown = (row: string): boolean => this.#draftRows.has(row) || matches?.(row) === true;
    this.order.lookAt({ sort, matches: matches && isShown });
    return true;
  }
}

const hasOtherType = (cell: MaybeCell, type: ColumnType): boolean => {
  const kind = kindOf(cell);
  return kind !== 'absent' && kind !== 'null' && kind !== type;
};
