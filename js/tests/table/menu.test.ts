// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_LOOKING, sortFromTrait } from '../../src/table/looking/look.ts';
import { action, cell, fill, find, findAll, mount, press, pressCell, useTable } from './mounted.ts';

useTable();
let store: Store;

beforeEach(() => {
  store = createStore().setTable('t', {
    1: { name: 'a', n: 1 },
    2: { name: 'b', n: 2 },
    3: { name: 'c', n: 3 },
  });
});

const openMenu = (row: string, column: string): void => {
  pressCell(row, column);
  press('F10', { shiftKey: true });
};

const choose = (row: string, column: string, name: string): void => {
  openMenu(row, column);
  action(name)?.click();
};

const focused = (): string | undefined => (document.activeElement as HTMLElement).dataset.action;
const items = (): (string | undefined)[] =>
  findAll('[role="menuitem"]').map(({ dataset }) => dataset.action);
const shownColumns = (): (string | null)[] =>
  findAll('.tbw-head').map(({ textContent }) => textContent);
const rowIds = (): (string | undefined)[] =>
  findAll('[role="rowheader"]').map(({ dataset }) => dataset.row);
const name = (text: string): void => {
  const input = find<HTMLInputElement>('.tbw-prompt input');
  if (!input) throw new Error('nothing asks for a name');
  input.value = text;
  find('.tbw-prompt')?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
};

describe('the menu', () => {
  it('is one as WAI-ARIA has it', () => {
    mount(store);
    openMenu('1', 'name');
    expect(find('[role="menu"]')?.getAttribute('aria-label')).toBe('Table');
    expect(focused()).toBe('cut');
    press('ArrowDown');
    expect(focused()).toBe('copy');
    press('ArrowUp');
    press('ArrowUp');
    expect(focused()).toBe('look');
    press('Home');
    expect(focused()).toBe('cut');
    press('i');
    expect(focused()).toBe('insert-above');
    press('i');
    expect(focused()).toBe('insert-below');
    press('Escape');
    expect(find('[role="menu"]')).toBeNull();
    expect(document.activeElement).toBe(find('.tbw-grid'));
  });

  it('opens where the secondary button is pressed, without changing a range around it', () => {
    mount(store);
    pressCell('1', 'name');
    pressCell('2', 'n', { shiftKey: true });
    pressCell('2', 'name', { button: 2 });
    const event = new MouseEvent('contextmenu', {
      bubbles: true,
      composed: true,
      cancelable: true,
    });
    cell('2', 'name')?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(findAll('[data-range]')).toHaveLength(4);
    expect(items()).toContain('fill-down');
    expect(action('delete-rows')?.textContent).toBe('Delete 2 rows');
  });

  it('of a header is about its column', () => {
    mount(store);
    findAll('.slick-header-column')[2]?.dispatchEvent(
      new MouseEvent('contextmenu', { bubbles: true, composed: true, cancelable: true }),
    );
    expect(items()).toEqual([
      'insert-left',
      'insert-right',
      'rename-column',
      'delete-column',
      'look',
    ]);
    expect(action('rename-column')?.textContent).toBe('Rename n…');
  });

  it('offers nothing that changes a read-only table', () => {
    mount(store, { readOnly: true });
    openMenu('1', 'name');
    expect(items()).toEqual(['copy', 'look']);
  });

  it('sets cells to null where that is taken', () => {
    mount(store);
    choose('1', 'n', 'set-null');
    expect(store.getCell('t', '1', 'n')).toBeNull();
    press('Escape');
  });

  it('does not offer null where the schema has none', () => {
    mount(store, { schema: { name: { type: 'string' }, n: { type: 'number', allowNull: true } } });
    openMenu('1', 'name');
    expect(items()).not.toContain('set-null');
    press('Escape');
    openMenu('1', 'n');
    expect(items()).toContain('set-null');
  });

  it('has names as text, and cuts long ones off', () => {
    const long = '<img src=x onerror=alert(1)>'.repeat(9);
    store.setCell('t', '1', long, 1);
    mount(store);
    openMenu('1', long);
    expect(find('img')).toBeNull();
    expect(action('delete-column')?.textContent?.length).toBeLessThan(40);
  });
});

describe('a row', () => {
  it('is inserted above or below, and exists with its first cell', () => {
    mount(store);
    choose('2', 'name', 'insert-above');
    expect(rowIds()).toEqual(['1', '1~new-1', '2', '3', undefined]);
    expect(store.getRowCount('t')).toBe(3);
    fill('x');
    press('Enter');
    expect(store.getRow('t', '1~new-1')).toEqual({ name: 'x' });
    choose('3', 'name', 'insert-below');
    fill('y');
    press('Tab');
    expect(rowIds()).toEqual(['1', '1~new-1', '2', '3', 'new-2', undefined]);
    expect(store.getRow('t', 'new-2')).toEqual({ name: 'y' });
  });

  it('that was begun and left empty goes again', () => {
    mount(store);
    choose('2', 'name', 'insert-above');
    press('Escape');
    expect(rowIds()).toContain('1~new-1');
    pressCell('3', 'n');
    expect(rowIds()).toEqual(['1', '2', '3', undefined]);
    expect(store.getRowCount('t')).toBe(3);
  });

  it('waits for what the schema requires, and is added with all of it at once', () => {
    const schema = { name: { type: 'string' }, n: { type: 'number', required: true } };
    mount(store, { schema });
    const listener = vi.fn();
    store.addRowListener('t', null, listener);
    find('[data-action="add-row"]')?.click();
    fill('x');
    press('Tab');
    expect(find('.tbw-notice')?.textContent).toBe('This row is added as soon as it has n.');
    expect(store.getRowCount('t')).toBe(3);
    expect(cell('new-1', 'name')?.textContent).toBe('x');
    expect(cell('new-1', 'n')?.classList.contains('tbw-active')).toBe(true);
    press('F2');
    fill('7');
    press('Enter');
    expect(store.getRow('t', 'new-1')).toEqual({ name: 'x', n: 7 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is duplicated below, without what nobody may write', () => {
    mount(store, { readOnlyColumns: ['n'] });
    choose('2', 'name', 'duplicate');
    expect(rowIds()).toEqual(['1', '2', '2~new-1', '3', undefined]);
    expect(store.getRow('t', '2~new-1')).toEqual({ name: 'b' });
  });

  it('is duplicated with others, in their order, as one step', () => {
    mount(store);
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    pressCell('1', 'name');
    press('ArrowDown', { shiftKey: true });
    press('F10', { shiftKey: true });
    action('duplicate')?.click();
    expect(rowIds()).toEqual(['1', '2', '2~new-1', '2~new-2', '3', undefined]);
    expect(store.getRow('t', '2~new-2')).toEqual({ name: 'b', n: 2 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is placed by its id however the rows are sorted here', () => {
    mount(store, { looking: { ...NO_LOOKING, sort: sortFromTrait([['n', 'desc']]) } });
    expect(rowIds()).toEqual(['3', '2', '1', undefined]);
    choose('2', 'name', 'insert-below');
    fill('x');
    press('Enter');
    expect(store.getRow('t', '2~new-1')).toEqual({ name: 'x' });
  });

  it('with a read-only cell is not deleted', () => {
    mount(store, { readOnlyCells: [['2', 'n']] });
    choose('2', 'name', 'delete-rows');
    expect(find('.tbw-notice')?.textContent).toBe('Row 2 stays: its n is read-only.');
    expect(store.getRowCount('t')).toBe(3);
  });

  it('typed at the end comes last also where ids are names', () => {
    store.setTable('t', { felix: { name: 'f' }, rex: { name: 'r' } });
    mount(store);
    find('[data-action="add-row"]')?.click();
    fill('x');
    press('Enter');
    expect(rowIds()).toEqual(['felix', 'rex', 'rex~new-1', undefined]);
  });
});

describe('a column', () => {
  it('is inserted beside another, and exists with its first cell', () => {
    mount(store);
    choose('1', 'n', 'insert-left');
    name(' age ');
    expect(shownColumns()).toEqual(['name', 'age', 'n']);
    expect(store.getTableCellIds('t')).toEqual(['name', 'n']);
    expect(cell('1', 'age')?.classList.contains('tbw-active')).toBe(true);
    press('7');
    fill('7');
    press('Enter');
    expect(store.getCell('t', '1', 'age')).toBe(7);
    expect(shownColumns()).toEqual(['name', 'age', 'n']);
  });

  it('needs a name that there is not yet', () => {
    mount(store);
    choose('1', 'n', 'insert-right');
    name('');
    expect(find('.tbw-prompt-message')?.textContent).toBe('A column needs a name.');
    name('name');
    expect(find('.tbw-prompt-message')?.textContent).toBe('There is a column name already.');
    press('Escape');
    expect(find('.tbw-prompt')).toBeNull();
    expect(shownColumns()).toEqual(['name', 'n']);
  });

  it('is renamed at its place, as one step', () => {
    mount(store);
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    choose('1', 'name', 'rename-column');
    name('title');
    expect(shownColumns()).toEqual(['title', 'n']);
    expect(store.getTable('t')).toEqual({
      1: { title: 'a', n: 1 },
      2: { title: 'b', n: 2 },
      3: { title: 'c', n: 3 },
    });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is deleted, and rows that had no other cell are told of', () => {
    store.delCell('t', '3', 'name', true);
    mount(store);
    choose('1', 'n', 'delete-column');
    expect(shownColumns()).toEqual(['name']);
    expect(store.getTable('t')).toEqual({ 1: { name: 'a' }, 2: { name: 'b' } });
    expect(find('.tbw-notice')?.textContent).toBe('n deleted, and 1 rows that had no other cell.');
  });

  it('changes which columns are wanted, where that was said', () => {
    const onColumns = vi.fn();
    mount(store, { columns: ['n', 'name'], onColumns });
    choose('1', 'n', 'insert-right');
    name('age');
    expect(onColumns).toHaveBeenLastCalledWith(['n', 'age', 'name']);
    choose('1', 'name', 'rename-column');
    name('title');
    expect(onColumns).toHaveBeenLastCalledWith(['n', 'age', 'title']);
    choose('1', 'n', 'delete-column');
    expect(onColumns).toHaveBeenLastCalledWith(['age', 'title']);
    expect(shownColumns()).toEqual(['age', 'title']);
  });

  it('is left alone where a schema says which there are', () => {
    mount(store, { schema: { name: { type: 'string' }, n: { type: 'number' } } });
    openMenu('1', 'n');
    for (const each of ['insert-left', 'insert-right', 'rename-column', 'delete-column'])
      expect(action(each)?.getAttribute('aria-disabled')).toBe('true');
    action('delete-column')?.click();
    expect(store.getCell('t', '1', 'n')).toBe(1);
    press('Escape');
  });

  it('that the schema names is there without any cell, and comes and goes with the schema', () => {
    const table = mount(createStore(), {
      schema: { b: { type: 'number' }, a: { type: 'string' } },
    });
    expect(shownColumns()).toEqual(['b', 'a']);
    expect(find('.tbw-empty')?.hidden).toBe(true);
    table.update({ schema: { b: { type: 'number' }, c: { type: 'string' } } });
    expect(shownColumns()).toEqual(['b', 'c']);
  });

  it('is renamed and deleted also in rows that a search hides', () => {
    mount(store, { looking: { ...NO_LOOKING, search: 'a' } });
    expect(rowIds()).toEqual(['1', undefined]);
    choose('1', 'name', 'rename-column');
    name('title');
    expect(store.getTableCellIds('t')).toEqual(['n', 'title']);
    choose('1', 'n', 'delete-column');
    expect(store.getTable('t')).toEqual({
      1: { title: 'a' },
      2: { title: 'b' },
      3: { title: 'c' },
    });
  });

  it('of too many cells to undo is asked about', () => {
    const rows = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, n) => [n, { name: 'x', n }] as const),
    );
    store.setTable('t', rows);
    mount(store);
    choose('1', 'n', 'delete-column');
    expect(find('.tbw-question')?.textContent).toContain('It has 30,000 cells');
    press('Escape');
    expect(store.getCell('t', '1', 'n')).toBe(1);
  });
});
