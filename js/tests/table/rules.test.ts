import { type Cell, createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { LiveTable } from '../../src/table/live.ts';
import type { TableOptions } from '../../src/table/options.ts';
import { Rules } from '../../src/table/rules.ts';

const SCHEMA = {
  name: { type: 'string' },
  price: { type: 'number', default: 1 },
  sold: { type: 'boolean', allowNull: true },
  tags: { type: 'array' },
  more: { type: 'object', allowNull: true },
  any: { type: ['number', 'string'] },
  size: { enum: ['S', 'M', 1, '1'] },
  must: { type: 'string', required: true },
} as const;

const rulesOf = (options: Partial<TableOptions>, rows = {}): Rules => {
  const live = new LiveTable(
    createStore().setTable('t', rows),
    't',
    () => undefined,
    () => true,
  );
  const rules = new Rules(live, () => options as TableOptions);
  live.declared = (column) => rules.declaredType(column);
  live.take();
  return rules;
};

/** A cell of a new row. */
const at = (column: string) => ({ row: null, column });

const read = (rules: Rules, column: string, text: string): unknown => {
  const parsed = rules.parse(at(column), text, undefined);
  if (parsed.kind === 'invalid') return `! ${parsed.message}`;
  return parsed.kind === 'set' ? parsed.cell : 'deleted';
};

describe('a schema', () => {
  const rules = rulesOf({ schema: SCHEMA });

  it.each<[string, string, unknown]>([
    ['name', '12', '12'],
    ['name', '', ''],
    ['price', '12', 12],
    ['price', 'x', '! Not a number, such as 12, -0.5 or 1e3.'],
    ['price', 'null', '! price takes no null.'],
    ['price', '', 1],
    ['sold', 'TRUE', true],
    ['sold', 'null', null],
    ['sold', '', 'deleted'],
    ['tags', '[1]', [1]],
    ['tags', '{}', '! tags takes a list, such as [1, 2].'],
    ['tags', 'null', '! tags takes no null.'],
    ['tags', '', 'deleted'],
    ['more', '{"a":null}', { a: null }],
    ['more', 'null', null],
    ['more', '7', '! more takes an object, such as {"a": 1}.'],
    ['any', '12', 12],
    ['any', 'true', 'true'],
    ['any', '[1]', '[1]'],
    ['size', 'm', 'M'],
    ['size', '1', 1],
    ['size', 'XL', '! Not one of S, M, 1, 1.'],
    ['must', 'x', 'x'],
    ['other', 'x', '! The schema of this table has no other.'],
  ])('of %s reads %j as %j', (column, text, cell) => {
    expect(read(rules, column, text)).toEqual(cell);
  });

  it('says what is wrong with what is not JSON, and where', () => {
    expect(read(rules, 'more', '{"a": 1,\n "b" 2}')).toMatch(
      /^! Not valid JSON\. A text goes in "quotes"\. Line 2, column 6\.$/,
    );
  });

  it('gives columns their types, defaults, and what must be there', () => {
    const types = Object.keys(SCHEMA).map((column) => rules.declaredType(column));
    expect(types).toEqual([
      'string',
      'number',
      'boolean',
      'mixed',
      'mixed',
      'mixed',
      'mixed',
      'string',
    ]);
    expect(rules.declaredType('other')).toBeUndefined();
    expect(rules.defaults()).toEqual({ price: 1 });
    expect(rules.missing({ name: 'x' })).toEqual(['must']);
    expect(rules.missing({ must: 'x' })).toEqual([]);
  });

  it('refuses to empty what is required', () => {
    const pasted = rules.parsePasted(at('must'), { text: '' }, 'x');
    expect(pasted).toMatchObject({ kind: 'invalid' });
  });
});

describe('options of a column', () => {
  const rules = rulesOf({ columnOptions: { species: ['dog', 'cat'], __proto__x: [1] } });

  it('are all that it takes', () => {
    expect(read(rules, 'species', 'Cat')).toBe('cat');
    expect(read(rules, 'species', 'bird')).toBe('! Not one of dog, cat.');
    expect(read(rules, 'species', '')).toBe('deleted');
    expect(read(rules, 'species', 'null')).toBe('! Not one of dog, cat.');
    expect(rules.declaredType('species')).toBe('string');
  });

  it('leave other columns alone, whatever they are called', () => {
    for (const column of ['name', 'constructor', '__proto__'])
      expect(rules.optionsOf(column)).toBeUndefined();
  });

  it('are not all told where they are many', () => {
    const many = rulesOf({ columnOptions: { n: Array.from({ length: 50 }, (_, n) => n) } });
    expect(read(many, 'n', 'x')).toBe('! Not one of 0, 1, 2, 3, 4, 5, 6, 7 and 42 others.');
  });
});

describe('a pasted cell', () => {
  const rows = { 1: { text: 'x', number: 1, mixed: 'x' }, 2: { mixed: 2 } };
  const rules = rulesOf({}, rows);

  it.each<[string, Cell | undefined, unknown]>([
    ['text', 5, '5'],
    ['text', '5', '5'],
    ['text', null, null],
    ['text', undefined, undefined],
    ['number', '5', 5],
    ['number', 5, 5],
    ['mixed', '5', '5'],
    ['mixed', { a: 1 }, { a: 1 }],
  ])('into %s: %j becomes %j', (column, cell, expected) => {
    const exact = cell === undefined ? [] : [cell];
    const parsed = rules.parsePasted(at(column), { text: String(cell), exact }, undefined);
    expect(parsed.kind === 'set' ? parsed.cell : undefined).toEqual(expected);
  });

  it('from a spreadsheet is text in a text column and missing where it is empty', () => {
    expect(rules.parsePasted(at('text'), { text: '=1+1' }, undefined)).toEqual({
      kind: 'set',
      cell: '=1+1',
    });
    expect(rules.parsePasted(at('text'), { text: '' }, 'x')).toEqual({ kind: 'delete' });
  });
});

describe('read-only', () => {
  const rules = rulesOf({ readOnlyColumns: ['id'], readOnlyCells: [['1', 'a']] });

  it('are columns and cells, and rows that have such cells stay', () => {
    expect(rules.whyReadOnly({ row: '1', column: 'id' })).toBe('id is read-only.');
    expect(rules.whyReadOnly({ row: '1', column: 'a' })).toBe('This cell is read-only.');
    expect(rules.whyReadOnly({ row: '2', column: 'a' })).toBeUndefined();
    expect(rules.whyKept('1')).toBe('Row 1 stays: its a is read-only.');
    expect(rules.whyKept('2')).toBeUndefined();
  });
});
