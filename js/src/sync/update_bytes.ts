/**
 * An update (version 1) read byte by byte, without making a struct of each.
 *
 * `Y.decodeUpdate` makes an object of each, which takes as long as applying the update. What is asked
 * of a large update before it is applied needs none: where a struct ends, and what it refers to.
 *
 *     update := count of blocks, blocks, deletions
 *     block  := count of structs, client, clock of the first, structs
 *     struct := info, then, as its bits say, the ids of origin and right origin, or else the parent;
 *               the key there; and the content
 */
import type { ItemId } from './structs.ts';

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_KEY = 0x20;
const KIND = 0x1f;

export const GC = 0;
export const DELETED = 1;
export const TYPE = 7;
export const SKIP = 10;
const [JSON_TEXTS, BINARY, TEXT, EMBED, FORMAT, ANY, DOC] = [2, 3, 4, 5, 6, 8, 9];

const NAMED_TYPES: ReadonlySet<number> = new Set([3, 5]); // XML elements and hooks
const [ANY_BYTES, ANY_ARRAY, ANY_OBJECT, ANY_TEXT, ANY_INTEGER] = [116, 117, 118, 119, 125];
const ANY_SIZES = new Map([
  [120, 0], // true
  [121, 0], // false
  [122, 8], // BigInt
  [123, 8], // double
  [124, 4], // float
  [126, 0], // null
  [127, 0], // undefined
]);
const CONTINUES = 0x80;
const MAX_DEPTH = 100;

const TEXT_DECODER = new TextDecoder();

/** Structs of one client, one after the other. */
export interface Block {
  readonly client: number;
  readonly clock: number;
  readonly count: number;
  /** Where the first struct begins. */
  readonly from: number;
}

/** Reads an update's blocks and structs; what it has read last is in its fields. */
export class UpdateReader {
  at: number;
  kind = GC;
  /** How many clocks the struct takes. */
  length = 0;
  /** The client of the origin, or -1. */
  originClient = -1;
  originClock = 0;
  rightClient = -1;
  rightClock = 0;
  /** The client of the item that is the parent; -1 where it isn't said or is a root. */
  parentClient = -1;
  parentClock = 0;
  /** Where the key's bytes are; nowhere if both are the same. */
  keyFrom = 0;
  keyTo = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The key in the parent. */
  get key(): string | undefined {
    const { keyFrom, keyTo } = this;
    return keyTo > keyFrom ? TEXT_DECODER.decode(this.#bytes.subarray(keyFrom, keyTo)) : undefined;
  }

  /** Read a block's head. */
  block(): Block {
    const [count, client, clock] = [this.number(), this.number(), this.number()];
    return { count, client, clock, from: this.at };
  }

  /**
   * Read one struct.
   *
   * @throws Error when the bytes are none.
   */
  struct(): void {
    const info = this.#byte();
    this.kind = info & KIND;
    this.originClient = this.rightClient = this.parentClient = -1;
    this.keyFrom = this.keyTo = 0;
    if (this.kind === GC || this.kind === SKIP) {
      this.length = this.number();
      return;
    }
    if ((info & HAS_ORIGIN) !== 0) {
      this.originClient = this.number();
      this.originClock = this.number();
    }
    if ((info & HAS_RIGHT_ORIGIN) !== 0) {
      this.rightClient = this.number();
      this.rightClock = this.number();
    }
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      if (this.number() === 1) {
        this.#skip(this.number());
      } else {
        this.parentClient = this.number();
        this.parentClock = this.number();
      }
      if ((info & HAS_KEY) !== 0) {
        const size = this.number();
        this.keyFrom = this.at;
        this.#skip(size);
        this.keyTo = this.at;
      }
    }
    this.#content();
  }

  /** Read a number (lib0's varuint). */
  number(): number {
    let number = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#byte();
      number += (byte & 0x7f) * factor;
      if (byte < CONTINUES) {
        return number;
      }
      factor *= 128;
      if (number > Number.MAX_SAFE_INTEGER) {
        throw new Error('a number that is too large');
      }
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) {
      throw new Error('an update that ends too soon');
    }
    return byte;
  }

  #skip(count: number): void {
    this.at += count;
    if (this.at > this.#bytes.length) {
      throw new Error('an update that ends too soon');
    }
  }

  #content(): void {
    this.length = 1;
    switch (this.kind) {
      case DELETED:
        this.length = this.number();
        return;
      case JSON_TEXTS:
        this.length = this.number();
        for (let left = this.length; left > 0; left -= 1) this.#skip(this.number());
        return;
      case BINARY:
      case EMBED:
        this.#skip(this.number());
        return;
      case TEXT:
        this.#text();
        return;
      case FORMAT:
        this.#skip(this.number());
        this.#skip(this.number());
        return;
      case TYPE:
        if (NAMED_TYPES.has(this.number())) this.#skip(this.number());
        return;
      case ANY:
        this.length = this.number();
        for (let left = this.length; left > 0; left -= 1) this.#any(0);
        return;
      case DOC:
        this.#skip(this.number());
        this.#any(0);
        return;
      default:
        throw new Error(`a struct of an unknown kind, ${this.kind}`);
    }
  }

  /** A text takes as many clocks as JavaScript counts units in it. */
  #text(): void {
    const size = this.number();
    const from = this.at;
    this.#skip(size);
    this.length = TEXT_DECODER.decode(this.#bytes.subarray(from, this.at)).length;
  }

  #any(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new Error('values that are nested too deep');
    }
    const type = this.#byte();
    if (type === ANY_INTEGER) {
      while (this.#byte() >= CONTINUES);
    } else if (type === ANY_TEXT || type === ANY_BYTES) {
      this.#skip(this.number());
    } else if (type === ANY_ARRAY || type === ANY_OBJECT) {
      for (let left = this.number(); left > 0; left -= 1) {
        if (type === ANY_OBJECT) this.#skip(this.number());
        this.#any(depth + 1);
      }
    } else {
      this.#skip(ANY_SIZES.get(type) ?? this.#unknown(type));
    }
  }

  #unknown(type: number): never {
    throw new Error(`a value of an unknown type, ${type}`);
  }
}

/** A container that an update makes below another item. */
export interface Made extends ItemId {
  readonly parent: ItemId;
  readonly key: string;
}

/** What is to be known of an update before it is applied. */
export interface Outline {
  readonly blocks: readonly Outlined[];
  /** Where the deletions begin. */
  readonly deletionsAt: number;
  /** Whether structs are left out, or those of a client are not in one block. */
  readonly hasGaps: boolean;
  /** The highest clock that is referred to, of each client. */
  readonly references: ReadonlyMap<number, number>;
  /** The containers, and, in the form of containers, cells that are gone; only those that name their parent. */
  readonly made: readonly Made[];
  /** What is deleted. */
  readonly deleted: ReadonlyMap<number, readonly Range[]>;
}

/** Some clocks of a client that follow one another. */
export interface Range {
  readonly clock: number;
  readonly len: number;
}

export interface Outlined extends Block {
  /** The clock behind the last struct. */
  readonly end: number;
  /** The parent and key of the first one, if it names them. */
  readonly parent: ItemId | undefined;
  readonly key: string | undefined;
}

/**
 * Go through an update once.
 *
 * @throws Error when the bytes are none.
 */
export function outline(update: Uint8Array): Outline {
  const reader = new UpdateReader(update);
  const references = new Map<number, number>();
  const refer = (client: number, clock: number) => {
    if (client >= 0 && clock > (references.get(client) ?? -1)) references.set(client, clock);
  };
  const made: Made[] = [];
  const blocks: Outlined[] = [];
  const clients = new Set<number>();
  let hasGaps = false;
  for (let left = reader.number(); left > 0; left -= 1) {
    const block = reader.block();
    hasGaps ||= clients.has(block.client);
    clients.add(block.client);
    let clock = block.clock;
    let parent: ItemId | undefined;
    let key: string | undefined;
    for (let at = 0; at < block.count; at += 1) {
      reader.struct();
      const { kind, parentClient, parentClock } = reader;
      hasGaps ||= kind === SKIP;
      refer(reader.originClient, reader.originClock);
      refer(reader.rightClient, reader.rightClock);
      refer(parentClient, parentClock);
      if (parentClient >= 0 && reader.keyTo > 0) {
        const named = { client: parentClient, clock: parentClock };
        if (at === 0) {
          parent = named;
          key = reader.key;
        }
        if (kind === TYPE || kind === DELETED) {
          made.push({ client: block.client, clock, parent: named, key: reader.key ?? '' });
        }
      }
      clock += reader.length;
    }
    blocks.push({ ...block, end: clock, parent, key });
  }
  const deletionsAt = reader.at;
  return { blocks, deletionsAt, hasGaps, references, made, deleted: readDeletions(reader) };
}

/**
 * Read what is deleted, as Yjs writes it.
 *
 * @throws Error when the bytes are something else.
 */
export function deletionsOf(bytes: Uint8Array): Map<number, Range[]> {
  return readDeletions(new UpdateReader(bytes));
}

function readDeletions(reader: UpdateReader): Map<number, Range[]> {
  const deleted = new Map<number, Range[]>();
  for (let left = reader.number(); left > 0; left -= 1) {
    const client = reader.number();
    const ranges: Range[] = [];
    for (let count = reader.number(); count > 0; count -= 1) {
      ranges.push({ clock: reader.number(), len: reader.number() });
    }
    deleted.set(client, ranges);
  }
  return deleted;
}
