/**
 * Applies updates of very many structs so that these take less memory, for as long as they are there.
 *
 * Of a million cells each has a struct, which names its cell id and holds a list of one value. Yjs makes
 * a text for each name, and fills each list by `push`, for which V8 takes room for seventeen values. Here
 * a name that is repeated is one text, short texts are made without the browser's decoder, whose
 * texts are outside of V8's memory and take 80 bytes more, and lists are as long as need be.
 */
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';

const LONGEST = 64; // bytes
const PLACES = 1024;
const MAX_ASCII = 0x7f;
const TEXT = 119; // as lib0 writes any value that is a text

/** Texts of ASCII by a hash of their bytes; one of two that share a place is forgotten. */
const names: (string | undefined)[] = new Array(PLACES).fill(undefined);

/** Apply an update as `Y.applyUpdate` does. */
export function applyCompactly(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  Y.transact(
    doc,
    ({ beforeState }) => {
      Y.applyUpdateV2(doc, update, origin, compactDecoder());
      shortenLists(doc.store, beforeState);
    },
    origin,
    false,
  );
}

function shortenLists(store: Y.Doc['store'], beforeState: ReadonlyMap<number, number>): void {
  for (const [client, structs] of store.clients) {
    const from = beforeState.get(client) ?? 0;
    if (from < Y.getState(store, client)) {
      for (let at = Y.findIndexSS(structs, from); at < structs.length; at += 1) {
        const { content } = structs[at] as Partial<Y.Item>;
        if (content instanceof Y.ContentAny) {
          content.arr = content.arr.slice();
        }
      }
    }
  }
}

let decoder: typeof Y.UpdateDecoderV1 | undefined;

/** Return the decoder. JupyterLab's Yjs exports none to extend, so it isn't made before it is needed. */
function compactDecoder(): typeof Y.UpdateDecoderV1 {
  decoder ??= makeDecoder();
  return decoder;
}

function makeDecoder(): typeof Y.UpdateDecoderV1 {
  return class extends Y.UpdateDecoderV1 {
    override readAny(): unknown {
      const { restDecoder } = this;
      if (restDecoder.arr[restDecoder.pos] !== TEXT) {
        return decoding.readAny(restDecoder);
      }
      restDecoder.pos += 1;
      return this.readString();
    }

    override readString(): string {
      const { restDecoder } = this;
      const { arr, pos } = restDecoder;
      const length = arr[pos] as number;
      const from = pos + 1;
      if (length > LONGEST || from + length > arr.length) {
        return decoding.readVarString(restDecoder);
      }
      let hash = length;
      let bits = 0;
      for (let at = from; at < from + length; at += 1) {
        const byte = arr[at] as number;
        hash = (Math.imul(hash, 31) + byte) | 0;
        bits |= byte;
      }
      if (bits > MAX_ASCII) {
        return decoding.readVarString(restDecoder);
      }
      restDecoder.pos = from + length;
      const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
      const known = names[place];
      if (known !== undefined && isWrittenAt(known, arr, from, length)) {
        return known;
      }
      const name = String.fromCharCode(...arr.subarray(from, from + length));
      names[place] = name;
      return name;
    }
  };
}

/** Say whether these bytes are a text, of which each character is one byte. */
function isWrittenAt(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) {
    return false;
  }
  for (let at = 0; at < length; at += 1) {
    if (text.charCodeAt(at) !== bytes[from + at]) {
      return false;
    }
  }
  return true;
}
