/**
 * Paints single cells and row headers.
 *
 * Everything from a Store reaches the page as a text node or an attribute's value, never as markup.
 */
import { type ColumnType, displayText, kindOf, type MaybeCell } from './values.ts';

const FLASH = 'tbw-flash';
const ACTIVE = 'tbw-active';

export interface CellState {
  /** The row's id, or null in the blank line. */
  readonly row: string | null;
  readonly column: string;
  readonly columnIndex: number;
  readonly type: ColumnType;
  readonly cell: MaybeCell;
  readonly isActive: boolean;
  /** The id that the active cell's element has, for `aria-activedescendant`. */
  readonly activeId: string;
  readonly hint: string;
  /** How the cell is written, if otherwise than usual. */
  readonly text?: string | undefined;
  /** The edges of the selected range that the cell has; undefined if it is not in it. */
  readonly range: string | undefined;
  /** Whether the cell is one of several options. */
  readonly isChoice: boolean;
  /** Why nobody may write here; undefined if anybody may. */
  readonly locked: string | undefined;
  /** What is said of the cell's conflicts, if it has any. */
  readonly conflict: string | undefined;
}

export const paintCell = (node: HTMLElement, state: CellState): void => {
  const { row, column, cell, type } = state;
  const kind = kindOf(cell);
  setData(node, 'row', row ?? undefined);
  setData(node, 'col', column);
  setData(node, 'kind', kind);
  node.setAttribute('aria-colindex', String(state.columnIndex + 1));
  if (node.title) node.title = '';
  const isCheck = type === 'boolean' && (kind === 'boolean' || (kind === 'absent' && row !== null));
  if (isCheck) paintCheck(node, column, cell);
  else setText(node, kind === 'absent' ? state.hint : (state.text ?? displayText(cell)));
  markActive(node, state.isActive, state.activeId);
  markConflict(node, state.conflict);
  markRange(node, state.range);
  setData(node, 'options', state.isChoice && state.locked === undefined ? '' : undefined);
  setData(node, 'locked', state.locked === undefined ? undefined : '');
  if (state.locked === undefined) node.removeAttribute('aria-readonly');
  else node.setAttribute('aria-readonly', 'true');
};

/** Marks a cell's element as one in the selected range, with the range's edges, or takes the mark away. */
export const markRange = (node: HTMLElement, edges: string | undefined): void => {
  setData(node, 'range', edges);
  if (edges === undefined) node.removeAttribute('aria-selected');
  else node.setAttribute('aria-selected', 'true');
};

/** Marks a cell's element as one with a conflict or takes the mark away. */
export const markConflict = (node: HTMLElement, description: string | undefined): void => {
  setData(node, 'conflict', description === undefined ? undefined : '');
  if (description === undefined) node.removeAttribute('aria-description');
  else node.setAttribute('aria-description', description);
};

/** Marks a cell's element as the active one or takes the mark away. */
export const markActive = (node: HTMLElement, isActive: boolean, activeId: string): void => {
  node.classList.toggle(ACTIVE, isActive);
  if (isActive) node.id = activeId;
  else if (node.id) node.removeAttribute('id');
};

/** Lets a cell light up once. */
export const flash = (node: HTMLElement): void => node.classList.add(FLASH);

export const endFlash = (node: Element): void => node.classList.remove(FLASH);

export const paintRowHeader = (
  node: HTMLElement,
  row: string | null,
  index: number | undefined,
): void => {
  node.setAttribute('role', 'rowheader');
  node.setAttribute('aria-colindex', '1');
  setData(node, 'row', row ?? undefined);
  setText(node, row === null ? '+' : index === undefined ? row : (index + 1).toLocaleString('en'));
  node.title = row === null ? 'New row' : row;
};

const paintCheck = (node: HTMLElement, label: string, cell: MaybeCell): void => {
  let check = node.firstElementChild;
  if (!check?.classList.contains('tbw-check')) {
    check = document.createElement('span');
    check.className = 'tbw-check';
    check.setAttribute('role', 'checkbox');
    node.replaceChildren(check);
  }
  check.setAttribute('aria-label', label);
  check.setAttribute('aria-checked', cell === undefined ? 'mixed' : String(cell));
};

const setData = (node: HTMLElement, name: string, value: string | undefined): void => {
  if (value === undefined) delete node.dataset[name];
  else if (node.dataset[name] !== value) node.dataset[name] = value;
};

const setText = (node: HTMLElement, text: string): void => {
  const first = node.firstChild;
  // Changing the text node that is there is much cheaper than a new one, thousands of times a second.
  if (first instanceof Text && node.childNodes.length === 1) first.data = text;
  else node.textContent = text;
};
