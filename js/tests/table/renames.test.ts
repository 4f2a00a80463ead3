// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Room } from '../../src/sync/room.ts';
import { Renames } from '../../src/table/renames.ts';
import {
  cell,
  field,
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
let store: Store;

beforeEach(() => {
  store = createStore().setTable('t', {
    1: { name: 'Fido', price: 5, kind: 'dog' },
    2: { name: 'Felix', price: 4 },
  });
});

const heads = (): (string | null)[] => findAll('.tbw-head').map(({ textContent }) => textContent);

/** Renames a column as other code does. */
const rename = (from: string, to: string): void => {
  store.transaction(() => {
    for (const row of store.getRowIds('t')) {
      const value = store.getCell('t', row, from);
      if (value !== undefined) store.setCell('t', row, to, value).delCell('t', row, from, true);
    }
  });
};

describe('a column', () => {
  const cells: Record<string, unknown> = { '1/new': 5, '2/new': 4, '1/other': 5 };
  const cellAt = (row: string, column: string) => cells[`${row}/${column}`] as number;

  it('that went while one with the same cells came was renamed', () => {
    const renames = new Renames();
    renames.noteGone('1', 'old', 5);
    renames.noteGone('2', 'old', 4);
    renames.noteColumns({ old: -1, other: 1, new: 1 });
    expect(renames.take(cellAt)).toEqual([['old', 'new']]);
    expect(renames.take(cellAt)).toEqual([]);
  });

  it('that went while one with other cells came was deleted', () => {
    const renames = new Renames();
    renames.noteGone('1', 'old', 5);
    renames.noteGone('2', 'old', 7);
    renames.noteColumns({ old: -1, new: 1 });
    expect(renames.take(cellAt)).toEqual([]);
  });

  it('of which cells went and which is still there was not renamed', () => {
    const renames = new Renames();
    renames.noteGone('1', 'old', 5);
    renames.noteColumns({ new: 1 });
    expect(renames.take(cellAt)).toEqual([]);
  });
});

describe('a column that somebody else renames', () => {
  it('stays where it is, with its width, its sort, its filter, its format and its pin', async () => {
    const onLooking = vi.fn();
    const onColumnWidths = vi.fn();
    mount(store, {
      columnWidths: { price: 222 },
      looking: {
        sort: [{ column: 'price', descending: false }],
        filters: { price: { max: 9 } },
        formats: { price: '.1f' },
        pinned: ['price'],
      },
      onLooking,
      onColumnWidths,
    });
    rename('price', 'cost');
    await frame();
    expect(heads()).toEqual(['cost', 'name', 'kind']);
    expect(findAll('[data-col="cost"][data-row]').map((node) => node.textContent)).toEqual([
      '4.0',
      '5.0',
    ]);
    expect(onColumnWidths).toHaveBeenLastCalledWith({ cost: 222 });
    expect(onLooking).toHaveBeenLastCalledWith({
      sort: [{ column: 'cost', descending: false }],
      filters: { cost: { max: 9 } },
      formats: { cost: '.1f' },
      pinned: ['cost'],
    });
  });

  it('is still one of those that are shown, and may be written by those who might', async () => {
    const onColumns = vi.fn();
    const onRules = vi.fn();
    mount(store, {
      columns: ['kind', 'price'],
      readOnlyColumns: ['price'],
      readOnlyCells: [
        ['1', 'kind'],
        ['1', 'price'],
      ],
      columnOptions: { price: [4, 5], kind: ['dog'] },
      onColumns,
      onRules,
    });
    rename('price', 'cost');
    await frame();
    expect(heads()).toEqual(['kind', 'cost']);
    expect(onColumns).toHaveBeenLastCalledWith(['kind', 'cost']);
    expect(onRules).toHaveBeenLastCalledWith({
      readOnlyColumns: ['cost'],
      readOnlyCells: [
        ['1', 'kind'],
        ['1', 'cost'],
      ],
      columnOptions: { cost: [4, 5], kind: ['dog'] },
    });
    expect(cell('2', 'cost')?.hasAttribute('data-locked')).toBe(true);
  });

  it('keeps the active cell and what is being typed in it', async () => {
    mount(store);
    type('2', 'price', '4.5');
    rename('price', 'cost');
    await frame();
    expect(field()?.value).toBe('4.5');
    press('Enter');
    expect(store.getRow('t', '2')).toEqual({ name: 'Felix', cost: 4.5 });
    expect(find('.tbw-active')?.dataset.col).toBe('cost');
  });
});

describe('a column that is renamed here', () => {
  it('keeps what was said of it, and gets it back by an undo', async () => {
    const room = new Room('renames', undefined, store);
    const onLooking = vi.fn();
    mount(store, { history: room, onLooking, looking: { formats: { price: '.1f' } } });
    pressCell('1', 'price');
    press('F10', { shiftKey: true });
    find('[data-action="rename-column"]')?.click();
    const input = find<HTMLInputElement>('.tbw-prompt input');
    if (input) input.value = 'cost';
    find('.tbw-prompt')?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
    expect(heads()).toEqual(['name', 'cost', 'kind']);
    expect(cell('1', 'cost')?.textContent).toBe('5.0');
    press('z', { ctrlKey: true });
    await frame();
    expect(heads()).toEqual(['name', 'price', 'kind']);
    expect(cell('1', 'price')?.textContent).toBe('5.0');
    expect(onLooking).toHaveBeenLastCalledWith({ formats: { price: '.1f' } });
    room.destroy();
  });
});
