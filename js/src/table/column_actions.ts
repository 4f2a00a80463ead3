/**
 * Columns: added, renamed, deleted. A column is the cells of that id, so renaming one writes all of them
 * under the other id, and a new one is only on this screen until it has a cell.
 */
import type { Cell } from 'tinybase';
import { UNDOABLE } from './options.ts';
import type { TableView } from './view.ts';

export class ColumnActions {
  readonly #view: TableView;

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Why columns stay as they are; undefined if they need not. */
  get whyFixed(): string | undefined {
    if (this.#view.isReadOnly) return 'This table is read-only.';
    const { named } = this.#view.options;
    if (named) return `A ${named.noun} has one cell.`;
    return this.#view.rules.hasSchema
      ? 'The schema of this table says which columns it has.'
      : undefined;
  }

  /** Adds columns after the last, which stay on screen until they have cells. */
  addLast(names: readonly string[]): void {
    const { live, options } = this.#view;
    for (const name of names) live.draft(name);
    if (options.columns) this.#show([...options.columns, ...names]);
    this.#view.redraw();
  }

  /** Begins a table that has no columns. */
  start(name: string): void {
    if (this.#view.options.named) {
      this.#view.named.begin(name);
      return;
    }
    this.addLast([name]);
    this.#view.rows.add();
  }

  /** Asks for a name, and puts a column of it beside another one. */
  insert(column: string | undefined, side: 'left' | 'right'): void {
    const { live, editing } = this.#view;
    if (this.whyFixed !== undefined || !editing.commit()) return;
    this.#view.overlays.askName(
      {
        noun: 'column',
        label: 'Name of the new column',
        button: 'Add',
        name: '',
        check: (name) => this.#whyNot(name),
        onName: (name) => {
          const at = column === undefined ? -1 : live.columns.indexOf(column);
          this.#add(name, at < 0 ? live.columns.length : at + (side === 'right' ? 1 : 0));
        },
        onCancel: () => this.#view.focus(),
      },
      column,
    );
  }

  rename(column: string): void {
    if (this.#view.isReadOnly || !this.#view.editing.commit()) return;
    this.#view.overlays.askName(
      {
        noun: 'column',
        label: `New name of ${column}`,
        button: 'Rename',
        name: column,
        check: (name) =>
          name === column ? undefined : (this.#whyLocked(column) ?? this.#whyNot(name)),
        onName: (name) => {
          this.#view.focus();
          if (name !== column)
            this.#askIfLarge(column, `Rename ${column}`, () => this.#rename(column, name));
        },
        onCancel: () => this.#view.focus(),
      },
      column,
    );
  }

  delete(column: string): void {
    const { notice, editing } = this.#view;
    if (this.#view.isReadOnly || !editing.commit()) return;
    const locked = this.#whyLocked(column);
    if (locked !== undefined) notice.show(locked);
    else this.#askIfLarge(column, `Delete ${column}`, () => this.#delete(column));
  }

  /** Shows other columns than those it was told to. */
  #show(columns: readonly string[]): void {
    this.#view.update({ columns });
    this.#view.options.onColumns?.(columns);
  }

  #add(name: string, at: number): void {
    const { live, options, selection, cursor } = this.#view;
    live.draft(name, at);
    const { columns } = options;
    if (columns) this.#show([...columns.slice(0, at), name, ...columns.slice(at)]);
    this.#view.redraw();
    this.#view.focus();
    cursor.activate(selection.active?.row ?? live.order.ids[0] ?? null, name);
  }

  #rename(column: string, name: string): void {
    const { live, cursor, selection, notice } = this.#view;
    const cells = this.#cellsOf(column);
    live.write(() => {
      for (const [row, cell] of cells) {
        live.store.setCell(live.tableId, row, name, cell);
        live.store.delCell(live.tableId, row, column, true);
      }
    });
    this.#view.renameColumn(column, name);
    this.#view.redraw();
    cursor.activate(selection.active?.row ?? live.order.ids[0] ?? null, name);
    notice.show(`${column} is ${name} now.`);
  }

  #delete(column: string): void {
    const { live, options, cursor, selection, notice } = this.#view;
    const cells = this.#cellsOf(column);
    const at = live.columns.indexOf(column);
    const before = live.store.getRowCount(live.tableId);
    live.write(() => {
      for (const [row] of cells) live.store.delCell(live.tableId, row, column, true);
    });
    live.forgetColumn(column);
    if (options.columns) this.#show(options.columns.filter((id) => id !== column));
    this.#view.redraw();
    this.#view.focus();
    const next = live.columns[Math.min(at, live.columns.length - 1)];
    if (next !== undefined) cursor.activate(selection.active?.row ?? null, next);
    const gone = before - live.store.getRowCount(live.tableId);
    const rows = gone > 0 ? `, and ${gone.toLocaleString('en')} rows that had no other cell` : '';
    notice.show(`${column} deleted${rows}.${this.#view.history ? ' Ctrl+Z brings it back.' : ''}`);
  }

  #cellsOf(column: string): [string, Cell][] {
    const { live } = this.#view;
    return live.order.all.ids.flatMap((row): [string, Cell][] => {
      const cell = live.store.getCell(live.tableId, row, column) as Cell | undefined;
      return cell === undefined ? [] : [[row, cell]];
    });
  }

  #whyNot(name: string): string | undefined {
    const { live } = this.#view;
    if (live.columns.includes(name) || live.store.getTableCellIds(live.tableId).includes(name))
      return `There is a column ${name} already.`;
    return undefined;
  }

  /** Why a column cannot go. */
  #whyLocked(column: string): string | undefined {
    const { rules } = this.#view;
    if (this.whyFixed !== undefined) return this.whyFixed;
    if (rules.isColumnReadOnly(column)) return `${column} is read-only.`;
    if (rules.hasLockedCells(column)) return `${column} has read-only cells.`;
    return undefined;
  }

  #askIfLarge(column: string, title: string, run: () => void): void {
    const count = this.#cellsOf(column).length;
    if (count * 2 <= UNDOABLE) {
      run();
      return;
    }
    this.#view.overlays.ask({
      title: `${title}?`,
      lines: [`It has ${count.toLocaleString('en')} cells: too many to undo this.`],
      answers: [{ action: 'go-on', label: title, run }],
      cancelLabel: 'Cancel',
      onCancel: () => this.#view.focus(),
    });
  }
}
