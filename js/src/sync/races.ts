/**
 * What a lost race leaves: the cells of a row's container that gave way to another replica's.
 *
 * Two loads that differ in a row differ in the ids of a whole batch (`containers.ts`), so a row that
 * both have is made twice, and Yjs shows one of the two containers, that of the higher client id. All
 * structs of cells under the other are *carried*: made once more under the one that is shown, with
 * the origin that they had, and deleted if somebody had deleted them. So an edit that knew another
 * still does, and what was deleted knowingly stays so.
 *
 * The rules are the same in Python, where the head of `_yjs_races.py` has all of them.
 */
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { imageClient } from './race_images.ts';
import { KnownStructs, type Place, placeKey, type RacedRow } from './race_places.ts';
import type { ItemId } from './structs.ts';

const [GC, DELETED, ANY, ORIGIN, KEY] = [0, 1, 8, 0x80, 0x20];

/** What is carried, as an update, and the rows that lost a race. */
export interface Carried {
  readonly update: Uint8Array | undefined;
  readonly rows: readonly RacedRow[];
}

/** A struct of an image. */
interface Copy {
  readonly container: ItemId;
  readonly key: string;
  readonly origin: ItemId | undefined;
  /** Its content as it is written; none where it was deleted. */
  readonly content: Uint8Array | undefined;
}

type Copies = Map<number, Map<number, Copy>>;

/**
 * Return what has to be carried because of an update.
 *
 * @param document the document before it
 * @param update the update
 * @param tables the ids of the tables, by the client id of their container
 * @param batchOf returns the client id under which rows of a table are made together
 * @param clockOf returns how many structs of a client the document has after it
 */
export function carryRaced(
  document: Uint8Array,
  update: Uint8Array,
  tables: ReadonlyMap<number, string>,
  batchOf: (tableId: string, rowIds: readonly string[]) => number,
  clockOf: (client: number) => number,
): Carried {
  const known = new KnownStructs([document, update], tables, batchOf);
  if (known.winners.size === 0) {
    return { update: undefined, rows: [] };
  }
  known.findImages(clockOf);
  const copies = copiesOf(known);
  return {
    update: write(copies, deletionsOf(known, copies), clockOf),
    rows: [...known.winners.values()],
  };
}

function copiesOf(known: KnownStructs): Copies {
  const copies: Copies = new Map();
  for (const client of known.clients) {
    const base = known.base(client);
    for (const struct of known.structs(client)) {
      const place = holdsCell(struct) ? known.place(struct.id) : undefined;
      const winner = place && known.winnerAt(place.container);
      if (
        place === undefined ||
        winner === undefined ||
        (!place.isGone && placeKey(winner) === placeKey(place.container))
      ) {
        continue;
      }
      const identity = known.identity(winner);
      const image = imageClient(base, identity);
      const ofImage = copies.get(image) ?? new Map<number, Copy>();
      copies.set(image, ofImage);
      const { content } = struct as Y.Item;
      for (let step = 0; step < struct.length; step++) {
        const clock = struct.id.clock + step;
        const origin = step > 0 ? { client, clock: clock - 1 } : (struct as Y.Item).origin;
        if (ofImage.get(clock)?.content === undefined) {
          ofImage.set(clock, {
            container: winner,
            key: place.key,
            origin: origin
              ? { client: imageClient(known.base(origin.client), identity), clock: origin.clock }
              : undefined,
            content:
              content instanceof Y.ContentAny
                ? encoding.encode((encoder) => encoding.writeAny(encoder, content.arr[step]))
                : undefined,
          });
        }
      }
    }
  }
  return copies;
}

/** Return what somebody deleted who did not do so by deleting its container, by image. */
function deletionsOf(known: KnownStructs, copies: Copies): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  const identities = new Set([...known.winners.values()].map(({ item }) => known.identity(item)));
  for (const deleted of known.deleted) {
    for (const item of deleted) {
      const place = known.place(item);
      if (
        place === undefined ||
        deleted.has(place.container) ||
        isRaceOnly(known, item, place, deleted)
      ) {
        continue;
      }
      const base = known.base(item.client);
      for (const identity of identities) {
        const image = imageClient(base, identity);
        const other = { client: image, clock: item.clock };
        if (image === item.client) {
          continue;
        }
        const struct = known.at(other);
        const isShown =
          struct instanceof Y.Item &&
          struct.content instanceof Y.ContentAny &&
          known.deleted[0]?.has(other) === false;
        if (isShown || copies.get(image)?.has(item.clock)) {
          const gone = found.get(image) ?? new Set<number>();
          found.set(image, gone.add(item.clock));
        }
      }
    }
  }
  return found;
}

/** Say whether a struct was deleted by a race of containers, or of edits, and by nobody's wish. */
function isRaceOnly(
  known: KnownStructs,
  item: ItemId,
  place: Place,
  deleted: { has(item: ItemId): boolean },
): boolean {
  if (!place.isGone) {
    return !known.isLast(item, place); // else it gave way to another, as its image will
  }
  const losers = known.losersAt(place.container);
  return (
    known.isImage(item.client) || losers === undefined || losers.some((each) => deleted.has(each))
  );
}

function holdsCell(struct: Y.Item | Y.GC | Y.Skip): boolean {
  return (
    struct instanceof Y.Item &&
    (struct.content instanceof Y.ContentAny || struct.content instanceof Y.ContentDeleted)
  );
}

function write(
  copies: Copies,
  deletions: ReadonlyMap<number, ReadonlySet<number>>,
  clockOf: (client: number) => number,
): Uint8Array | undefined {
  const blocks: [image: number, block: Uint8Array][] = [];
  for (const [image, ofImage] of copies) {
    const start = clockOf(image);
    let end = start;
    let count = 0;
    const structs = encoding.createEncoder();
    for (const [clock, copy] of [...ofImage].sort(([one], [other]) => one - other)) {
      if (clock < start) {
        continue;
      }
      if (clock > end) {
        encoding.writeUint8(structs, GC);
        encoding.writeVarUint(structs, clock - end);
        count += 1;
      }
      writeCopy(structs, copy);
      count += 1;
      end = clock + 1;
    }
    if (count > 0) {
      blocks.push([
        image,
        encoding.encode((encoder) => {
          encoding.writeVarUint(encoder, count);
          encoding.writeVarUint(encoder, image);
          encoding.writeVarUint(encoder, start);
          encoding.writeUint8Array(encoder, encoding.toUint8Array(structs));
        }),
      ]);
    }
  }
  if (blocks.length === 0 && deletions.size === 0) {
    return undefined;
  }
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, blocks.length);
    for (const [, block] of blocks.sort(([one], [other]) => other - one)) {
      encoding.writeUint8Array(encoder, block);
    }
    encoding.writeVarUint(encoder, deletions.size);
    for (const [image, clocks] of [...deletions].sort(([one], [other]) => other - one)) {
      encoding.writeVarUint(encoder, image);
      encoding.writeVarUint(encoder, clocks.size);
      for (const clock of [...clocks].sort((one, other) => one - other)) {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, 1);
      }
    }
  });
}

function writeCopy(encoder: encoding.Encoder, { container, key, origin, content }: Copy): void {
  const kind = content === undefined ? DELETED : ANY;
  if (origin !== undefined) {
    encoding.writeUint8(encoder, kind | ORIGIN);
    encoding.writeVarUint(encoder, origin.client);
    encoding.writeVarUint(encoder, origin.clock);
  } else {
    encoding.writeUint8(encoder, kind | KEY);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, container.client);
    encoding.writeVarUint(encoder, container.clock);
    encoding.writeVarString(encoder, key);
  }
  encoding.writeVarUint(encoder, 1);
  if (content !== undefined) {
    encoding.writeUint8Array(encoder, content);
  }
}
