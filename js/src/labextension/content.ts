/** A file's text as a Store's content, and back: the JSON that TinyBase's own persisters write. */
import { type Content, createStore, type Store } from 'tinybase/store';

const ENCODED = '\ufffd';

/** A text is no Store's JSON; the message says why, and what to do. */
export class UnreadableError extends Error {}

/**
 * Return the tables and values of a text. An empty one has none.
 *
 * @throws UnreadableError when it is something else, or has something that a Store can't hold.
 */
export function readContent(text: string): Content {
  const json = parse(text);
  const isContent =
    Array.isArray(json) &&
    json.length === 2 &&
    json.every(isObject) &&
    Object.values(json[0] as object).every(
      (rows) => isObject(rows) && Object.values(rows).every(isObject),
    );
  if (!isContent) {
    throw new UnreadableError(
      `The file holds other JSON (${shortened(text.trim())}), where a Store's JSON was expected: [tables, values]. ` +
        'It is left as it is.',
    );
  }
  const store = createStore();
  const invalid: string[] = [];
  store.addInvalidCellListener(null, null, null, (_store, ...[tableId, rowId, cellId, [cell]]) => {
    if (cellId !== undefined) invalid.push(`${said(cell)} at ${tableId}/${rowId}/${cellId}`);
  });
  store.addInvalidValueListener(null, (_store, valueId, [value]) => {
    if (valueId !== undefined) invalid.push(`${said(value)} at ${valueId}`);
  });
  store.setContent(json as unknown as Content);
  if (invalid.length > 0) {
    throw new UnreadableError(
      `The file holds ${invalid[0]}, which is no cell that a Store can hold. It is left as it is.`,
    );
  }
  return store.getContent();
}

/** Return the text for a Store's content. */
export const writeContent = (store: Store): string => store.getJson();

function parse(text: string): unknown {
  if (text.trim() === '') {
    return [{}, {}];
  }
  try {
    return JSON.parse(text, decoded) ?? [{}, {}];
  } catch (error) {
    throw new UnreadableError(
      `The file holds no JSON (${(error as Error).message}), where a Store's JSON was expected: [tables, values]. ` +
        'It is left as it is.',
    );
  }
}

/** Objects and arrays are kept as texts, which a Store is not given as they are. */
function decoded(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(ENCODED)) {
    return value;
  }
  try {
    return JSON.parse(value.slice(ENCODED.length));
  } catch {
    return value; // which the Store will refuse
  }
}

const isObject = (thing: unknown): thing is object =>
  typeof thing === 'object' && thing !== null && !Array.isArray(thing);

const said = (thing: unknown): string => shortened(JSON.stringify(thing) ?? String(thing));

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
