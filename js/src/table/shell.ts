/**
 * The elements of a table that are always there: its root with the toolbar, the grid's place and the
 * empty state, and what they say about the table as a whole.
 */
import { EmptyState } from './empty.ts';
import { fitToolbar } from './fitting.ts';
import { Notice } from './notice.ts';
import { keepShortcutsOut } from './shortcuts.ts';
import { Toolbar, type ToolbarActions, type ToolbarState } from './toolbar.ts';

export interface ShellActions extends ToolbarActions {
  startColumn(name: string): void;
}

export interface ShellState extends ToolbarState {
  /** Rows that the grid draws: the blank line counts. */
  readonly lineCount: number;
  /** The same if nothing were filtered out. */
  readonly totalLineCount: number;
  readonly columnCount: number;
  /** The id of the active cell's element, if a cell is active. */
  readonly activeId: string | undefined;
}

export class Shell {
  readonly root = document.createElement('div');
  readonly grid = document.createElement('div');
  readonly notice = new Notice();
  readonly #toolbar: Toolbar;
  readonly #empty: EmptyState;
  readonly #host: HTMLElement;
  readonly #gone = new AbortController();
  #line: HTMLElement | undefined;

  constructor(host: HTMLElement, actions: ShellActions) {
    this.#host = host;
    this.#toolbar = new Toolbar(actions);
    this.#empty = new EmptyState((name) => actions.startColumn(name));
    this.root.className = 'tbw-table';
    this.root.tabIndex = -1;
    this.grid.className = 'tbw-grid';
    this.grid.tabIndex = 0;
    keepShortcutsOut(host, this.root);
    this.root.append(
      this.#toolbar.element,
      this.grid,
      this.#empty.element,
      ...this.notice.elements,
    );
    host.append(this.root);
    fitToolbar(this.#toolbar.element, this.#gone.signal);
  }

  /** Puts a search box and buttons into the toolbar, before its own buttons, and a line below it. */
  addTools(search: HTMLElement, buttons: readonly HTMLElement[], line: HTMLElement): void {
    const own = this.#toolbar.element.querySelector('.tbw-buttons');
    own?.before(search);
    own?.prepend(...buttons);
    this.#toolbar.element.after(line);
    this.#line = line;
  }

  /** The height of all that is above the grid. */
  get toolbarHeight(): number {
    return this.#toolbar.element.offsetHeight + (this.#line?.offsetHeight ?? 0);
  }

  update(state: ShellState): void {
    const { tableId, readOnly, columnCount, named } = state;
    const isEmpty = columnCount === 0 || (named !== undefined && state.totalLineCount === 0);
    if (named) this.root.dataset.named = named.noun;
    else this.root.dataset.table = tableId;
    this.grid.hidden = isEmpty;
    this.#empty.element.hidden = !isEmpty;
    this.root.toggleAttribute('data-empty', isEmpty && state.totalCount === 0);
    this.#empty.update(readOnly, named, state.totalCount > 0);
    this.#toolbar.update({ ...state, readOnly: readOnly || (isEmpty && !named) });
    setAttributes(this.grid, {
      'aria-label': named?.title ?? tableId,
      'aria-rowcount': String(state.lineCount + 1),
      'aria-colcount': String(columnCount + 1),
      'aria-multiselectable': 'true',
      'aria-readonly': String(readOnly),
      'aria-activedescendant': state.activeId,
    });
  }

  focus(): void {
    if (this.grid.hidden) this.#empty.focus();
    else this.grid.focus({ preventScroll: true });
  }

  destroy(): void {
    this.#gone.abort();
    this.notice.clear();
    this.root.remove();
    delete this.#host.dataset.lmSuppressShortcuts;
  }
}

const setAttributes = (
  element: Element,
  attributes: Readonly<Record<string, string | undefined>>,
): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
};
