import { describe, expect, test } from 'vitest';
import { meet, type Peer, peersOn } from './conflict_peers.ts';
import { randomFrom } from './helpers.ts';

const SEEDS = 150;

/** An edit as the model has it: what it set, if anything, and what its author knew. */
interface Edit {
  readonly value: number | undefined;
  readonly known: ReadonlySet<Edit>;
  /** The value that its author saw. */
  readonly seen: unknown;
}

/** Random edits of one cell by four peers that meet now and then, with who knew what. */
class Run {
  readonly peers = peersOn('start', 10, 20, 30, 40);
  readonly known = this.peers.map(() => new Set<Edit>());
  readonly edits: Edit[] = [];

  /** @param kinds of values there are: with few, two sides often choose the same. */
  constructor(seed: number, kinds: number, deletes: boolean) {
    const random = randomFrom(seed);
    for (let step = 0; step < 40; step += 1) {
      const at = random(4);
      const kind = random(10);
      if (kind < 4) {
        this.#edit(at, step % kinds);
      } else if (kind === 4 && deletes) {
        this.#edit(at, undefined);
      } else {
        this.#receive(at, random(4));
      }
    }
    meet(...this.peers);
  }

  #edit(at: number, value: number | undefined): void {
    const { store } = this.peers[at] as Peer;
    const seen = store.getCell('t', 'r', 'c');
    if (seen === value) {
      return; // the Store does nothing then
    }
    const known = this.known[at] as Set<Edit>;
    const edit = { value, known: new Set(known), seen };
    known.add(edit);
    this.edits.push(edit);
    if (value === undefined) {
      store.delCell('t', 'r', 'c', true);
    } else {
      store.setCell('t', 'r', 'c', value);
    }
  }

  #receive(at: number, from: number): void {
    this.peers[at]?.receive(this.peers[from] as Peer);
    for (const edit of this.known[from] ?? []) {
      this.known[at]?.add(edit);
    }
  }

  /** The values of edits that no other settled, without the one that is visible. */
  unsettled(settles: (edit: Edit, by: Edit) => boolean): number[] {
    const visible = this.peers[0]?.value;
    return this.edits
      .filter((edit) => edit.value !== undefined && edit.value !== visible)
      .filter((edit) => !this.edits.some((by) => by.known.has(edit) && settles(edit, by)))
      .map(({ value }) => value as number)
      .sort();
  }

  /** The values that each peer is told to be overwritten, and that are not back anyway. */
  get told(): number[][] {
    return this.peers.map(({ open, value }) =>
      open
        .map((conflict) => (conflict as unknown[])[3] as number)
        .filter((lost) => lost !== value)
        .sort(),
    );
  }
}

describe('in random runs', { timeout: 60_000 }, () => {
  test('exactly the edits are told that nobody edited over knowingly', () => {
    let told = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const run = new Run(seed, seed % 2 === 0 ? 6 : 40, false);
      const unsettled = run.unsettled(() => true);
      expect(run.told, `seed ${seed}`).toEqual(run.peers.map(() => unsettled));
      told += unsettled.length;
    }
    expect(told).toBeGreaterThan(100);
  });

  test('and with deletions no edit that somebody knew to have lost', () => {
    let told = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const run = new Run(seed, 40, true);
      // Who deletes what they see leaves no word of it; it is told if it meets another.
      const unsettled = run.unsettled(
        (edit, by) => by.value !== undefined || by.seen !== edit.value,
      );
      for (const values of run.told) {
        expect(values, `seed ${seed}`).toEqual(run.told[0]);
        expect(unsettled, `seed ${seed}`).toEqual(expect.arrayContaining(values));
        told += values.length;
      }
      if (run.peers[0]?.value !== undefined) {
        expect(run.told[0], `seed ${seed}`).toEqual(
          expect.arrayContaining(run.unsettled(() => true)),
        );
      }
    }
    expect(told).toBeGreaterThan(100);
  });
});
