import { describe, expect, test } from 'vitest';
import { naturalOrder } from '../../src/sync/order.ts';
import { isRowIdOf, rowIdFactory } from '../../src/sync/row_ids.ts';

describe('natural order', () => {
  test('integers come by value, before other ids', () => {
    expect(naturalOrder(['b', '10', '9', 'a', '0', '4294967296'])).toEqual([
      '0',
      '9',
      '10',
      '4294967296',
      'a',
      'b',
    ]);
  });

  test('what is not a canonical integer is no integer', () => {
    expect(naturalOrder(['1', '01', '-1', '1.5', '', '1'.repeat(16)])).toEqual([
      '1',
      '',
      '-1',
      '01',
      '1.5',
      '1'.repeat(16),
    ]);
  });

  test('other ids come by code point, not by UTF-16 unit', () => {
    expect(naturalOrder(['😀', '\uffff', 'é', 'e'])).toEqual(['e', 'é', '\uffff', '😀']);
  });
});

describe('row ids', () => {
  test.each(['', '3~', 'fido~'])('a replica knows its own, also after a place: %j', (place) => {
    const rowId = `${place}${rowIdFactory(() => 0xffffffff)()}`;
    expect(isRowIdOf(0xffffffff, rowId)).toBe(true);
    expect(isRowIdOf(0xfffffffe, rowId)).toBe(false);
  });

  test('they are the time and the replica in base 36', () => {
    const newRowId = rowIdFactory(
      () => 0xffffffff,
      () => 1_700_000_000_000,
    );
    expect(newRowId()).toBe('0loyw3v28-1z141z3');
  });

  test('they increase when the clock stands still, and when it goes back', () => {
    const times = [5000, 5000, 4000, 5001, 5002];
    const newRowId = rowIdFactory(
      () => 1,
      () => times.shift() ?? 0,
    );
    const ids = [newRowId(), newRowId(), newRowId(), newRowId(), newRowId()];
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});
