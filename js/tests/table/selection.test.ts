import { describe, expect, it } from 'vitest';
import { RowOrder } from '../../src/table/rows.ts';
import { Selection } from '../../src/table/selection.ts';

const order = new RowOrder();
order.reset(['1', '2', '3', '4', '5']);
const columns = ['a', 'b', 'c'];

describe('Selection', () => {
  it('is the clicked row', () => {
    const selection = new Selection();
    selection.pick('2', order.ids);
    selection.pick('4', order.ids);
    expect([...selection.rows]).toEqual(['4']);
  });

  it('reaches from the row clicked before to the one clicked with Shift, either way', () => {
    const selection = new Selection();
    selection.pick('4', order.ids);
    selection.pick('2', order.ids, { extend: true });
    expect([...selection.rows]).toEqual(['2', '3', '4']);
    selection.pick('5', order.ids, { extend: true });
    expect([...selection.rows]).toEqual(['4', '5']);
  });

  it('gains and loses a row by Ctrl', () => {
    const selection = new Selection();
    selection.pick('1', order.ids);
    selection.pick('3', order.ids, { toggle: true });
    selection.pick('1', order.ids, { toggle: true });
    expect([...selection.rows]).toEqual(['3']);
  });

  it('forgets rows that are gone', () => {
    const selection = new Selection();
    selection.selectAll(order.ids);
    selection.keepOnly((row) => row !== '3');
    expect([...selection.rows]).toEqual(['1', '2', '4', '5']);
  });

  it('means the active cell where neither rows nor a range are selected', () => {
    const selection = new Selection();
    expect(selection.area(order, columns)).toEqual({ rows: [], columns: [] });
    selection.active = { row: '2', column: 'a' };
    expect(selection.area(order, columns)).toEqual({ rows: ['2'], columns: ['a'] });
    expect([selection.rowCount(order, columns), selection.isSingle]).toEqual([1, true]);
    selection.active = { row: null, column: 'a' };
    expect(selection.area(order, columns)).toEqual({ rows: [], columns: ['a'] });
  });

  it('reaches from the active cell to any other, whichever comes first', () => {
    const selection = new Selection();
    selection.active = { row: '4', column: 'b' };
    selection.extendTo('2', 'c');
    const area = { rows: ['2', '3', '4'], columns: ['b', 'c'] };
    expect(selection.area(order, columns)).toEqual(area);
    expect(selection.rowCount(order, columns)).toBe(3);
    selection.extendTo('4', 'a');
    expect(selection.area(order, columns)).toEqual({ rows: ['4'], columns: ['a', 'b'] });
    selection.extendTo('4', 'b');
    expect(selection.isSingle).toBe(true);
  });

  it('is a range no more when a corner goes, another cell is active or rows are picked', () => {
    const selection = new Selection();
    const begin = (): void => {
      selection.active = { row: '1', column: 'a' };
      selection.extendTo('3', 'b');
    };
    begin();
    selection.keepOnly((row) => row !== '3');
    expect(selection.isSingle).toBe(true);
    begin();
    selection.active = { row: '1', column: 'b' };
    expect(selection.isSingle).toBe(true);
    begin();
    selection.pick('2', order.ids);
    expect(selection.area(order, columns)).toEqual({ rows: ['2'], columns });
  });

  it('has no range from the blank line', () => {
    const selection = new Selection();
    selection.active = { row: null, column: 'a' };
    selection.extendTo('3', 'b');
    expect(selection.isSingle).toBe(true);
  });
});
