// @vitest-environment jsdom
import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { grown } from '../../src/table/handle.ts';
import { dragTo, find, mount, press, pressCell, useTable } from './mounted.ts';

useTable();

const store = () => createStore().setTable('t', { r1: { a: 1, b: 2 }, r2: { a: 3 } });

describe('the range that a corner is dragged to', () => {
  const range = { top: 2, bottom: 3, left: 1, right: 1 };

  it.each([
    [
      { row: 5, column: 1 },
      { ...range, bottom: 5 },
    ],
    [
      { row: 0, column: 1 },
      { ...range, top: 0 },
    ],
    [
      { row: 3, column: 4 },
      { ...range, right: 4 },
    ],
    [
      { row: 2, column: 0 },
      { ...range, left: 0 },
    ],
    [
      { row: 6, column: 3 },
      { ...range, bottom: 6 },
    ],
    [
      { row: 4, column: 3 },
      { ...range, right: 3 },
    ],
  ])('to %o grows one way only', (cell, expected) => {
    expect(grown(range, cell)).toEqual(expected);
  });

  it('within it is the range', () => {
    expect(grown(range, { row: 2, column: 1 })).toBe(range);
  });
});

describe('the corner', () => {
  it('is at the active cell, and at a range, but at no rows and not in the blank line', () => {
    mount(store());
    expect(find('.tbw-handle')?.hidden).toBe(true);
    pressCell('r1', 'a');
    expect(find('.tbw-handle')?.hidden).toBe(false);
    dragTo('r2', 'b');
    expect(find('.tbw-handle')?.hidden).toBe(false);
    press(' ', { shiftKey: true });
    expect(find('.tbw-handle')?.hidden).toBe(true);
    press('ArrowDown', { ctrlKey: true });
    press('ArrowDown');
    expect(find('.tbw-handle')?.hidden).toBe(true);
  });

  it('is for fingers only where nobody may write', () => {
    const table = mount(store());
    pressCell('r1', 'a');
    expect(find('.tbw-handle')?.hasAttribute('data-select')).toBe(false);
    table.update({ readOnly: true });
    expect(find('.tbw-handle')?.hasAttribute('data-select')).toBe(true);
  });
});
