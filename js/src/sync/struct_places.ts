/**
 * Where the structs of a document stand: the path of each, and what is at a path.
 *
 * A path begins with the name of the root; the keys follow: t, table, row, cell, or v, value.
 */
import * as Y from 'yjs';
import { TABLES, VALUES } from './containers.ts';
import type { ItemId } from './structs.ts';

export type Path = readonly string[];

const CELL_DEPTH = 5;
const VALUE_DEPTH = 3;

/** Return the struct that an id is in, `undefined` where there is none. */
export function structAt({ store }: Y.Doc, { client, clock }: ItemId): Y.Item | Y.GC | undefined {
  return clock < Y.getState(store, client)
    ? (Y.getItem(store, Y.createID(client, clock)) as Y.Item | Y.GC)
    : undefined;
}

/** Return the path of a struct, `undefined` where that is not known, or in a sequence. */
export function pathOf(doc: Y.Doc, id: ItemId): Path | undefined {
  const struct = structAt(doc, id);
  return struct instanceof Y.Item ? itemPath(struct) : undefined;
}

/** Return the path of an item, as `pathOf` does. */
export function itemPath({ parent, parentSub }: Y.Item): Path | undefined {
  if (!(parent instanceof Y.AbstractType) || parentSub === null) {
    return undefined;
  }
  if (parent._item === null) {
    return [Y.findRootTypeKey(parent), parentSub];
  }
  const container = itemPath(parent._item);
  return container && [...container, parentSub];
}

/** Return the last struct of a path, which it shows unless that is deleted. */
export function lastItemAt(doc: Y.Doc, path: Path): Y.Item | undefined {
  return containerAt(doc, path.slice(0, -1))?._map.get(path.at(-1) as string);
}

/** Return the struct that a path shows. */
export function shownItemAt(doc: Y.Doc, path: Path): Y.Item | undefined {
  const item = lastItemAt(doc, path);
  return item?.deleted === false ? item : undefined;
}

/** Yield all structs of a path, the last one first. */
export function* itemsAt(doc: Y.Doc, path: Path): Generator<Y.Item> {
  for (let item = lastItemAt(doc, path) ?? null; item !== null; item = item.left) {
    yield item;
  }
}

/** Return the map of a path. */
export function containerAt(doc: Y.Doc, path: Path): Y.Map<unknown> | undefined {
  const [root, ...keys] = path;
  let map: unknown = doc.getMap(root);
  for (const key of keys) {
    map = map instanceof Y.Map ? map.get(key) : undefined;
  }
  return map instanceof Y.Map ? map : undefined;
}

/** Return what a document has at a path. */
export function contentAt(doc: Y.Doc, path: Path): unknown {
  return containerAt(doc, path.slice(0, -1))?.get(path.at(-1) as string);
}

/** Say whether a path is a cell's, or a value's, below a root map. */
export function isCellPath(mapName: string, [root, kind, ...keys]: Path): boolean {
  const depth = keys.length + 2;
  return (
    root === mapName &&
    ((kind === TABLES && depth === CELL_DEPTH) || (kind === VALUES && depth === VALUE_DEPTH))
  );
}

/** Return one text for a path, to look things up by. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}
