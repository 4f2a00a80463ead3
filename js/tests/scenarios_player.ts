/**
 * Plays the scenarios of `tests/scenarios` with Stores that are bound to documents.
 */
import * as buffer from 'lib0/buffer';
import { digest } from 'lib0/hash/sha256';
import { createStore, type Row, type Store } from 'tinybase/store';
import * as Y from 'yjs';
import { StoreBinding } from '../src/sync/binding.ts';
import { docContent, type Plain, settle, storeContent } from './sync/helpers.ts';

type Call = readonly [method: string, ...args: unknown[]];

/** A step of a scenario; the README has what each of them means. */
interface Step {
  readonly peer?: string;
  readonly start?: number;
  readonly content?: readonly [Plain, Plain];
  readonly restart?: number;
  readonly do?: Call;
  readonly transaction?: readonly Call[];
  readonly as?: string;
  readonly receive?: string;
  readonly apply?: readonly string[];
  readonly exchange?: readonly string[];
}

export interface Scenario {
  readonly about: string;
  readonly map?: string;
  readonly steps: readonly Step[];
  /** The content of a peer's Store in the end: `[tables, values]`. */
  readonly stores?: Readonly<Record<string, readonly [Plain, Plain]>>;
  /** How many rows each of its tables has. */
  readonly counts?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What has to be the same on all sides, byte by byte. */
export interface Outcome {
  readonly documents: Record<string, string>;
  readonly updates: Record<string, string>;
}

const MAX_ROUNDS = 5;
const MAX_HEX = 600;

class Peer {
  readonly doc = new Y.Doc();
  readonly store: Store = createStore();
  readonly errors: string[] = [];
  updates: Uint8Array[] = [];
  readonly #binding: StoreBinding;

  constructor(
    readonly map: string,
    client: number,
    content: readonly [Plain, Plain] = [{}, {}],
    state?: Uint8Array,
  ) {
    this.doc.clientID = client;
    if (state !== undefined) {
      Y.applyUpdate(this.doc, state);
    }
    this.store.setContent(content as Parameters<Store['setContent']>[0]);
    this.doc.on('update', (update: Uint8Array) => this.updates.push(update));
    this.#binding = new StoreBinding(this.store, this.doc, (text) => this.errors.push(text), map);
  }

  apply(update: Uint8Array): void {
    this.#binding.applyUpdate(update);
  }

  call([method, ...args]: Call): void {
    if (method === 'fill' || method === 'fillOneByOne') {
      const [tableId, prefix, first, count] = args as [string, string, number, number];
      const setRow = (at: number) => this.store.setRow(tableId, `${prefix}${at}`, rowNumber(at));
      const all = Array.from({ length: count }, (_, at) => first + at);
      if (method === 'fill') {
        this.store.transaction(() => all.forEach(setRow));
      } else {
        all.forEach(setRow);
      }
      return;
    }
    (this.store as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  }

  stop(): Uint8Array {
    this.#binding.destroy();
    return Y.encodeStateAsUpdate(this.doc);
  }
}

/** The peers of a scenario, and the updates that were given names. */
export class Player {
  readonly #scenario: Scenario;
  readonly #peers = new Map<string, Peer>();
  readonly #updates = new Map<string, Uint8Array>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  async play(): Promise<Outcome> {
    for (const step of this.#scenario.steps) {
      await this.#take(step);
    }
    const documents: Record<string, string> = {};
    for (const [name, { doc }] of this.#peers) {
      documents[name] = spelled(Y.encodeStateAsUpdate(doc));
    }
    const updates: Record<string, string> = {};
    for (const [name, update] of this.#updates) {
      updates[name] = spelled(update);
    }
    return { documents, updates };
  }

  /** The content of all Stores, as scenarios write it. */
  get stores(): Record<string, [Plain, Plain]> {
    return Object.fromEntries(
      [...this.#peers].map(([name, { store }]) => [
        name,
        [store.getTables() as Plain, store.getValues() as Plain],
      ]),
    );
  }

  /** How many rows all Stores have in their tables. */
  get counts(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#peers].map(([name, { store }]) => [
        name,
        Object.fromEntries(store.getTableIds().map((id) => [id, store.getRowCount(id)])),
      ]),
    );
  }

  /** The names of peers whose Store and document differ, or that had something to complain of. */
  get troubled(): string[] {
    return [...this.#peers]
      .filter(([, { store, doc, map, errors }]) => {
        const same = isSame(storeContent(store), docContent(doc, map));
        return !same || errors.length > 0;
      })
      .map(([name]) => name);
  }

  async #take(step: Step): Promise<void> {
    if (step.exchange !== undefined) {
      await this.#exchange(step.exchange);
      return;
    }
    const { peer: name = '' } = step;
    if (step.start !== undefined) {
      const peer = new Peer(this.#scenario.map ?? 'tinybase', step.start, step.content);
      this.#peers.set(name, peer);
    } else if (step.restart !== undefined) {
      const old = this.#peer(name);
      this.#peers.set(name, new Peer(old.map, step.restart, step.content, old.stop()));
    }
    const peer = this.#peer(name);
    if (step.as !== undefined && step.start === undefined) {
      peer.updates = [];
    }
    if (step.do !== undefined) {
      peer.call(step.do);
    }
    const { transaction } = step;
    if (transaction !== undefined) {
      peer.store.transaction(() => {
        for (const call of transaction) {
          peer.call(call);
        }
      });
    }
    if (step.receive !== undefined) {
      this.#receive(peer, this.#peer(step.receive));
    }
    for (const update of step.apply ?? []) {
      peer.apply(this.#updates.get(update) ?? new Uint8Array());
    }
    await settle();
    if (step.as !== undefined) {
      this.#updates.set(step.as, Y.mergeUpdates(peer.updates));
    }
  }

  #receive(to: Peer, from: Peer): void {
    to.apply(Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)));
  }

  async #exchange(names: readonly string[]): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const to of names) {
        for (const from of names) {
          if (to !== from) {
            this.#receive(this.#peer(to), this.#peer(from));
            await settle();
          }
        }
      }
    }
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) {
      throw new Error(`the scenario has not started a peer "${name}"`);
    }
    return peer;
  }
}

/** The rows that `fill` makes. */
function rowNumber(at: number): Row {
  return { n: at, text: `number ${at}`, half: at / 2, even: at % 2 === 0 };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, below]) => [key, sorted(below)])
    : value;
}

/** Return an update in hexadecimal, or what identifies it where it is long. */
function spelled(bytes: Uint8Array): string {
  const hex = buffer.toHexString(bytes);
  return hex.length <= MAX_HEX
    ? hex
    : `${bytes.length} bytes, sha256 ${buffer.toHexString(digest(bytes))}`;
}
