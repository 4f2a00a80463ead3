import { describe, expect, test } from 'vitest';
import { batches, keyOrder, rowBlock } from '../../src/sync/row_blocks.ts';

describe('blocks of integer rows', () => {
  test.each([
    ['0', 0, 0],
    ['31', 0, 31],
    ['32', 32, 0],
    ['63', 32, 31],
    ['64', 64, 0],
    ['1023', 512, 511],
    ['1024', 1024, 0],
    ['2048', 2048, 0],
    ['3072', 2048, 1024],
    ['8191', 4096, 4095],
    ['8192', 8192, 0],
    ['16384', 16_384, 0],
    ['999999999', 999_997_440, 2559],
  ])('row %s is in the block of %i at place %i', (rowId, first, place) => {
    expect(rowBlock(rowId)).toEqual({ first, place });
  });

  test.each(['', '00', '01', '-1', '1.0', 'x', ' 1', '1\n', '\u0661', '1000000000'])(
    'row %j has no block',
    (rowId) => {
      expect(rowBlock(rowId)).toBeUndefined();
    },
  );

  test('blocks meet without gap or overlap', () => {
    const ends = new Map<number, number>();
    for (let number = 0; number < 100_000; number++) {
      const block = rowBlock(String(number));
      expect(block?.place).toBe(ends.get(block?.first ?? -1) ?? 0);
      ends.set(block?.first ?? -1, (block?.place ?? 0) + 1);
    }
    expect(ends.size).toBe(21);
  });
});

describe('the order of keys', () => {
  test.each([
    [[], []],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
    [
      ['10', '9'],
      ['9', '10'],
    ],
    [
      ['b', '10', '', '9', 'a', '0'],
      ['0', '9', '10', 'b', '', 'a'],
    ],
    [
      ['01', '-1', '1.0', '\u0661', '1\n', '2'],
      ['2', '01', '-1', '1.0', '\u0661', '1\n'],
    ],
    [
      ['4294967295', '4294967294'],
      ['4294967294', '4294967295'],
    ],
    [
      ['4294967296', '4294967295'],
      ['4294967296', '4294967295'],
    ],
  ])('%j come as %j, as in an object', (keys, ordered) => {
    expect(keyOrder(keys)).toEqual(ordered);
    expect(Object.keys(Object.fromEntries(keys.map((key) => [key, 0])))).toEqual(ordered);
  });
});

describe('batches', () => {
  test.each([
    [0, []],
    [1, [1]],
    [512, [512]],
    [576, [576]],
    [577, [512, 65]],
    [8192, Array(16).fill(512)],
    [8193, [...Array(7).fill(1024), 1025]],
    [100_000, [...Array(12).fill(8192), 1696]],
  ])('%i rows make batches of %j', (count, sizes) => {
    const rowIds = Array.from({ length: count }, (_, at) => `r${at}`);
    const made = batches(rowIds);
    expect(made.map((batch) => batch.length)).toEqual(sizes);
    expect(made.flat()).toEqual(rowIds);
  });

  test('integers are in the order of their numbers', () => {
    const rowIds = Array.from({ length: 1024 }, (_, at) => String(at));
    expect(batches([...rowIds].reverse())).toEqual([rowIds.slice(0, 512), rowIds.slice(512)]);
  });
});
