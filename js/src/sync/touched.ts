/**
 * Which places of a document were touched since they were last read.
 *
 * A set of paths (`t`, table, row, cell; `v`, value; cut off where everything below is meant) that
 * keeps them as a tree, so that reading goes once through each container.
 */

export const ALL = 'all';

/** What is touched below a place: everything, or some keys. */
export type Below = typeof ALL | ReadonlyMap<string, Below>;

type Tree = Map<string, typeof ALL | Tree>;

export class Touched {
  #below: typeof ALL | Tree = new Map();

  get isEmpty(): boolean {
    return this.#below !== ALL && this.#below.size === 0;
  }

  /** Everything that is touched, from the root of the document's map. */
  get below(): Below {
    return this.#below;
  }

  /** Add a place with everything below it. */
  add(path: readonly string[]): void {
    if (path.length === 0) {
      this.#below = ALL;
    }
    let node = this.#below;
    for (const [at, key] of path.entries()) {
      if (node === ALL) {
        return;
      }
      if (at === path.length - 1) {
        node.set(key, ALL);
        return;
      }
      let next = node.get(key);
      if (next === undefined) {
        next = new Map();
        node.set(key, next);
      }
      node = next;
    }
  }

  /** Take a place out, if it was added as such. */
  remove(path: readonly string[]): void {
    let node: Below | undefined = this.#below;
    for (const key of path.slice(0, -1)) {
      node = node === undefined || node === ALL ? undefined : node.get(key);
    }
    if (node !== undefined && node !== ALL) {
      (node as Tree).delete(path.at(-1) as string);
    }
  }

  /** Say whether a place, with everything below it, is in the set. */
  covers(...path: string[]): boolean {
    let node: Below | undefined = this.#below;
    for (const key of path) {
      if (node === ALL || node === undefined) {
        break;
      }
      node = node.get(key);
    }
    return node === ALL;
  }
}
