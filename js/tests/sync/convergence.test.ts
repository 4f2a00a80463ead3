/**
 * Random edits of several replicas that exchange updates in any order: they end the same.
 *
 * `tests/fuzz` has the whole of it, with Python and TinyBase among the replicas and a model of who knew
 * what; this is the part that runs in a moment.
 */
import { createStore, type Store } from 'tinybase/store';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { isComplete } from '../../src/sync/completeness.ts';
import { rowIdFactory } from '../../src/sync/row_ids.ts';
import { docContent, type Plain, randomFrom, storeContent } from './helpers.ts';

const SEEDS = 200;
const STEPS = 60;
const ROWS = ['0', '1', '2', '5', '40', '41', 'x', 'y', 'z'];

type Random = (end: number) => number;

class Replica {
  store: Store = createStore();
  doc = new Y.Doc();
  readonly inbox: Uint8Array[] = [];
  others: readonly Replica[] = [];
  #binding: StoreBinding;

  constructor() {
    this.#binding = this.#bind();
  }

  #bind(): StoreBinding {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'network') {
        for (const { inbox } of this.others) {
          inbox.push(update);
        }
      }
    });
    return new StoreBinding(this.store, this.doc);
  }

  /** Begin anew: with the document's bytes, or with nothing at all. */
  restart(keeps: boolean): void {
    const state = Y.encodeStateAsUpdate(this.doc);
    this.#binding.destroy();
    this.store = createStore();
    this.doc = new Y.Doc();
    if (keeps) {
      Y.applyUpdate(this.doc, state);
    }
    this.#binding = this.#bind();
  }

  /** Take a message; one that lacks what came before is answered by all that its sender has. */
  take(at: number): void {
    const [update] = this.inbox.splice(at, 1);
    if (update !== undefined && isComplete(this.doc, update)) {
      Y.applyUpdate(this.doc, update, 'network');
    }
  }

  takeAllOf(other: Replica): void {
    const lacking = Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(this.doc));
    Y.applyUpdate(this.doc, lacking, 'network');
  }
}

function makeReplicas(count: number): Replica[] {
  const replicas = Array.from({ length: count }, () => new Replica());
  for (const replica of replicas) {
    replica.others = replicas.filter((other) => other !== replica);
  }
  return replicas;
}

function pickFrom<T>(items: readonly T[], random: Random): T {
  return items[random(items.length)] as T;
}

function deliverSome(replica: Replica, random: Random): void {
  const messages = replica.inbox.length;
  const at = random(messages || 1);
  const fate = random(6);
  if (fate === 0) {
    replica.inbox.splice(at, 1); // lost
  } else if (fate === 1) {
    replica.inbox.push(...replica.inbox.slice(at, at + 1)); // repeated
  } else {
    replica.take(at);
  }
}

function exchangeAll(replicas: readonly Replica[]): void {
  for (let round = 0; round < 3; round++) {
    for (const replica of replicas) {
      for (const other of replica.others) {
        replica.takeAllOf(other);
      }
    }
  }
}

/** Return what differs between the replicas, or between a Store and its document. */
function differences(replicas: readonly Replica[]): unknown[] {
  const [first] = replicas as [Replica];
  const content = docContent(first.doc);
  return replicas.flatMap(({ store, doc }) =>
    [docContent(doc), storeContent(store)].filter((other) => !isSame(other, content)),
  );
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
}

function edit({ store, doc }: Replica, random: Random, value: number): void {
  const table = pickFrom(['t', 'u'], random);
  const row = pickFrom(ROWS, random);
  const cell = pickFrom(['a', 'b', 'c'], random);
  switch (random(12)) {
    case 0:
      store.delRow(table, row);
      break;
    case 1:
      store.delCell(table, row, cell);
      break;
    case 2:
      store.delTable(table);
      break;
    case 3:
      store.setTable(table, { [row]: { [cell]: value }, [pickFrom(ROWS, random)]: { a: value } });
      break;
    case 4:
      store.setValue(cell, value);
      break;
    case 5:
      store.delValue(cell);
      break;
    case 6:
      store.setRow(table, rowIdFactory(() => doc.clientID)(), { [cell]: value });
      break;
    case 7:
      store.transaction(() => {
        for (let at = 0; at < 70; at++) {
          store.setCell(table, `many${at}`, cell, value);
        }
      });
      break;
    default:
      store.setCell(table, row, cell, value);
  }
}

describe('replicas that exchanged everything', () => {
  test.each(Array.from({ length: SEEDS / 20 }, (_, at) => at * 20))(
    'hold the same, Stores and documents alike (seeds from %i)',
    (first) => {
      for (let seed = first; seed < first + 20; seed++) {
        const random = randomFrom(seed);
        const replicas = makeReplicas(2 + random(3));
        for (let step = 0; step < STEPS; step++) {
          const replica = pickFrom(replicas, random);
          if (random(15) === 0) {
            replica.restart(random(2) === 0);
          } else if (random(2) === 0) {
            deliverSome(replica, random);
          } else {
            edit(replica, random, step);
          }
        }
        exchangeAll(replicas);
        expect({ seed, differences: differences(replicas) }).toEqual({ seed, differences: [] });
      }
    },
  );

  test.each(Array.from({ length: SEEDS / 20 }, (_, at) => at * 20))(
    'have every cell that was set, where nobody deleted (seeds from %i)',
    (first) => {
      for (let seed = first; seed < first + 20; seed++) {
        const random = randomFrom(1000 + seed);
        const replicas = makeReplicas(2 + random(3));
        const set: Record<string, Record<string, Plain>> = {};
        for (let step = 0; step < STEPS; step++) {
          const replica = pickFrom(replicas, random);
          if (random(15) === 0) {
            replica.restart(true);
          } else if (random(2) === 0) {
            deliverSome(replica, random);
          } else {
            const [table, row, cell] = [
              pickFrom(['t', 'u'], random),
              pickFrom(ROWS, random),
              `c${random(9)}`,
            ];
            replica.store.setCell(table, row, cell, true);
            set[table] ??= {};
            set[table][row] ??= {};
            set[table][row][cell] = true;
          }
        }
        exchangeAll(replicas);
        for (const { store } of replicas) {
          expect({ seed, tables: store.getTables() }).toEqual({ seed, tables: set });
        }
      }
    },
  );
});
