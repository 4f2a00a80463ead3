/** What is done to whole tables of a Store, and what is asked before: adding, renaming, deleting them. */
import type { Cell, Store } from 'tinybase';
import { Menu, type MenuItem } from '../table/menu.ts';
import { NamePrompt } from '../table/name_prompt.ts';
import type { Notice } from '../table/notice.ts';
import { UNDOABLE } from '../table/options.ts';
import { Question } from '../table/question.ts';
import type { StoreOptions } from './store_view.ts';
import type { TabKey, Tabs } from './tabs.ts';

export interface TablesHost {
  readonly tabs: Tabs;
  readonly notice: Notice;
  options(): StoreOptions;
  /** Whether a table was begun here and has no row yet. */
  isBegun(name: string): boolean;
  /** Takes what is being typed in a table; false if it cannot be taken. */
  commit(key: TabKey): boolean;
  onBegin(name: string): void;
  /** A table's rows are those of another one now. */
  onRename(key: string, name: string): void;
  onDelete(key: string): void;
}

export class TableActions {
  readonly #host: TablesHost;
  readonly #menu: Menu;
  readonly #prompt: NamePrompt;
  readonly #question: Question;

  constructor(root: HTMLElement, host: TablesHost) {
    this.#host = host;
    this.#menu = new Menu(root);
    this.#prompt = new NamePrompt(root);
    this.#question = new Question(root);
  }

  openMenu(key: TabKey, anchor: DOMRect): void {
    if (this.#host.options().readOnly) return;
    const add = { action: 'add-table', label: 'Add table…', run: () => this.add(key) };
    const groups: MenuItem[][] = [[add]];
    if (key !== null)
      groups.push([
        {
          action: 'rename-table',
          label: `Rename ${short(key)}…`,
          keys: 'F2',
          run: () => this.rename(key),
        },
        {
          action: 'delete-table',
          label: `Delete ${short(key)}…`,
          ...{ keys: 'Delete', isHarmful: true },
          run: () => this.delete(key),
        },
      ]);
    this.#menu.open('Tab', groups, anchor, this.#onCancel);
  }

  /** Asks for a name, and begins a table of it; the question stands at a tab. */
  add(at: TabKey): void {
    this.#prompt.ask(
      {
        noun: 'table',
        label: 'Name of the new table',
        button: 'Add',
        name: '',
        check: (name) => this.#whyNot(name),
        onName: (name) => this.#host.onBegin(name),
        onCancel: this.#onCancel,
      },
      this.#host.tabs.boxOf(at),
    );
  }

  rename(key: TabKey): void {
    const { store, readOnly, history } = this.#host.options();
    // What is being typed there belongs to the table under its old name.
    if (key === null || readOnly || !this.#host.commit(key)) return;
    const rename = (name: string): void => {
      renameTable(store, key, name);
      this.#host.onRename(key, name);
      this.#host.tabs.focus();
      this.#host.notice.show(renamedText(key, name));
    };
    const isUndoable = (): boolean => !history || cellCount(store, key) * 2 <= UNDOABLE;
    const lines = ['It has too many cells to undo this.'];
    this.#prompt.ask(
      {
        noun: 'table',
        label: `New name of ${short(key)}`,
        button: 'Rename',
        name: key,
        check: (name) => (name === key ? undefined : this.#whyNot(name)),
        onName: (name) => {
          if (name === key) this.#host.tabs.focus();
          else if (isUndoable()) rename(name);
          else this.#ask(key, 'Rename', lines, () => rename(name));
        },
        onCancel: this.#onCancel,
      },
      this.#host.tabs.boxOf(key),
    );
  }

  delete(key: TabKey): void {
    const { store, readOnly, history } = this.#host.options();
    if (key === null || readOnly) return;
    const remove = (): void => {
      this.#host.onDelete(key);
      this.#host.tabs.focus();
      this.#host.notice.show(`${short(key)} deleted.`);
    };
    const rows = store.getRowCount(key);
    const isUndoable = history !== undefined && cellCount(store, key) <= UNDOABLE;
    const lines = [
      `It has ${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}.`,
      isUndoable ? 'Ctrl+Z brings it back.' : 'This is too much to undo.',
    ];
    if (rows === 0) remove();
    else this.#ask(key, 'Delete', lines, remove);
  }

  close(): void {
    this.#menu.close();
    this.#prompt.close();
    this.#question.close();
  }

  readonly #onCancel = (): void => this.#host.tabs.focus();

  #ask(key: string, word: string, lines: readonly string[], run: () => void): void {
    this.#question.ask(
      {
        title: `${word} ${short(key)}?`,
        lines,
        answers: [{ action: word.toLowerCase(), label: word, run }],
        cancelLabel: 'Cancel',
        onCancel: this.#onCancel,
      },
      this.#host.tabs.boxOf(key),
    );
  }

  /** Why a table cannot have a name. */
  #whyNot(name: string): string | undefined {
    const { store, schemas } = this.#host.options();
    if (store.hasTable(name) || this.#host.isBegun(name))
      return `There is a table ${name} already.`;
    return schemas && !Object.hasOwn(schemas, name)
      ? `The schema has no table ${name}.`
      : undefined;
  }
}

export const renamedText = (key: string, name: string): string =>
  `The table ${short(key)} is ${short(name)} now.`;

const cellCount = (store: Store, table: string): number =>
  store.getRowIds(table).reduce((sum, row) => sum + store.getCellIds(table, row).length, 0);

/** Gives a table's rows to another table, in one transaction; what others add to it meanwhile stays there. */
const renameTable = (store: Store, from: string, to: string): void => {
  store.transaction(() => {
    // Cell by cell: an object of rows could not hold one called __proto__.
    for (const row of store.getRowIds(from))
      for (const cell of store.getCellIds(from, row))
        store.setCell(to, row, cell, store.getCell(from, row, cell) as Cell);
    store.delTable(from);
  });
};

const short = (name: string): string => (name.length > 40 ? `${name.slice(0, 39)}…` : name);
