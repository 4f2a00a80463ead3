import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { type Filters, matcher } from '../../../src/table/looking/filter.ts';
import { compareKeys, keyOf, type SortBy } from '../../../src/table/looking/keys.ts';
import { type Look, ShownOrder } from '../../../src/table/looking/order.ts';
import { compareRowIds } from '../../../src/table/rows.ts';
import type { MaybeCell } from '../../../src/table/values.ts';

type Table = Record<string, Record<string, MaybeCell>>;

const orderOf = (table: Table, look?: Look): ShownOrder => {
  const order = new ShownOrder((row, column) => table[row]?.[column]);
  order.reset(Object.keys(table));
  if (look) order.lookAt(look);
  return order;
};
const by = (...columns: string[]): Look => ({
  sort: columns.map((column) => ({
    column: column.replace('-', ''),
    descending: column.startsWith('-'),
  })),
});
const never = (): string[] => {
  throw new Error('not to be asked');
};
const update = (order: ShownOrder, changes: Record<string, number> = {}) =>
  order.update(new Map(Object.entries(changes)), never);

describe('ShownOrder', () => {
  it('is the natural order of all rows at first', () => {
    const order = orderOf({ b: {}, 10: {}, 9: {} });
    expect(order.ids).toEqual(['9', '10', 'b']);
  });

  it('sorts by several columns, and by id where they are equal', () => {
    const table = { 1: { a: 2, b: 1 }, 2: { a: 1, b: 1 }, 3: { a: 2, b: 5 }, 10: { a: 2, b: 1 } };
    expect(orderOf(table, by('-a', 'b')).ids).toEqual(['1', '10', '3', '2']);
  });

  it('puts kinds in their order and missing cells last, also when descending', () => {
    const table = {
      1: { a: 'B' },
      2: { a: null },
      3: { a: 10 },
      4: { a: [1] },
      5: { a: true },
      6: {},
      7: { a: 9 },
      8: { a: 'a' },
      9: { a: false },
    } as unknown as Table;
    expect(orderOf(table, by('a')).ids.join('')).toBe('957381426');
    expect(orderOf(table, by('-a')).ids.join('')).toBe('418375926');
  });

  it('sorts texts without regard to case and accents', () => {
    const table = { 1: { a: 'zoo' }, 2: { a: 'Émile' }, 3: { a: 'eve' }, 4: { a: 'Dora' } };
    expect(orderOf(table, by('a')).ids).toEqual(['4', '2', '3', '1']);
  });

  it('sorts emoji after the private use area, as Python does', () => {
    const table = { 1: { a: '\u{1f600}' }, 2: { a: '\ue000' }, 3: { a: 'z' } };
    expect(orderOf(table, by('a')).ids).toEqual(['3', '2', '1']);
  });

  it('moves a row of which a cell has changed, and says that it moved', () => {
    const table: Table = { 1: { a: 1 }, 2: { a: 2 }, 3: { a: 3 } };
    const order = orderOf(table, by('a'));
    table[1] = { a: 9 };
    order.touch('1');
    expect([...(update(order) ?? [])]).toEqual(['1']);
    expect(order.ids).toEqual(['2', '3', '1']);
  });

  it('keeps its ids when a change moves nothing', () => {
    const table: Table = { 1: { a: 1 }, 2: { a: 2 } };
    const order = orderOf(table, by('a'));
    const { ids } = order;
    table[1] = { a: 1.5 };
    order.touch('1');
    update(order);
    table[1] = { a: 1.5, b: 1 };
    order.touch('1');
    expect(update(order)?.size).toBe(0);
    expect(order.ids).toEqual(ids);
  });

  it('finds rows while changes wait', () => {
    const table: Table = { 1: { a: 1 }, 2: { a: 2 }, 3: { a: 3 } };
    const order = orderOf(table, by('a'));
    table[1] = { a: 9 };
    order.touch('1');
    expect(['1', '2', '3', '4'].map((id) => order.indexOf(id))).toEqual([0, 1, 2, -1]);
  });

  it('holds a row in its place until it is released', () => {
    const table: Table = { 1: { a: 1 }, 2: { a: 2 }, 3: { a: 3 } };
    const order = orderOf(table, { ...by('a'), matches: (id) => table[id]?.a !== 0 });
    order.hold('1');
    table[1] = { a: 9 };
    order.touch('1');
    update(order);
    expect([order.ids.join(''), order.indexOf('1')]).toEqual(['123', 0]);
    table[1] = { a: 0 };
    order.touch('1');
    update(order);
    expect(order.ids.join('')).toBe('123');
    order.hold(undefined);
    update(order);
    expect(order.ids.join('')).toBe('23');
  });

  it('does not hold a row that is deleted', () => {
    const table: Table = { 1: { a: 1 }, 2: { a: 2 } };
    const order = orderOf(table, by('a'));
    order.hold('1');
    delete table[1];
    update(order, { 1: -1 });
    expect(order.ids).toEqual(['2']);
  });

  it('shows the held row whatever is filtered', () => {
    const order = orderOf({ 1: { a: 1 }, 2: { a: 2 } });
    order.hold('1');
    order.lookAt({ sort: [], matches: (id) => id === '2' });
    expect(order.ids).toEqual(['1', '2']);
    order.hold(undefined);
    update(order);
    expect(order.ids).toEqual(['2']);
  });

  it('shows what a plain model shows, after any changes', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 16807) % 2147483647;
      return seed % below;
    };
    const cells: MaybeCell[] = [
      undefined,
      null,
      true,
      false,
      0,
      1,
      2,
      3,
      -1.5,
      'a',
      'B',
      'é',
      'f',
      '',
    ];
    const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
    const store = createStore();
    const at = (row: string, column: string): MaybeCell => store.getCell('t', row, column);
    const order = new ShownOrder(at);
    let changes = new Map<string, number>();
    store.addRowIdsListener('t', (_s, _t, get) => {
      for (const [id, change] of Object.entries(get?.() ?? {}))
        changes.set(id, (changes.get(id) ?? 0) + change);
    });
    store.addCellListener('t', null, null, (_s, _t, row) => order.touch(row));
    const names = ['a', 'b', 'c'];
    for (let step = 0; step < 400; step++) {
      for (let i = random(6); i >= 0; i--) {
        const row = random(3) ? String(random(40)) : `r${random(20)}`;
        const cell = pick(cells);
        if (random(8) === 0) store.delRow('t', row);
        else if (cell === undefined) store.delCell('t', row, pick(names), true);
        else store.setCell('t', row, pick(names), cell);
      }
      if (step % 20 === 0) {
        const sort: SortBy[] = names
          .filter(() => random(2))
          .map((column) => ({ column, descending: random(2) === 1 }));
        const filters = pick<Filters>([{}, { a: { min: 0 } }, { b: { in: [null, 'a', 1] } }]);
        order.update(changes, () => store.getRowIds('t'));
        order.lookAt({ sort, matches: matcher(filters, '', at, () => '') });
      } else order.update(changes, () => store.getRowIds('t'));
      changes = new Map();
      const { sort, matches } = order.look;
      const model = store
        .getRowIds('t')
        .filter((id) => matches?.(id) !== false)
        .sort((x, y) => {
          for (const { column, descending } of sort) {
            const sign = compareKeys(keyOf(at(x, column)), keyOf(at(y, column)), descending);
            if (sign !== 0) return sign;
          }
          return compareRowIds(x, y);
        });
      expect(order.ids).toEqual(model);
      expect(model.map((id) => order.indexOf(id))).toEqual(model.map((_, i) => i));
    }
  });
});
