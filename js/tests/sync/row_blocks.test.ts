import { describe, expect, test } from 'vitest';
import { batches, rowBlock } from '../../src/sync/row_blocks.ts';

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
    ['3071', 2048, 1023],
    ['3072', 3072, 0],
    ['999999999', 999_999_488, 511],
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
    for (let number = 0; number < 10_000; number++) {
      const block = rowBlock(String(number));
      expect(block?.place).toBe(ends.get(block?.first ?? -1) ?? 0);
      ends.set(block?.first ?? -1, (block?.place ?? 0) + 1);
    }
    expect(ends.size).toBeLessThan(20);
  });
});

describe('batches', () => {
  test.each([
    [0, []],
    [1, [1]],
    [512, [512]],
    [1025, [512, 512, 1]],
  ])('%i rows make batches of %j', (count, sizes) => {
    expect(batches(Array.from({ length: count })).map((batch) => batch.length)).toEqual(sizes);
  });

  test('there are at most some hundreds of them', () => {
    const made = batches(Array.from({ length: 200_000 }, (_, at) => at));
    expect(made).toHaveLength(196);
    expect(made.flat()).toEqual(Array.from({ length: 200_000 }, (_, at) => at));
  });
});
