/** A newer document that is on its way: gathered in pieces until it is there as a whole. */
import * as Y from 'yjs';
import { ROOT } from './containers.ts';
import { compareGenerations, type Generation, Lineage } from './generations.ts';

const ASK_INTERVAL = 1_000; // ms

export class Staging {
  readonly generation: Generation;
  /** What is there of it. */
  readonly doc = new Y.Doc();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(generation: Generation) {
    this.generation = generation;
  }

  /** Add a piece. */
  take(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update);
  }

  /** Whether a document is there, and nothing in it waits for what is missing. */
  get isWhole(): boolean {
    const { pendingStructs, pendingDs } = this.doc.store;
    const isThere =
      compareGenerations(new Lineage(this.doc, ROOT).generation, this.generation) === 0;
    return isThere && pendingStructs === null && pendingDs === null;
  }

  /** Say whether to ask for what is missing: not again for each piece that arrives. */
  isToAsk(): boolean {
    const isDue = Date.now() - this.#askedAt >= ASK_INTERVAL;
    if (isDue) {
      this.#askedAt = Date.now();
    }
    return isDue;
  }
}
