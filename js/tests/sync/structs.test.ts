import * as buffer from 'lib0/buffer';
import * as encoding from 'lib0/encoding';
import { digest } from 'lib0/hash/sha256';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Containers, startClient } from '../../src/sync/containers.ts';
import { imageClient } from '../../src/sync/race_images.ts';
import { rowBlock } from '../../src/sync/row_blocks.ts';
import {
  type Content,
  cellsClient,
  containerClient,
  type ItemId,
  sendable,
  sendableText,
} from '../../src/sync/structs.ts';

type CellsOfRow = readonly [client: number, clock: number, cells: Record<string, Content>];

const PATHS = [
  ['table', 'pets'],
  ['table', ''],
  ['table', 'ünï→😀'],
  ['table', 'a'.repeat(300)],
  ['tablepets'],
  ['table', 'pets', '7'],
  ['row', 'pets', ...Array.from({ length: 70 }, (_, at) => `row${at}`)],
  ['map', 'zoo', 'rows', 'pets', '1024'],
  [],
];
const MAPS = ['tinybase', 'zoo', '', 'ünï→😀'];
const ROWS = [
  '0',
  '31',
  '32',
  '100',
  '1023',
  '1024',
  '5000',
  '8192',
  '100000',
  '999999999',
  '1000000000',
  '05',
  'x',
];
const CELLS: readonly CellsOfRow[][] = [
  [],
  [[5, 0, { a: 1 }]],
  [
    [2 ** 53 - 1, 0, { text: 'zoë 🐧', empty: '', none: null, yes: true, no: false }],
    [2 ** 53 - 1, 700, { zero: 0, small: -63, more: 64, most: 2 ** 31 - 1, least: 1 - 2 ** 31 }],
    [7, 3, { beyond: 2 ** 31, below: -(2 ** 31), half: 0.5, tiny: 1e-300, safe: 2 ** 53 - 1 }],
  ],
];

const IMAGES = [
  [0, '4503599627370496'],
  [1, '4503599627370496'],
  [2 ** 32 - 1, '4503599627370496:7'],
  [2 ** 51 + 12345, '9007199254740991'],
  [2 ** 52, '9007199254740991'],
  [2 ** 53 - 1, '5000000000:0'],
] as const;

function clientOf(rows: readonly CellsOfRow[]): number {
  return cellsClient(
    rows.map(([client, clock, cells]) => [{ client, clock }, new Map(Object.entries(cells))]),
  );
}

describe('derived client ids', () => {
  test('they are those that Python makes too', async () => {
    const vectors = {
      clients: PATHS.map((parts) => ({ parts, client: containerClient(...parts) })),
      starts: MAPS.map((map) => ({ map, client: startClient(map) })),
      blocks: ROWS.map((row) => ({ row, block: rowBlock(row) ?? null })),
      cells: CELLS.map((rows) => ({ rows, client: clientOf(rows) })),
      images: IMAGES.map(([client, winner]) => ({
        client,
        winner,
        image: imageClient(client, winner),
      })),
    };
    const text = `${JSON.stringify(vectors, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../tests/vectors/containers.json');
  });

  test('an id is above all ordinary ones and exact', () => {
    for (const client of [
      ...PATHS.map((parts) => containerClient(...parts)),
      ...CELLS.map(clientOf),
    ]) {
      expect(client).toBeGreaterThanOrEqual(2 ** 52);
      expect(Number.isSafeInteger(client)).toBe(true);
    }
  });

  test('images have the order of what they are the images of', () => {
    const clients = [5, 2 ** 20, 2 ** 31, 2 ** 32 - 1, 2 ** 52, 2 ** 52 + 2 ** 50, 2 ** 53 - 1];
    const images = clients.map((client) => imageClient(client, 'some container'));
    expect(images).toEqual([...images].sort((one, other) => one - other));
  });

  test('paths that join to the same text have different ids', () => {
    expect(containerClient('a', 'bc')).not.toBe(containerClient('ab', 'c'));
  });

  test('the start has the lowest id, under other root maps a low one of their own', () => {
    expect(startClient()).toBe(0);
    expect(startClient('zoo')).toBeGreaterThanOrEqual(16);
    expect(startClient('zoo')).toBeLessThan(2 ** 20);
    expect(startClient('zoo')).not.toBe(startClient('park'));
  });

  test('tables have another id under another root map', () => {
    expect(new Containers('zoo').table('pets')).not.toEqual(new Containers().table('pets'));
  });

  test('the hash of cells covers rows, ids and contents', () => {
    const ids = [
      clientOf([[5, 0, { a: 1 }]]),
      clientOf([[6, 0, { a: 1 }]]),
      clientOf([[5, 1, { a: 1 }]]),
      clientOf([[5, 0, { b: 1 }]]),
      clientOf([[5, 0, { a: 2 }]]),
      clientOf([[5, 0, { a: '1' }]]),
      clientOf([[5, 0, { a: true }]]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('the bytes that are hashed are those of the structs in an update', () => {
    const doc = new Y.Doc();
    doc.clientID = 9;
    const row = doc.getMap<Y.Map<Content>>('m').set('r', new Y.Map<Content>());
    const item: ItemId = { client: 9, clock: 0 };
    const known = Y.encodeStateVector(doc);
    doc.clientID = 8;
    const cells = new Map<string, Content>([
      ['a', 'text'],
      ['b', -5],
      ['c', null],
      ['d', 0.1],
    ]);
    for (const [id, content] of cells) {
      row.set(id, content);
    }
    const update = Y.encodeStateAsUpdate(doc, known);
    const head = 4; // one client, four structs, its id, its clock
    expect(update.subarray(0, head)).toEqual(Uint8Array.of(1, 4, 8, 0));
    const hashed = encoding.encode((encoder) => {
      encoding.writeUint8Array(encoder, new TextEncoder().encode('tinybase-widget/2\0'));
      encoding.writeVarString(encoder, 'cells');
      encoding.writeUint8Array(encoder, update.subarray(head, -1));
    });
    const hash = BigInt(`0x${buffer.toHexString(digest(hashed).slice(0, 8))}`);
    expect(BigInt(cellsClient([[item, cells]]))).toBe((1n << 52n) | BigInt.asUintN(52, hash));
  });
});

describe('what can be sent', () => {
  test.each([
    ['plain', 'plain'],
    ['zoë 🐧', 'zoë 🐧'],
    ['\ufffd{"a":1}', '\ufffd{"a":1}'],
    ['a\ud83d', 'a?'],
    ['\udc27\ud83d', '??'],
    ['\ufffd\ud83d', '??'],
  ])('the text %j is sent as %j', (text, sent) => {
    expect(sendableText(text)).toBe(sent);
  });

  test('there is no negative zero', () => {
    expect(Object.is(sendable(-0), 0)).toBe(true);
    expect([sendable(0.5), sendable(null), sendable(false)]).toEqual([0.5, null, false]);
  });
});
