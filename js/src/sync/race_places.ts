/** The structs of a document and of an update to it: which rows were made twice, and what is where. */
import * as Y from 'yjs';
import { imageClient } from './race_images.ts';
import type { ItemId } from './structs.ts';

/** Rows that need images of their own, each of which costs every transaction. */
const MAX_ALONE = 256;

type Struct = Y.Item | Y.GC | Y.Skip;

/** Where a struct is; or if it is gone, with its container, where its image is. */
export interface Place {
  readonly container: ItemId;
  readonly key: string;
  readonly isGone: boolean;
}

/** A row that was made more than once. */
export interface RacedRow {
  readonly tableId: string;
  readonly rowId: string;
}

interface Row extends RacedRow {
  readonly item: ItemId;
}

interface Made {
  readonly row: string;
  readonly tableId: string;
  readonly rowId: string;
}

/** A delete set. */
class Deleted {
  readonly #clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>;

  constructor(clients: ReadonlyMap<number, { clock: number; len: number }[]>) {
    this.#clients = new Map(
      [...clients].map(([client, ranges]) => [
        client,
        [...ranges].sort((one, other) => one.clock - other.clock),
      ]),
    );
  }

  has({ client, clock }: ItemId): boolean {
    const ranges = this.#clients.get(client) ?? [];
    const at = before(ranges, clock, (range) => range.clock);
    return at !== undefined && clock < at.clock + at.len;
  }

  *[Symbol.iterator](): Generator<ItemId> {
    for (const [client, ranges] of this.#clients) {
      for (const { clock, len } of ranges) {
        for (let step = 0; step < len; step++) {
          yield { client, clock: clock + step };
        }
      }
    }
  }
}

export class KnownStructs {
  readonly deleted: Deleted[] = [];
  /** The raced rows, with the container that won. */
  readonly winners = new Map<string, Row>();
  readonly #losers = new Map<string, ItemId[]>();
  readonly #byClient = new Map<number, Struct[]>();
  readonly #made = new Map<number, Map<number, Made>>();
  readonly #tables: ReadonlyMap<number, string>;
  readonly #batchOf: (tableId: string, rowIds: readonly string[]) => number;
  readonly #identities = new Map<number, string | undefined>();
  readonly #bases = new Map<number, number>();
  readonly #images = new Map<number, number[]>();
  readonly #places = new Map<string, Place | undefined>();
  #over: Map<string, Map<string, ItemId[]>> | undefined;

  constructor(
    parts: readonly Uint8Array[],
    tables: ReadonlyMap<number, string>,
    batchOf: (tableId: string, rowIds: readonly string[]) => number,
  ) {
    this.#tables = tables;
    this.#batchOf = batchOf;
    for (const part of parts) {
      const { structs, ds } = Y.decodeUpdate(part);
      this.deleted.push(new Deleted(ds.clients));
      for (const struct of structs) {
        this.#add(struct);
      }
    }
    this.#findRaces();
    this.#spareIds();
  }

  #add(struct: Struct): void {
    if (struct instanceof Y.Skip) {
      return;
    }
    const known = this.#byClient.get(struct.id.client);
    if (known === undefined) {
      this.#byClient.set(struct.id.client, [struct]);
    } else if (endOf(struct) > endOf(known.at(-1) as Struct)) {
      known.push(struct);
    }
  }

  get clients(): Iterable<number> {
    return this.#byClient.keys();
  }

  structs(client: number): readonly Struct[] {
    return this.#byClient.get(client) ?? [];
  }

  *#all(): Generator<Struct> {
    for (const structs of this.#byClient.values()) {
      yield* structs;
    }
  }

  at({ client, clock }: ItemId): Struct | undefined {
    const struct = before(this.structs(client), clock, (each) => each.id.clock);
    return struct !== undefined && clock < endOf(struct) ? struct : undefined;
  }

  // --- Races

  #findRaces(): void {
    const containers = new Map<string, [Made, ItemId[]]>();
    for (const struct of this.#all()) {
      const made = this.#rowMadeBy(struct);
      if (made === undefined) {
        continue;
      }
      const { client, clock } = struct.id;
      const ofClient = this.#made.get(client) ?? new Map<number, Made>();
      this.#made.set(client, ofClient.set(clock, made));
      const known = containers.get(made.row);
      if (known === undefined) {
        containers.set(made.row, [made, [struct.id]]);
      } else {
        known[1].push(struct.id);
      }
    }
    const raced = [...containers.values()].filter(([, items]) => items.length > 1);
    if (raced.length === 0) {
      return;
    }
    const rows = new Map(
      raced.flatMap(([{ row }, items]) => items.map((each) => [placeKey(each), row])),
    );
    const remade = new Set<string | undefined>();
    for (const struct of this.#all()) {
      if (struct instanceof Y.Item && struct.origin !== null) {
        remade.add(rows.get(placeKey(struct.origin)));
      }
    }
    for (const [{ row, tableId, rowId }, items] of raced) {
      const item = items.reduce((one, other) => (isAfter(other, one) ? other : one));
      if (!remade.has(row) && !this.deleted.some((deleted) => deleted.has(item))) {
        this.winners.set(row, { tableId, rowId, item });
        this.#losers.set(
          row,
          items.filter((each) => each !== item),
        );
      }
    }
  }

  /** Leave out the rows that would need an image each, where these are too many. */
  #spareIds(): void {
    const alone = [...this.winners].filter(([, { item }]) => this.#isAlone(item));
    if (alone.length > MAX_ALONE) {
      for (const [row] of alone) {
        this.winners.delete(row);
        this.#losers.delete(row);
      }
    }
  }

  #isAlone(winner: ItemId): boolean {
    return this.#made.get(winner.client)?.size === 1 || this.identity(winner).includes(':');
  }

  /** Return the row whose container a struct is, where nobody had seen another. */
  #rowMadeBy(struct: Struct): Made | undefined {
    if (
      !(struct instanceof Y.Item) ||
      !(struct.content instanceof Y.ContentType || struct.content instanceof Y.ContentDeleted) ||
      !(struct.parent instanceof Y.ID) ||
      struct.parentSub === null ||
      struct.parent.clock !== 0
    ) {
      return undefined;
    }
    const tableId = this.#tables.get(struct.parent.client);
    const rowId = struct.parentSub;
    return tableId === undefined
      ? undefined
      : { row: `${struct.parent.client} ${rowId}`, tableId, rowId };
  }

  #rowOf({ client, clock }: ItemId): string | undefined {
    const row = this.#made.get(client)?.get(clock)?.row;
    return row !== undefined && this.winners.has(row) ? row : undefined;
  }

  /** Return the container that won, for one of a raced row. */
  winnerAt(container: ItemId): ItemId | undefined {
    const row = this.#rowOf(container);
    return row === undefined ? undefined : this.winners.get(row)?.item;
  }

  /** Return the containers that lost, for one of a raced row. */
  losersAt(container: ItemId): readonly ItemId[] | undefined {
    const row = this.#rowOf(container);
    return row === undefined ? undefined : this.#losers.get(row);
  }

  /** Return what names a container, or the whole batch that was made together with it. */
  identity({ client, clock }: ItemId): string {
    if (!this.#identities.has(client)) {
      const made = [...(this.#made.get(client) ?? [])].sort(([one], [other]) => one - other);
      const tableId = made[0]?.[1].tableId ?? '';
      const isBatch =
        made.every(([at, each], place) => at === place && each.tableId === tableId) &&
        this.#batchOf(
          tableId,
          made.map(([, { rowId }]) => rowId),
        ) === client;
      this.#identities.set(client, isBatch ? String(client) : undefined);
    }
    return this.#identities.get(client) ?? `${client}:${clock}`;
  }

  // --- Images

  findImages(clockOf: (client: number) => number): void {
    const identities = new Set<string>();
    for (const { item } of this.winners.values()) {
      identities.add(this.identity(item));
    }
    for (const losers of this.#losers.values()) {
      for (const item of losers) {
        identities.add(this.identity(item));
      }
    }
    for (const identity of identities) {
      for (const client of this.clients) {
        const image = imageClient(client, identity);
        if (this.#byClient.has(image) || clockOf(image) > 0) {
          this.#bases.set(image, client);
        }
      }
    }
    for (const image of this.#bases.keys()) {
      const base = this.base(image);
      const images = this.#images.get(base) ?? [];
      images.push(image);
      this.#images.set(base, images);
    }
  }

  /** Return the client that one is the image of, or itself. */
  base(client: number): number {
    const seen = new Set<number>();
    let found = client;
    for (;;) {
      const base = this.#bases.get(found);
      if (base === undefined || seen.has(found)) {
        return found;
      }
      seen.add(found);
      found = base;
    }
  }

  isImage(client: number): boolean {
    return this.#bases.has(client);
  }

  // --- Places

  /** Return where a struct is; where it is gone, where its image is. */
  place(id: ItemId): Place | undefined {
    const chain = new Set<string>();
    let found: Place | undefined;
    let item = id;
    for (;;) {
      const key = placeKey(item);
      if (this.#places.has(key)) {
        found = this.#places.get(key);
        break;
      }
      chain.add(key);
      const struct = this.at(item);
      if (!(struct instanceof Y.Item)) {
        found = this.#placeOfImage(item, chain);
        break;
      }
      if (item.clock !== struct.id.clock) {
        item = struct.id;
      } else if (struct.origin !== null) {
        item = struct.origin;
      } else {
        if (struct.parent instanceof Y.ID && struct.parentSub !== null) {
          found = { container: struct.parent, key: struct.parentSub, isGone: false };
        }
        break;
      }
    }
    for (const key of chain) {
      this.#places.set(key, found);
    }
    return found;
  }

  #placeOfImage({ client, clock }: ItemId, chain: ReadonlySet<string>): Place | undefined {
    for (const image of this.#images.get(this.base(client)) ?? []) {
      const other = { client: image, clock };
      const struct = chain.has(placeKey(other)) ? undefined : this.at(other);
      if (struct instanceof Y.Item && !(struct.content instanceof Y.ContentType)) {
        const place = this.place(other);
        return place && { ...place, isGone: true };
      }
    }
    return undefined;
  }

  /** Say whether nothing was put over a struct, by somebody who knew it or not. */
  isLast(item: ItemId, { container, key }: Place): boolean {
    this.#over ??= this.#findOver();
    const over = this.#over.get(`${placeKey(container)} ${key}`);
    let last = over?.get('');
    let shown = item;
    while (last !== undefined) {
      shown = last.reduce((one, other) => (isAfter(other, one) ? other : one));
      last = over?.get(placeKey(shown));
    }
    return placeKey(shown) === placeKey(item);
  }

  /** Return what was put over what, in the cells of the raced rows. */
  #findOver(): Map<string, Map<string, ItemId[]>> {
    const found = new Map<string, Map<string, ItemId[]>>();
    for (const struct of this.#all()) {
      if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentType) {
        continue;
      }
      const place = this.place(struct.id);
      if (place === undefined || place.isGone || this.#rowOf(place.container) === undefined) {
        continue;
      }
      const where = `${placeKey(place.container)} ${place.key}`;
      const over = found.get(where) ?? new Map<string, ItemId[]>();
      found.set(where, over);
      const { client, clock } = struct.id;
      let origin: ItemId | null = struct.origin;
      for (let step = 0; step < struct.length; step++) {
        const item = { client, clock: clock + step };
        const key: string = origin === null ? '' : placeKey(origin);
        const known = over.get(key);
        if (known === undefined) {
          over.set(key, [item]);
        } else {
          known.push(item);
        }
        origin = item;
      }
    }
    return found;
  }
}

export function placeKey({ client, clock }: ItemId): string {
  return `${client}:${clock}`;
}

function endOf(struct: Struct): number {
  return struct.id.clock + struct.length;
}

function isAfter(one: ItemId, other: ItemId): boolean {
  return one.client === other.client ? one.clock > other.clock : one.client > other.client;
}

/** Return the last of sorted elements that begins at or before a clock. */
function before<T>(
  sorted: readonly T[],
  clock: number,
  clockOf: (each: T) => number,
): T | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = clockOf(sorted[middle] as T) <= clock ? [middle + 1, high] : [low, middle];
  }
  return sorted[low - 1];
}
