/**
 * Containers that are the same whoever makes them.
 *
 * Two replicas that each make a Y.Map under one key lose one of the two with all that is in it. So
 * the structs made here depend on nothing but what they are for: replicas that make the same table
 * make the same struct, and Yjs takes the second as a repetition of the first. The same goes for the
 * first cells of rows: who loads the same data again takes back nothing of what was edited since.
 *
 *     what          client id                          clock
 *     start         0 (see `startClient`)              0 the tables `t`, 1 the values `v`
 *     a table       H("table", table)                  0
 *     integer rows  H("rows", table, first of block)   place in the block; see `row_blocks.ts`
 *     other rows    H("row", table, row)               0; up to 64 rows made together
 *     many others   H("row", table, row, row, …)       place among those made together
 *     cells         H of the structs themselves        place in the batch; first values likewise
 *
 * H is `containerClient`: 52 bits of a SHA-256 above 2^52, where no ordinary client id (32 bits) is
 * found. The start has the lowest id there is, so that what an unmodified TinyBase peer makes at
 * its place wins, and nothing of that peer's is lost.
 *
 * Where two replicas have made a row in batches that are not the same, what was under the container
 * that gives way is carried (`races.ts`).
 *
 * Rows and cells come in `keyOrder`, whoever makes them.
 *
 * This is a wire format, with a version in every hash, which Python's `_yjs_containers` shares.
 * Replicas that differ in it lose the protection, and nothing else.
 */
import * as Y from 'yjs';
import { MAX_SINGLES, rowBlock } from './row_blocks.ts';
import { containerClient, type ItemId } from './structs.ts';

export const ROOT = 'tinybase';
export const TABLES = 't';
export const VALUES = 'v';

const MAX_PADDING = 32;
const LOWEST_START = 16; // below are the small ids that people write into examples
const HIGHEST_START = 2 ** 20;

export type YMap = Y.Map<unknown>;

/** Return the map at a key of a map, if there is one. */
export function childMap(parent: YMap | undefined, key: string): YMap | undefined {
  const child = parent?.get(key);
  return child instanceof Y.Map ? child : undefined;
}

/** Return the client id of the start: 0, or for another root map a low number of its own. */
export function startClient(mapName: string = ROOT): number {
  return mapName === ROOT
    ? 0
    : LOWEST_START + (containerClient('start', mapName) % (HIGHEST_START - LOWEST_START));
}

/** Rows with keys one after the other, all of one client, from a clock on. */
export interface RowRun extends ItemId {
  readonly keys: readonly string[];
}

/** Rows to be made as derived containers, and the id that each of them has. */
export interface DerivedRows {
  readonly runs: RowRun[];
  readonly items: Map<string, ItemId>;
}

/** The derived containers of one root map. */
export class Containers {
  /** The item of the map of tables. */
  readonly tables: ItemId;
  /** The item of the map of values. */
  readonly values: ItemId;
  readonly #scope: readonly string[];

  constructor(mapName: string = ROOT) {
    this.tables = { client: startClient(mapName), clock: 0 };
    this.values = { client: this.tables.client, clock: 1 };
    this.#scope = mapName === ROOT ? [] : ['map', mapName];
  }

  /** Return the item of a table's container. */
  table(tableId: string): ItemId {
    return { client: containerClient(...this.#scope, 'table', tableId), clock: 0 };
  }

  /** Return the client id of rows that are made together, or of a single one. */
  batch(tableId: string, rowIds: readonly string[]): number {
    return containerClient(...this.#scope, 'row', tableId, ...rowIds);
  }

  /**
   * Return how rows are made, of which the table, a derived one, has none.
   *
   * A row that can't be made this way has no item in the result.
   *
   * @param clockOf returns how many structs of a client the document has.
   * @param isTaken says whether the table has, or had, a key.
   */
  rows(
    tableId: string,
    rowIds: Iterable<string>,
    clockOf: (client: number) => number,
    isTaken: (rowId: string) => boolean,
  ): DerivedRows {
    const runs: RowRun[] = [];
    const items = new Map<string, ItemId>();
    const [placesByBlock, others] = byBlock(rowIds);
    for (const [first, places] of placesByBlock) {
      const client = containerClient(...this.#scope, 'rows', tableId, String(first));
      const clock = clockOf(client);
      const keys = range(clock, Math.max(...places) + 1);
      const padding = without(keys, places);
      if (
        places.some((place) => place < clock) ||
        padding.length > MAX_PADDING ||
        padding.some((place) => isTaken(String(first + place)))
      ) {
        others.push(...places.map((place) => String(first + place)));
        continue;
      }
      const ids = keys.map((place) => String(first + place));
      runs.push({ client, clock, keys: ids });
      for (const place of places) {
        items.set(String(first + place), { client, clock: place });
      }
    }
    for (const keys of others.length <= MAX_SINGLES ? others.map((id) => [id]) : [others]) {
      const client = this.batch(tableId, keys);
      if (clockOf(client) === 0) {
        runs.push({ client, clock: 0, keys });
        for (const [clock, key] of keys.entries()) {
          items.set(key, { client, clock });
        }
      }
    }
    return { runs, items };
  }
}

/** Return the places of integer rows by the first of their block, and the other rows. */
function byBlock(rowIds: Iterable<string>): [Map<number, number[]>, string[]] {
  const places = new Map<number, number[]>();
  const others: string[] = [];
  for (const rowId of rowIds) {
    const block = rowBlock(rowId);
    if (block === undefined) {
      others.push(rowId);
      continue;
    }
    const known = places.get(block.first);
    if (known === undefined) {
      places.set(block.first, [block.place]);
    } else {
      known.push(block.place);
    }
  }
  return [places, others];
}

function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, at) => start + at);
}

function without(all: readonly number[], some: readonly number[]): number[] {
  const set = new Set(some);
  return all.filter((one) => !set.has(one));
}
