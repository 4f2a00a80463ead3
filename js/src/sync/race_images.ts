/** The client ids of images: of clients whose structs are carried after a lost race. */
import { containerClient } from './structs.ts';

const DERIVED = 2 ** 52;
const HASH_OF_DERIVED = 2 ** 29;
const FIRST_OF_ORDINARY = 2 ** 50;
const HASH_OF_ORDINARY = 2 ** 28;
const LAST_ORDINARY = 2 ** 32 - 1;
const ORDINARY_A_STEP = 2 ** 10;

const cache = new Map<string, number>();
const MAX_CACHED = 65_536;

/**
 * Return the client id of a client's image: in the order of those that it is made of.
 *
 * Yjs puts what was made apart in the order of client ids, and shows the last. A deletion of what is
 * not shown must not come to hide what is.
 *
 * @param winner names the container that won, or the batch of it
 */
export function imageClient(client: number, winner: string): number {
  const key = `${client} ${winner}`;
  let image = cache.get(key);
  if (image === undefined) {
    image = hashed(client, winner);
    if (cache.size >= MAX_CACHED) {
      cache.clear();
    }
    cache.set(key, image);
  }
  return image;
}

function hashed(client: number, winner: string): number {
  const hash = containerClient('image', String(client), winner);
  if (client >= DERIVED) {
    return client - (client % HASH_OF_DERIVED) + (hash % HASH_OF_DERIVED);
  }
  const order = Math.floor(Math.min(client, LAST_ORDINARY) / ORDINARY_A_STEP);
  return FIRST_OF_ORDINARY + order * HASH_OF_ORDINARY + (hash % HASH_OF_ORDINARY);
}
