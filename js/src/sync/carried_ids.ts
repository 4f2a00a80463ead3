/** The ids of edits that were carried into a later document: they follow from those they had. */
import { isDerived } from './generations.ts';
import { containerClient, type ItemId } from './structs.ts';

const ALL_CLOCKS = 2 ** 19;
const ALL_CLIENTS = 2 ** 32;
const FIRST_CARRIED = 2 ** 51;
const BEHIND_CARRIED = 2 ** 52;

/**
 * Return the id under which an edit is carried, the same into whichever document.
 *
 * Carried edits are above all ordinary ones and below derived structs. They keep their order, by
 * client id and clock: of edits that were made at once Yjs shows that of the highest id.
 */
export function carriedId(id: ItemId): ItemId {
  const { client, clock } = id;
  if (isDerived(client)) {
    return id;
  }
  if (client >= ALL_CLIENTS || clock >= ALL_CLOCKS) {
    return { client: containerClient('carried', String(client), String(clock)), clock: 0 };
  }
  return { client: FIRST_CARRIED + client * ALL_CLOCKS + clock, clock: 0 };
}

/**
 * Return the id under which a fresh document has what lost to the edit that it begins with.
 *
 * @param isTaken says whether the document has a client id
 */
export function idOfLoser(id: ItemId, isTaken: (client: number) => boolean): ItemId {
  const carried = carriedId(id);
  return carried.clock === 0 && !isTaken(carried.client)
    ? carried
    : { client: containerClient('carried', String(id.client), String(id.clock)), clock: 0 };
}

/** Return the key of a conflict's record, or of its dismissal, for a struct's new id. */
export function renamedKey(key: string): string {
  const [, mark, client, clock] = /^(!?)(\d+):(\d+)$/.exec(key) ?? [];
  if (client === undefined) {
    return key;
  }
  const id = carriedId({ client: Number(client), clock: Number(clock) });
  return `${mark}${id.client}:${id.clock}`;
}

/** Return the client ids above one under which later edits of the same client are carried. */
export function laterCarried(client: number): readonly [above: number, upTo: number] {
  return [client, client - (client % ALL_CLOCKS) + ALL_CLOCKS - 1];
}

/** Return the client id that an edit was made under, whether or not it has been carried since. */
export function authorOf(client: number): number {
  const isCarried = client >= FIRST_CARRIED && client < BEHIND_CARRIED;
  return isCarried ? Math.floor((client - FIRST_CARRIED) / ALL_CLOCKS) : client;
}
