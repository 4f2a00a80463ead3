import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { authorOf, carriedId, renamedKey } from '../../src/sync/carried_ids.ts';
import { encodeFrame, nameGeneration } from '../../src/sync/frames.ts';
import { FIRST, type Former, Lineage } from '../../src/sync/generations.ts';
import { StructIds } from '../../src/sync/struct_ids.ts';

const IDS = [
  [0, 0],
  [1, 0],
  [1001, 7],
  [4_294_967_295, 524_287],
  [4_294_967_295, 524_288],
  [4_294_967_296, 0],
  [2 ** 51, 3],
  [2 ** 53 - 1, 2],
] as const;
const GENERATIONS = [
  [0, 0],
  [1, 300],
  [12, 4_294_967_295],
] as const;
const FORMERS: Former[] = [
  { generation: FIRST, clocks: new Map(), deleted: new StructIds(), standing: new StructIds() },
  {
    generation: { number: 3, id: 4_000_000_000 },
    clocks: new Map([
      [2 ** 52 + 5, 300],
      [1001, 17],
    ]),
    deleted: new StructIds([
      [1001, 9, 12],
      [1001, 2, 4],
      [1001, 4, 5],
    ]),
    standing: new StructIds([
      [1001, 0, 1],
      [2 ** 51, 128, 129],
    ]),
  },
];

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function lineageOf(former: Former): Lineage {
  const doc = new Y.Doc();
  const lineage = new Lineage(doc, 'tinybase');
  lineage.begin({ number: 9, id: 1 }, new Map([[2 ** 52, 1]]), [former]);
  return lineage;
}

const keyOf = ({ generation: { number, id } }: Former): string => `${number}.${id}`;

describe('the wire format of generations', () => {
  test('is the one that Python tests too', async () => {
    const step1 = encodeFrame('step1', Uint8Array.of(0));
    const vectors = {
      carried: IDS.map(([client, clock]) => {
        const carried = carriedId({ client, clock });
        return { id: [client, clock], carried: [carried.client, carried.clock] };
      }),
      keys: ['1001:7', '!1001:7', 'k1001:7'].map((key) => ({ key, renamed: renamedKey(key) })),
      frames: GENERATIONS.map(([number, id]) => ({
        generation: [number, id],
        alone: hex(nameGeneration({ number, id })),
        step1: hex(nameGeneration({ number, id }, step1)),
      })),
      formers: FORMERS.map((former) => ({
        key: keyOf(former),
        clocks: [...former.clocks],
        deleted: [...former.deleted],
        standing: [...former.standing],
        bytes: hex(lineageOf(former).map.get(keyOf(former)) as Uint8Array),
      })),
    };
    const text = `${JSON.stringify(vectors, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../tests/vectors/generations.json');
  });

  test.each(FORMERS)('a former generation is read as it was written', (former) => {
    const [read] = lineageOf(former).formers();
    expect([read?.generation, read?.clocks]).toEqual([former.generation, former.clocks]);
    expect(read?.deleted.equals(former.deleted)).toBe(true);
    expect(read?.standing.equals(former.standing)).toBe(true);
  });

  test('what somebody else has put there is no generation', () => {
    const doc = new Y.Doc();
    const lineage = new Lineage(doc, 'tinybase');
    for (const content of ['x', '[1]', '["1",2]', 7, new Uint8Array(3)]) {
      lineage.map.set('generation', content);
      lineage.map.set('derived', content);
      lineage.map.set('1.1', content);
      lineage.map.set('1.x', new Uint8Array(3));
      expect(lineage.generation).toEqual(FIRST);
      expect(lineage.derived.size).toBe(0);
    }
  });
});

describe('carried edits', () => {
  test('keep their order and their author', () => {
    const ids = [
      carriedId({ client: 5, clock: 9 }),
      carriedId({ client: 5, clock: 10 }),
      carriedId({ client: 6, clock: 0 }),
    ];
    expect(ids.map(({ client }) => client)).toEqual(
      ids.map(({ client }) => client).sort((one, other) => one - other),
    );
    expect(ids.map(({ client }) => authorOf(client))).toEqual([5, 5, 6]);
    expect(authorOf(5)).toBe(5);
  });
});

describe('sets of struct ids', () => {
  const ids = new StructIds([
    [1, 5, 8],
    [1, 0, 2],
    [1, 2, 3],
    [2, 4, 4],
  ]);

  test('merge what touches and leave out what is empty', () => {
    expect([...ids]).toEqual([
      [1, 0, 3],
      [1, 5, 8],
    ]);
    expect([...ids.starts()]).toEqual([[1, 3]]);
  });

  test('say what they have, and what another has not', () => {
    const clocks = [0, 2, 3, 4, 5, 7, 8].filter((clock) => ids.has({ client: 1, clock }));
    expect(clocks).toEqual([0, 2, 5, 7]);
    const other = new StructIds([
      [1, 1, 6],
      [3, 0, 1],
    ]);
    expect([...ids.without(other)]).toEqual([
      [1, 0, 1],
      [1, 6, 8],
    ]);
    expect(ids.equals(ids.union([]))).toBe(true);
    expect(ids.equals(other)).toBe(false);
  });
});
