/**
 * How the person looks at the table: sorts by clicks on headers, filters in a column's menu, searches.
 *
 * What is set here goes to the kernel as traits, and comes from there by `take`.
 */
import type { LookingOptions } from '../options.ts';
import type { Shell } from '../shell.ts';
import type { TableView } from '../view.ts';
import { Chips } from './chips.ts';
import { ColumnMenu } from './column_menu.ts';
import { ColumnsMenu } from './columns_menu.ts';
import { makeButton } from './dom.ts';
import { HeaderDragging } from './dragging.ts';
import { facetsOf } from './facets.ts';
import { filtersWith, type Looking, NO_LOOKING, nextSort, sortWith } from './look.ts';
import { SearchBox } from './search_box.ts';
import { Summaries } from './summaries.ts';
import { rowsText, sortText } from './words.ts';

const MAX_FACETS = 50;

export class Looker {
  readonly #view: TableView;
  readonly #search: SearchBox;
  readonly #chips: Chips;
  readonly #menu: ColumnMenu;
  readonly #columnsMenu: ColumnsMenu;
  #looking: Looking = NO_LOOKING;
  /** Whether cells or headers are to be drawn otherwise. */
  #isStale = false;
  readonly #summaryButton: HTMLButtonElement;
  /** What is in each column; undefined while that is not shown. */
  summaries: Summaries | undefined;

  constructor(view: TableView, shell: Shell, signal: AbortSignal) {
    this.#view = view;
    this.#search = new SearchBox({
      onSearch: (search) => this.set({ search }),
      onLeave: () => view.focus(),
      onFocus: () => view.live.warmSearch(),
    });
    this.#chips = new Chips({
      openFilter: (column, anchor) => this.openMenu(column, anchor),
      clearFilter: (column) =>
        this.set({ filters: filtersWith(this.#looking.filters, column, {}) }),
      clearSearch: () => this.set({ search: '' }),
      clearAll: () => {
        this.set({ filters: {}, search: '' });
        view.focus();
      },
    });
    this.#menu = new ColumnMenu(shell.root, {
      onSort: (column, descending) =>
        this.set({ sort: sortWith(this.#looking.sort, column, descending) }),
      onFilter: (column, conditions) =>
        this.set({ filters: filtersWith(this.#looking.filters, column, conditions) }),
      onMove: (column, by) => {
        const from = view.live.columns.indexOf(column);
        this.#moveColumn(from, from + by);
      },
      onHide: (column) => this.#setColumns(view.live.columns.filter((id) => id !== column)),
      onWiden: (column, by) => view.widen(column, by),
      onPin: (column, isPinned) => {
        const others = this.#looking.pinned.filter((id) => id !== column);
        this.set({ pinned: isPinned ? [...others, column] : others });
      },
      onFormat: (column, format) => {
        const formats = Object.entries(this.#looking.formats).filter(([id]) => id !== column);
        if (format !== '') formats.push([column, format]);
        this.set({ formats: Object.fromEntries(formats) });
      },
      onClose: () => view.focus(),
    });
    this.#columnsMenu = new ColumnsMenu(shell.root, {
      onShown: (columns) => this.#setColumns(columns),
      onShowAll: () => this.#setColumns(null),
      onRowNumbers: (rowNumbers) => this.set({ rowNumbers }),
      onClose: () => view.focus(),
    });
    const columns = makeButton(
      {
        action: 'columns',
        label: 'Columns',
        icon: 'columns',
        className: 'tbw-button tbw-icon-button',
      },
      () => this.#openColumns(columns.getBoundingClientRect()),
    );
    columns.setAttribute('aria-haspopup', 'dialog');
    this.#summaryButton = makeButton(
      {
        action: 'summary',
        label: 'Summaries of the columns',
        icon: 'summary',
        className: 'tbw-button tbw-icon-button',
      },
      () => this.set({ summary: !this.#looking.summary }),
    );
    this.#summaryButton.setAttribute('aria-pressed', 'false');
    shell.addTools(this.#search.element, [this.#summaryButton, columns], this.#chips.element);
    new HeaderDragging(
      shell.grid,
      {
        headers: () => view.grid?.headerNodes().slice(1) ?? [],
        columnOf: (event) => {
          const index = view.grid?.headerOf(event);
          return index === undefined || index < 1 ? undefined : index - 1;
        },
        onMove: (from, to) => this.#moveColumn(from, to),
      },
      signal,
    );
    shell.grid.addEventListener('click', (event) => this.#onClick(event), { signal });
    shell.grid.addEventListener('keydown', (event) => this.#onKey(event), {
      signal,
      capture: true,
    });
  }

  get looking(): Looking {
    return this.#looking;
  }

  /** Takes what is set elsewhere: in the kernel, or when the table is mounted. */
  take(options: LookingOptions | undefined): void {
    if (!options) return;
    const before = this.#looking;
    this.#looking = withNew(before, options);
    const { formats, rowNumbers, summary } = this.#looking;
    if (summary !== before.summary) this.#showSummaries();
    this.#isStale ||= formats !== before.formats || rowNumbers !== before.rowNumbers;
    this.#search.text = this.#looking.search;
    this.#view.live.looking = this.#looking;
  }

  /** The view shows another table. */
  restart(): void {
    this.#menu.close();
    this.#view.live.looking = this.#looking;
    if (this.#looking.summary) this.#showSummaries();
  }

  /** Sets what the person wants to see, and tells the kernel. */
  set(partial: Partial<Looking>): void {
    this.take(partial);
    this.#view.options.onLooking?.(partial);
    this.#view.flush();
    this.redraw();
    const { live, notice } = this.#view;
    const count = rowsText(live.order.length, live.order.all.length);
    notice.say(partial.sort ? `${sortText(partial.sort)} ${count}.` : `${count}.`);
  }

  /** Draws all anew, if it is to be drawn otherwise. */
  redraw(): void {
    const isStale = this.#isStale;
    this.#isStale = false;
    if (isStale) this.#view.redraw();
  }

  /** Shows what is filtered; true if the table has another height by that. */
  show(): boolean {
    this.#search.text = this.#looking.search;
    return this.#chips.update(this.#looking, this.#view.live.order.length === 0);
  }

  /** Says so when the row that somebody worked on was released and is hidden now. */
  tellHidden(held: string | undefined): void {
    const { order } = this.#view.live;
    if (held === undefined || held === order.held || order.has(held) || !order.all.has(held))
      return;
    this.#view.notice.show(`Row ${held} does not match the filter, and is hidden now.`);
  }

  openMenu(column: string, anchor?: Element): void {
    const { live, grid } = this.#view;
    const at = anchor ?? grid?.headerNode(this.#view.columnIndex(column));
    if (!at || !live.columns.includes(column) || !this.#view.editing.commit()) return;
    const by = this.#looking.sort.find((each) => each.column === column);
    this.#menu.open(
      {
        column,
        type: live.typeOf(column),
        descending: by?.descending,
        conditions: this.#looking.filters[column] ?? {},
        facets: () => facetsOf(live.order.all.ids, (row) => live.getCell(row, column), MAX_FACETS),
        isPinned: this.#looking.pinned.includes(column),
        format: Object.hasOwn(this.#looking.formats, column)
          ? (this.#looking.formats[column] as string)
          : '',
        isFirst: live.columns[0] === column,
        isLast: live.columns[live.columns.length - 1] === column,
      },
      at.getBoundingClientRect(),
    );
  }

  destroy(): void {
    this.#menu.close();
    this.#columnsMenu.close();
    this.summaries?.destroy();
  }

  /** Tells of clicks on cells. */
  #tellClick(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    const row = place ? this.#view.rowAt(place.row) : null;
    if (!place || row === null) return;
    const column = this.#view.live.columns[place.column - 1];
    const value = column === undefined ? undefined : this.#view.live.getCell(row, column);
    this.#view.options.onEvents?.([
      {
        event: 'click',
        row,
        ...(column !== undefined && { column }),
        ...(value !== undefined && { value }),
      },
    ]);
  }

  #onClick(event: MouseEvent): void {
    this.#tellClick(event);
    const [target] = event.composedPath();
    const header = target instanceof Element ? target.closest('.slick-header-column') : null;
    const column = header && this.#view.live.columns[this.#indexOf(header)];
    if (!header || column === undefined || !column || !(target instanceof Element)) return;
    if (target.closest('.slick-resizable-handle')) return;
    if (target.closest('[data-action="column-menu"]')) this.openMenu(column, header);
    else if (this.#view.editing.commit())
      this.set({ sort: nextSort(this.#looking.sort, column, { add: event.shiftKey }) });
  }

  /** The place of a header's column among those of the table. */
  #indexOf(header: Element): number {
    return Number(header.getAttribute('aria-colindex')) - 2;
  }

  #onKey(event: KeyboardEvent): void {
    const isFind =
      (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f';
    const isMenu = event.altKey && !event.ctrlKey && event.key === 'ArrowDown';
    if ((event.target as Element).closest?.('.tbw-editor') || !(isFind || isMenu)) return;
    const column = this.#view.selection.active?.column;
    if (isFind) this.#search.focus();
    else if (column !== undefined) this.openMenu(column);
    event.preventDefault();
    event.stopPropagation();
  }

  /** Begins or ends to say in the headers what is in the columns. */
  #showSummaries(): void {
    this.summaries?.destroy();
    const { summary } = this.#looking;
    this.summaries = summary ? new Summaries(this.#view.live) : undefined;
    this.#summaryButton.setAttribute('aria-pressed', String(summary));
    this.#isStale = true;
  }

  #moveColumn(from: number, to: number): void {
    const columns = [...this.#view.live.columns];
    const [column] = columns.splice(from, 1);
    if (column === undefined) return;
    columns.splice(to, 0, column);
    const { pinned } = this.#looking;
    const { pinnedCount } = this.#view.live;
    // Among the pinned columns it is pinned, beyond them not.
    const others = pinned.filter((id) => id !== column);
    const isPinned = from < pinnedCount ? to < pinnedCount : to < pinnedCount && pinnedCount > 0;
    if (isPinned || others.length < pinned.length) {
      const wanted = new Set(isPinned ? [...others, column] : others);
      this.set({ pinned: columns.filter((id) => wanted.has(id)) });
    }
    this.#setColumns(columns);
    this.#view.notice.say(`${column} is column ${to + 1} of ${columns.length}.`);
  }

  #setColumns(columns: readonly string[] | null): void {
    this.#view.update({ columns });
    this.#view.options.onColumns?.(columns);
  }

  #openColumns(anchor: DOMRect): void {
    const { live } = this.#view;
    if (!this.#view.editing.commit()) return;
    const present = live.store.getTableCellIds(live.tableId);
    this.#columnsMenu.open(
      {
        columns: [...new Set([...live.columns, ...present])],
        shown: new Set(live.columns),
        rowNumbers: this.#looking.rowNumbers,
      },
      anchor,
    );
  }
}

/** What is the same stays the same object: what comes back from the kernel sorts nothing again. */
const withNew = (before: Looking, options: LookingOptions): Looking => {
  const isNew = ([name, value]: [string, unknown]): boolean =>
    value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name as keyof Looking]);
  return { ...before, ...Object.fromEntries(Object.entries(options).filter(isNew)) };
};
