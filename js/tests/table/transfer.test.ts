// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { History } from '../../src/table/options.ts';
import {
  action,
  Clipboard,
  cell,
  dragTo,
  field,
  find,
  findAll,
  mount,
  press,
  pressCell,
  useTable,
} from './mounted.ts';

useTable();
let clipboard: Clipboard;
let store: Store;

beforeEach(() => {
  clipboard = new Clipboard();
  store = createStore().setTable('t', {
    1: { name: 'a', n: 1, on: true },
    2: { name: 'b', n: 2, on: false },
    3: { name: 'c', n: 3, on: true },
  });
});

const selectRange = (from: [string, string], to: [string, string]): void => {
  pressCell(...from);
  pressCell(...to, { shiftKey: true });
};

const inRange = (): string[] =>
  findAll('[data-range]').map(({ dataset }) => `${dataset.row}/${dataset.col}`);

describe('a range', () => {
  it('is drawn with the pointer, and marked as selected', () => {
    mount(store);
    pressCell('2', 'n');
    dragTo('1', 'name');
    expect(inRange()).toEqual(['1/name', '1/n', '2/name', '2/n']);
    expect(cell('1', 'name')?.getAttribute('aria-selected')).toBe('true');
    expect(cell('1', 'on')?.hasAttribute('aria-selected')).toBe(false);
    expect(cell('2', 'n')?.classList.contains('tbw-active')).toBe(true);
    expect(find('.tbw-live')?.textContent).toBe('2 by 2 cells selected.');
  });

  it('grows with Shift and arrows, and ends with a move', () => {
    mount(store);
    pressCell('1', 'name');
    press('ArrowRight', { shiftKey: true });
    press('ArrowDown', { shiftKey: true, ctrlKey: true });
    expect(inRange()).toHaveLength(6);
    expect(cell('3', 'n')?.dataset.range).toBe('br');
    press('ArrowDown');
    expect(inRange()).toEqual([]);
    expect(cell('2', 'name')?.classList.contains('tbw-active')).toBe(true);
  });

  it('is a column with Ctrl+Space, and ends with Escape', () => {
    mount(store);
    pressCell('2', 'n');
    press(' ', { ctrlKey: true });
    expect(inRange()).toEqual(['1/n', '2/n', '3/n']);
    press('Escape');
    expect(inRange()).toEqual([]);
  });

  it('is cleared by Delete as one step, and a row that has no cell left is told of', () => {
    mount(store);
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    selectRange(['2', 'name'], ['3', 'on']);
    press('Delete');
    expect(store.getTable('t')).toEqual({ 1: { name: 'a', n: 1, on: true } });
    expect(listener).toHaveBeenCalledTimes(1);
    expect(find('.tbw-notice')?.textContent).toBe(
      '6 cells cleared. 2 rows went with the last cell.',
    );
  });
});

describe('what is copied', () => {
  it('is the range, for spreadsheets', () => {
    mount(store);
    selectRange(['1', 'name'], ['2', 'n']);
    clipboard.copy();
    expect(clipboard.text).toBe('a\t1\nb\t2');
  });

  it('and cut is gone, and comes back as it was where it is pasted', () => {
    store.setCell('t', '2', 'name', null);
    mount(store);
    selectRange(['1', 'name'], ['2', 'name']);
    clipboard.cut();
    expect(store.getTable('t')).toEqual({
      1: { n: 1, on: true },
      2: { n: 2, on: false },
      3: { name: 'c', n: 3, on: true },
    });
    pressCell('2', 'name');
    clipboard.paste();
    expect([store.getCell('t', '2', 'name'), store.getCell('t', '3', 'name')]).toEqual(['a', null]);
  });
});

describe('what is pasted', () => {
  it('from a spreadsheet fills cells from the active one on, by the types of the columns', () => {
    mount(store);
    pressCell('1', 'name');
    clipboard.paste('"two\nlines"\t10\tTRUE\r\n=A1\t-2.5\tfalse\r\n');
    expect(store.getTable('t')).toEqual({
      1: { name: 'two\nlines', n: 10, on: true },
      2: { name: '=A1', n: -2.5, on: false },
      3: { name: 'c', n: 3, on: true },
    });
    expect(inRange()).toHaveLength(6);
  });

  it('beyond the last row adds rows, as one step', () => {
    mount(store);
    const listener = vi.fn();
    store.addDidFinishTransactionListener(listener);
    pressCell('3', 'name');
    clipboard.paste('x\t7\ny\t8\nz\t9');
    expect(store.getTable('t')).toEqual({
      1: { name: 'a', n: 1, on: true },
      2: { name: 'b', n: 2, on: false },
      3: { name: 'x', n: 7, on: true },
      'new-1': { name: 'y', n: 8 },
      'new-2': { name: 'z', n: 9 },
    });
    expect(listener).toHaveBeenCalledTimes(1);
    expect(find('.tbw-notice')?.textContent).toBe('6 cells pasted. 2 rows added.');
  });

  it('into the blank line adds rows only', () => {
    mount(store);
    find('.tbw-blank [data-col="name"]')?.dispatchEvent(
      new MouseEvent('mousedown', { bubbles: true }),
    );
    clipboard.paste('x\ny');
    expect(store.getRowIds('t')).toEqual(['1', '2', '3', 'new-1', 'new-2']);
  });

  it('beyond the last column asks whether to add columns', () => {
    mount(store);
    const before = store.getTables();
    pressCell('1', 'on');
    clipboard.paste('false\tx\ty');
    expect(find('.tbw-question')?.textContent).toContain('2 pasted columns beyond the last one.');
    expect(store.getTables()).toEqual(before);
    action('add-columns')?.click();
    expect(store.getRow('t', '1')).toEqual({
      name: 'a',
      n: 1,
      on: false,
      'Column 4': 'x',
      'Column 5': 'y',
    });
    expect(find('.tbw-question')).toBeNull();
  });

  it('leaves out columns when that is the answer, and does nothing on Escape', () => {
    mount(store);
    pressCell('1', 'on');
    clipboard.paste('false\tx');
    press('Escape');
    expect(store.getCell('t', '1', 'on')).toBe(true);
    expect(document.activeElement).toBe(find('.tbw-grid'));
    clipboard.paste('false\tx');
    action('leave-out')?.click();
    expect(store.getRow('t', '1')).toEqual({ name: 'a', n: 1, on: false });
  });

  it('and does not fit is named before anything is written', () => {
    mount(store);
    const before = store.getTables();
    pressCell('1', 'name');
    clipboard.paste('x\tmany\ny\t5');
    const question = find('.tbw-question')?.textContent;
    expect(question).toContain('1 of 4 cells cannot be taken.');
    expect(question).toContain('n, row 1: “many” – Not a number');
    expect(store.getTables()).toEqual(before);
    action('take-rest')?.click();
    expect([store.getRow('t', '1'), store.getRow('t', '2')]).toEqual([
      { name: 'x', n: 1, on: true },
      { name: 'y', n: 5, on: false },
    ]);
  });

  it('as one cell fills the whole range', () => {
    mount(store);
    selectRange(['1', 'n'], ['3', 'n']);
    clipboard.paste('9');
    expect(store.getRowIds('t').map((row) => store.getCell('t', row, 'n'))).toEqual([9, 9, 9]);
  });

  it('repeats itself where it fits the range more than once', () => {
    store.setRow('t', '4', { name: 'd' });
    mount(store);
    selectRange(['1', 'name'], ['4', 'name']);
    clipboard.paste('x\ny');
    expect(store.getRowIds('t').map((row) => store.getCell('t', row, 'name'))).toEqual([
      'x',
      'y',
      'x',
      'y',
    ]);
  });

  it('into one cell that does not take it stays in the editor with the reason', () => {
    mount(store);
    pressCell('1', 'n');
    clipboard.paste('many\n');
    expect(field()?.value).toBe('many');
    expect(field()?.getAttribute('aria-invalid')).toBe('true');
    expect(store.getCell('t', '1', 'n')).toBe(1);
  });

  it('changes nothing where nobody may write', () => {
    const before = store.getTables();
    const table = mount(store, { readOnlyColumns: ['n'] });
    pressCell('1', 'name');
    clipboard.paste('x\t9');
    expect(find('.tbw-question')?.textContent).toContain('n is read-only.');
    press('Escape');
    table.update({ readOnly: true });
    clipboard.paste('x\t9');
    expect(find('.tbw-question')).toBeNull();
    expect(find('.tbw-notice')?.textContent).toBe('This table is read-only.');
    expect(store.getTables()).toEqual(before);
  });
});

describe('what is too much to be undone', () => {
  it('is asked about first, where things can be undone at all', () => {
    const rows = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, n) => [n, { a: n, b: n, c: 1 }] as const),
    );
    store.setTable('t', rows);
    const history: History = {
      canUndo: true,
      canRedo: false,
      undo: () => ({ changed: [], kept: [], refused: [], isTooLarge: false }),
      redo: () => ({ changed: [], kept: [], refused: [], isTooLarge: false }),
      onUndoChange: () => () => undefined,
    };
    mount(store, { history });
    pressCell('0', 'a');
    press('ArrowDown', { shiftKey: true, ctrlKey: true });
    press('ArrowRight', { shiftKey: true });
    press('Delete');
    expect(find('.tbw-question')?.textContent).toContain('60,000 cells at once');
    expect(store.getCell('t', '0', 'a')).toBe(0);
    action('go-on')?.click();
    expect(store.getRow('t', '29999')).toEqual({ c: 1 });
  });
});

describe('filling', () => {
  it('goes down a range from its first row', () => {
    mount(store);
    selectRange(['1', 'name'], ['3', 'on']);
    expect(press('d', { ctrlKey: true })).toBe(true);
    for (const row of ['2', '3'])
      expect(store.getRow('t', row)).toEqual({ name: 'a', n: 1, on: true });
  });

  it('takes the cell above where one cell is selected', () => {
    mount(store);
    pressCell('2', 'n');
    press('d', { ctrlKey: true });
    expect(store.getCell('t', '2', 'n')).toBe(1);
  });

  it('goes right from the first column, and leaves Ctrl+R alone where there is nothing to fill', () => {
    store.setTable('t', { 1: { a: 1, b: 2, c: 3 }, 2: { a: 4 } });
    mount(store);
    pressCell('1', 'a');
    expect(press('r', { ctrlKey: true })).toBe(false);
    selectRange(['1', 'a'], ['2', 'c']);
    expect(press('r', { ctrlKey: true })).toBe(true);
    expect(store.getTable('t')).toEqual({ 1: { a: 1, b: 1, c: 1 }, 2: { a: 4, b: 4, c: 4 } });
  });
});
