import { describe, expect, it } from 'vitest';
import { placedId } from '../../src/table/row_places.ts';
import { compareRowIds, sortRowIds } from '../../src/table/rows.ts';

/** Ids as rooms make them: each sorts after the one before. */
const maker = (): (() => string) => {
  let count = 0;
  return () => `0mi9k2x${(count++).toString(36).padStart(2, '0')}-1z9f`;
};

describe('an id for a row', () => {
  it.each<[string | undefined, string | undefined]>([
    ['3', '4'],
    ['3', '17'],
    [undefined, '0'],
    ['0', '1'],
    ['343', undefined],
    ['343', '0mi8-x'],
    ['3', '3~0mi9-x'],
    ['3~0mi9-x', '4'],
    ['3~0mi9-x', '3~0mi9-y'],
    ['3~z', undefined],
    ['~a', '0'],
    [undefined, '~0'],
    ['felix', 'fido'],
    ['felix', 'felix!'],
    ['felix', 'felixa'],
    ['fido', undefined],
    [undefined, 'felix'],
    [undefined, '!'],
    ['', 'a'],
    ['\u{1f600}', '\u{1f601}'],
    ['\uffff', '\u{1f600}'],
    ['__proto__', 'a'],
    ['9'.repeat(20), `1${'0'.repeat(20)}`],
  ])('between %j and %j sorts there', (previous, next) => {
    const id = placedId(previous, next, '0mi9k2x1a-1z9f');
    if (previous !== undefined) expect(compareRowIds(previous, id)).toBeLessThan(0);
    if (next !== undefined) expect(compareRowIds(id, next)).toBeLessThan(0);
  });

  it('is the ordinary one at the end of rows that are numbers or were added here', () => {
    expect(placedId('343', undefined, '0mi9')).toBe('0mi9');
    expect(placedId('0mi8', undefined, '0mi9')).toBe('0mi9');
    expect(placedId(undefined, undefined, '0mi9')).toBe('0mi9');
  });

  it('does not grow with the rows that are put one below the other', () => {
    const unique = maker();
    let last = '3';
    for (let n = 0; n < 200; n++) last = placedId(last, '4', unique());
    expect(last.length).toBeLessThan(20);
    let end = 'fido';
    for (let n = 0; n < 200; n++) end = placedId(end, undefined, unique());
    expect(end.length).toBeLessThan(24);
  });

  it('is found again and again at one place', () => {
    const unique = maker();
    const ids = ['3', '4'];
    for (let n = 0; n < 100; n++) ids.splice(1, 0, placedId('3', ids[1], unique()));
    expect(sortRowIds(ids)).toEqual(ids);
  });

  it('sorts among others at random', () => {
    const unique = maker();
    const ids = ['0', '1', '2', 'felix', 'fido', 'rex'];
    let seed = 7;
    for (let n = 0; n < 500; n++) {
      seed = (seed * 48271) % 2147483647;
      const at = seed % (ids.length + 1);
      ids.splice(at, 0, placedId(ids[at - 1], ids[at], unique()));
    }
    expect(sortRowIds([...ids].reverse())).toEqual(ids);
  });
});
