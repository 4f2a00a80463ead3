/**
 * Edits carried from a document into the one that took its place.
 *
 * A replica that comes back from a former generation, or whose edits were on their way when the
 * document was compacted, has structs and deletions that the new document does not contain. Nobody
 * else is needed to find them: the new document's `Lineage` says what is contained.
 *
 * Each such struct is made again in the new document, on what stands there for what it was made on,
 * under an id that follows from its old one. So it is the same whoever carries it: to carry it twice
 * is to repeat it, and what has happened to it in the meantime is not undone. The new document goes
 * on as the old one would have: an edit follows what its author had seen, and where somebody else
 * has set the cell since, without knowing of it, the two meet as edits at once always do.
 *
 * The rules are the same in Python, where the head of `sync/_carrying.py` has all of them.
 */
import * as Y from 'yjs';
import { CarriedLevel } from './carried_level.ts';
import { Contained } from './contained.ts';
import { deletedOf } from './generations.ts';
import { contentAt, type Path, pathKey, shownItemAt, structAt } from './struct_places.ts';
import type { Content, ItemId } from './structs.ts';
import { mergeUpdates } from './updates.ts';
import { DocumentWriter, type Edits } from './writing.ts';

type Changes = Map<string, readonly [path: Path, content: unknown]>;

/**
 * Return, as an update of a document, what it lacks of those whose place it took, if it lacks any.
 *
 * The document stays as it is. Where the update is applied it meets what is there as any edits do
 * that others have made, so that conflicts are found.
 *
 * @param docs the last one is the document so far, each other one the one before the next
 * @param target the document that took their place
 */
export function carry(
  docs: readonly Y.Doc[],
  target: Y.Doc,
  mapName: string,
): Uint8Array | undefined {
  const inTarget = levelsOf(docs, new Contained(target, mapName), mapName);
  if (inTarget.every(({ isContained }) => isContained)) {
    return undefined;
  }
  const before = Y.encodeStateAsUpdate(target);
  const copy = new Y.Doc();
  Y.applyUpdate(copy, before);
  const levels = levelsOf(docs, new Contained(copy, mapName), mapName);
  const updates: Uint8Array[] = [];
  const touched = new Map<string, Path>();
  for (const level of levels) {
    const paths = new Map(Array.from(level.touched(), (path) => [pathKey(path), path] as const));
    updates.push(...write(copy, mapName, rowsOf(paths.values())));
    updates.push(...write(copy, mapName, editsOf(level.lacking())));
    const update = level.update();
    Y.applyUpdate(copy, update);
    updates.push(update);
    for (const [key, path] of paths) {
      touched.set(key, path);
    }
  }
  updates.push(...settle(levels, touched, before, copy, mapName));
  return mergeUpdates(updates);
}

function levelsOf(docs: readonly Y.Doc[], known: Contained, mapName: string): CarriedLevel[] {
  const levels: CarriedLevel[] = [];
  for (const doc of docs) {
    levels.push(new CarriedLevel(doc, known, levels.at(-1), mapName));
  }
  return levels;
}

/** Write into a document that nobody observes; returns updates that say what changed. */
export function write(doc: Y.Doc, mapName: string, edits: Edits): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const note = (update: Uint8Array) => updates.push(update);
  const writer = new DocumentWriter(
    doc,
    mapName,
    () => false,
    (obstacle) => console.error(obstacle),
  );
  doc.on('update', note);
  doc.transact((transaction) => writer.write(transaction, edits));
  doc.off('update', note);
  return updates;
}

/** Return what is to be at some paths as a writer takes it. */
export function editsOf(contents: Iterable<readonly [path: Path, content: unknown]>): Edits {
  const cells = new Map<string, Map<string, Map<string, Content | undefined>>>();
  const values = new Map<string, Content | undefined>();
  for (const [path, content] of contents) {
    const [, , tableId, rowId, cellId] = path as [string, string, string, string, string];
    if (path.length === 3) {
      values.set(tableId, content as Content | undefined);
    } else {
      below(below(cells, tableId), rowId).set(cellId, content as Content | undefined);
    }
  }
  return { cells, values };
}

function rowsOf(paths: Iterable<Path>): Edits {
  const cells = new Map<string, Map<string, Map<string, Content | undefined>>>();
  for (const [, , tableId = '', rowId] of paths) {
    if (rowId !== undefined) {
      below(below(cells, tableId), rowId);
    }
  }
  return { cells, values: new Map() };
}

function below<T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const found = map.get(key) ?? new Map<string, T>();
  map.set(key, found);
  return found;
}

/** Let each cell show what it showed, unless somebody else has set it since; returns updates. */
function settle(
  levels: readonly CarriedLevel[],
  touched: ReadonlyMap<string, Path>,
  before: Uint8Array,
  target: Y.Doc,
  mapName: string,
): Uint8Array[] {
  const current = levels.at(-1) as CarriedLevel;
  const differing = new Map(
    [...touched].filter(([, path]) => contentAt(current.doc, path) !== contentAt(target, path)),
  );
  if (differing.size === 0) {
    return [];
  }
  const changes: Changes = new Map();
  const deleted = deletedOf(target);
  for (const level of levels) {
    for (const [path, image] of level.deletions()) {
      const key = pathKey(path);
      const isGone = contentAt(current.doc, path) === undefined;
      if (isGone && differing.has(key) && !deleted.has(image)) {
        changes.set(key, [path, undefined]);
      }
    }
  }
  const old = new Y.Doc();
  Y.applyUpdate(old, before);
  for (const [key, path] of differing) {
    if (isHidden(levels, path, old, target)) {
      changes.set(key, [path, contentAt(current.doc, path)]);
    }
  }
  return write(target, mapName, editsOf(changes.values()));
}

/** Say whether a cell shows something else now, though nobody else has set it since. */
function isHidden(
  levels: readonly CarriedLevel[],
  path: Path,
  before: Y.Doc,
  target: Y.Doc,
): boolean {
  const current = levels.at(-1) as CarriedLevel;
  const item = shownItemAt(current.doc, path);
  if (item === undefined || current.isFollowed(item.lastId, path)) {
    return false;
  }
  const wanted = current.image(item.lastId);
  const shown = shownItemAt(target, path);
  const shownBefore = shownItemAt(before, path);
  const images = new Set<string>();
  for (const level of levels) {
    for (const image of level.images(path)) {
      images.add(idKey(image));
    }
  }
  const isOurs = images.has(idKey((shown ?? shownBefore)?.lastId)) || (!shown && !shownBefore);
  const isNew = [wanted, shown?.lastId].some((id) => id && structAt(before, id) === undefined);
  return wanted !== undefined && isOurs && isNew && idKey(shown?.lastId) !== idKey(wanted);
}

function idKey(id: ItemId | undefined): string {
  return id === undefined ? '' : `${id.client}:${id.clock}`;
}
