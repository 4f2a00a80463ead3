/**
 * Which edits of one cell met in a transaction without having known of each other.
 *
 * In a Y.Map all structs that ever set one key form a list; the last one is what is visible. Each
 * names its origin: what its author saw there, which always stands to its left. So one walk to the
 * left from the visible struct tells which of the others it descends from, and which it does not.
 *
 * Of those that it doesn't descend from, the ones are meant from which no other descends: who edited
 * a cell three times while apart has lost one edit, the last.
 *
 * Call it while the observers run: what lost in the transaction has its content until they are done.
 */
import * as Y from 'yjs';
import { readCell } from './cells.ts';
import type { EditedPlace } from './conflict_records.ts';
import { childMap, TABLES, VALUES, type YMap } from './containers.ts';

/** A struct that its key's visible one did not know. */
export interface Loser {
  readonly id: Y.ID;
  readonly item: Y.Item;
}

export interface Meeting {
  readonly place: EditedPlace;
  /** What is visible now, if anything. */
  readonly winner: Y.Item | undefined;
  readonly losers: readonly Loser[];
  /** Of the ids that were asked for, those that one of the losers descends from. */
  readonly superseded: readonly Y.ID[];
}

/** What a transaction brought; without it, everything that a document holds. */
export interface Span {
  readonly beforeState: ReadonlyMap<number, number>;
}

type Container = Y.AbstractType<Y.YEvent<never>>;
type Groups = Map<Container, Map<string, number>>;
type KnownAt = (place: EditedPlace) => readonly Y.ID[];

const NONE: KnownAt = () => [];

/**
 * Yield the places where edits met.
 *
 * @param knownAt gives the losers of a place that are known already
 */
export function* meetings(root: YMap, span: Span, knownAt: KnownAt = NONE): Generator<Meeting> {
  const store = root.doc?.store;
  for (const [parent, keys] of store === undefined ? [] : newEntries(store, span.beforeState)) {
    const container = containerPlace(root, parent);
    if (container === undefined) {
      continue;
    }
    for (const [key, count] of keys) {
      const visible = parent._map.get(key);
      const place: EditedPlace = [...container, key];
      if (visible !== undefined) {
        const found = walk(visible, count, span, knownAt(place));
        if (found.losers.length > 0) {
          yield { place, winner: visible.deleted ? undefined : visible, ...found };
        }
      }
    }
  }
}

/** Return the table and the row whose map of cells this is, two nulls for the values. */
export function containerPlace(
  root: YMap,
  map: unknown,
): readonly [string, string] | readonly [null, null] | undefined {
  const row = liveItem(map);
  if (row?.parent === root && row.parentSub === VALUES) {
    return [null, null];
  }
  const table = liveItem(row?.parent);
  const tables = liveItem(table?.parent);
  if (tables?.parent === root && tables.parentSub === TABLES) {
    return [table?.parentSub as string, row?.parentSub as string];
  }
  return undefined;
}

/** Say whether there is a cell, or a value, at a place. */
export function hasCellAt(root: YMap, place: EditedPlace): boolean {
  return readCell(containerAt(root, place)?.get(place[2])) !== undefined;
}

/** Say whether a document has a struct, and has it as one that is gone. */
export function isDeleted(store: Y.Doc['store'], { client, clock }: Y.ID): boolean {
  const structs = store.clients.get(client);
  if (structs === undefined || clock >= endOf(structs)) {
    return false;
  }
  return structs[Y.findIndexSS(structs, clock)]?.deleted === true;
}

/** Say whether somebody set a place knowing a struct that had set it before. */
export function isFollowed(root: YMap, place: EditedPlace, id: Y.ID): boolean {
  let item = containerAt(root, place)?._map.get(place[2]) ?? null;
  while (item !== null) {
    const isInRun = contains(item, id) && id.clock < item.lastId.clock;
    if (isInRun || sameId(item.origin, id)) {
      return true;
    }
    item = item.left;
  }
  return false;
}

function containerAt(root: YMap, [tableId, rowId]: EditedPlace): YMap | undefined {
  return tableId === null || rowId === null
    ? childMap(root, VALUES)
    : childMap(childMap(childMap(root, TABLES), tableId), rowId);
}

/** Say whether a struct came with a transaction. */
export function isNew({ beforeState }: Span, { client, clock }: Y.ID): boolean {
  return clock >= (beforeState.get(client) ?? 0);
}

/** Return what a struct of a map holds, `undefined` where that is gone. */
export function contentOf(item: Y.Item): unknown {
  return item.content.getContent().at(-1);
}

/** The struct of a map that nobody has deleted. */
function liveItem(type: unknown): Y.Item | undefined {
  const item = type instanceof Y.Map ? type._item : null;
  return item === null || item.deleted ? undefined : item;
}

/** Count the new structs of each key that has others, too. */
function newEntries(store: Y.Doc['store'], beforeState: Span['beforeState']): Groups {
  const groups: Groups = new Map();
  for (const [client, structs] of store.clients) {
    const from = beforeState.get(client) ?? 0;
    if (from >= endOf(structs)) {
      continue;
    }
    for (let at = Y.findIndexSS(structs, from); at < structs.length; at += 1) {
      const item = structs[at];
      const isAlone =
        !(item instanceof Y.Item) ||
        item.parentSub === null ||
        (item.left === null && item.right === null);
      if (!isAlone && item.parent instanceof Y.AbstractType) {
        count(groups, item.parent, item.parentSub as string);
      }
    }
  }
  return groups;
}

function endOf(structs: readonly (Y.Item | Y.GC)[]): number {
  const last = structs.at(-1);
  return last === undefined ? 0 : last.id.clock + last.length;
}

function count(groups: Groups, parent: Container, key: string): void {
  let keys = groups.get(parent);
  if (keys === undefined) {
    keys = new Map();
    groups.set(parent, keys);
  }
  keys.set(key, (keys.get(key) ?? 0) + 1);
}

/**
 * Walk to the left until all new structs, the one that was visible before, and the known losers
 * have been seen.
 */
function walk(
  visible: Y.Item,
  newCount: number,
  span: Span,
  known: readonly Y.ID[],
): Pick<Meeting, 'losers' | 'superseded'> {
  const losers: Loser[] = [];
  const superseded: Y.ID[] = [];
  let followed: Y.ID[] = []; // origins of what the visible struct did not know
  let origin: Y.ID | null = visible.origin; // the next struct that it did know
  let newLeft = newCount - (isNew(span, visible.id) ? 1 : 0);
  let knownLeft = known.length;
  let sawBefore = !isNew(span, visible.id);
  for (
    let item = visible.left;
    item !== null && (newLeft > 0 || knownLeft > 0 || !sawBefore);
    item = item.left
  ) {
    const here: Y.Item = item; // a run of structs may have been merged into one
    const tip = here.lastId;
    const comesNow = isNew(span, here.id);
    const isKnownToVisible = contains(here, origin);
    for (const id of known) {
      if (contains(here, id)) {
        knownLeft -= 1;
        const isFollowed = followed.some((each) => contains(here, each) && each.clock >= id.clock);
        if (isFollowed || (!isKnownToVisible && id.clock < tip.clock)) {
          superseded.push(id);
        }
      }
    }
    const isTipFree =
      !(isKnownToVisible && sameId(origin, tip)) && !followed.some((each) => sameId(each, tip));
    if (isTipFree && (comesNow || !sawBefore)) {
      losers.push({ id: tip, item: here });
    }
    if (isKnownToVisible) {
      origin = here.origin;
    } else if (here.origin !== null) {
      followed = followed.filter((each) => !contains(here, each));
      followed.push(here.origin);
    }
    newLeft -= comesNow ? 1 : 0;
    sawBefore ||= !comesNow;
  }
  return { losers, superseded };
}

function contains(item: Y.Item, id: Y.ID | null): boolean {
  return (
    id !== null &&
    id.client === item.id.client &&
    id.clock >= item.id.clock &&
    id.clock < item.id.clock + item.length
  );
}

function sameId(a: Y.ID | null, b: Y.ID | null): boolean {
  return Y.compareIDs(a, b);
}
