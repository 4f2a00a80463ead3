/**
 * What of one document is to be carried into another, and as which structs.
 *
 * `carrying.ts` says how; this is where each struct and each deletion is looked at.
 */
import * as Y from 'yjs';
import { carriedId, laterCarried, renamedKey } from './carried_ids.ts';
import {
  deletedStruct,
  encodeBlocks,
  gapStruct,
  valueStruct,
  type Where,
} from './carried_structs.ts';
import type { Contained } from './contained.ts';
import {
  type Clocks,
  clocksOf,
  deletedOf,
  type Former,
  type Generation,
  isDerived,
  Lineage,
} from './generations.ts';
import { StructIds } from './struct_ids.ts';
import {
  containerAt,
  contentAt,
  isCellPath,
  itemPath,
  itemsAt,
  type Path,
  pathOf,
  shownItemAt,
  structAt,
} from './struct_places.ts';
import type { ItemId } from './structs.ts';

const MAX_CARRIED = 1000; // each costs a client id

/** A new edit of a cell or a value: the struct, or the part of it that is new. */
interface Edit {
  readonly item: Y.Item;
  readonly path: Path;
}

type MutableBlocks = Map<number, { clock: number; structs: Uint8Array[] }>;

export class CarriedLevel {
  readonly doc: Y.Doc;
  readonly #known: Contained;
  readonly #below: CarriedLevel | undefined;
  readonly #mapName: string;
  readonly #generation: Generation;
  readonly #isKnown: boolean;
  readonly #since: Clocks;
  readonly #deletedBefore: StructIds;
  readonly #deleted: StructIds;
  /** A former generation that both documents know as the same: how either stands for it. */
  readonly #shared: readonly [Former, Former] | undefined;
  readonly #edits: readonly Edit[];

  /** @param below the document before this one, where that is the one the other knows of */
  constructor(doc: Y.Doc, known: Contained, below: CarriedLevel | undefined, mapName: string) {
    this.doc = doc;
    this.#known = known;
    this.#below = below;
    this.#mapName = mapName;
    const lineage = new Lineage(doc, mapName);
    const formers = lineage.formers();
    this.#generation = lineage.generation;
    const former = known.former(this.#generation);
    this.#isKnown = former !== undefined;
    this.#since = former?.clocks ?? formers.at(-1)?.standing.starts() ?? clocksOf(doc);
    this.#deletedBefore = former?.deleted ?? new StructIds();
    this.#deleted = deletedOf(doc);
    this.#shared = sharedFormer(formers, known);
    this.#edits = [...this.#newEdits()];
  }

  *#newEdits(): Generator<Edit> {
    for (const [client, structs] of this.doc.store.clients) {
      const from = this.#since.get(client) ?? 0;
      const hasNew = from < Y.getState(this.doc.store, client);
      for (const item of hasNew ? structs.slice(Y.findIndexSS(structs, from)) : []) {
        const path = isEdit(item) ? itemPath(item) : undefined;
        if (path !== undefined && (this.#isCell(path) || this.#isRecord(path))) {
          yield { item: item as Y.Item, path };
        }
      }
    }
  }

  #isCell(path: Path): boolean {
    return isCellPath(this.#mapName, path);
  }

  #isRecord(path: Path): boolean {
    return path[0] === `${this.#mapName}/conflicts` && path.length === 2;
  }

  /** Yield what the other document contains, and was deleted here only. */
  *#deletions(): Generator<ItemId> {
    for (const id of this.#deleted.without(this.#deletedBefore).ids()) {
      if (this.#isOld(id) || this.#known.has(carriedId(id))) {
        yield id;
      }
    }
  }

  /** Whether the other document has everything already. */
  get isContained(): boolean {
    return !this.#isStrange && this.#edits.length === 0 && this.#deletions().next().done === true;
  }

  /** Whether nothing tells what of this document is contained. */
  get #isStrange(): boolean {
    return !this.#isKnown && this.#below === undefined && this.#shared === undefined;
  }

  /** Yield the cells that were set or deleted. */
  *touched(): Generator<Path> {
    for (const { path } of this.#edits) {
      if (this.#isCell(path)) {
        yield path;
      }
    }
    for (const id of this.#deletions()) {
      const path = pathOf(this.doc, id);
      if (path !== undefined && this.#isCell(path)) {
        yield path;
      }
    }
  }

  /** Yield the cells of a document that nothing is known of, where the other has none. */
  *lacking(): Generator<[Path, unknown]> {
    if (this.#isStrange) {
      for (const structs of this.doc.store.clients.values()) {
        for (const item of structs) {
          const path = isEdit(item) && !item.deleted ? itemPath(item) : undefined;
          const isLacking =
            path !== undefined &&
            this.#isCell(path) &&
            itemsAt(this.#known.doc, path).next().done === true;
          if (isLacking) {
            yield [path, contentAt(this.doc, path)];
          }
        }
      }
    }
  }

  // --- What stands for what

  #isOld({ client, clock }: ItemId): boolean {
    return clock < (this.#since.get(client) ?? 0);
  }

  /** Return what stands for a struct in the other document, if anything does. */
  image(id: ItemId): ItemId | undefined {
    const path = pathOf(this.doc, id);
    if (path === undefined) {
      return undefined;
    }
    const carried = carriedId(id);
    if (this.#known.has(carried)) {
      return this.#known.standing(carried, path, this.#generation);
    }
    if (this.#isOld(id)) {
      return this.#oldImage(id, path);
    }
    if (this.isFollowed(id, path)) {
      const base = this.#base(id);
      return base && this.image(base);
    }
    return carried;
  }

  #oldImage(id: ItemId, path: Path): ItemId | undefined {
    if (this.#isKnown) {
      return this.#known.standing(id, path, this.#generation);
    }
    if (this.#below !== undefined) {
      const shown = shownItemAt(this.#below.doc, path);
      return shown && this.#below.image(shown.lastId);
    }
    const isShared = this.#shared?.[0].standing.has(id);
    return isShared && this.#shared ? this.#known.shownSince(this.#shared[1], path) : undefined;
  }

  /** Yield what stands for the structs of a path. */
  *images(path: Path): Generator<ItemId> {
    for (const { id, length } of itemsAt(this.doc, path)) {
      for (let clock = id.clock; clock < id.clock + length; clock += 1) {
        const image = this.image({ client: id.client, clock });
        if (image !== undefined) {
          yield image;
        }
      }
    }
  }

  /** Yield what stands for the structs that were deleted here, and where. */
  *deletions(): Generator<[Path, ItemId]> {
    for (const id of this.#deletions()) {
      const path = pathOf(this.doc, id);
      const image = this.image(id);
      if (path !== undefined && image !== undefined) {
        yield [path, image];
      }
    }
  }

  // --- How it is carried

  /** Return the structs to carry, as an update. */
  update(): Uint8Array {
    const made = new Map<number, Uint8Array>();
    const derived = new Set<number>();
    const followed = new Set(this.#edits.map(({ item: { origin } }) => origin && idKey(origin)));
    for (const { item, path } of this.#edits) {
      const isEmpty = this.#isCell(path) && contentAt(this.doc, path) === undefined;
      if (!item.deleted || (isEmpty && !followed.has(idKey(item.lastId)))) {
        this.#make(item.lastId, path, made, derived);
      }
    }
    const blocks: MutableBlocks = new Map();
    for (const client of derived) {
      this.#addDerived(client, blocks);
    }
    for (const [client, struct] of made.size <= MAX_CARRIED ? made : []) {
      blocks.set(client, { clock: 0, structs: [struct] });
    }
    return encodeBlocks(blocks);
  }

  /** Make a new struct again, and what it was made on, as far as that is new too. */
  #make(id: ItemId, path: Path, made: Map<number, Uint8Array>, derived: Set<number>): void {
    const todo: (readonly [ItemId, Path])[] = [[id, path]];
    for (const [next, at] of todo) {
      const carried = carriedId(next);
      if (this.#isOld(next) || this.#known.has(carried)) {
        continue;
      }
      if (isDerived(next.client)) {
        if (!derived.has(next.client)) {
          derived.add(next.client);
          todo.push(...this.#derivedBases(next.client));
        }
      } else if (!made.has(carried.client) && !this.isFollowed(next, at)) {
        const base = this.#base(next);
        made.set(carried.client, this.#remade(next, base, at));
        todo.push(...(base === undefined ? [] : [[base, at] as const]));
      }
    }
  }

  /** Yield what the structs of a derived client id were made on. */
  *#derivedBases(client: number): Generator<readonly [ItemId, Path]> {
    for (const item of this.doc.store.clients.get(client) ?? []) {
      const path = isEdit(item) && item.origin !== null ? itemPath(item) : undefined;
      if (path !== undefined && this.#isCell(path)) {
        yield [(item as Y.Item).origin as ItemId, path];
      }
    }
  }

  /** Say whether somebody has carried a later edit of the same client at this path. */
  isFollowed(id: ItemId, path: Path): boolean {
    const { client } = carriedId(id);
    return !isDerived(id.client) && this.#known.hasAt(path, ...laterCarried(client));
  }

  /** Return what a new edit was made on, beside edits of the same client. */
  #base({ client, clock }: ItemId): ItemId | undefined {
    let base: ItemId | undefined = { client, clock };
    while (base !== undefined && base.client === client && !this.#isOld(base)) {
      const struct = structAt(this.doc, base);
      base = struct instanceof Y.Item ? this.#originOf(struct) : undefined;
    }
    return base;
  }

  /** Return what a struct, or the new part of it, was made on. */
  #originOf({ id: { client, clock }, origin }: Y.Item): ItemId | undefined {
    const start = this.#since.get(client) ?? 0;
    return clock < start ? { client, clock: start - 1 } : (origin ?? undefined);
  }

  /** Add the structs of a derived client id, which keep their ids. */
  #addDerived(client: number, blocks: MutableBlocks): void {
    const [here, contained] = this.#known.extent(client);
    const structs: Uint8Array[] = contained > here ? [gapStruct(contained - here)] : [];
    for (const item of this.doc.store.clients.get(client) ?? []) {
      const start = Math.max(contained, item.id.clock);
      const length = item.id.clock + item.length - start;
      const path = isEdit(item) ? itemPath(item) : undefined;
      if (length > 0 && path !== undefined && this.#isCell(path)) {
        const { origin } = item as Y.Item;
        const base = start > item.id.clock ? { client, clock: start - 1 } : (origin ?? undefined);
        structs.push(this.#remade({ client, clock: start }, base, path, length));
      } else if (length > 0) {
        structs.push(gapStruct(length));
      }
    }
    if (structs.length > 0) {
      blocks.set(client, { clock: here, structs });
    }
  }

  /** Return a new struct as it is carried. */
  #remade(id: ItemId, base: ItemId | undefined, path: Path, length = 1): Uint8Array {
    const where = this.#placeOf(base, path);
    if (where === undefined) {
      return gapStruct(length);
    }
    if (this.#deleted.has(id)) {
      return deletedStruct(where, length);
    }
    const struct = structAt(this.doc, id) as Y.Item;
    return valueStruct(where, struct.content.getContent().at(-1));
  }

  /** Return where in the other document that goes which was made on something here. */
  #placeOf(base: ItemId | undefined, path: Path): Where | undefined {
    const image = base && this.image(base);
    if (image !== undefined) {
      return { after: image };
    }
    const first = this.#known.firstAt(path);
    if (first !== undefined) {
      return { before: first };
    }
    const [key, ...above] = [...path].reverse() as [string, ...string[]];
    if (this.#isRecord(path)) {
      return { parent: above[0] as string, key: renamedKey(key) };
    }
    const parent = containerAt(this.#known.doc, above.reverse())?._item?.id;
    return parent && { parent, key };
  }
}

/** Return a former generation that two documents know as the same, the latest. */
function sharedFormer(
  formers: readonly Former[],
  known: Contained,
): readonly [Former, Former] | undefined {
  for (const former of [...formers].reverse()) {
    const other = known.former(former.generation);
    if (
      other !== undefined &&
      areEqual(other.clocks, former.clocks) &&
      other.deleted.equals(former.deleted)
    ) {
      return [former, other];
    }
  }
  return undefined;
}

function areEqual(one: Clocks, other: Clocks): boolean {
  return one.size === other.size && [...one].every(([id, clock]) => other.get(id) === clock);
}

/** Say whether a struct is what an edit of a map's key makes, whether or not it is deleted. */
function isEdit(struct: Y.Item | Y.GC): struct is Y.Item {
  return (
    struct instanceof Y.Item &&
    (struct.content instanceof Y.ContentDeleted ||
      (struct.content instanceof Y.ContentAny && struct.length === 1))
  );
}

function idKey({ client, clock }: ItemId): string {
  return `${client}:${clock}`;
}
