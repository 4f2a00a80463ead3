import { describe, expect, it } from 'vitest';
import { conflictText, ownerOf, quoted, undoneText } from '../../src/table/conflict_text.ts';

const place = (rowId: string, tableId: string | null = 't') => ({ tableId, rowId, cellId: 'a' });
const nothing = { changed: [], kept: [], refused: [], isTooLarge: false };
const whoIs = (client: number): boolean | string => (client === 7 ? 'Grace Hopper' : client === 1);

describe('an owner', () => {
  it.each([
    [1, 'Yours'],
    [7, 'Grace Hopper'],
    [0x3fa2_1234, 'Another peer (3fa2…)'],
    [2, 'Another peer (0000…)'],
    [2 ** 52 + 5, 'From loaded data'],
  ])('of client %i is %s', (client, text) => {
    expect(ownerOf(client, whoIs)).toBe(text);
  });
});

describe('a cell in a sentence', () => {
  it.each([
    ['brown', '“brown”'],
    ['', 'an empty text'],
    [undefined, 'nothing'],
    [null, 'null'],
    [true, 'true'],
    [4.5, '4.5'],
    [{ a: [1] }, '{"a":[1]}'],
    ['x'.repeat(50), `“${'x'.repeat(40)}…”`],
  ])('%j is %s', (cell, text) => {
    expect(quoted(cell)).toBe(text);
  });
});

describe('a conflict', () => {
  it('is told with the name of who is here', () => {
    const sides = { winner: { client: 7, value: 4 }, loser: { client: 1, value: 5 } };
    const text = conflictText({ key: '7:0', ...place('1'), ...sides }, whoIs);
    expect(text).toBe('Two sides changed this cell: 4 (Grace Hopper) won over 5 (yours).');
  });

  it('is told as who won over whom', () => {
    const conflict = {
      key: '2:0',
      ...place('1'),
      winner: { client: 1, value: 4 },
      loser: { client: 2, value: 'x' },
    };
    expect(conflictText(conflict, whoIs)).toBe(
      'Two sides changed this cell: 4 (yours) won over “x” (another peer (0000…)).',
    );
  });
});

describe('an undo', () => {
  it.each([
    ['all was put back', { changed: [place('1')] }, undefined],
    ['there was nothing', {}, 'There is nothing to undo.'],
    ['it is too large', { isTooLarge: true }, 'The last edit is too large to undo.'],
    [
      'somebody deleted the cell',
      { kept: [{ place: place('1'), value: undefined }] },
      'Nothing was undone: a in row 1 was deleted by somebody since.',
    ],
    [
      'a part was changed, in another table',
      { changed: [place('1')], kept: [{ place: place('2', 'u'), value: 7 }] },
      'Not all was undone: a in row 2 of u is now 7, changed by somebody since.',
    ],
    [
      'a value was changed',
      { kept: [{ place: { tableId: null, rowId: null, cellId: 'v' }, value: 7 }] },
      'Nothing was undone: the value v is now 7, changed by somebody since.',
    ],
    [
      'several were changed',
      { kept: [place('1'), place('2')].map((each) => ({ place: each, value: 7 })) },
      'Nothing was undone: somebody has changed 2 of the cells since.',
    ],
    [
      'the Store refused',
      { refused: [{ place: place('1'), value: 7 }] },
      'Nothing was undone: this table does not take the value.',
    ],
  ])('where %s', (_case, undone, text) => {
    expect(undoneText({ ...nothing, ...undone }, 'undo', 't')).toBe(text);
  });

  it('is called a redo where it is one', () => {
    expect(undoneText(nothing, 'redo', 't')).toBe('There is nothing to redo.');
  });
});
