import { expect, test } from 'vitest';
import { besideOf } from '../../src/table/beside.ts';

const BOX = { width: 200, height: 100 };
const WINDOW = { width: 1000, height: 600 };
const at = (left: number, top: number) => besideOf(BOX, { left, top, bottom: top + 20 }, WINDOW, 4);

test.each([
  ['below its place', [300, 200], { left: 300, top: 224 }],
  ['above a place near the lower edge', [300, 550], { left: 300, top: 446 }],
  ['at the right edge', [950, 200], { left: 792, top: 224 }],
  ['at the left edge of a place that is scrolled away', [-400, 200], { left: 8, top: 224 }],
  ['at the lower edge where its place is below the window', [300, 900], { left: 300, top: 492 }],
  ['at the upper edge where its place is above the window', [300, -500], { left: 300, top: 8 }],
] as const)('a box is %s', (_, [left, top], expected) => {
  expect(at(left, top)).toEqual(expected);
});

test('a box that is larger than the window begins at its corner', () => {
  const low = { width: 150, height: 80 };
  const place = { left: 20, top: 30, bottom: 50 };
  expect(besideOf(BOX, place, low, 4)).toEqual({ left: 8, top: 8 });
});
