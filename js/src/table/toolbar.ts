/**
 * The line above the grid: the table's name, how many rows it has, the state of its connection, how
 * many conflicts are open, and the buttons. It knows no Store.
 */
import { rowsText } from './looking/words.ts';
import type { NamedRows } from './named_rows.ts';

export interface Status {
  readonly state: 'connecting' | 'synced' | 'saving' | 'silent' | 'offline';
  /** What to show instead of the state's own word. */
  readonly text?: string;
  /** What it means, in a sentence. */
  readonly title?: string;
}

export interface ToolbarState {
  readonly tableId: string;
  readonly named?: NamedRows | undefined;
  /** How many rows are shown, and how many there are. */
  readonly rowCount: number;
  readonly totalCount: number;
  readonly status: Status | undefined;
  readonly readOnly: boolean;
  /** How many rows "Delete row" would delete. */
  readonly deletable: number;
  /** How many cells have a conflict. */
  readonly conflicts: number;
  /** Whether there is something to undo and to redo; undefined where nothing ever is. */
  readonly undoable: { readonly undo: boolean; readonly redo: boolean } | undefined;
}

export interface ToolbarActions {
  addRow(): void;
  deleteRows(): void;
  undo(): void;
  redo(): void;
  nextConflict(): void;
  /** Opens the menu below the button. */
  openMenu(anchor: DOMRect): void;
}

const ICONS = {
  add: 'M8 3.25v9.5M3.25 8h9.5',
  delete: 'M3.5 4.5h9M6.5 4.5v-1.5h3v1.5M4.75 4.5l.5 8.5h5.5l.5-8.5M6.9 7v3.8M9.1 7v3.8',
  undo: 'M3 6.5h6.75a3.25 3.25 0 0 1 0 6.5H6.5M5.75 3.5 2.75 6.5l3 3',
  redo: 'M13 6.5H6.25a3.25 3.25 0 0 0 0 6.5H9.5M10.25 3.5l3 3-3 3',
  menu: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  conflict: 'M8 2.75 14 13.25H2zM8 6.75v3M8 11.4v.1',
} as const;

const SVG = 'http://www.w3.org/2000/svg';
const STATUS_WORDS: Readonly<Record<Status['state'], string>> = {
  connecting: 'Connecting…',
  synced: 'Synced',
  saving: 'Saving…',
  silent: 'No answer yet',
  offline: 'Offline',
};

export class Toolbar {
  readonly element = part('div', 'tbw-toolbar');
  readonly #name = part('span', 'tbw-name');
  readonly #count = part('span', 'tbw-count');
  readonly #status = part('span', 'tbw-status');
  readonly #statusText = part('span', 'tbw-status-text');
  readonly #add: HTMLButtonElement;
  readonly #delete: HTMLButtonElement;
  readonly #addText: HTMLElement;
  readonly #deleteText: HTMLElement;
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #menu: HTMLButtonElement;
  readonly #conflicts: HTMLButtonElement;
  readonly #conflictCount = part('span', 'tbw-conflict-count');

  constructor(actions: ToolbarActions) {
    this.#add = button('add-row', ICONS.add, 'Add row', actions.addRow);
    this.#delete = button('delete-row', ICONS.delete, 'Delete row', actions.deleteRows);
    this.#undo = button('undo', ICONS.undo, 'Undo', actions.undo);
    this.#redo = button('redo', ICONS.redo, 'Redo', actions.redo);
    for (const each of [this.#undo, this.#redo]) each.classList.add('tbw-icon-button');
    this.#undo.title = 'Undo (Ctrl+Z)';
    this.#redo.title = 'Redo (Ctrl+Shift+Z)';
    this.#conflicts = button('next-conflict', ICONS.conflict, '', actions.nextConflict);
    this.#conflicts.classList.add('tbw-conflicts');
    this.#conflicts.insertBefore(this.#conflictCount, this.#conflicts.lastElementChild);
    this.#addText = this.#add.querySelector('.tbw-button-text') as HTMLElement;
    this.#deleteText = this.#delete.querySelector('.tbw-button-text') as HTMLElement;
    this.#status.append(part('span', 'tbw-dot'), this.#statusText);
    const title = part('div', 'tbw-title');
    title.append(this.#name, this.#count);
    const buttons = part('div', 'tbw-buttons');
    this.#menu = button('menu', ICONS.menu, 'More actions', () =>
      actions.openMenu(this.#menu.getBoundingClientRect()),
    );
    this.#menu.classList.add('tbw-icon-button');
    this.#menu.title = 'More actions (Shift+F10)';
    this.#menu.setAttribute('aria-haspopup', 'menu');
    buttons.append(this.#undo, this.#redo, this.#add, this.#delete, this.#menu);
    this.element.append(title, this.#status, this.#conflicts, buttons);
  }

  update(state: ToolbarState): void {
    const { named, rowCount, totalCount, status, readOnly, deletable, conflicts, undoable } = state;
    const title = named?.title ?? state.tableId;
    const [noun, nouns] = named ? [named.noun, named.nouns] : ['row', 'rows'];
    setText(this.#name, title);
    this.#name.title = title;
    setText(this.#count, rowsText(rowCount, totalCount, [noun, nouns]));
    this.#status.hidden = status === undefined;
    if (status) {
      const text = status.text ?? STATUS_WORDS[status.state];
      this.#status.dataset.state = status.state;
      this.#status.title = status.title ?? text;
      setText(this.#statusText, text);
    }
    setLabel(this.#add, this.#addText, `Add ${noun}`);
    this.#add.hidden = readOnly;
    this.#menu.hidden = readOnly;
    this.#delete.hidden = readOnly;
    this.#delete.disabled = deletable === 0;
    const these = deletable > 1 ? `${deletable.toLocaleString('en')} ${nouns}` : noun;
    setLabel(this.#delete, this.#deleteText, `Delete ${these}`);
    this.#undo.hidden = this.#redo.hidden = readOnly || undoable === undefined;
    this.#undo.disabled = undoable?.undo !== true;
    this.#redo.disabled = undoable?.redo !== true;
    this.#showConflicts(conflicts);
  }

  #showConflicts(count: number): void {
    this.#conflicts.hidden = count === 0;
    const word = count === 1 ? 'conflict' : 'conflicts';
    setText(this.#conflictCount, count.toLocaleString('en'));
    setText(this.#conflicts.lastElementChild as HTMLElement, word);
    const label = `${count.toLocaleString('en')} ${word}: go to the next (F8)`;
    this.#conflicts.setAttribute('aria-label', label);
    this.#conflicts.title = label;
  }
}

const part = (tag: string, className: string): HTMLElement => {
  const element = document.createElement(tag);
  element.className = className;
  return element;
};

const setText = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

const setLabel = (element: HTMLElement, text: HTMLElement, label: string): void => {
  setText(text, label);
  element.setAttribute('aria-label', label);
  element.title = label;
};

const button = (
  action: string,
  path: string,
  label: string,
  onClick: () => void,
): HTMLButtonElement => {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'tbw-button';
  element.dataset.action = action;
  element.setAttribute('aria-label', label);
  element.title = label;
  const text = part('span', 'tbw-button-text');
  text.textContent = label;
  element.append(icon(path), text);
  // Keeps the focus, and with it an open editor, until the click says what to do.
  element.addEventListener('mousedown', (event) => event.preventDefault());
  element.addEventListener('click', onClick);
  return element;
};

const icon = (path: string): SVGElement => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
};
