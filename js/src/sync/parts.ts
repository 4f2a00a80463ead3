/** Frames that arrive in parts, which follow one another. */

const MAX_SIZE = 2 ** 31; // bytes: no browser has more in one piece

export class Parts {
  /** How many bytes there are in all. */
  readonly size: number;
  readonly #sizes: readonly number[];
  readonly #parts: Uint8Array[] = [];
  #received = 0;

  private constructor(sizes: readonly number[], size: number) {
    this.#sizes = sizes;
    this.size = size;
  }

  /** Begin with frames of these sizes, if they can be such. */
  static of(sizes: unknown): Parts | undefined {
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size >= 0)) {
      return undefined;
    }
    const size = sizes.reduce((sum: number, each: number) => sum + each, 0);
    return size > 0 && size <= MAX_SIZE ? new Parts(sizes, size) : undefined;
  }

  get received(): number {
    return this.#received;
  }

  get isWhole(): boolean {
    return this.#received === this.size;
  }

  /** Add a part; returns whether it follows the one before. */
  add(at: unknown, bytes: Uint8Array): boolean {
    if (at !== this.#received || bytes.length === 0 || at + bytes.length > this.size) {
      return false;
    }
    this.#parts.push(bytes);
    this.#received += bytes.length;
    return true;
  }

  /** Return the frames, when all parts are there. */
  frames(): Uint8Array[] {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    let end = 0;
    return this.#sizes.map((size) => {
      end += size;
      return whole.subarray(end - size, end);
    });
  }
}
