/** The structs of carried edits, as parts of an update (Yjs' version 1). */
import * as encoding from 'lib0/encoding';
import type { ItemId } from './structs.ts';

const [ORIGIN, RIGHT_ORIGIN, KEY] = [0x80, 0x40, 0x20];
const [GC, DELETED, ANY] = [0, 1, 8];
const [PARENT_ITEM, PARENT_ROOT] = [0, 1];

/** Structs by client id, from a clock on. */
export type Blocks = ReadonlyMap<
  number,
  { readonly clock: number; readonly structs: Uint8Array[] }
>;

/** Where a struct goes: after one, before one, or as the first at a key of a container or a root. */
export type Where =
  | { readonly after: ItemId }
  | { readonly before: ItemId }
  | { readonly parent: ItemId | string; readonly key: string };

/** Return blocks as an update: the highest client id first, or it could not be merged with others. */
export function encodeBlocks(blocks: Blocks): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, blocks.size);
    const sorted = [...blocks].sort(([one], [other]) => other - one);
    for (const [client, { clock, structs }] of sorted) {
      encoding.writeVarUint(encoder, structs.length);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      for (const struct of structs) {
        encoding.writeUint8Array(encoder, struct);
      }
    }
    encoding.writeVarUint(encoder, 0); // nothing deleted
  });
}

/** Return a struct that stands for so many ids that no cell needs. */
export function gapStruct(length: number): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeUint8(encoder, GC);
    encoding.writeVarUint(encoder, length);
  });
}

/** Return a struct with one content. */
export function valueStruct(where: Where, content: unknown): Uint8Array {
  return encoding.encode((encoder) => {
    writeHead(encoder, where, ANY);
    encoding.writeVarUint(encoder, 1);
    encoding.writeAny(encoder, content as encoding.AnyEncodable);
  });
}

/** Return a struct whose content was deleted. */
export function deletedStruct(where: Where, length: number): Uint8Array {
  return encoding.encode((encoder) => {
    writeHead(encoder, where, DELETED);
    encoding.writeVarUint(encoder, length);
  });
}

function writeHead(encoder: encoding.Encoder, where: Where, kind: number): void {
  if ('after' in where) {
    encoding.writeUint8(encoder, ORIGIN | kind);
    writeId(encoder, where.after);
  } else if ('before' in where) {
    encoding.writeUint8(encoder, RIGHT_ORIGIN | kind);
    writeId(encoder, where.before);
  } else {
    encoding.writeUint8(encoder, KEY | kind);
    if (typeof where.parent === 'string') {
      encoding.writeVarUint(encoder, PARENT_ROOT);
      encoding.writeVarString(encoder, where.parent);
    } else {
      encoding.writeVarUint(encoder, PARENT_ITEM);
      writeId(encoder, where.parent);
    }
    encoding.writeVarString(encoder, where.key);
  }
}

function writeId(encoder: encoding.Encoder, { client, clock }: ItemId): void {
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
}
