/** Sets of struct ids, as ranges of clocks for each client. */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { ItemId } from './structs.ts';

/** From one clock to below another. */
export type Range = readonly [client: number, start: number, end: number];

type Pairs = [start: number, end: number][];

export class StructIds implements Iterable<Range> {
  readonly #byClient = new Map<number, Pairs>();

  constructor(ranges: Iterable<Range> = []) {
    for (const [client, start, end] of ranges) {
      if (start < end) {
        const pairs = this.#byClient.get(client);
        pairs === undefined ? this.#byClient.set(client, [[start, end]]) : pairs.push([start, end]);
      }
    }
    for (const [client, pairs] of this.#byClient) {
      this.#byClient.set(client, merged(pairs));
    }
  }

  *[Symbol.iterator](): Generator<Range> {
    for (const [client, pairs] of this.#byClient) {
      for (const [start, end] of pairs) {
        yield [client, start, end];
      }
    }
  }

  /** Yield the ids one by one. */
  *ids(): Generator<ItemId> {
    for (const [client, start, end] of this) {
      for (let clock = start; clock < end; clock += 1) {
        yield { client, clock };
      }
    }
  }

  has({ client, clock }: ItemId): boolean {
    const pair = this.#pairs(client)[this.#at(client, clock)];
    return pair !== undefined && clock >= pair[0] && clock < pair[1];
  }

  get isEmpty(): boolean {
    return this.#byClient.size === 0;
  }

  union(other: Iterable<Range>): StructIds {
    return new StructIds([...this, ...other]);
  }

  without(other: StructIds): StructIds {
    return new StructIds(other.#gapsIn(this));
  }

  equals(other: StructIds): boolean {
    return this.without(other).isEmpty && other.without(this).isEmpty;
  }

  /** Return the ranges that begin at clock 0, as a state vector. */
  starts(): Map<number, number> {
    const clocks = new Map<number, number>();
    for (const [client, start, end] of this) {
      if (start === 0) {
        clocks.set(client, end);
      }
    }
    return clocks;
  }

  /** Write the ids as Yjs writes a delete set. */
  write(encoder: encoding.Encoder): void {
    encoding.writeVarUint(encoder, this.#byClient.size);
    for (const [client, pairs] of this.#byClient) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, pairs.length);
      for (const [start, end] of pairs) {
        encoding.writeVarUint(encoder, start);
        encoding.writeVarUint(encoder, end - start);
      }
    }
  }

  static read(decoder: decoding.Decoder): StructIds {
    const ranges: Range[] = [];
    for (let clients = decoding.readVarUint(decoder); clients > 0; clients -= 1) {
      const client = decoding.readVarUint(decoder);
      for (let count = decoding.readVarUint(decoder); count > 0; count -= 1) {
        const start = decoding.readVarUint(decoder);
        ranges.push([client, start, start + decoding.readVarUint(decoder)]);
      }
    }
    return new StructIds(ranges);
  }

  #pairs(client: number): Pairs {
    return this.#byClient.get(client) ?? [];
  }

  /** Return the place of the last range that begins at a clock or before. */
  #at(client: number, clock: number): number {
    const pairs = this.#pairs(client);
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[middle] as Pairs[number])[0] <= clock) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  *#gapsIn(ranges: Iterable<Range>): Generator<Range> {
    for (const [client, start, end] of ranges) {
      const pairs = this.#pairs(client);
      let from = start;
      for (let at = Math.max(0, this.#at(client, start)); at < pairs.length; at += 1) {
        const [first, behind] = pairs[at] as Pairs[number];
        if (first >= end) {
          break;
        }
        yield [client, from, first];
        from = Math.max(from, behind);
      }
      yield [client, from, end];
    }
  }
}

function merged(pairs: Pairs): Pairs {
  const result: Pairs = [];
  for (const [start, end] of pairs.sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1]) {
      last[1] = Math.max(last[1], end);
    } else {
      result.push([start, end]);
    }
  }
  return result;
}
