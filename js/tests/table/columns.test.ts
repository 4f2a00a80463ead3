import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { columnIds, inferType, wantedWidth } from '../../src/table/columns.ts';
import type { LiveTable } from '../../src/table/live.ts';
import { Widths } from '../../src/table/widths.ts';

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
    wantedWidth(store, 't', { id, type: 'string' }, store.getRowIds('t'), measure);

  it('fits its widest cell', () => {
    expect(widthOf('a')).toBe(142);
  });

  it('fits its header where that is wider', () => {
    expect(widthOf('a header of some length')).toBe(272);
  });

  it('has a limit', () => {
    expect(widthOf('long')).toBe(1222);
  });
});

describe('the room beside columns', () => {
  const store = createStore().setTable('t', {
    0: { a: 'x'.repeat(12), some: 'x'.repeat(40), long: 'x'.repeat(900) },
  });
  const ids = store.getRowIds('t');
  const live = {
    store,
    tableId: 't',
    columns: ['a', 'some', 'long'],
    looking: { filters: {}, sort: [] },
    typeOf: () => 'string',
    order: { all: { ids, length: ids.length } },
  } as unknown as LiveTable;
  const widthsOf = (widths: Widths): number[] =>
    live.columns.map((id) => widths.widthOf(id, live, measure));
  const rowHeader = 44;

  it('is for those that are cut, and no more than they need', () => {
    const widths = new Widths();
    expect(widthsOf(widths)).toEqual([142, 320, 320]);
    expect(widths.fill(rowHeader + 142 + 640 + 300, live, measure)).toBe(true);
    expect(widthsOf(widths)).toEqual([142, 422, 518]);
    expect(widths.fill(rowHeader + 142 + 640 + 300, live, measure)).toBe(false);
  });

  it('is none where there is none', () => {
    const widths = new Widths();
    widths.fill(10_000, live, measure);
    widths.fill(500, live, measure);
    expect(widthsOf(widths)).toEqual([142, 320, 320]);
  });

  it('stays with those that have it once a width was set by hand', () => {
    const widths = new Widths();
    widths.fill(rowHeader + 142 + 640 + 300, live, measure);
    widths.keep(new Map([['a', 60]]), live, measure);
    expect(widths.fill(2_000, live, measure)).toBe(false);
    expect(widthsOf(widths)).toEqual([60, 422, 518]);
    expect(widths.byHand).toEqual({ a: 60, some: 422, long: 518 });
  });

  it('goes with a column to its other name', () => {
    const widths = new Widths();
    widths.fill(rowHeader + 142 + 640 + 300, live, measure);
    expect(widths.rename('long', 'longer')).toBe(false);
    expect(widths.widthOf('longer', live, measure)).toBe(518);
  });
});
