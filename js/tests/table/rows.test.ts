import { describe, expect, it } from 'vitest';
import { compareRowIds, RowOrder, sortRowIds } from '../../src/table/rows.ts';

const orderOf = (...ids: string[]): RowOrder => {
  const order = new RowOrder();
  order.reset(ids);
  return order;
};
const never = (): string[] => {
  throw new Error('not to be asked');
};

describe('natural order', () => {
  it('puts integers first, by value', () => {
    expect(sortRowIds(['10', 'a', '9', '0'])).toEqual(['0', '9', '10', 'a']);
  });

  it('puts what was placed after an integer there, or before all of them', () => {
    // The same ids are in tests/unit/widgets/test_snapshot.py.
    const order = ['~a', '0', '9', '9~', '9~a', '10', '', '09', '9a', 'a~'];
    expect(sortRowIds([...order].reverse())).toEqual(order);
    for (const [index, id] of order.slice(1).entries())
      expect(compareRowIds(order[index] as string, id)).toBeLessThan(0);
  });

  it('takes only canonical non-negative integers as integers', () => {
    expect(sortRowIds(['01', '-1', '1.0', '2', '+3', ''])).toEqual([
      '2',
      '',
      '+3',
      '-1',
      '01',
      '1.0',
    ]);
  });

  it('compares integers beyond the exact range by value', () => {
    expect(sortRowIds(['9007199254740993', '9007199254740992', '99'])).toEqual([
      '99',
      '9007199254740992',
      '9007199254740993',
    ]);
  });

  it('compares other ids by code point, not by UTF-16 unit', () => {
    expect(sortRowIds(['\u{1f600}', '\uffee', 'z'])).toEqual(['z', '\uffee', '\u{1f600}']);
  });

  it('puts a prefix before what it begins', () => {
    expect(compareRowIds('ab', 'abc')).toBeLessThan(0);
  });

  it('is the same order however it is computed', () => {
    const ids = ['z', '12', '\u{1f600}', '\ue000', '007', '7', 'Z', 'é', '', '100'];
    expect([...ids].sort(compareRowIds)).toEqual(sortRowIds(ids));
  });
});

describe('RowOrder', () => {
  it('merges added ids into their places', () => {
    const order = orderOf('1', '3', 'b');
    order.apply(
      new Map([
        ['2', 1],
        ['a', 1],
        ['c', 1],
      ]),
      never,
    );
    expect(order.ids).toEqual(['1', '2', '3', 'a', 'b', 'c']);
  });

  it('takes removed ids out', () => {
    const order = orderOf('1', '2', '3');
    order.apply(new Map([['2', -1]]), never);
    expect(order.ids).toEqual(['1', '3']);
  });

  it('ignores an id that is added twice', () => {
    const order = orderOf('1');
    order.apply(new Map([['1', 1]]), never);
    expect(order.ids).toEqual(['1']);
  });

  it('sorts anew when most ids changed', () => {
    const order = orderOf('1');
    const ids = Array.from({ length: 100 }, (_, i) => String(99 - i));
    order.apply(new Map(ids.map((id) => [id, 1])), () => ids);
    expect(order.ids.slice(0, 3)).toEqual(['0', '1', '2']);
    expect(order.length).toBe(100);
  });

  it('finds a row, and the place of one that is gone', () => {
    const order = orderOf('1', '5', 'x');
    expect([order.indexOf('5'), order.indexOf('4'), order.insertionIndex('4')]).toEqual([1, -1, 1]);
  });

  it('leaves an array that was handed out as it was', () => {
    const order = orderOf('1');
    const { ids } = order;
    order.apply(new Map([['2', 1]]), never);
    expect(ids).toEqual(['1']);
  });

  it('agrees with sorting after many random changes', () => {
    const order = orderOf();
    const present = new Set<string>();
    let seed = 1;
    const random = (): number => {
      seed = (seed * 16807) % 2147483647;
      return seed;
    };
    for (let step = 0; step < 200; step++) {
      const changes = new Map<string, number>();
      for (let i = 0; i < 5; i++) {
        const id = random() % 3 ? String(random() % 50) : `r${random() % 50}`;
        if (changes.has(id)) continue;
        changes.set(id, present.has(id) ? -1 : 1);
        if (!present.delete(id)) present.add(id);
      }
      order.apply(changes, () => present);
    }
    expect(order.ids).toEqual(sortRowIds(present));
  });
});
