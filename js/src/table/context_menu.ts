/** The table's menu: what can be done with the selection, its rows and its columns, and when it opens. */
import { pastedTexts, rememberedCells } from './clipboard.ts';
import type { CellPlace } from './grid.ts';
import { Menu, type MenuGroup, type MenuItem } from './menu.ts';
import type { TableView } from './view.ts';

const isMac = typeof navigator !== 'undefined' && /Mac|iP(ad|hone)/.test(navigator.platform);

export class ContextMenu {
  readonly #view: TableView;
  readonly #menu: Menu;

  constructor(view: TableView, root: HTMLElement) {
    this.#view = view;
    this.#menu = new Menu(root);
  }

  listen(grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('contextmenu', (event) => this.#onContextMenu(event), { signal });
    signal.addEventListener('abort', () => this.#menu.close());
  }

  /** Opens the menu of the active cell, below it or below another element. */
  open(anchor?: DOMRect): void {
    const { active } = this.#view.selection;
    if (!active || !this.#view.editing.commit()) return;
    this.#view.cursor.scrollToActive();
    this.#show(
      [this.#cells(), this.#rows(), this.#columns(active.column)],
      anchor ?? this.#view.overlays.activeBox(),
    );
  }

  #onContextMenu(event: MouseEvent): void {
    // With Shift the browser's own menu opens, as everywhere.
    if (event.shiftKey && event.button === 2) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#menu.isOpen) return;
    const column = this.#view.headerColumn(event);
    const at = new DOMRect(event.clientX, event.clientY, 0, 0);
    const place = this.#view.placeOf(event);
    if (place && !this.#meet(place)) return;
    if (column !== undefined) this.#show([this.#columns(column)], at);
    else if (!place) this.open();
    else if (this.#view.selection.rows.size > 0) this.#show([this.#clipboard(), this.#rows()], at);
    else this.open(at);
  }

  /** Makes the cell active that the menu is opened in, if it is not selected: a finger has not done so. */
  #meet(place: CellPlace): boolean {
    const { live, cursor, selection, editing } = this.#view;
    const row = this.#view.rowAt(place.row);
    const column = live.columns[Math.max(0, place.column - 1)];
    if (column === undefined || selection.isActive(row, column) || cursor.isSelected(row, column))
      return column !== undefined;
    if (!editing.commit()) return false;
    selection.clearRows();
    cursor.activate(row, column);
    if (place.column === 0 && row !== null) selection.pick(row, live.order.ids, {});
    cursor.show();
    return true;
  }

  #show(groups: readonly MenuGroup[], anchor: DOMRect): void {
    this.#menu.open('Table', groups, anchor, () => this.#view.focus());
  }

  #cells(): MenuGroup {
    const { selection, rules, transfer, live } = this.#view;
    const { rows, columns } = selection.area(live.order, live.columns);
    const canWrite = !this.#view.isReadOnly && rows.length > 0;
    const items: MenuItem[] = [...this.#clipboard()];
    if (!canWrite) return items;
    items.push({ action: 'clear', label: 'Clear', keys: 'Delete', run: () => transfer.clear() });
    const isNamed = this.#view.options.named !== undefined;
    const subjects = isNamed ? rows : [undefined];
    if (columns.every((column) => subjects.every((row) => rules.allowsNull(column, row))))
      items.push({ action: 'set-null', label: 'Set to null', run: () => transfer.setNull() });
    if (rows.length > 1)
      items.push({
        action: 'fill-down',
        label: 'Fill down',
        keys: keys('D'),
        run: () => transfer.fill('down'),
      });
    if (columns.length > 1)
      items.push({
        action: 'fill-right',
        label: 'Fill right',
        keys: keys('R'),
        run: () => transfer.fill('right'),
      });
    return items;
  }

  #clipboard(): MenuGroup {
    const isReadOnly = this.#view.isReadOnly;
    const copy: MenuItem = {
      action: 'copy',
      label: 'Copy',
      keys: keys('C'),
      run: () => this.#copy('copy'),
    };
    if (isReadOnly) return [copy];
    return [
      { action: 'cut', label: 'Cut', keys: keys('X'), run: () => this.#copy('cut') },
      copy,
      { action: 'paste', label: 'Paste', keys: keys('V'), run: () => void this.#paste() },
    ];
  }

  #rows(): MenuGroup {
    const { rows, selection, live } = this.#view;
    if (this.#view.isReadOnly) return [];
    const count = selection.rowCount(live.order, live.columns);
    if (count === 0) return [];
    const { named } = this.#view.options;
    const [noun, nouns] = named ? [named.noun, named.nouns] : ['row', 'rows'];
    const these = count === 1 ? noun : `${count.toLocaleString('en')} ${nouns}`;
    const remove: MenuItem = {
      action: 'delete-rows',
      label: `Delete ${these}`,
      isHarmful: true,
      run: () => rows.delete(),
    };
    if (named)
      return [
        { action: 'add-row', label: `Add ${noun}…`, run: () => rows.add() },
        {
          action: 'rename-row',
          label: `Rename ${noun}…`,
          isDisabled: count !== 1,
          run: () => this.#view.named.rename(),
        },
        remove,
      ];
    return [
      { action: 'insert-above', label: 'Insert row above', run: () => rows.insert('above') },
      { action: 'insert-below', label: 'Insert row below', run: () => rows.insert('below') },
      { action: 'duplicate', label: `Duplicate ${these}`, run: () => rows.duplicate() },
      remove,
    ];
  }

  #columns(column: string): MenuGroup {
    const { columns, rules } = this.#view;
    const look: MenuItem = {
      action: 'look',
      label: 'Sort, filter, pin, hide…',
      keys: isMac ? '⌥↓' : 'Alt+↓',
      run: () => this.#view.looker.openMenu(column),
    };
    if (this.#view.isReadOnly || this.#view.options.named) return [look];
    const isDisabled = columns.whyFixed !== undefined;
    const add = (side: 'left' | 'right'): MenuItem => ({
      action: `insert-${side}`,
      label: `Insert column ${side}`,
      isDisabled,
      run: () => columns.insert(column, side),
    });
    const isLocked = isDisabled || rules.isColumnReadOnly(column);
    return [
      add('left'),
      add('right'),
      {
        action: 'rename-column',
        label: `Rename ${short(column)}…`,
        isDisabled: isLocked,
        run: () => columns.rename(column),
      },
      {
        action: 'delete-column',
        label: `Delete ${short(column)}`,
        isDisabled: isLocked,
        isHarmful: true,
        run: () => columns.delete(column),
      },
      look,
    ];
  }

  #copy(command: 'copy' | 'cut'): void {
    this.#view.focus();
    if (!this.#view.transfer.copy(command))
      this.#view.notice.show(`Press ${keys(command === 'copy' ? 'C' : 'X')} to ${command}.`);
  }

  async #paste(): Promise<void> {
    this.#view.focus();
    try {
      const text = await navigator.clipboard.readText();
      if (text !== '') this.#view.transfer.paste(rememberedCells(text) ?? pastedTexts(text));
    } catch {
      // The page may not read the clipboard by itself; the keys always work.
      this.#view.notice.show(`Press ${keys('V')} to paste.`);
    }
  }
}

const keys = (letter: string): string => (isMac ? `⌘${letter}` : `Ctrl+${letter}`);

const short = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name);
