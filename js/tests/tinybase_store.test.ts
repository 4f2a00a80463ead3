/** The Store that the bundles have tells the same as TinyBase's own, whatever is done to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createStore, type Store } from 'tinybase/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quickerStore } from '../tinybase_store.mjs';

const folder = mkdtempSync(join(tmpdir(), 'quicker-'));
let createQuicker: typeof createStore;

beforeAll(async () => {
  const path = createRequire(import.meta.url).resolve('tinybase/store');
  const module = join(folder, 'store.mjs');
  writeFileSync(module, quickerStore(readFileSync(path, 'utf8')));
  ({ createStore: createQuicker } = await import(/* @vite-ignore */ pathToFileURL(module).href));
});

afterAll(() => rmSync(folder, { recursive: true }));

const IDS = ['a', 'b', '1', '__proto__'];
const CELLS = [0, 1, '', 'x', true, null, { deep: ['er'] }, [1]];

/** Numbers that look random, the same for the same seed. */
const randomOf = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
};

/** Does some things to a Store that has listeners of each kind; returns what they heard. */
const heardIn = (store: Store, seed: number): unknown[] => {
  const random = randomOf(seed);
  const heard: unknown[] = [];
  const id = (): string => IDS[random(IDS.length)] as string;
  const idOrAll = (): string | null => (random(2) ? id() : null);
  const note =
    (name: string) =>
    (_store: unknown, ...args: unknown[]): void => {
      const told = args.map((arg) => (typeof arg === 'function' ? ownOf(arg) : arg));
      heard.push([name, ...told]);
    };
  const ownOf = (arg: unknown): unknown =>
    (arg as () => unknown).length === 0 ? Object.entries((arg as () => object)() ?? {}) : 'getter';
  const cell = (): never => CELLS[random(CELLS.length)] as never;
  const row = () => Object.fromEntries(IDS.slice(0, random(4)).map((cellId) => [cellId, cell()]));
  const listenings = [
    () => store.addTablesListener(note('tables')),
    () => store.addHasTablesListener(note('hasTables')),
    () => store.addTableIdsListener(note('tableIds')),
    () => store.addTableListener(idOrAll(), note('table')),
    () => store.addTableCellIdsListener(idOrAll(), note('tableCellIds')),
    () => store.addHasTableCellListener(idOrAll(), idOrAll(), note('hasTableCell')),
    () => store.addRowCountListener(idOrAll(), note('rowCount')),
    () => store.addRowIdsListener(idOrAll(), note('rowIds')),
    () => store.addSortedRowIdsListener(id(), id(), false, 0, undefined, note('sortedRowIds')),
    () => store.addHasRowListener(idOrAll(), idOrAll(), note('hasRow')),
    () => store.addRowListener(idOrAll(), idOrAll(), note('row')),
    () => store.addCellIdsListener(idOrAll(), idOrAll(), note('cellIds')),
    () => store.addHasCellListener(idOrAll(), idOrAll(), idOrAll(), note('hasCell')),
    () => store.addCellListener(idOrAll(), idOrAll(), idOrAll(), note('cell')),
    () => store.addCellListener(id(), null, id(), () => store.setCell('b', 'b', 'b', 7), true),
    () => store.addValueListener(idOrAll(), note('value')),
    () => store.addInvalidCellListener(idOrAll(), idOrAll(), idOrAll(), note('invalid')),
    () => store.addDidFinishTransactionListener(() => heard.push(store.getTransactionLog())),
  ];
  const doings = [
    () => store.setRow(id(), id(), row() as never),
    () => store.setPartialRow(id(), id(), row() as never),
    () => store.setCell(id(), id(), id(), cell()),
    () => store.setCell(id(), id(), id(), undefined as never),
    () => store.delCell(id(), id(), id(), true),
    () => store.delRow(id(), id()),
    () => store.delTable(id()),
    () => store.setTable(id(), { a: row(), b: row() } as never),
    () => store.setValue(id(), cell()),
    () => store.setTablesSchema({ a: { a: { type: 'number', default: 3 } } }),
    () => store.delTablesSchema(),
  ];
  const ids: string[] = [];
  for (let step = 0; step < 60; step += 1) {
    const kind = random(10);
    if (kind < 3) ids.push((listenings[random(listenings.length)] as () => string)());
    else if (kind === 3) store.delListener(ids.splice(random(ids.length + 1), 1)[0] ?? '');
    else if (kind < 7) (doings[random(doings.length)] as () => unknown)();
    else
      store.transaction(() => {
        for (let left = random(5); left >= 0; left -= 1)
          (doings[random(doings.length)] as () => unknown)();
      });
    heard.push(store.getJson());
  }
  return heard;
};

describe('the quicker Store', () => {
  it('tells the same as TinyBase, in the same order', () => {
    for (let seed = 1; seed <= 300; seed += 1)
      expect(heardIn(createQuicker(), seed), `seed ${seed}`).toEqual(heardIn(createStore(), seed));
  });

  it('hears of cells and rows that are called __proto__', () => {
    const heard: unknown[] = [];
    const store = createQuicker();
    store.addCellListener(null, null, null, (_store, ...place) => heard.push(place.slice(0, 4)));
    store.setRow('t', 'r', JSON.parse('{"__proto__": 1}'));
    expect(heard).toEqual([['t', 'r', '__proto__', 1]]);
    expect(Object.keys(store.getRow('t', 'r'))).toEqual(['__proto__']);
  });

  it('is refused where TinyBase is not as it was', () => {
    expect(() => quickerStore('const objSet = 1;')).toThrow('objSet');
  });
});
