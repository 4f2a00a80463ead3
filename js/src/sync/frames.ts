/**
 * The y-protocols frames that every link carries: bytes to typed frames and back.
 *
 *     frame     := 0 sync | 1 awareness | 100 generation
 *     sync      := 0 bytes(state vector)   step 1: what the sender has
 *                | 1 bytes(update)         step 2: the answer, what the receiver of step 1 lacks
 *                | 2 bytes(update)         a change
 *     awareness := bytes(awareness update)
 *     generation := number, id, then a frame of that generation of the document, or nothing more
 *
 * Numbers are lib0 varuints, `bytes` is a length and that many bytes. The source of the format is
 * `PROTOCOL.md` of y-protocols; the last kind is this package's own, and others drop it. Frames of the
 * first generation, which is that of all who never compacted a document, go without it.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync';
import type { Generation } from './generations.ts';

const MESSAGE_SYNC = 0;
const MESSAGE_AWARENESS = 1;
const MESSAGE_GENERATION = 100;

export type FrameKind = 'step1' | 'step2' | 'update' | 'awareness';

/** A frame: for `step1` the payload is a state vector, otherwise an update. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** A frame and the generation that it names, if it names one; it may do nothing else. */
export interface NamedFrame {
  readonly generation: Generation | undefined;
  readonly frame: Frame | undefined;
}

const SYNC_TYPES = {
  step1: messageYjsSyncStep1,
  step2: messageYjsSyncStep2,
  update: messageYjsUpdate,
} as const;

const SYNC_KINDS: ReadonlyMap<number, FrameKind> = new Map(
  Object.entries(SYNC_TYPES).map(([kind, type]) => [type, kind as FrameKind]),
);

/** Encode one frame, in a buffer of its own. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  if (kind === 'awareness') {
    encoding.writeVarUint(encoder, MESSAGE_AWARENESS);
  } else {
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    encoding.writeVarUint(encoder, SYNC_TYPES[kind]);
  }
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

/**
 * Decode one frame; the payload is a view of the given bytes.
 *
 * @throws Error when the bytes are not a frame of y-protocols.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const decoder = decoding.createDecoder(bytes);
  const message = decoding.readVarUint(decoder);
  const kind = message === MESSAGE_AWARENESS ? 'awareness' : syncKind(message, decoder);
  const length = decoding.readVarUint(decoder);
  const rest = decoder.arr.length - decoder.pos;
  if (length !== rest) {
    throw new Error(`a ${kind} frame announces ${length} bytes and has ${rest}`);
  }
  return { kind, payload: decoding.readUint8Array(decoder, length) };
}

/** Return a frame of a generation; without a frame, what only names the generation. */
export function nameGeneration(
  { number, id }: Generation,
  frame: Uint8Array = new Uint8Array(),
): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_GENERATION);
    encoding.writeVarUint(encoder, number);
    encoding.writeVarUint(encoder, id);
    encoding.writeUint8Array(encoder, frame);
  });
}

/**
 * Part a frame from the generation that it may name; what is left is a view of the given bytes.
 *
 * @throws Error when the bytes are not a frame.
 */
export function partGeneration(bytes: Uint8Array): {
  readonly generation: Generation | undefined;
  readonly rest: Uint8Array;
} {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readVarUint(decoder) !== MESSAGE_GENERATION) {
    return { generation: undefined, rest: bytes };
  }
  const generation = { number: decoding.readVarUint(decoder), id: decoding.readVarUint(decoder) };
  return { generation, rest: decoding.readTailAsUint8Array(decoder) };
}

/**
 * Decode one frame that may name a generation.
 *
 * @throws Error when the bytes are not a frame.
 */
export function decodeNamedFrame(bytes: Uint8Array): NamedFrame {
  const { generation, rest } = partGeneration(bytes);
  const hasFrame = generation === undefined || rest.length > 0;
  return { generation, frame: hasFrame ? decodeFrame(rest) : undefined };
}

function syncKind(message: number, decoder: decoding.Decoder): FrameKind {
  const type = message === MESSAGE_SYNC ? decoding.readVarUint(decoder) : undefined;
  const kind = type === undefined ? undefined : SYNC_KINDS.get(type);
  if (kind === undefined) {
    throw new Error(`not a frame of y-protocols: it starts with ${message}, ${type ?? 'nothing'}`);
  }
  return kind;
}
