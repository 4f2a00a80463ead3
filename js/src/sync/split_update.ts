/**
 * One large update as several smaller ones.
 *
 * A message to a kernel of more than about 10 MB ends the connection. The pieces are cut so that
 * each needs only what came before it, so a receiver has never to keep a piece back.
 */
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/** How many bytes the head of a client's structs takes: the client, a clock, and how many they are. */
const BLOCK_HEAD = 12;

type Struct = Y.Item | Y.GC;

/** The structs of one client, in order, and how many of them are in a piece already. */
interface Queue {
  readonly client: number;
  readonly structs: Struct[];
  next: number;
}

/** Return updates of about `maxBytes` at most that say together, applied in order, what one says. */
export function splitUpdate(update: Uint8Array, maxBytes: number): Uint8Array[] {
  if (update.length <= maxBytes) {
    return [update];
  }
  const { structs, ds } = Y.decodeUpdate(update);
  const queues = new Map<number, Queue>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) {
      return [update]; // has gaps, so there is no order in which all pieces can be taken at once
    }
    const { client } = struct.id;
    const queue = queues.get(client);
    if (queue === undefined) {
      queues.set(client, { client, structs: [struct], next: 0 });
    } else {
      queue.structs.push(struct);
    }
  }
  const pieces: Uint8Array[] = [];
  let piece = new Piece();
  for (const struct of inOrder(queues)) {
    if (piece.size >= maxBytes) {
      pieces.push(piece.encode());
      piece = new Piece();
    }
    piece.add(struct);
  }
  pieces.push(piece.encode(ds.clients));
  return pieces;
}

/** Yield all structs so that each comes after those it refers to. */
function* inOrder(queues: ReadonlyMap<number, Queue>): Generator<Struct> {
  for (const first of queues.values()) {
    const waiting = [first];
    for (;;) {
      const queue = waiting.at(-1);
      const struct = queue?.structs[queue.next];
      if (queue === undefined || struct === undefined) {
        break;
      }
      const missing = missingQueue(struct, queues);
      if (missing !== undefined && !waiting.includes(missing)) {
        waiting.push(missing);
        continue;
      }
      queue.next += 1;
      yield struct;
      if (waiting.length > 1) {
        waiting.pop();
      }
    }
  }
}

/** Return the queue that holds what a struct refers to, if that is still to come. */
function missingQueue(struct: Struct, queues: ReadonlyMap<number, Queue>): Queue | undefined {
  if (!(struct instanceof Y.Item)) {
    return undefined;
  }
  for (const id of [struct.origin, struct.rightOrigin, struct.parent]) {
    if (id instanceof Y.ID && id.client !== struct.id.client) {
      const queue = queues.get(id.client);
      const head = queue?.structs[queue.next];
      if (head !== undefined && id.clock >= head.id.clock) {
        return queue;
      }
    }
  }
  return undefined;
}

/** An update (version 1) in the making. */
class Piece {
  size = 0;
  readonly #blocks = new Map<number, { clock: number; count: number; body: Y.UpdateEncoderV1 }>();

  add(struct: Struct): void {
    const { client, clock } = struct.id;
    let block = this.#blocks.get(client);
    if (block === undefined) {
      block = { clock, count: 0, body: new Y.UpdateEncoderV1() };
      this.#blocks.set(client, block);
      this.size += BLOCK_HEAD;
    }
    const before = encoding.length(block.body.restEncoder);
    struct.write(block.body, 0);
    block.count += 1;
    this.size += encoding.length(block.body.restEncoder) - before;
  }

  encode(deleted: ReadonlyMap<number, readonly { clock: number; len: number }[]> = new Map()) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, this.#blocks.size);
    for (const [client, { clock, count, body }] of this.#blocks) {
      encoding.writeVarUint(encoder, count);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeUint8Array(encoder, encoding.toUint8Array(body.restEncoder));
    }
    encoding.writeVarUint(encoder, deleted.size);
    for (const [client, ranges] of deleted) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, ranges.length);
      for (const { clock, len } of ranges) {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, len);
      }
    }
    return encoding.toUint8Array(encoder);
  }
}
