/**
 * The client ids of structs that are the same whoever makes them, made from what the structs are for.
 */
import * as encoding from 'lib0/encoding';
import { digest } from 'lib0/hash/sha256';

const VERSION = 2;
const DOMAIN = new TextEncoder().encode(`tinybase-widget/${VERSION}\0`);
const ITEM_OF_VALUES = 0x28; // an item with a key of its parent (0x20) whose content are values (8)
const ONE_VALUE = 1;
const PARENT_ITEM = 0;
const ANY = { string: 0x77, true: 0x78, false: 0x79, float64: 0x7b, integer: 0x7d, null: 0x7e };
const MAX_INTEGER = 2 ** 31 - 1; // beyond, lib0 writes floats
const LOW_20_BITS = 0xfffff;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a document holds for a cell. */
export type Content = string | number | boolean | null;

/** The client that made a struct, and the struct's place among what that client made. */
export interface ItemId {
  readonly client: number;
  readonly clock: number;
}

/** Return the client id that belongs to a path: 2^52 and 52 bits of its SHA-256. */
export function containerClient(...parts: string[]): number {
  return hashedClient(
    encoding.encode((encoder) => {
      for (const part of parts) {
        encoding.writeVarString(encoder, part);
      }
    }),
  );
}

/** Return the client id that belongs to bytes. */
function hashedClient(bytes: Uint8Array): number {
  const hashed = new Uint8Array(DOMAIN.length + bytes.length);
  hashed.set(DOMAIN);
  hashed.set(bytes, DOMAIN.length);
  const { buffer, byteOffset } = digest(hashed);
  const view = new DataView(buffer, byteOffset);
  return 2 ** 52 + (view.getUint32(0) & LOW_20_BITS) * 2 ** 32 + view.getUint32(4);
}

/**
 * Return the client id of the first cells of rows: it hashes the structs that they are.
 *
 *     cell  0x28  0x00 client id, clock of the row's item  cell id  0x01  value
 *
 * That is a cell's item, without origins, in an update (version 1). A value is lib0's "any", with one
 * spelling for each value, because equal contents must give equal ids.
 */
export function cellsClient(
  rows: Iterable<readonly [row: ItemId, cells: ReadonlyMap<string, Content>]>,
): number {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, 'cells');
  const heads = new Map<number, Uint8Array>();
  const keys = new Map<string, Uint8Array>();
  for (const [{ client, clock }, cells] of rows) {
    const head = cached(heads, client, () =>
      encoding.encode((part) => {
        encoding.writeUint8(part, ITEM_OF_VALUES);
        encoding.writeVarUint(part, PARENT_ITEM);
        encoding.writeVarUint(part, client);
      }),
    );
    for (const [cellId, content] of cells) {
      const key = cached(keys, cellId, () =>
        encoding.encode((part) => {
          encoding.writeVarString(part, cellId);
          encoding.writeVarUint(part, ONE_VALUE);
        }),
      );
      encoding.writeUint8Array(encoder, head);
      encoding.writeVarUint(encoder, clock);
      encoding.writeUint8Array(encoder, key);
      writeContent(encoder, content);
    }
  }
  return hashedClient(encoding.toUint8Array(encoder));
}

function cached<K, V>(values: Map<K, V>, key: K, make: () => V): V {
  let value = values.get(key);
  if (value === undefined) {
    value = make();
    values.set(key, value);
  }
  return value;
}

function writeContent(encoder: encoding.Encoder, content: Content): void {
  if (typeof content === 'string') {
    encoding.writeUint8(encoder, ANY.string);
    encoding.writeVarString(encoder, content);
  } else if (content === null) {
    encoding.writeUint8(encoder, ANY.null);
  } else if (typeof content === 'boolean') {
    encoding.writeUint8(encoder, content ? ANY.true : ANY.false);
  } else if (Number.isInteger(content) && Math.abs(content) <= MAX_INTEGER) {
    encoding.writeUint8(encoder, ANY.integer);
    encoding.writeVarInt(encoder, content);
  } else {
    encoding.writeUint8(encoder, ANY.float64);
    encoding.writeFloat64(encoder, content);
  }
}

/**
 * Return a text that UTF-8 can carry: a lone half of a surrogate pair becomes "?".
 *
 * Yjs would make U+FFFD of it, which at the start of a cell is TinyBase's mark of an object.
 */
export function sendableText(text: string): string {
  return LONE_SURROGATE.test(text)
    ? text.replace(/\p{Surrogate}/gu, '?').replaceAll('\ufffd', '?')
    : text;
}

/** Return a cell's content as it can be sent, with one form for each value. */
export function sendable(content: Content): Content {
  if (typeof content === 'string') {
    return sendableText(content);
  }
  return content === 0 ? 0 : content; // there is no -0 in other languages' integers
}
