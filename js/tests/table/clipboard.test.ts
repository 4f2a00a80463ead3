import { describe, expect, it } from 'vitest';
import { singleCell, toTsv } from '../../src/table/clipboard.ts';

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

  it('are the bare text where there is one only', () => {
    expect(toTsv([['two\nlines']])).toBe('two\nlines');
  });
});

describe('a pasted cell', () => {
  it('loses the new line at its end, and no other', () => {
    expect(singleCell('a\nb\r\n')).toBe('a\nb');
  });
});
