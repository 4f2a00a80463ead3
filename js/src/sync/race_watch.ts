/**
 * Finds the updates that may make rows lose a race, before they are applied.
 *
 * What a race makes lose is gone when its transaction is over, so the document's bytes are taken
 * before it. That is only done for an update that has a container for a row that there is already,
 * or, in a document where rows have lost, structs or deletions below what has lost.
 */
import * as Y from 'yjs';
import { Containers, childMap, ROOT, TABLES, type YMap } from './containers.ts';
import { type Carried, carryRaced } from './races.ts';
import type { ItemId } from './structs.ts';
import type { Made, Outline } from './update_bytes.ts';

// How an item begins in an update that was the first under a key of another item: a map, a dead one.
const FIRST_MAP = 0x27;
const FIRST_DEAD = 0x21;
const OF_ITEM = 0x00;

type Struct = Y.Item | Y.GC | Y.Skip;

export class RaceWatch {
  readonly #doc: Y.Doc;
  readonly #root: YMap;
  readonly #containers: Containers;
  readonly #settled = new Set<string>();
  #hasLost: boolean | undefined;

  constructor(doc: Y.Doc, mapName: string = ROOT) {
    this.#doc = doc;
    this.#root = doc.getMap(mapName);
    this.#containers = new Containers(mapName);
  }

  /** Return the document's bytes if this update may make rows lose a race. */
  documentBefore(update: Uint8Array): Uint8Array | undefined {
    this.#hasLost ??= this.#findLost();
    if (!this.#hasLost && !mayHaveRow(update)) {
      return undefined;
    }
    const { structs, ds } = Y.decodeUpdate(update);
    return this.#makesTwice(structs) || (this.#hasLost && this.#reachesGone(structs, ds.clients))
      ? Y.encodeStateAsUpdate(this.#doc)
      : undefined;
  }

  /** Say whether rows may lose a race by an update: `false` is certain. */
  mayRace({ made }: Outline): boolean {
    this.#hasLost ??= this.#findLost();
    if (this.#hasLost) {
      return true;
    }
    const state = (client: number) => Y.getState(this.#doc.store, client);
    for (const [table, rows] of this.#rowsByTable(made)) {
      const seen = new Set<string>();
      for (const { client, clock, key } of rows) {
        if (clock >= state(client)) {
          if (seen.has(key) || table?._map.has(key)) {
            return true;
          }
          seen.add(key);
        }
      }
    }
    return false;
  }

  /** Yield what is made below each table, and the table's map if the document has it. */
  *#rowsByTable(made: readonly Made[]): Generator<[YMap | undefined, readonly Made[]]> {
    const tables = childMap(this.#root, TABLES);
    const byParent = new Map<number, Map<number, Made[]>>();
    for (const each of made) {
      const { client, clock } = each.parent;
      const byClock = byParent.get(client) ?? new Map<number, Made[]>();
      byParent.set(client, byClock);
      const siblings = byClock.get(clock);
      siblings === undefined ? byClock.set(clock, [each]) : siblings.push(each);
    }
    const parents = new Map<readonly Made[] | undefined, ItemId>();
    for (const { client, clock, parent } of made) {
      const children = byParent.get(client)?.get(clock);
      if (children !== undefined) parents.set(children, parent);
    }
    for (const [client, byClock] of byParent) {
      for (const [clock, siblings] of byClock) {
        const map = this.#mapAt({ client, clock });
        const above = parents.get(siblings);
        if (map !== undefined) {
          if (map.parent === tables) yield [map, siblings];
        } else if (above && !parents.has(byParent.get(above.client)?.get(above.clock))) {
          yield [undefined, siblings];
        }
      }
    }
  }

  #mapAt({ client, clock }: ItemId): YMap | undefined {
    const item = this.#at(client, clock);
    const type = item instanceof Y.Item ? (item.content as Partial<Y.ContentType>).type : undefined;
    return type instanceof Y.Map ? type : undefined;
  }

  /** Forget whether rows have lost: a large update was applied. */
  forget(): void {
    this.#hasLost = undefined;
  }

  /** Return what an update that has been applied makes it necessary to carry. */
  carry(document: Uint8Array, update: Uint8Array): Carried {
    const carried = carryRaced(
      document,
      update,
      this.#tables(),
      (tableId, rowIds) => this.#containers.batch(tableId, rowIds),
      (client) => Y.getState(this.#doc.store, client),
    );
    if (carried.rows.length > 0) {
      this.#hasLost = true;
      for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
        for (const { clock, len } of ranges) {
          this.#settled.add(`${client}:${clock}:${len}`);
        }
      }
    }
    return carried;
  }

  /** Return the ids of the tables, by the client id of their container. */
  #tables(): Map<number, string> {
    const tables = new Map<number, string>();
    for (const tableId of childMap(this.#root, TABLES)?.keys() ?? []) {
      tables.set(this.#containers.table(tableId).client, tableId);
    }
    return tables;
  }

  #findLost(): boolean {
    const tables = childMap(this.#root, TABLES);
    for (const tableId of tables?.keys() ?? []) {
      for (const item of childMap(tables, tableId)?._map.values() ?? []) {
        if (item.left !== null) {
          return true;
        }
      }
    }
    return false;
  }

  #makesTwice(structs: readonly Struct[]): boolean {
    const made = structs.filter(
      (struct): struct is Y.Item =>
        struct instanceof Y.Item &&
        (struct.content instanceof Y.ContentType || struct.content instanceof Y.ContentDeleted) &&
        struct.parent instanceof Y.ID,
    );
    if (made.length === 0) {
      return false;
    }
    const tables = this.#tables();
    for (const { id, parentSub } of made) {
      if (parentSub !== null && this.#containers.table(parentSub).client === id.client) {
        tables.set(id.client, parentSub);
      }
    }
    const all = childMap(this.#root, TABLES);
    const seen = new Set<string>();
    for (const { id, parent, parentSub } of made) {
      const tableId = tables.get((parent as Y.ID).client);
      if (tableId === undefined || id.clock < Y.getState(this.#doc.store, id.client)) {
        continue;
      }
      const key = `${(parent as Y.ID).client} ${parentSub}`;
      if (seen.has(key) || childMap(all, tableId)?._map.has(parentSub as string)) {
        return true;
      }
      seen.add(key);
    }
    return false;
  }

  /** Say whether some of these structs or deletions are below what has lost. */
  #reachesGone(
    structs: readonly Struct[],
    deletions: ReadonlyMap<number, readonly { clock: number; len: number }[]>,
  ): boolean {
    for (const struct of structs) {
      if (struct instanceof Y.GC) {
        return true;
      }
      if (struct instanceof Y.Item) {
        const { parent, origin } = struct;
        const container =
          parent instanceof Y.ID ? this.#at(parent.client, parent.clock) : undefined;
        if (container instanceof Y.Item ? container.deleted : container !== undefined) {
          return true;
        }
        if (origin !== null && this.#at(origin.client, origin.clock) instanceof Y.GC) {
          return true;
        }
      }
    }
    for (const [client, ranges] of deletions) {
      for (const { clock, len } of ranges) {
        if (!this.#settled.has(`${client}:${clock}:${len}`) && this.#hasGone(client, clock, len)) {
          return true;
        }
      }
    }
    return false;
  }

  #hasGone(client: number, clock: number, length: number): boolean {
    for (let at = clock; at < clock + length; ) {
      const struct = this.#at(client, at);
      if (struct === undefined || struct instanceof Y.GC) {
        return struct !== undefined;
      }
      at = struct.id.clock + struct.length;
    }
    return false;
  }

  #at(client: number, clock: number): Y.Item | Y.GC | undefined {
    const structs = this.#doc.store.clients.get(client);
    return structs === undefined || clock >= Y.getState(this.#doc.store, client)
      ? undefined
      : structs[Y.findIndexSS(structs, clock)];
  }
}

function mayHaveRow(update: Uint8Array): boolean {
  return hasPair(update, FIRST_MAP) || hasPair(update, FIRST_DEAD);
}

function hasPair(update: Uint8Array, first: number): boolean {
  for (let at = update.indexOf(first); at >= 0; at = update.indexOf(first, at + 1)) {
    if (update[at + 1] === OF_ITEM) {
      return true;
    }
  }
  return false;
}
