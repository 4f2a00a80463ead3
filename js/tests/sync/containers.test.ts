import { describe, expect, test } from 'vitest';
import { Containers, type DerivedRows } from '../../src/sync/containers.ts';

const never = () => false;
const nothing = () => 0;

function rows(
  ids: readonly string[],
  clockOf: (client: number) => number = nothing,
  isTaken: (id: string) => boolean = never,
): DerivedRows {
  return new Containers().rows('t', ids, clockOf, isTaken);
}

/** The keys of each run. */
function keys({ runs }: DerivedRows): (readonly string[])[] {
  return runs.map((run) => run.keys);
}

describe('integer rows', () => {
  test('those of a block share a client, each at its place', () => {
    const { runs, items } = rows(['0', '1', '2']);
    expect(runs).toHaveLength(1);
    expect([...items.values()].map(({ clock }) => clock)).toEqual([0, 1, 2]);
    expect(new Set([...items.values()].map(({ client }) => client)).size).toBe(1);
  });

  test('a row ahead brings those before it, without making them rows', () => {
    const made = rows(['3']);
    expect(keys(made)).toEqual([['0', '1', '2', '3']]);
    expect([...made.items.keys()]).toEqual(['3']);
  });

  test('a block goes on where the document has got to', () => {
    const made = rows(['6', '4'], () => 4);
    expect(made.runs).toMatchObject([{ clock: 4, keys: ['4', '5', '6'] }]);
    expect(made.items.get('6')?.clock).toBe(6);
  });

  test('a row whose place has passed is made alone', () => {
    const [{ client } = { client: 0 }] = rows(['5']).runs;
    const made = rows(['3'], (known) => (known === client ? 6 : 0));
    expect(made.runs).toMatchObject([{ clock: 0, keys: ['3'] }]);
    expect(made.runs[0]?.client).not.toBe(client);
  });

  test('a lone row far out brings no thousand others', () => {
    expect(keys(rows(['5000']))).toEqual([['5000']]);
  });

  test('rows ahead are not made over what is there', () => {
    expect(keys(rows(['3'], nothing, (id) => id === '1'))).toEqual([['3']]);
  });
});

describe('other rows', () => {
  test('up to 64 made together have a client each, the one they have when made alone', () => {
    const ids = Array.from({ length: 64 }, (_, at) => `row${at}`);
    const { runs, items } = rows(ids);
    expect(new Set(runs.map(({ client }) => client)).size).toBe(64);
    expect(items.get('row7')).toEqual(rows(['row7']).items.get('row7'));
  });

  test('more than 64 share one', () => {
    const ids = Array.from({ length: 65 }, (_, at) => `row${at}`);
    const { runs, items } = rows(ids);
    expect(keys({ runs, items })).toEqual([ids]);
    expect(items.get('row64')?.clock).toBe(64);
  });

  test('what the document has already is not made again', () => {
    expect(rows(['a', 'b'], () => 1)).toEqual({ runs: [], items: new Map() });
  });

  test('tables and root maps have rows of their own', () => {
    const clients = [
      new Containers().rows('t', ['a'], nothing, never),
      new Containers().rows('u', ['a'], nothing, never),
      new Containers('zoo').rows('t', ['a'], nothing, never),
    ].map(({ runs }) => runs[0]?.client);
    expect(new Set(clients).size).toBe(3);
  });
});
