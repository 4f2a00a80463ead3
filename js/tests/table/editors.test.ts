// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { describe, expect, it, vi } from 'vitest';
import {
  cell,
  field,
  fill,
  find,
  findAll,
  frame,
  mount,
  press,
  pressCell,
  type,
  useTable,
} from './mounted.ts';

useTable();

const storeOf = (row: Parameters<Store['setRow']>[2]): Store =>
  createStore().setTable('t', { 1: row, 2: { other: 1 } });

const open = (row: string, column: string): void => {
  pressCell(row, column);
  press('F2');
};

const kind = (): string | undefined => find('.tbw-editor')?.dataset.type;
const options = (): (string | null)[] => findAll('.tbw-option').map((each) => each.textContent);
const message = (): string | undefined =>
  findAll('.tbw-editor-message, .tbw-editor-note').find(({ hidden }) => !hidden)?.textContent ??
  undefined;

describe('the editor of a cell', () => {
  it.each([
    [5, 'number'],
    ['x', 'text'],
    ['two\nlines', 'long'],
    ['x'.repeat(200), 'long'],
    [{ a: 1 }, 'json'],
    [[1], 'json'],
  ])('of %j is of kind %s', (value, expected) => {
    mount(storeOf({ a: value }));
    open('1', 'a');
    expect(kind()).toBe(expected);
  });

  it('goes by the schema where there is no cell yet', () => {
    mount(storeOf({ other: 1 }), {
      columns: ['n', 's', 'o', 'e'],
      schema: {
        n: { type: 'number' },
        s: { type: 'string' },
        o: { type: 'object' },
        e: { enum: ['x', 'y'] },
      },
    });
    for (const [column, expected] of [
      ['n', 'number'],
      ['s', 'text'],
      ['o', 'json'],
      ['e', 'options'],
    ] as const) {
      open('1', column);
      expect(kind()).toBe(expected);
      press('Escape');
    }
  });

  it('shows an object over several lines, and keeps it where nothing is changed', () => {
    const value = { ring: 'A12', years: [2007, 2008], of: { place: 'Dream' } };
    const store = storeOf({ a: value });
    const listener = vi.fn();
    mount(store);
    store.addDidFinishTransactionListener(listener);
    open('1', 'a');
    expect(field()?.value).toBe(JSON.stringify(value, null, 2));
    press('Enter');
    expect(field()).toBeNull();
    expect(listener).not.toHaveBeenCalled();
  });

  it('of JSON keeps what is not JSON, and says where it is wrong', () => {
    const store = storeOf({ a: { b: 1 } });
    mount(store);
    open('1', 'a');
    fill('{"b": 1,\n "c" 2}');
    press('Enter');
    expect(message()).toContain('Line 2, column 6.');
    fill('{"b": 1,\n "c": 2}');
    expect(message()).toBeUndefined();
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toEqual({ b: 1, c: 2 });
  });

  it('breaks a line with Alt+Enter', () => {
    const store = storeOf({ a: 'one' });
    mount(store);
    open('1', 'a');
    field()?.setSelectionRange(3, 3);
    press('Enter', { altKey: true });
    fill(`${field()?.value}two`);
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toBe('one\ntwo');
  });

  it('refuses what the schema does, with the reason, until it is corrected', () => {
    const store = storeOf({ n: 5 });
    mount(store, { schema: { n: { type: 'number' }, other: { type: 'number' } } });
    type('1', 'n', 'null');
    press('Enter');
    expect(message()).toBe('n takes no null.');
    expect(field()?.value).toBe('null');
    fill('6');
    expect(message()).toBeUndefined();
    press('Enter');
    expect(store.getCell('t', '1', 'n')).toBe(6);
  });

  it('of an emptied cell puts the default there', () => {
    const store = storeOf({ n: 5 });
    mount(store, { schema: { n: { type: 'number', default: 1 }, other: { type: 'number' } } });
    type('1', 'n', '');
    press('Enter');
    expect(store.getCell('t', '1', 'n')).toBe(1);
    pressCell('1', 'n');
    press('Delete');
    expect(store.getRow('t', '1')).toEqual({ n: 1 });
  });

  it('begins a new row with the defaults', () => {
    const store = storeOf({ a: 'x' });
    mount(store, {
      schema: {
        a: { type: 'string' },
        other: { type: 'number' },
        on: { type: 'boolean', default: true },
      },
    });
    find('[data-action="add-row"]')?.click();
    fill('y');
    press('Enter');
    expect(store.getRow('t', 'new-1')).toEqual({ a: 'y', on: true });
  });

  it('does not open where nobody may write, and says so', () => {
    mount(storeOf({ a: 'x', b: 'y', on: true }), {
      readOnlyColumns: ['a', 'on'],
      readOnlyCells: [['1', 'b']],
    });
    for (const [column, why] of [
      ['a', 'a is read-only.'],
      ['b', 'This cell is read-only.'],
      ['on', 'on is read-only.'],
    ] as const) {
      pressCell('1', column);
      press('Enter');
      expect(field()).toBeNull();
      expect(find('.tbw-notice')?.textContent).toBe(why);
      expect(cell('1', column)?.getAttribute('aria-readonly')).toBe('true');
    }
    expect(cell('2', 'b')?.hasAttribute('aria-readonly')).toBe(false);
  });
});

describe('a list of options', () => {
  const columnOptions = { a: ['Adelie', 'Chinstrap', 'Gentoo', 'Macaroni penguin'] };

  it('opens with what the cell has, and takes another by arrow and Enter', () => {
    const store = storeOf({ a: 'Chinstrap' });
    mount(store, { columnOptions });
    open('1', 'a');
    expect(options()).toEqual(columnOptions.a);
    expect(field()?.getAttribute('role')).toBe('combobox');
    const marked = (): string | null | undefined =>
      find(`#${field()?.getAttribute('aria-activedescendant')}`)?.textContent;
    expect(marked()).toBe('Chinstrap');
    press('ArrowDown');
    expect(marked()).toBe('Gentoo');
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toBe('Gentoo');
    expect(find('.tbw-option')).toBeNull();
  });

  it('is narrowed by typing, and Enter takes the first', () => {
    const store = storeOf({ a: 'Adelie' });
    mount(store, { columnOptions });
    pressCell('1', 'a');
    press('n');
    fill('n');
    expect(options()).toEqual(['Chinstrap', 'Gentoo', 'Macaroni penguin']);
    fill('pen');
    press('Tab');
    expect(store.getCell('t', '1', 'a')).toBe('Macaroni penguin');
  });

  it('refuses another text, which stays', () => {
    const store = storeOf({ a: 'Adelie' });
    mount(store, { columnOptions });
    type('1', 'a', 'Emperor');
    press('Enter');
    expect(message()).toBe('Not one of Adelie, Chinstrap, Gentoo, Macaroni penguin.');
    expect(field()?.value).toBe('Emperor');
    expect(store.getCell('t', '1', 'a')).toBe('Adelie');
  });

  it('takes an option by a click, and none when emptied', () => {
    const store = storeOf({ a: 'Adelie', b: 1 });
    mount(store, { columnOptions });
    open('1', 'a');
    findAll('.tbw-option')[2]?.click();
    expect(store.getCell('t', '1', 'a')).toBe('Gentoo');
    type('1', 'a', '');
    press('Enter');
    expect(store.getRow('t', '1')).toEqual({ b: 1 });
  });

  it('shows options as text, and no more than can be looked through', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const many = Array.from({ length: 10_000 }, (_, n) => `${hostile} ${n}`);
    mount(storeOf({ a: `${hostile} 0` }), { columnOptions: { a: many } });
    open('1', 'a');
    expect(find('img')).toBeNull();
    expect(options()).toHaveLength(200);
    expect(find('.tbw-list-note')?.textContent).toContain('9,800 more');
  });
});

describe('what was typed while somebody else', () => {
  const loaded = (): Store => createStore().setTable('t', { 1: { a: 'x', b: 1 }, 2: { a: 'y' } });

  it('changed the cell is kept; the change is told of, and Escape leaves it', async () => {
    const store = loaded();
    mount(store);
    type('1', 'a', 'mine');
    store.setCell('t', '1', 'a', 'theirs');
    await frame();
    expect(message()).toBe('Changed elsewhere: “theirs”. Enter replaces it, Escape keeps it.');
    press('Escape');
    expect(store.getCell('t', '1', 'a')).toBe('theirs');
  });

  it('changed the cell replaces theirs on leaving, which is said', async () => {
    const store = loaded();
    mount(store);
    type('1', 'a', 'mine');
    store.setCell('t', '1', 'a', 'theirs');
    await frame();
    pressCell('2', 'a');
    expect(store.getCell('t', '1', 'a')).toBe('mine');
    expect(find('.tbw-notice')?.textContent).toBe(
      'Your edit of a, row 1, replaced “theirs”, set by somebody while you typed.',
    );
  });

  it('deleted the row stays until Enter, whatever else is pressed', async () => {
    const store = loaded();
    mount(store);
    type('1', 'a', 'mine');
    store.delRow('t', '1');
    await frame();
    pressCell('2', 'a');
    expect(field()?.value).toBe('mine');
    expect(store.hasRow('t', '1')).toBe(false);
    press('Enter');
    expect(store.getRow('t', '1')).toEqual({ a: 'mine' });
  });

  it('deleted the column stays until Enter', async () => {
    const store = loaded();
    mount(store);
    type('1', 'b', '7');
    store.delCell('t', '1', 'b', true);
    await frame();
    expect(message()).toContain('Column deleted elsewhere.');
    press('Enter');
    expect(store.getCell('t', '1', 'b')).toBe(7);
  });

  it('made the table read-only stays to be copied, and cannot be saved', () => {
    const store = loaded();
    const table = mount(store);
    type('1', 'a', 'mine');
    table.update({ readOnly: true });
    expect(field()?.value).toBe('mine');
    press('Enter');
    expect(store.getCell('t', '1', 'a')).toBe('x');
    expect(message()).toContain('This table is read-only.');
    press('Escape');
    expect(field()).toBeNull();
  });

  it('changed the column to numbers is refused with the reason, and kept', () => {
    const store = loaded();
    const table = mount(store);
    type('1', 'a', 'mine');
    table.update({ schema: { a: { type: 'number' }, b: { type: 'number' } } });
    press('Enter');
    expect(field()?.value).toBe('mine');
    expect(message()).toContain('Not a number');
  });

  it('took the view off the page is saved', () => {
    const store = loaded();
    const table = mount(store);
    type('1', 'a', 'mine');
    table.destroy();
    expect(store.getCell('t', '1', 'a')).toBe('mine');
  });

  it('showed another table is saved, or said to be lost', () => {
    const store = loaded().setTable('u', { 1: { z: 1 } });
    const table = mount(store);
    type('1', 'a', 'mine');
    table.update({ tableId: 'u' });
    expect(store.getCell('t', '1', 'a')).toBe('mine');
    type('1', 'z', 'no number');
    table.update({ tableId: 't' });
    expect(find('.tbw-notice')?.textContent).toBe('Not saved: “no number”, typed into z.');
  });
});
