/** A table mounted in jsdom, and what a person does to it. */
import type { Store } from 'tinybase';
import { afterEach, beforeEach, vi } from 'vitest';
import { mountTable, type TableHandle, type TableOptions } from '../../src/table/index.ts';

let handle: { destroy(): void } | undefined;
let host: HTMLElement;

/** Makes each test of a file begin with a fresh place for a table. */
export const useTable = (): void => {
  beforeEach(() => {
    // jsdom lays nothing out; this much the grid must be told to draw rows.
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(
      new DOMRect(0, 0, 900, 0),
    );
    host = document.createElement('div');
    document.body.append(host);
  });
  afterEach(() => {
    handle?.destroy();
    handle = undefined;
    host.remove();
    vi.restoreAllMocks();
  });
};

export const mount = (store: Store, options: Partial<TableOptions> = {}): TableHandle => {
  let count = 0;
  const newRowId = () => `new-${++count}`;
  return mountBy((place) => mountTable(place, { store, tableId: 't', newRowId, ...options }));
};

/** Mounts something else than a table there. */
export const mountBy = <H extends { destroy(): void }>(make: (place: HTMLElement) => H): H => {
  const made = make(host);
  handle = made;
  return made;
};

/** The first element of the table that matches. */
export const find = <E extends HTMLElement = HTMLElement>(selector: string): E | null =>
  host.querySelector<E>(selector);

export const findAll = (selector: string): HTMLElement[] => [
  ...host.querySelectorAll<HTMLElement>(selector),
];

export const cell = (row: string, column: string): HTMLElement | null =>
  find(`[data-row="${row}"][data-col="${column}"]`);

/** The field of the open editor. */
export const field = (): HTMLInputElement | HTMLTextAreaElement | null => find('.tbw-editor-field');

export const action = (name: string): HTMLElement | null => find(`[data-action="${name}"]`);

export const frame = (): Promise<unknown> =>
  new Promise((resolve) => requestAnimationFrame(resolve));

const mouse = (type: string, init: MouseEventInit = {}): MouseEvent =>
  new MouseEvent(type, { bubbles: true, composed: true, cancelable: true, ...init });

export const pressCell = (row: string, column: string, init: MouseEventInit = {}): void => {
  cell(row, column)?.dispatchEvent(mouse('mousedown', init));
};

/** Moves the pressed pointer over a cell, and lets go there. */
export const dragTo = (row: string, column: string): void => {
  cell(row, column)?.dispatchEvent(mouse('mousemove', { buttons: 1 }));
  window.dispatchEvent(mouse('mouseup'));
};

/** Presses a key where the focus is, and answers whether the browser was told to do nothing more. */
export const press = (key: string, init: KeyboardEventInit = {}): boolean => {
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    composed: true,
    cancelable: true,
    ...init,
  });
  const focused = document.activeElement;
  const target = focused && host.contains(focused) ? focused : find('.tbw-grid');
  target?.dispatchEvent(event);
  return event.defaultPrevented;
};

/** Puts a text in the place of the open editor's, as typing does. */
export const fill = (text: string): void => {
  const input = field();
  if (!input) return;
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
};

/** Opens the editor of a cell and replaces its text. */
export const type = (row: string, column: string, text: string): void => {
  pressCell(row, column);
  press('F2');
  fill(text);
};

/** A clipboard of the page's own, since jsdom has none. */
export class Clipboard {
  readonly #data = new Map<string, string>();

  set text(text: string) {
    this.#data.clear();
    this.#data.set('text/plain', text);
  }

  get text(): string {
    return this.#data.get('text/plain') ?? '';
  }

  copy(): void {
    this.#fire('copy');
  }

  cut(): void {
    this.#fire('cut');
  }

  paste(text?: string): void {
    if (text !== undefined) this.text = text;
    this.#fire('paste');
  }

  #fire(type: string): void {
    const event = new Event(type, { bubbles: true, composed: true, cancelable: true });
    const clipboardData = {
      setData: (format: string, text: string) => this.#data.set(format, text),
      getData: (format: string) => this.#data.get(format) ?? '',
    };
    Object.assign(event, { clipboardData });
    find('.tbw-grid')?.dispatchEvent(event);
  }
}
