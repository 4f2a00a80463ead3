/** What a room has heard of its peers: enough to say whether a compaction would leave one behind. */
import { type Clocks, compareGenerations, FIRST, type Generation } from './generations.ts';
import type { Link } from './link.ts';

/** After so long without a word nobody is there, where a link can't tell. */
const FORGET_AFTER = 240_000; // ms

/** What is known of one peer. */
export class Peer {
  heardAt = 0;
  /** Whether it has ever named a generation. */
  #knowsGenerations = false;
  #generation = FIRST;
  /** Whether it has given what this replica lacked. */
  #hasAnswered = false;
  /** Whether an edit of its came that could not be taken over yet. */
  #isAhead = false;
  /** Whether it was asked what it has, beside the hellos of the link. */
  #wasAsked = false;
  #isWarnedOf = false;
  /** What it had when it said hello last. */
  #clocks: Clocks = new Map();

  /** Take note of a frame's generation. */
  hear(generation: Generation, namesIt: boolean): void {
    this.heardAt = Date.now();
    this.#knowsGenerations ||= namesIt;
    if (compareGenerations(generation, this.#generation) !== 0) {
      this.#generation = generation;
      this.#hasAnswered = false;
      this.#isAhead = false;
      this.#wasAsked = false;
    }
  }

  /** Take note of a step 1; returns whether to ask, for the first time, for what we lack. */
  saysItHas(clocks: Clocks): boolean {
    this.#clocks = clocks;
    const isToBeAsked = !(this.#hasAnswered || this.#wasAsked);
    this.#wasAsked = true;
    return isToBeAsked;
  }

  /** Take note that it has given what this replica lacked. */
  answers(): void {
    this.#hasAnswered = true;
    this.#isAhead = false;
  }

  /** Take note that an edit of its could not be taken over yet. */
  isSentTooSoon(): void {
    this.#isAhead = true;
  }

  /** Return whether it is a stranger, for the first time. */
  isToBeWarnedOf(): boolean {
    const isToBeWarnedOf = !(this.#knowsGenerations || this.#isWarnedOf);
    this.#isWarnedOf ||= isToBeWarnedOf;
    return isToBeWarnedOf;
  }

  /** Return what speaks against a compaction, as the end of a sentence about the peer. */
  obstacle(generation: Generation, clocks: Clocks): string | undefined {
    if (!this.#knowsGenerations) {
      return (
        'does not know of compaction, and would be left behind with the old document; ' +
        'disconnect it, or update it if it runs an older version'
      );
    }
    if (compareGenerations(this.#generation, generation) !== 0) {
      return 'has not followed the last compaction yet; try again when it has';
    }
    if (!this.#hasAnswered) {
      return 'has not said yet what it has; try again in a moment';
    }
    const hasMore = [...this.#clocks].some(([client, clock]) => (clocks.get(client) ?? 0) < clock);
    return this.#isAhead || hasMore
      ? 'has edits that have not arrived here yet; try again in a moment'
      : undefined;
  }
}

/** The peers at the ends of a room's links. */
export class Peers {
  readonly #byLink = new Map<Link, Map<string, Peer>>();

  /** Return what is known of one of those at the end of a link. */
  at(link: Link, name: string): Peer {
    const peers = this.#byLink.get(link) ?? new Map<string, Peer>();
    this.#byLink.set(link, peers);
    const peer = peers.get(name) ?? new Peer();
    peers.set(name, peer);
    return peer;
  }

  /** Say whether anybody at the end of a link has been heard. */
  has(link: Link): boolean {
    return this.#byLink.has(link);
  }

  /** Forget those at the end of a link. */
  forget(link: Link): void {
    this.#byLink.delete(link);
  }

  /** Return what speaks against a compaction, a sentence each. */
  obstacles(links: Iterable<Link>, generation: Generation, clocks: Clocks): string[] {
    const found: string[] = [];
    for (const link of links) {
      const peers = this.#byLink.get(link) ?? new Map<string, Peer>();
      if (peers.size === 0 && link.mayBeAlone !== true) {
        found.push(`${link.name} has not been heard yet; try again in a moment`);
      }
      for (const [name, peer] of peers) {
        const isGone = link.mayBeAlone === true && Date.now() - peer.heardAt > FORGET_AFTER;
        const obstacle = isGone ? undefined : peer.obstacle(generation, clocks);
        if (obstacle !== undefined) {
          found.push(`${name} ${obstacle}`);
        }
      }
    }
    return found;
  }
}
