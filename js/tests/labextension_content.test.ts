/** A file's text as a Store's content, and back. */
import { createStore } from 'tinybase/store';
import { describe, expect, it } from 'vitest';
import { readContent, UnreadableError, writeContent } from '../src/labextension/content.ts';

const BROKEN = [
  'nonsense',
  '[{',
  '{}',
  '[{}]',
  '[[],[]]',
  '[{},{},{}]',
  '[{"pets":1},{}]',
  '[{"pets":{"fido":3}},{}]',
  '[{"pets":{"fido":{"age":1e999}}},{}]',
];

describe('a file', () => {
  it('is read and written as the JSON of TinyBase', () => {
    const text = '[{"pets":{"fido":{"age":3,"gone":null}}},{"open":true}]';
    const store = createStore().setContent(readContent(text));
    expect(store.getCell('pets', 'fido', 'age')).toBe(3);
    expect(writeContent(store)).toBe(text);
  });

  it('comes back with its objects and arrays', () => {
    const store = createStore().setCell('pets', 'fido', 'tags', ['good', { very: true }]);
    const again = createStore().setContent(readContent(writeContent(store)));
    expect(again.getCell('pets', 'fido', 'tags')).toEqual(['good', { very: true }]);
  });

  it.each(['', ' \n', 'null', '[{},{}]'])('may be empty: %j', (text) => {
    expect(readContent(text)).toEqual([{}, {}]);
  });

  it('loses nothing with its empty tables and rows', () => {
    expect(readContent('[{"pets":{"fido":{}},"people":{}},{}]')).toEqual([{}, {}]);
  });

  it.each(BROKEN)('is not taken for a table: %j', (text) => {
    expect(() => readContent(text)).toThrow(UnreadableError);
    expect(() => readContent(text)).toThrow('left as it is');
  });
});
