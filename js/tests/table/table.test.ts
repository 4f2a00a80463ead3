// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mountTable, type TableHandle, type TableOptions } from '../../src/table/index.ts';

const HOSTILE = '<img src=x onerror="globalThis.hacked = true">';

let handle: TableHandle | undefined;
let host: HTMLElement;

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

const mount = (store: Store, options: Partial<TableOptions> = {}): HTMLElement => {
  let count = 0;
  handle = mountTable(host, { store, tableId: 't', newRowId: () => `new-${++count}`, ...options });
  return host.querySelector('.tbw-table') as HTMLElement;
};

const cell = (row: string, column: string): HTMLElement | null =>
  host.querySelector(`[data-row="${row}"][data-col="${column}"]`);

const grid = (): HTMLElement => host.querySelector('.tbw-grid') as HTMLElement;
const field = (): HTMLInputElement | HTMLTextAreaElement | null =>
  host.querySelector('.tbw-editor-field');
const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

const activate = (row: string, column: string): void => {
  cell(row, column)?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, composed: true }));
};

const press = (key: string, init: KeyboardEventInit = {}): void => {
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    composed: true,
    cancelable: true,
    ...init,
  });
  (field() ?? grid()).dispatchEvent(event);
};

/** Opens the editor of a cell and replaces its text. */
const type = (row: string, column: string, text: string): void => {
  activate(row, column);
  press('F2');
  const input = field() as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
};

describe('text from a Store', () => {
  it('is never read as markup, wherever it comes from', () => {
    const store = createStore();
    store.setTable(HOSTILE, {
      [HOSTILE]: { [HOSTILE]: HOSTILE, list: [HOSTILE], number: 1 },
      other: { number: 2 },
    });
    mount(store, { tableId: HOSTILE, status: { state: 'offline', text: HOSTILE } });
    const texts = [
      ...host.querySelectorAll('.tbw-name, .tbw-head, .slick-cell, .tbw-status-text'),
    ].map((node) => node.textContent);
    expect(host.querySelector('img')).toBeNull();
    expect(texts.filter((text) => text === HOSTILE)).toHaveLength(5);
    expect(texts).toContain(JSON.stringify([HOSTILE]));
    expect('hacked' in globalThis).toBe(false);
  });

  it('is text in the editor too', () => {
    const store = createStore().setTable('t', { 1: { a: HOSTILE } });
    mount(store);
    activate('1', 'a');
    press('F2');
    expect(field()?.value).toBe(HOSTILE);
    expect(host.querySelector('img')).toBeNull();
  });
});

describe('cells', () => {
  it('show null as a word and an absent cell as nothing', () => {
    mount(createStore().setTable('t', { 1: { a: null, b: 1 }, 2: { a: 'x' } }));
    expect([cell('1', 'a')?.textContent, cell('1', 'a')?.dataset.kind]).toEqual(['null', 'null']);
    expect([cell('2', 'b')?.textContent, cell('2', 'b')?.dataset.kind]).toEqual(['', 'absent']);
  });

  it('follow the Store, and flash when somebody else changed them', async () => {
    const store = createStore().setTable('t', { 1: { a: 'x' } });
    mount(store);
    store.setCell('t', '1', 'a', 'y');
    await frame();
    expect(cell('1', 'a')?.textContent).toBe('y');
    expect(cell('1', 'a')?.classList.contains('tbw-flash')).toBe(true);
  });

  it('come with their row and go with it', async () => {
    const store = createStore().setTable('t', { 2: { a: 'x' } });
    mount(store);
    store.setRow('t', '10', { a: 'y' }).delRow('t', '2');
    await frame();
    expect(cell('10', 'a')?.textContent).toBe('y');
    expect(cell('2', 'a')).toBeNull();
    expect(host.querySelector('.tbw-count')?.textContent).toBe('1 row');
  });
});

describe('an edit', () => {
  it('is written when Enter is pressed', () => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 2 } });
    mount(store);
    type('1', 'a', '12.5');
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toBe(12.5);
    expect(field()).toBeNull();
  });

  it('that a number column cannot take stays as typed, marked and explained', () => {
    const store = createStore().setTable('t', { 1: { a: 1 } });
    mount(store);
    type('1', 'a', 'abc');
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toBe(1);
    expect(field()?.value).toBe('abc');
    expect(field()?.getAttribute('aria-invalid')).toBe('true');
    expect(field()?.title).toContain('Not a number');
  });

  it('is dropped by Escape', () => {
    const store = createStore().setTable('t', { 1: { a: 'x' } });
    mount(store);
    type('1', 'a', 'y');
    press('Escape');
    expect(store.getCell('t', '1', 'a')).toBe('x');
    expect(field()).toBeNull();
  });

  it('to the same value writes nothing', () => {
    const store = createStore().setTable('t', {
      1: { a: 1, b: { c: 1 }, d: null, e: 'line\r\nbreak' },
    });
    mount(store);
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    for (const column of ['a', 'b', 'd', 'e']) {
      activate('1', column);
      press('F2');
      press('Enter');
    }
    type('1', 'a', '1.0');
    press('Enter');
    expect(listener).not.toHaveBeenCalled();
  });

  it('that the Store refuses stays as typed', () => {
    const store = createStore()
      .setTablesSchema({ t: { a: { type: 'number' }, b: { type: 'string' } } })
      .setTable('t', { 1: { b: 'x' } });
    mount(store, { columns: ['a', 'b'] });
    type('1', 'a', 'text');
    press('Enter');
    expect(store.getRow('t', '1')).toEqual({ b: 'x' });
    expect(field()?.value).toBe('text');
    expect(field()?.getAttribute('aria-invalid')).toBe('true');
  });

  it('of the last cell of a row leaves the next row active', () => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 2 } });
    mount(store);
    type('1', 'a', '');
    press('Enter');
    expect(store.getRowIds('t')).toEqual(['2']);
    expect(cell('2', 'a')?.classList.contains('tbw-active')).toBe(true);
  });

  it('survives a change of its cell, and of the rows around it', async () => {
    const store = createStore().setTable('t', { 1: { a: 'x' }, 2: { a: 'y' } });
    mount(store);
    type('2', 'a', 'mine');
    store.setCell('t', '2', 'a', 'theirs').setRow('t', '0', { a: 'new' }).delRow('t', '1');
    await frame();
    expect(field()?.value).toBe('mine');
    press('Enter');
    expect(store.getCell('t', '2', 'a')).toBe('mine');
  });

  it('is held when its row is deleted elsewhere, until Enter or Escape', async () => {
    const store = createStore().setTable('t', { 1: { a: 'x' }, 2: { a: 'y' } });
    mount(store);
    type('2', 'a', 'mine');
    store.delRow('t', '2');
    await frame();
    expect(field()?.value).toBe('mine');
    expect(field()?.title).toContain('deleted');
    press('Enter');
    expect(store.getRow('t', '2')).toEqual({ a: 'mine' });
  });
});

describe('keys', () => {
  it('do not reach the page around', () => {
    mount(createStore().setTable('t', { 1: { a: 'x' } }));
    const outside = vi.fn();
    document.body.addEventListener('keydown', outside);
    activate('1', 'a');
    for (const key of ['ArrowDown', 'Enter', 'Escape', 'Delete']) press(key);
    document.body.removeEventListener('keydown', outside);
    expect(outside).not.toHaveBeenCalled();
    expect(host.dataset.lmSuppressShortcuts).toBe('true');
  });

  it('Delete deletes the cell', () => {
    const store = createStore().setTable('t', { 1: { a: 'x', b: 1 } });
    mount(store);
    activate('1', 'a');
    press('Delete');
    expect(store.getRow('t', '1')).toEqual({ b: 1 });
  });

  it('Space turns a check box over, from absent to true', () => {
    const store = createStore().setTable('t', { 1: { a: true, b: 1 }, 2: { b: 2 } });
    mount(store);
    activate('1', 'a');
    press(' ');
    activate('2', 'a');
    expect(cell('2', 'a')?.querySelector('.tbw-check')?.getAttribute('aria-checked')).toBe('mixed');
    press(' ');
    expect([store.getCell('t', '1', 'a'), store.getCell('t', '2', 'a')]).toEqual([false, true]);
  });
});

describe('rows', () => {
  it('begin in the blank line, with their first cell', () => {
    const store = createStore().setTable('t', { 1: { a: 'x', b: 1 } });
    mount(store);
    host.querySelector<HTMLElement>('[data-action="add-row"]')?.click();
    (field() as HTMLTextAreaElement).value = 'y';
    press('Tab');
    expect(store.getRow('t', 'new-1')).toEqual({ a: 'y' });
    press('F2');
    (field() as HTMLInputElement).value = '2';
    press('Enter');
    expect(store.getRow('t', 'new-1')).toEqual({ a: 'y', b: 2 });
  });

  it('that are selected by their headers are deleted together', () => {
    const store = createStore().setTable('t', {
      1: { a: 1 },
      2: { a: 2 },
      3: { a: 3 },
      4: { a: 4 },
    });
    mount(store);
    const header = (row: string): Element | null =>
      host.querySelector(`[role="rowheader"][data-row="${row}"]`);
    header('2')?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, composed: true }));
    header('3')?.dispatchEvent(
      new MouseEvent('mousedown', { bubbles: true, composed: true, shiftKey: true }),
    );
    host.querySelector<HTMLElement>('[data-action="delete-row"]')?.click();
    expect(store.getRowIds('t')).toEqual(['1', '4']);
  });

  it('cannot be changed in a read-only table', () => {
    const store = createStore().setTable('t', { 1: { a: true, b: 'x' } });
    mount(store, { readOnly: true });
    activate('1', 'a');
    press(' ');
    press('Delete');
    activate('1', 'b');
    press('F2');
    expect(field()).toBeNull();
    expect(store.getRow('t', '1')).toEqual({ a: true, b: 'x' });
    expect(host.querySelector<HTMLElement>('[data-action="add-row"]')?.hidden).toBe(true);
    expect(host.querySelector('.tbw-blank')).toBeNull();
  });
});

describe('a table', () => {
  it('says that it is empty, and begins with a named column', () => {
    const store = createStore();
    mount(store);
    expect(host.textContent).toContain('This table has no rows yet.');
    (host.querySelector('.tbw-empty input') as HTMLInputElement).value = 'name';
    host.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    (field() as HTMLTextAreaElement).value = 'Rex';
    press('Enter');
    expect(store.getTables()).toEqual({ t: { 'new-1': { name: 'Rex' } } });
  });

  it('says how many rows and columns it has to those who cannot see it', () => {
    const store = createStore().setTable('t', { 1: { a: 1, b: 2 }, 2: { a: 1 } });
    mount(store);
    activate('2', 'b');
    expect(grid().getAttribute('role')).toBe('grid');
    expect(grid().getAttribute('aria-rowcount')).toBe('4');
    expect(grid().getAttribute('aria-colcount')).toBe('3');
    expect(cell('2', 'b')?.parentElement?.getAttribute('aria-rowindex')).toBe('3');
    expect(cell('2', 'b')?.getAttribute('aria-colindex')).toBe('3');
    expect(grid().getAttribute('aria-activedescendant')).toBe(cell('2', 'b')?.id);
  });

  it('can be told to show another one', () => {
    const store = createStore().setTables({ t: { 1: { a: 1 } }, u: { 7: { z: 'q' } } });
    const root = mount(store);
    handle?.update({ tableId: 'u', status: { state: 'synced' } });
    expect(root.dataset.table).toBe('u');
    expect(cell('7', 'z')?.textContent).toBe('q');
    expect(cell('1', 'a')).toBeNull();
    expect(host.querySelector<HTMLElement>('.tbw-status')?.dataset.state).toBe('synced');
  });

  it('leaves nothing behind', () => {
    const store = createStore().setTable('t', { 1: { a: 1 } });
    mount(store);
    handle?.destroy();
    handle = undefined;
    expect(host.children).toHaveLength(0);
    expect(Object.values(store.getListenerStats()).every((count) => count === 0)).toBe(true);
  });
});
