/**
 * How servers of rooms wrap the y-protocols' frames, as `sync/_dialects.py` has it.
 *
 * A y-websocket server takes and sends frames as they are; the room and the token are in the address. A
 * Hocuspocus server serves many documents over one connection: each message begins with the document's
 * name, the token goes by a message, and there are some kinds of messages more.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_REPLY = 4; // these four are Hocuspocus'
const CLOSE = 7;
const SYNC_STATUS = 8;
const TOKEN = 0;
const DENIED = 1; // by `AUTH`, what was asked for with a token is
const GRANTED = 2;

/** What a server sent: a frame; a refusal; that we may only look; or what is of no interest. */
export type ServerMessage =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'denied' | 'view'; readonly reason: string }
  | undefined;

/** Where a room is, and what lets us in. */
export interface ServerAddress {
  /** The address without the query: it may be shown. */
  readonly url: string;
  readonly query: readonly (readonly [string, string])[];
  /** The room's name there. */
  readonly room: string;
  readonly token: string | null;
}

export interface Dialect {
  /** The address to connect to; it may have the token in it. */
  readonly url: string;
  /** The messages to begin with. */
  readonly opening: readonly Uint8Array[];
  write(frame: Uint8Array): Uint8Array;
  /** @throws Error when these bytes are no message. */
  read(bytes: Uint8Array): ServerMessage;
}

const withQuery = (url: string, query: ServerAddress['query']): string => {
  const text = new URLSearchParams(query.map(([key, value]) => [key, value])).toString();
  return text === '' ? url : `${url}?${text}`;
};

const yWebsocket = ({ url, query, token }: ServerAddress): Dialect => ({
  url: withQuery(url, token === null ? query : [...query, ['token', token]]),
  opening: [],
  write: (frame) => frame,
  read: (bytes) => {
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    if (kind === AUTH) {
      decoding.readVarUint(decoder);
      return { kind: 'view', reason: decoding.readVarString(decoder) };
    }
    return kind === SYNC || kind === AWARENESS ? { kind: 'frame', frame: bytes } : undefined;
  },
});

const hocuspocus = ({ url, query, room, token }: ServerAddress): Dialect => {
  const message = (write: (encoder: encoding.Encoder) => void) =>
    encoding.encode((encoder) => {
      encoding.writeVarString(encoder, room);
      write(encoder);
    });
  return {
    url: withQuery(url, query),
    opening: [
      message((encoder) => {
        encoding.writeVarUint(encoder, AUTH);
        encoding.writeVarUint(encoder, TOKEN);
        encoding.writeVarString(encoder, token ?? '');
      }),
    ],
    write: (frame) => message((encoder) => encoding.writeUint8Array(encoder, frame)),
    read: (bytes) => {
      const decoder = decoding.createDecoder(bytes);
      if (decoding.readVarString(decoder) !== room) {
        return undefined;
      }
      const start = decoder.pos;
      const kind = decoding.readVarUint(decoder);
      if (kind === SYNC || kind === AWARENESS) {
        return { kind: 'frame', frame: bytes.subarray(start) };
      }
      if (kind === SYNC_REPLY) {
        return { kind: 'frame', frame: syncFrame(decoding.readTailAsUint8Array(decoder)) };
      }
      return readMore(kind, decoder);
    },
  };
};

/** An answer to a question of ours, as the frame that it is elsewhere. */
function syncFrame(rest: Uint8Array): Uint8Array {
  const frame = new Uint8Array(rest.length + 1);
  frame[0] = SYNC;
  frame.set(rest, 1);
  return frame;
}

function readMore(kind: number, decoder: decoding.Decoder): ServerMessage {
  if (kind === CLOSE) {
    return { kind: 'denied', reason: decoding.readVarString(decoder) || 'the room was closed' };
  }
  if (kind === SYNC_STATUS) {
    const isTaken = decoding.readVarUint(decoder) !== 0;
    return isTaken ? undefined : { kind: 'view', reason: 'edits are not taken' };
  }
  const answer = kind === AUTH ? decoding.readVarUint(decoder) : undefined;
  const words = answer === DENIED || answer === GRANTED ? decoding.readVarString(decoder) : '';
  if (answer === DENIED) {
    return { kind: 'denied', reason: words };
  }
  return words === 'readonly' ? { kind: 'view', reason: 'this token may only look' } : undefined;
}

export const DIALECTS: ReadonlyMap<string, (address: ServerAddress) => Dialect> = new Map([
  ['y-websocket', yWebsocket],
  ['hocuspocus', hocuspocus],
]);
