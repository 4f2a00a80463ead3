/**
 * Awareness updates from others, looked at before they are believed.
 *
 * y-protocols takes every entry for everybody and forgets no client id. So what is taken over is
 * bounded: entries a frame, bytes an entry, clients altogether, clocks, and frames from one link in a
 * while. An entry that speaks for us is not taken over at all but answered.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const MAX_ENTRIES = 400;
const MAX_STATE = 4_000; // UTF-16 code units of JSON
const MAX_CLOCK = 2 ** 40;

/** An entry of an update: a client's state, as JSON, at a time of its clock. */
export interface Entry {
  readonly client: number;
  readonly clock: number;
  /** Undefined when the client has left. */
  readonly state: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Read an update; entries that are too large or say nothing sensible are left out.
 *
 * @throws Error when the bytes are not an awareness update, or one of too many entries.
 */
export function readEntries(update: Uint8Array): Entry[] {
  const decoder = decoding.createDecoder(update);
  const count = decoding.readVarUint(decoder);
  if (count > MAX_ENTRIES) {
    throw new Error(`an awareness update of ${count} entries; at most ${MAX_ENTRIES} are read`);
  }
  const entries: Entry[] = [];
  for (let at = 0; at < count; at++) {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    const text = decoding.readVarString(decoder);
    if (text.length > MAX_STATE || clock > MAX_CLOCK) {
      continue;
    }
    const state: unknown = JSON.parse(text);
    if (state === null) {
      entries.push({ client, clock, state: undefined });
    } else if (typeof state === 'object' && !Array.isArray(state)) {
      entries.push({ client, clock, state: state as Record<string, unknown> });
    }
  }
  return entries;
}

export function writeEntries(entries: readonly Entry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length);
    for (const { client, clock, state } of entries) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, JSON.stringify(state ?? null));
    }
  });
}

const PER_SECOND = 300; // frames, or kilobytes if that is more
const AT_ONCE = 600;

/** How much a link may still say of who is there. */
export class Allowance {
  #left = AT_ONCE;
  #at = Date.now();

  /** Take what a message costs; returns whether there was as much. */
  take(bytes: number): boolean {
    const now = Date.now();
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    this.#left -= 1 + bytes / 1000;
    if (this.#left >= 0) {
      return true;
    }
    this.#left = Math.max(this.#left, -AT_ONCE / 2);
    return false;
  }
}
