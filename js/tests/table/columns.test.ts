import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { columnIds, inferType, inferWidth } from '../../src/table/columns.ts';

const measure = (text: string): number => text.length * 10;

describe('the columns to show', () => {
  it('are those of the table, in the order in which it met them', () => {
    expect(columnIds(['b', 'a'], null, [])).toEqual(['b', 'a']);
  });

  it('keep their places when others appear or go', () => {
    expect(columnIds(['c', 'b', 'a'], null, ['a', 'x', 'b'])).toEqual(['a', 'b', 'c']);
  });

  it('are the wanted ones, in that order, once each', () => {
    expect(columnIds(['a', 'b'], ['b', 'z', 'b'], ['a'])).toEqual(['b', 'z']);
  });

  it('stay when the table has lost its last row', () => {
    expect(columnIds([], null, ['a'])).toEqual(['a']);
  });
});

describe('the type of a column', () => {
  const store = createStore().setTable('t', {
    0: { n: 1, s: 'x', m: 1, j: { a: 1 } },
    1: { n: null, s: '7', m: 'y' },
  });

  it.each([
    ['n', 'number'],
    ['s', 'string'],
    ['m', 'mixed'],
    ['j', 'mixed'],
    ['none', 'mixed'],
  ])('of %s is %s', (cellId, type) => {
    expect(inferType(store, 't', cellId, store.getRowIds('t'))).toBe(type);
  });
});

describe('the type of a column of many rows', () => {
  const rows = (cellAt: (i: number) => string | boolean | undefined): string[] => {
    store.delTable('t');
    store.transaction(() => {
      for (let i = 0; i < 10_000; i++) {
        const cell = cellAt(i);
        store.setRow('t', String(i), cell === undefined ? { other: 1 } : { a: cell });
      }
    });
    return store.getRowIds('t');
  };
  const store = createStore();

  it('is found in data that repeats itself at the distance of the sample', () => {
    expect(
      inferType(
        store,
        't',
        'a',
        rows((i) => (i % 5 ? true : undefined)),
      ),
    ).toBe('boolean');
  });

  it('is found where hardly a row has a cell', () => {
    expect(
      inferType(
        store,
        't',
        'a',
        rows((i) => (i === 9_998 ? 'x' : undefined)),
      ),
    ).toBe('string');
  });
});

describe('the first width of a column', () => {
  const store = createStore().setTable('t', { 0: { a: 'x'.repeat(12), long: 'x'.repeat(900) } });
  const widthOf = (id: string): number =>
    inferWidth(store, 't', { id, type: 'string' }, store.getRowIds('t'), measure);

  it('fits its widest cell', () => {
    expect(widthOf('a')).toBe(142);
  });

  it('fits its header where that is wider', () => {
    expect(widthOf('a header of some length')).toBe(272);
  });

  it('has a limit', () => {
    expect(widthOf('long')).toBe(320);
  });
});
