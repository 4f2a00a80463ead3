/**
 * Rows that have names: a Store's values. They are added under a name that is asked for, may be renamed,
 * and each has the type of its own cell, there being one column.
 */
import type { Cell } from 'tinybase';
import type { TableView } from './view.ts';

export interface NamedRows {
  /** What one row is called, and several. */
  readonly noun: string;
  readonly nouns: string;
  /** What the whole is called. */
  readonly title: string;
  /** A name that no row has, nor was given before. */
  freeName(): string;
}

export class NamedRowActions {
  readonly #view: TableView;

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Asks for a name, and begins a row of it. */
  add(): void {
    const { named } = this.#view.options;
    if (!named) return;
    this.#view.overlays.askName(
      {
        noun: named.noun,
        label: `Name of the new ${named.noun}`,
        button: 'Add',
        name: '',
        check: (name) => this.#whyNot(name),
        onName: (name) => this.begin(name),
        onCancel: () => this.#view.focus(),
      },
      undefined,
    );
  }

  /** Puts a row on screen that comes into being with its cell; says why that cannot be. */
  begin(name: string): void {
    const why = this.#whyNot(name);
    if (why !== undefined) {
      this.#view.notice.show(why);
      return;
    }
    this.#view.live.draftRow(name);
    this.#view.redraw();
    this.#view.rows.begin(name);
  }

  /** Asks for another name of the active row. */
  rename(): void {
    const { selection, editing, isReadOnly, live, options } = this.#view;
    const row = selection.active?.row;
    if (row == null || isReadOnly || !options.named || !editing.commit()) return;
    if (!live.store.hasRow(live.tableId, row)) return;
    this.#view.overlays.askName(
      {
        noun: options.named.noun,
        label: `New name of ${row}`,
        button: 'Rename',
        name: row,
        check: (name) =>
          name === row ? undefined : (this.#view.rules.whyKept(row) ?? this.#whyNot(name)),
        onName: (name) => {
          this.#view.focus();
          if (name !== row) this.#rename(row, name);
        },
        onCancel: () => this.#view.focus(),
      },
      undefined,
    );
  }

  #rename(row: string, name: string): void {
    const { live, cursor, notice, options, selection } = this.#view;
    const cells = live.store.getRow(live.tableId, row) as Record<string, Cell>;
    const column = selection.active?.column;
    if (Object.keys(cells).length === 0) {
      notice.show(`${row} was deleted by somebody meanwhile.`);
      return;
    }
    live.write(() => {
      live.store.setRow(live.tableId, name, cells);
      live.store.delRow(live.tableId, row);
    });
    this.#view.redraw();
    if (column !== undefined && live.order.has(name)) cursor.activate(name, column);
    notice.show(`The ${options.named?.noun} ${row} is ${name} now.`);
  }

  #whyNot(name: string): string | undefined {
    const { live, rules, options } = this.#view;
    if (live.order.all.has(name)) return `There is a ${options.named?.noun} ${name} already.`;
    return live.columns.some((column) => rules.isClosed(column, name))
      ? `The schema has no ${options.named?.noun} ${name}.`
      : undefined;
  }
}
