import { describe, expect, it } from 'vitest';
import {
  type ColumnType,
  displayText,
  editText,
  editTypeOf,
  kindOf,
  type MaybeCell,
  parseText,
  sameCell,
  typeOf,
} from '../../src/table/values.ts';

const cellOf = (text: string, type: ColumnType): unknown => {
  const parsed = parseText(text, type);
  return parsed.kind === 'set' ? parsed.cell : parsed.kind;
};

describe('the type of a column', () => {
  it.each([
    [['number', 'number'], 'number'],
    [['string'], 'string'],
    [['boolean', 'null', 'absent'], 'boolean'],
    [['number', 'string'], 'mixed'],
    [['json'], 'mixed'],
    [['null'], 'mixed'],
    [[], 'mixed'],
  ] as const)('of cells %j is %s', (kinds, type) => {
    expect(typeOf(kinds)).toBe(type);
  });

  it('gives way to the kind of a cell that does not fit it', () => {
    expect(editTypeOf('number', 'n/a')).toBe('mixed');
    expect(editTypeOf('number', null)).toBe('number');
    expect(editTypeOf('number', undefined)).toBe('number');
  });
});

describe('a number column', () => {
  it.each([
    ['12', 12],
    [' -0.5 ', -0.5],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['\u22127', -7],
    ['null', null],
    ['', 'delete'],
    ['abc', 'invalid'],
    ['12,5', 'invalid'],
    ['0x10', 'invalid'],
    ['1 2', 'invalid'],
    ['Infinity', 'invalid'],
    ['9007199254740993', 'invalid'],
    ['1e999', 'invalid'],
  ])('reads %j as %j', (text, cell) => {
    expect(cellOf(text, 'number')).toEqual(cell);
  });

  it('has no negative zero', () => {
    expect(Object.is(cellOf('-0', 'number'), 0)).toBe(true);
  });
});

describe('a string column', () => {
  it.each(['123', 'true', 'null', '{"a":1}', ' x ', ''])('takes %j as it is', (text) => {
    expect(cellOf(text, 'string')).toBe(text);
  });
});

describe('a mixed column', () => {
  it.each([
    ['12', 12],
    ['true', true],
    ['null', null],
    ['"12"', '12'],
    ['[1,2]', [1, 2]],
    ['{"a":null}', { a: null }],
    ['plain words', 'plain words'],
    [' spaced ', ' spaced '],
    ['{"a":', 'invalid'],
    ['', 'delete'],
  ])('reads %j as %j', (text, cell) => {
    expect(cellOf(text, 'mixed')).toEqual(cell);
  });

  it.each<MaybeCell>([
    0,
    -1.5,
    true,
    null,
    'a',
    '12',
    'true',
    '',
    '{"a":1}',
    '[x',
    '"q"',
    [1, 'b'],
    { a: {} },
  ])('begins an edit of %j with a text that means the same', (cell) => {
    expect(cellOf(editText(cell, 'mixed'), 'mixed')).toEqual(cell);
  });
});

describe('a boolean column', () => {
  it.each([
    ['TRUE', true],
    ['false', false],
    ['yes', 'invalid'],
  ])('reads pasted %j as %j', (text, cell) => {
    expect(cellOf(text, 'boolean')).toBe(cell);
  });
});

describe('cells as text', () => {
  it.each<[MaybeCell, string, string]>([
    [undefined, '', 'absent'],
    [null, 'null', 'null'],
    [1.5, '1.5', 'number'],
    [false, 'false', 'boolean'],
    ['<b>', '<b>', 'string'],
    [{ a: [1] }, '{"a":[1]}', 'json'],
  ])('shows %j as %j', (cell, text, kind) => {
    expect([displayText(cell), kindOf(cell)]).toEqual([text, kind]);
  });

  it('are cut off where nobody could read on', () => {
    expect(displayText('x'.repeat(5000)).length).toBe(1001);
  });

  it('compare by value', () => {
    expect(sameCell({ a: 1 }, { a: 1 })).toBe(true);
    expect(sameCell(1, '1')).toBe(false);
    expect(sameCell(null, undefined)).toBe(false);
  });
});
