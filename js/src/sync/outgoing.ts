/**
 * What a room has to send: updates that follow one another closely go out merged, as one.
 */
import { mergeUpdates } from './updates.ts';

const MERGE_INTERVAL = 20; // ms

export class Outgoing<To> {
  readonly #send: (to: To, update: Uint8Array) => void;
  readonly #waiting = new Map<To, Uint8Array[]>();
  #flushPlanned: 'soon' | 'later' | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;

  /** @param send is called with what has gathered for one receiver */
  constructor(send: (to: To, update: Uint8Array) => void) {
    this.#send = send;
  }

  /** Send an update soon. */
  add(to: To, update: Uint8Array): void {
    const updates = this.#waiting.get(to);
    updates === undefined ? this.#waiting.set(to, [update]) : updates.push(update);
    this.#planFlush();
  }

  #planFlush(): void {
    const sinceLast = performance.now() - this.#flushedAt;
    // Browsers let the timers of hidden pages wait for a second and longer.
    const isDue = sinceLast >= MERGE_INTERVAL || globalThis.document?.hidden === true;
    if (isDue && this.#flushPlanned !== 'soon') {
      this.#flushPlanned = 'soon';
      queueMicrotask(() => this.flush());
    } else if (!isDue && this.#flushPlanned === undefined) {
      this.#flushPlanned = 'later';
      setTimeout(() => this.flush(), MERGE_INTERVAL - sinceLast);
    }
  }

  /** Send what waits to be sent. */
  flush(): void {
    this.#flushPlanned = undefined;
    this.#flushedAt = performance.now();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [to, updates] of waiting) {
      this.#send(to, mergeUpdates(updates));
    }
  }

  /** Forget what waits for a receiver. */
  forget(to: To): void {
    this.#waiting.delete(to);
  }
}
