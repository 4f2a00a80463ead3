/**
 * What the fuzzer (tests/fuzz) asks of a peer in Node.js, and what all such peers share.
 *
 * Everything travels as JSON; frames are base64, a value that may be missing is a list of at most
 * one. Ids of rows, cells and values stand for places: three for a cell, one for a value.
 */
import type { Content, Row, Store } from 'tinybase';
import * as Y from 'yjs';
import { writeCell } from '../../src/sync/cells.ts';

export type Operation = [method: string, ...args: never[]];
export type Maybe = [] | [unknown];
export type Change = [place: string[], old: Maybe, now: Maybe];
export type Sent = [to: number, frame: string];
export type Arrival = [sender: number, frame: string, isGreeting: boolean];
export type Taken = [isApplied: boolean, isHandedOn: boolean, answers: string[]];
export type Places = [place: string[], value: unknown][];

/** An open conflict: without what was overwritten where an edit survived its row's deletion. */
export type OpenConflict = [place: string[], winner: unknown, loser: Maybe];

export interface Edited {
  changes: Change[][];
  rowIds: Record<string, string>;
  /** The conflicts that were open when each transaction began. */
  conflicts: OpenConflict[][];
}

/** How a peer begins. */
export interface Start {
  slot: number;
  clientId: number;
  others: number[];
  saved: string | null;
  load: Content | null;
  isListening: boolean;
}

export interface Peer {
  readonly doc: Y.Doc;
  readonly store: Store;
  readonly newRowId: () => string;
  /** The open conflicts, where the peer has a list of them. */
  conflicts?(): OpenConflict[];
  receive(arrival: Arrival): Taken;
  /** Give what has changed to be sent. */
  send(): Sent[];
  hello(): Uint8Array;
  /** The frames to greet with, and a fresh document, where the peer has generations. */
  greeting?(): Uint8Array[];
  compact?(): void;
  end(): Promise<void>;
}

interface NodeBuffer extends Uint8Array {
  toString(encoding?: string): string;
}

declare const Buffer: {
  from(data: ArrayBufferLike, offset: number, length: number): NodeBuffer;
  from(data: string, encoding: string): NodeBuffer;
};

export const encode = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('base64');

export const decode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** Return a document with a client id, and what was saved. */
export function makeDoc({ clientId, saved }: Start): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  if (saved !== null) {
    Y.applyUpdate(doc, decode(saved));
  }
  return doc;
}

/** Fill the Store of a new peer, before its document is bound to it. */
export function fill(store: Store, { load }: Start): void {
  if (load !== null) {
    store.setContent(load);
  }
}

/** Let a Store count the changes of its tables in a value of its own. */
export function listen(store: Store, { slot, isListening }: Start): void {
  if (isListening) {
    const valueId = `changes seen by ${slot}`;
    store.addTablesListener(() => {
      store.setValue(valueId, ((store.getValue(valueId) as number | undefined) ?? 0) + 1);
    }, true);
  }
}

/** Run transactions on a peer's Store and say what each has changed. */
export function edit(peer: Peer, transactions: Operation[][]): Edited {
  const { store, newRowId } = peer;
  const rowIds: Record<string, string> = {};
  const conflicts: OpenConflict[][] = [];
  const changes = transactions.map((operations) => {
    conflicts.push(peer.conflicts?.() ?? []);
    const before = flatStore(store);
    let after = before;
    store.transaction(() => {
      for (const [method, ...args] of operations) {
        if (method === 'addRow') {
          const [tableId, row, name] = args as unknown as [string, Row, string];
          const rowId = newRowId();
          store.setRow(tableId, rowId, row);
          rowIds[name] = rowId;
        } else {
          (store[method as keyof Store] as (...args: never[]) => unknown)(...args);
        }
      }
      after = flatStore(store);
    });
    return changesBetween(before, after);
  });
  return { changes, rowIds, conflicts };
}

type Flat = Map<string, [place: string[], value: unknown]>;

function changesBetween(before: Flat, after: Flat): Change[] {
  const changes: Change[] = [];
  for (const [key, [place, value]] of after) {
    const old = before.get(key);
    if (old === undefined || old[1] !== value) {
      changes.push([place, old === undefined ? [] : [old[1]], [value]]);
    }
  }
  for (const [key, [place, value]] of before) {
    if (!after.has(key)) {
      changes.push([place, [value], []]);
    }
  }
  return changes;
}

function add(flat: Flat, place: string[], value: unknown): void {
  flat.set(place.join('\0'), [place, value]);
}

function flatStore(store: Store): Flat {
  const flat: Flat = new Map();
  store.forEachTable((tableId, forEachRow) => {
    forEachRow((rowId, forEachCell) => {
      forEachCell((cellId, cell) => {
        add(flat, [tableId, rowId, cellId], writeCell(cell));
      });
    });
  });
  store.forEachValue((valueId, value) => {
    add(flat, [valueId], writeCell(value));
  });
  return flat;
}

/** Return a Store's content by place, as a document would hold it. */
export function storeContent(store: Store): Places {
  return [...flatStore(store).values()];
}

/** Return a document's content by place. */
export function docContent(doc: Y.Doc): Places {
  const { t = {}, v = {} } = doc.getMap('tinybase').toJSON();
  const flat: Flat = new Map();
  for (const [tableId, table] of Object.entries(t as Record<string, Record<string, object>>)) {
    for (const [rowId, row] of Object.entries(table)) {
      for (const [cellId, cell] of Object.entries(row)) {
        add(flat, [tableId, rowId, cellId], cell);
      }
    }
  }
  for (const [valueId, value] of Object.entries(v)) {
    add(flat, [valueId], value);
  }
  return [...flat.values()];
}
