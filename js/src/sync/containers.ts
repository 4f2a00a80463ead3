/**
 * Containers that are the same whoever makes them.
 *
 * Two replicas that each make a Y.Map under one key lose one of the two with all that is in it. So
 * the structs made here depend on nothing but their path: replicas that make the same table make
 * the same struct, and Yjs takes the second as a repetition of the first.
 *
 *     what        client id            clock
 *     start       0                    0 the tables `t`, 1 the values `v`
 *     a table     H("table", table)    0
 *
 * H is `containerClient`: 52 bits of a SHA-256 above 2^52, where no ordinary client id (32 bits) is
 * found. The start has the lowest id there is, so that what an unmodified TinyBase peer makes at
 * its place wins, and nothing of that peer's is lost.
 *
 * This is a wire format. Replicas that differ in it lose the protection, and nothing else.
 */
import * as encoding from 'lib0/encoding';
import { digest } from 'lib0/hash/sha256';
import * as Y from 'yjs';

export const ROOT = 'tinybase';
export const TABLES = 't';
export const VALUES = 'v';
export const START_CLIENT = 0;

const DOMAIN = new TextEncoder().encode('tinybase-widget/1\0');
const ITEM_OF_MAP = 0x27; // an item with a key of its parent (0x20) whose content is a type (7)
const TYPE_MAP = 1;
const PARENT_ROOT = 1;
const PARENT_ITEM = 0;

export type YMap = Y.Map<unknown>;

/** Return the client id that belongs to a path: 2^52 and 52 bits of its SHA-256. */
export function containerClient(...parts: string[]): number {
  const encoder = encoding.createEncoder();
  encoding.writeUint8Array(encoder, DOMAIN);
  for (const part of parts) {
    encoding.writeVarString(encoder, part);
  }
  const hash = digest(encoding.toUint8Array(encoder));
  let bits = BigInt(0);
  for (const byte of hash.subarray(0, 8)) {
    bits = (bits << 8n) | BigInt(byte);
  }
  return Number((1n << 52n) | (bits & ((1n << 52n) - 1n)));
}

/** Return the update that makes the tables and the values of an empty document. */
export function startUpdate(): Uint8Array {
  return mapsUpdate(START_CLIENT, ROOT, [TABLES, VALUES]);
}

/** Return the update that makes a table's container. */
export function tableUpdate(tableId: string): Uint8Array {
  return mapsUpdate(containerClient('table', tableId), [START_CLIENT, 0], [tableId]);
}

/** Encode a Yjs update (version 1) of maps under one parent: its root name, or its item id. */
function mapsUpdate(
  client: number,
  parent: string | readonly [client: number, clock: number],
  keys: readonly string[],
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1); // one client
  encoding.writeVarUint(encoder, keys.length);
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, 0); // from clock 0
  for (const key of keys) {
    encoding.writeUint8(encoder, ITEM_OF_MAP);
    if (typeof parent === 'string') {
      encoding.writeVarUint(encoder, PARENT_ROOT);
      encoding.writeVarString(encoder, parent);
    } else {
      encoding.writeVarUint(encoder, PARENT_ITEM);
      encoding.writeVarUint(encoder, parent[0]);
      encoding.writeVarUint(encoder, parent[1]);
    }
    encoding.writeVarString(encoder, key);
    encoding.writeVarUint(encoder, TYPE_MAP);
  }
  encoding.writeVarUint(encoder, 0); // nothing deleted
  return encoding.toUint8Array(encoder);
}

/** Return the map at a key of a map, if there is one. */
export function childMap(parent: YMap | undefined, key: string): YMap | undefined {
  const child = parent?.get(key);
  return child instanceof Y.Map ? child : undefined;
}

/**
 * Return the document's map of tables; make the start where the root has none.
 *
 * Call inside a transaction. `undefined` where the document holds something else at that place,
 * which is never overwritten.
 */
export function ensureTables(doc: Y.Doc): YMap | undefined {
  const root = doc.getMap(ROOT);
  if (!root.has(TABLES)) {
    makeMap(root, TABLES, START_CLIENT, 0);
    if (!root.has(VALUES)) {
      makeMap(root, VALUES, START_CLIENT, 1);
    }
  }
  return childMap(root, TABLES);
}

/** Return the document's map of values, as `ensureTables` does for the tables. */
export function ensureValues(doc: Y.Doc): YMap | undefined {
  ensureTables(doc);
  const root = doc.getMap(ROOT);
  if (!root.has(VALUES)) {
    root.set(VALUES, new Y.Map());
  }
  return childMap(root, VALUES);
}

/** Return a table's container; make it where there is none. Call inside a transaction. */
export function ensureTable(tables: YMap, tableId: string): YMap {
  const existing = childMap(tables, tableId);
  if (existing !== undefined) {
    return existing;
  }
  const item = tables._item;
  if (item?.id.client === START_CLIENT && item.id.clock === 0) {
    return makeMap(tables, tableId, containerClient('table', tableId), 0);
  }
  return tables.set(tableId, new Y.Map<unknown>());
}

/** Return a row's container; make an ordinary one where there is none. */
export function ensureRow(table: YMap, rowId: string): YMap {
  return childMap(table, rowId) ?? table.set(rowId, new Y.Map<unknown>());
}

/**
 * Make a map as the struct (client, clock), or an ordinary one where that struct can't be made.
 *
 * The document's client id is borrowed for the one item. Applying an update of these bytes would do
 * as well, but not inside a transaction of one's own: Yjs would take that for a remote one, and for
 * a sign that somebody else uses our client id.
 */
function makeMap(parent: YMap, key: string, client: number, clock: number): YMap {
  const { doc } = parent;
  const map = new Y.Map<unknown>();
  const neverExisted = !parent._map.has(key);
  if (doc === null || !neverExisted || Y.getState(doc.store, client) !== clock) {
    return parent.set(key, map);
  }
  const own = doc.clientID;
  doc.clientID = client;
  try {
    return parent.set(key, map);
  } finally {
    doc.clientID = own;
  }
}
