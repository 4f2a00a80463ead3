import { describe, expect, it } from 'vitest';
import { Selection } from '../../src/table/selection.ts';

const order = ['1', '2', '3', '4', '5'];

describe('Selection', () => {
  it('is the clicked row', () => {
    const selection = new Selection();
    selection.pick('2', order);
    selection.pick('4', order);
    expect([...selection.rows]).toEqual(['4']);
  });

  it('reaches from the row clicked before to the one clicked with Shift, either way', () => {
    const selection = new Selection();
    selection.pick('4', order);
    selection.pick('2', order, { extend: true });
    expect([...selection.rows]).toEqual(['2', '3', '4']);
    selection.pick('5', order, { extend: true });
    expect([...selection.rows]).toEqual(['4', '5']);
  });

  it('gains and loses a row by Ctrl', () => {
    const selection = new Selection();
    selection.pick('1', order);
    selection.pick('3', order, { toggle: true });
    selection.pick('1', order, { toggle: true });
    expect([...selection.rows]).toEqual(['3']);
  });

  it('forgets rows that are gone', () => {
    const selection = new Selection();
    selection.selectAll(order);
    selection.keepOnly((row) => row !== '3');
    expect([...selection.rows]).toEqual(['1', '2', '4', '5']);
  });

  it('means the active row to be deleted where no row is selected', () => {
    const selection = new Selection();
    expect(selection.targets).toEqual([]);
    selection.active = { row: '2', column: 'a' };
    expect(selection.targets).toEqual(['2']);
    selection.active = { row: null, column: 'a' };
    expect(selection.targets).toEqual([]);
  });
});
