/** What a document contains of those whose place it took, and where. */
import * as Y from 'yjs';
import {
  type Clocks,
  compareGenerations,
  type Former,
  type Generation,
  highest,
  isDerived,
  Lineage,
} from './generations.ts';
import { itemsAt, type Path, structAt } from './struct_places.ts';
import type { ItemId } from './structs.ts';

export class Contained {
  readonly doc: Y.Doc;
  readonly formers: readonly Former[];
  readonly #before: Clocks;

  constructor(doc: Y.Doc, mapName: string) {
    const lineage = new Lineage(doc, mapName);
    this.doc = doc;
    this.formers = lineage.formers();
    this.#before = highest(lineage.derived, ...this.formers.map(({ clocks }) => clocks));
  }

  former(generation: Generation): Former | undefined {
    return this.formers.find((each) => compareGenerations(each.generation, generation) === 0);
  }

  /** Return how many structs of a derived client id are here, and are or were contained. */
  extent(client: number): [here: number, contained: number] {
    const here = Y.getState(this.doc.store, client);
    return [here, Math.max(here, this.#before.get(client) ?? 0)];
  }

  /** Say whether a derived struct is, or was, contained. */
  has({ client, clock }: ItemId): boolean {
    return clock < this.extent(client)[1];
  }

  /** Return what stands for a struct of a generation; derived ones are of every one. */
  standing(id: ItemId, path: Path, generation: Generation): ItemId | undefined {
    if (!isDerived(id.client)) {
      const former = this.former(generation);
      return former && this.#standing(id, path, former);
    }
    if (structAt(this.doc, id) instanceof Y.Item) {
      return id;
    }
    for (const former of this.formers) {
      const found = this.#standing(id, path, former);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #standing(id: ItemId, path: Path, former: Former): ItemId | undefined {
    const isThere = id.clock < (former.clocks.get(id.client) ?? 0) && !former.deleted.has(id);
    return isThere ? this.shownSince(former, path) : undefined;
  }

  /** Return the struct of a path with which the document began. */
  firstAt(path: Path): ItemId | undefined {
    const former = this.formers.at(-1);
    return former && this.shownSince(former, path);
  }

  /** Return the struct of a path that stands for what a former generation showed there. */
  shownSince({ standing }: Former, path: Path): ItemId | undefined {
    for (const { id, origin, rightOrigin } of itemsAt(this.doc, path)) {
      if (origin === null && rightOrigin === null && standing.has(id)) {
        return id;
      }
    }
    return undefined;
  }

  /** Say whether a client id of a range has a struct at a path. */
  hasAt(path: Path, from: number, to: number): boolean {
    for (const { id } of itemsAt(this.doc, path)) {
      if (id.client > from && id.client <= to) {
        return true;
      }
    }
    return false;
  }
}
