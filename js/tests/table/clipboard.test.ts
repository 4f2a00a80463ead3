import { describe, expect, it } from 'vitest';
import { fromTsv, readCells, toTsv, writeCells } from '../../src/table/clipboard.ts';

/** A clipboard, as far as cells go over it. */
const clipboard = (): DataTransfer => {
  const data = new Map<string, string>();
  return {
    setData: (type: string, text: string) => data.set(type, text),
    getData: (type: string) => data.get(type) ?? '',
  } as unknown as DataTransfer;
};

describe('copied cells', () => {
  it('are separated by tabs and new lines', () => {
    expect(
      toTsv([
        ['a', 'b'],
        ['1', ''],
      ]),
    ).toBe('a\tb\n1\t');
  });

  it('are quoted where they hold a separator or a quote', () => {
    expect(toTsv([['a\tb', 'say "x"', 'plain']])).toBe('"a\tb"\t"say ""x"""\tplain');
  });

  it('are the bare text where there is one only, and it would not become several', () => {
    expect(toTsv([['say "x"']])).toBe('say "x"');
    expect(toTsv([['two\nlines']])).toBe('"two\nlines"');
  });

  it('come back as they were, with their types', () => {
    const data = clipboard();
    const cells = [
      ['007', null, undefined],
      [{ a: [1] }, true, '=1+1'],
    ];
    writeCells(data, cells);
    const pasted = readCells(data)?.map((row) => row.map(({ exact }) => exact?.[0]));
    expect(pasted).toEqual(cells);
  });

  it('are read by their text where the page they come from wrote nonsense', () => {
    for (const spoilt of ['{', '[]', '[[[1]],[]]', '[[1,2]]', 'null', '[[[1,2]]]']) {
      const data = clipboard();
      data.setData('text/plain', 'a\tb');
      data.setData('application/x-tinybase-cells', spoilt);
      expect(readCells(data)).toEqual([[{ text: 'a' }, { text: 'b' }]]);
    }
  });
});

describe('pasted text', () => {
  it.each([
    ['a', [['a']]],
    ['a\n', [['a']]],
    ['a\r\nb\r\n', [['a'], ['b']]],
    ['a\rb', [['a'], ['b']]],
    [
      'a\tb\n1\t2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a\tb\n1',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    ['\n\na', [[''], [''], ['a']]],
    ['\t', [['', '']]],
    ['"two\nlines"\tb', [['two\nlines', 'b']]],
    ['"say ""x"""', [['say "x"']]],
    ['""\t""""', [['', '"']]],
    ['"a\tb"', [['a\tb']]],
    ['5" wide\tb', [['5" wide', 'b']]],
    ['"open\tb', [['"open', 'b']]],
    ['"closed" and on\tb', [['"closed" and on', 'b']]],
    ['=SUM(A1:A2)\t+1', [['=SUM(A1:A2)', '+1']]],
    ['<b>x</b>', [['<b>x</b>']]],
  ])('%j is %j', (text, rows) => {
    expect(fromTsv(text)).toEqual(rows);
  });

  it('of a megabyte is read', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [`row ${n}`, `"${n}"\n`, 'x'.repeat(30)]);
    expect(fromTsv(toTsv(rows))).toEqual(rows);
  });
});
