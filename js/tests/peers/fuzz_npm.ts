/**
 * A peer of the fuzzer that is nothing but npm's TinyBase with its own Yjs persister.
 *
 * It speaks y-protocols as a plain Yjs provider does, and applies whatever comes.
 */
import { createStore } from 'tinybase';
import { createYjsPersister } from 'tinybase/persisters/persister-yjs';
import * as Y from 'yjs';
import { decodeFrame, encodeFrame } from '../../src/sync/frames.ts';
import {
  type Arrival,
  decode,
  encode,
  fill,
  listen,
  makeDoc,
  type Peer,
  type Sent,
  type Start,
  type Taken,
} from './fuzz_peer.ts';

export class NpmPeer implements Peer {
  readonly doc: Y.Doc;
  readonly store = createStore();
  readonly newRowId: () => string;
  readonly #persister: ReturnType<typeof createYjsPersister>;
  readonly #others: number[];
  #waiting: { update: Uint8Array; origin: unknown }[] = [];

  private constructor(start: Start) {
    this.doc = makeDoc(start);
    fill(this.store, start);
    let rows = 0;
    this.newRowId = () => `added ${start.clientId} ${rows++}`;
    this.#others = start.others;
    this.#persister = createYjsPersister(this.store, this.doc);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      this.#waiting.push({ update, origin });
    });
  }

  static async make(start: Start): Promise<NpmPeer> {
    const peer = new NpmPeer(start);
    await peer.#persister.startAutoLoad();
    await peer.#persister.startAutoSave();
    peer.#waiting = [];
    listen(peer.store, start);
    return peer;
  }

  receive([sender, frame, isGreeting]: Arrival): Taken {
    const { kind, payload } = decodeFrame(decode(frame));
    const answers: string[] = [];
    if (kind === 'step1') {
      answers.push(encode(encodeFrame('step2', Y.encodeStateAsUpdate(this.doc, payload))));
    } else {
      Y.applyUpdate(this.doc, payload, sender);
    }
    if (isGreeting) {
      answers.push(encode(this.hello()));
    }
    return [true, false, answers];
  }

  send(): Sent[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return this.#others.flatMap((other): Sent[] => {
      const updates = waiting.filter(({ origin }) => origin !== other).map(({ update }) => update);
      return updates.length > 0
        ? [[other, encode(encodeFrame('update', Y.mergeUpdates(updates)))]]
        : [];
    });
  }

  hello(): Uint8Array {
    return encodeFrame('step1', Y.encodeStateVector(this.doc));
  }

  async end(): Promise<void> {
    await this.#persister.destroy();
  }
}
