/**
 * Functions that want to hear of something.
 *
 * Who stops while the others are told is not told any more; who begins then is told the next time.
 */
export class Listeners<Args extends readonly unknown[] = []> {
  readonly #all = new Set<(...args: Args) => void>();

  /** Call a listener from now on; returns the function that stops it. */
  add(listener: (...args: Args) => void): () => void {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  }

  tell(...args: Args): void {
    for (const listener of [...this.#all]) {
      if (this.#all.has(listener)) {
        listener(...args);
      }
    }
  }

  clear(): void {
    this.#all.clear();
  }
}
