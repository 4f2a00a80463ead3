/**
 * One large update as several smaller ones.
 *
 * A message to a kernel of more than about 10 MB ends the connection, and a page that takes in a large
 * document at one go stands still. The pieces are cut so that each needs only what came before it,
 * so a receiver has never to keep a piece back; each goes through as few rows as possible, and where
 * the rows can be told, the first ones come first.
 */
import * as encoding from 'lib0/encoding';
import { naturalOrder } from './order.ts';
import { type Outline, type Outlined, outline, UpdateReader } from './update_bytes.ts';

/** How many bytes the head of a client's structs takes: the client, a clock, and how many they are. */
const BLOCK_HEAD = 12;
/** Above cells there are a row, a table and the map of tables. */
const DEPTH_OF_CELLS = 3;

/**
 * Return updates of about so many bytes at most that say together, applied in order, what one says.
 *
 * @param maxBytes is how many, or says it of each piece
 */
export function splitUpdate(
  update: Uint8Array,
  maxBytes: number | ((piece: number) => number),
): Uint8Array[] {
  const maximum = typeof maxBytes === 'number' ? () => maxBytes : maxBytes;
  if (update.length <= maximum(0)) {
    return [update];
  }
  const outlined = outline(update);
  // With gaps there is no order in which all pieces can be taken at once.
  return outlined.hasGaps ? [update] : [...pieces(update, outlined, maximum)];
}

/** Yield the pieces of an update that has no gaps. */
export function* pieces(
  update: Uint8Array,
  outlined: Outline,
  maximum: (piece: number) => number,
): Generator<Uint8Array> {
  const queues = new Map(
    inRowOrder(outlined.blocks).map((block) => [block.client, new Queue(update, block)]),
  );
  let piece = new Piece(update);
  let count = 0;
  let most = maximum(count);
  for (const queue of inOrder(queues)) {
    if (piece.size >= most) {
      yield piece.encode();
      piece = new Piece(update);
      count += 1;
      most = maximum(count);
    }
    const from = queue.at;
    const { clock } = queue;
    queue.take();
    piece.add(queue.client, clock, from, queue.at);
  }
  yield piece.encode(update.subarray(outlined.deletionsAt));
}

/** The structs of one client, in order; the first that is in no piece yet has been read. */
class Queue {
  readonly client: number;
  /** The clock of the first one. */
  clock: number;
  /** Where it begins. */
  at: number;
  readonly reader: UpdateReader;
  #left: number;

  constructor(update: Uint8Array, { client, clock, count, from }: Outlined) {
    this.client = client;
    this.clock = clock;
    this.at = from;
    this.reader = new UpdateReader(update, from);
    this.#left = count;
    this.#read();
  }

  get isEmpty(): boolean {
    return this.#left === 0;
  }

  /** Go on to the next one. */
  take(): void {
    this.clock += this.reader.length;
    this.at = this.reader.at;
    this.#left -= 1;
    this.#read();
  }

  #read(): void {
    if (this.#left > 0) this.reader.struct();
  }
}

/**
 * Return the blocks of cells in the order of their rows, then the others.
 *
 * Cells are what is deepest: an update of rows need not have their table, nor one of a table what that is in.
 */
function inRowOrder(blocks: readonly Outlined[]): Outlined[] {
  const byClient = new Map(blocks.map((block) => [block.client, block]));
  const above = ({ parent }: Outlined) => parent && byClient.get(parent.client);
  const depthOf = (block: Outlined) => {
    let depth = 0;
    for (let next = above(block); next && depth < DEPTH_OF_CELLS; next = above(next)) depth += 1;
    return depth;
  };
  const depths = new Map(blocks.map((block) => [block, depthOf(block)]));
  const deepest = [...depths.values()].reduce((most, depth) => Math.max(most, depth), 1);
  const rows = new Map<Outlined, string>();
  for (const [block, depth] of depths) {
    const key = above(block)?.key;
    if (depth === deepest && key !== undefined) rows.set(block, key);
  }
  const places = new Map(naturalOrder(new Set(rows.values())).map((row, place) => [row, place]));
  const placeOf = (block: Outlined) => places.get(rows.get(block) ?? '') ?? places.size;
  return [...blocks].sort((one, other) => placeOf(one) - placeOf(other));
}

/** Yield a queue for each struct, so that each comes after those it refers to. */
function* inOrder(queues: ReadonlyMap<number, Queue>): Generator<Queue> {
  for (const first of queues.values()) {
    const waiting = [first];
    for (;;) {
      const queue = waiting.at(-1);
      if (queue === undefined || queue.isEmpty) {
        break;
      }
      const missing = missingQueue(queue, queues);
      if (missing !== undefined && !waiting.includes(missing)) {
        waiting.push(missing);
        continue;
      }
      yield queue;
      if (waiting.length > 1) {
        waiting.pop();
      }
    }
  }
}

/** Return the queue that holds what the next struct refers to, if that is still to come. */
function missingQueue(
  { client, reader }: Queue,
  queues: ReadonlyMap<number, Queue>,
): Queue | undefined {
  const isToCome = (other: number, clock: number) => {
    const queue = other < 0 || other === client ? undefined : queues.get(other);
    return queue !== undefined && !queue.isEmpty && clock >= queue.clock ? queue : undefined;
  };
  return (
    isToCome(reader.originClient, reader.originClock) ??
    isToCome(reader.rightClient, reader.rightClock) ??
    isToCome(reader.parentClient, reader.parentClock)
  );
}

/** Structs of a client that follow one another. */
interface Run {
  readonly clock: number;
  readonly from: number;
  to: number;
  count: number;
}

/** An update (version 1) in the making, of structs that are copied from another. */
class Piece {
  size = 0;
  readonly #update: Uint8Array;
  readonly #runs = new Map<number, Run>();

  constructor(update: Uint8Array) {
    this.#update = update;
  }

  add(client: number, clock: number, from: number, to: number): void {
    const run = this.#runs.get(client);
    if (run === undefined) {
      this.#runs.set(client, { clock, from, to, count: 1 });
      this.size += BLOCK_HEAD;
    } else {
      run.to = to;
      run.count += 1;
    }
    this.size += to - from;
  }

  encode(deletions: Uint8Array = Uint8Array.of(0)): Uint8Array {
    return encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, this.#runs.size);
      for (const [client, { clock, from, to, count }] of this.#runs) {
        encoding.writeVarUint(encoder, count);
        encoding.writeVarUint(encoder, client);
        encoding.writeVarUint(encoder, clock);
        encoding.writeUint8Array(encoder, this.#update.subarray(from, to));
      }
      encoding.writeUint8Array(encoder, deletions);
    });
  }
}
