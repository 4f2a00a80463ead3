import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { decodeFrame, encodeFrame } from '../../src/sync/frames.ts';
import type { Link, LinkState } from '../../src/sync/link.ts';
import { Room } from '../../src/sync/room.ts';
import { docContent, MemoryNetwork, randomFrom, settle, storeContent } from './helpers.ts';

const rooms: Room[] = [];

function makeRooms(count: number): Room[] {
  const made = Array.from({ length: count }, (_, at) => new Room(`room ${at}`));
  rooms.push(...made);
  return made;
}

function makePair(): [Room, Room] {
  return makeRooms(2) as [Room, Room];
}

/** Say on all links what a room says at intervals, twice, so that repairs get around too. */
async function compareStates(all: readonly Room[], network: MemoryNetwork): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const room of all) {
      for (const link of room.links) {
        link.hello(room.greeting());
      }
    }
    await network.deliver();
  }
}

class FakeLink implements Link {
  readonly name = 'fake';
  events: Link['events'] = null;
  readonly sent: Uint8Array[] = [];
  hellos = 0;
  isClosed = false;
  hello(): void {
    this.hellos += 1;
  }
  send(frames: readonly Uint8Array[]): void {
    this.sent.push(...frames);
  }
  close(): void {
    this.isClosed = true;
  }
  receive(...frames: Uint8Array[]): void {
    this.events?.onframes(frames, { name: 'peer 7', send: (replies) => this.send(replies) });
  }
}

function step2(fill: (doc: Y.Doc) => void = () => undefined): Uint8Array {
  const doc = new Y.Doc();
  fill(doc);
  return encodeFrame('step2', Y.encodeStateAsUpdate(doc));
}

afterEach(() => {
  for (const room of rooms.splice(0)) {
    room.destroy();
  }
  vi.restoreAllMocks();
});

describe('rooms linked to one another', () => {
  test('two rooms unite what they had before they met', async () => {
    const [a, b] = makePair();
    a.store.setTables({ t: { a: { x: 1 } } });
    b.store.setTables({ t: { b: { x: 2 } } }).setValue('v', 3);
    const network = new MemoryNetwork();
    network.connect(a, b);
    await network.deliver();
    const union = { t: { t: { a: { x: 1 }, b: { x: 2 } } }, v: { v: 3 } };
    expect([storeContent(a.store), storeContent(b.store)]).toEqual([union, union]);
  });

  test('a change passes through a room to the next', async () => {
    const [a, b, c] = makeRooms(3) as [Room, Room, Room];
    const network = new MemoryNetwork();
    network.connect(a, b);
    network.connect(b, c);
    await network.deliver();
    a.store.setCell('t', 'r', 'x', 1);
    await network.deliver();
    expect(c.store.getCell('t', 'r', 'x')).toBe(1);
  });

  test('in a ring of rooms a change ends', async () => {
    const [a, b, c] = makeRooms(3) as [Room, Room, Room];
    const network = new MemoryNetwork();
    network.connect(a, b);
    network.connect(b, c);
    network.connect(c, a);
    await network.deliver();
    a.store.setCell('t', 'r', 'x', 1);
    expect(await network.deliver()).toBeLessThanOrEqual(4);
  });

  test('a change does not go back to where it came from', async () => {
    const [a, b] = makePair();
    const network = new MemoryNetwork();
    const [, right] = network.connect(a, b);
    await network.deliver();
    right.sent.length = 0;
    a.store.setCell('t', 'r', 'x', 1);
    await network.deliver();
    expect(b.store.getCell('t', 'r', 'x')).toBe(1);
    expect(right.sent).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'whatever happens and arrives in whatever order, all end the same (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const all = makeRooms(3) as [Room, Room, Room];
      const network = new MemoryNetwork();
      network.connect(all[0], all[1]);
      network.connect(all[1], all[2]);
      for (let turn = 0; turn < 60; turn++) {
        const room = all[random(3)] as Room;
        const row = String(random(4));
        const cell = 'abc'[random(3)] as string;
        switch (random(7)) {
          case 0:
            room.store.delCell('t', row, cell);
            break;
          case 1:
            room.store.delRow('t', row);
            break;
          case 2:
            room.store.setRow('t', room.newRowId(), { a: turn });
            break;
          case 3:
            room.store.setValue(cell, turn);
            break;
          default:
            room.store.setCell('t', row, cell, turn);
        }
        if (random(4) === 0) {
          await settle();
          network.deliverOne(random);
        }
      }
      await network.deliver(() => network.deliverOne(random));
      await compareStates(all, network);
      const contents = all.flatMap(({ store, doc }) => [storeContent(store), docContent(doc)]);
      expect(contents).toEqual(contents.map(() => contents[0]));
    },
  );

  test.each([11, 12, 13, 14, 15, 16])(
    'where nothing is deleted and links keep their order, nothing is lost (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const all = makeRooms(3) as [Room, Room, Room];
      const set = new Set<string>();
      const network = new MemoryNetwork();
      network.connect(all[0], all[1]);
      network.connect(all[1], all[2]);
      network.connect(all[2], all[0]);
      for (let turn = 0; turn < 80; turn++) {
        const path = [`t${random(2)}`, String(random(6)), `c${random(4)}`] as const;
        (all[random(3)] as Room).store.setCell(...path, turn);
        set.add(path.join());
        if (random(4) === 0) {
          await settle();
          network.deliverOneInOrder(random);
        }
      }
      await network.deliver(() => network.deliverOneInOrder(random));
      for (const { store } of all) {
        const kept = new Set<string>();
        store.forEachTable((table, forEachRow) =>
          forEachRow((row, forEachCell) =>
            forEachCell((cell) => {
              kept.add([table, row, cell].join());
            }),
          ),
        );
        expect(kept).toEqual(set);
      }
    },
  );

  test('an update whose predecessor is missing is not half carried out', async () => {
    const [a, b] = makePair();
    const network = new MemoryNetwork();
    network.connect(a, b);
    a.store.setCell('t', 'r', 'x', 1);
    await network.deliver();
    a.store.setCell('t', 'lost', 'x', 2);
    a.flush();
    network.messages.length = 0;
    a.store.transaction(() => a.store.delCell('t', 'r', 'x').setCell('t', 'lost', 'y', 3));
    a.flush();
    expect(network.deliverOne()).toBe(true);
    expect(b.store.getCell('t', 'r', 'x')).toBe(1);
    await compareStates([a, b], network);
    expect(b.store.getTables()).toEqual({ t: { lost: { x: 2, y: 3 } } });
  });
});

describe('a room and its links', () => {
  test('the changes of one tick are one frame', async () => {
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    for (let row = 0; row < 100; row++) {
      room.store.setCell('t', String(row), 'x', row);
    }
    await settle();
    expect(link.sent.map((bytes) => decodeFrame(bytes).kind)).toEqual(['update']);
    const [other] = makePair();
    Y.applyUpdate(other.doc, decodeFrame(link.sent[0] as Uint8Array).payload);
    expect(storeContent(other.store)).toEqual(storeContent(room.store));
  });

  test('a step 1 is answered with what the peer lacks', () => {
    const [room] = makePair();
    room.store.setCell('t', 'r', 'x', 1);
    const link = new FakeLink();
    room.addLink(link);
    link.receive(encodeFrame('step1', Y.encodeStateVector(new Y.Doc())));
    const [answer] = link.sent.map(decodeFrame);
    expect(answer?.kind).toBe('step2');
    expect(answer?.payload).toEqual(Y.encodeStateAsUpdate(room.doc));
  });

  test('what is too large for one message goes in several that end with the step 2', () => {
    const [room, other] = makePair();
    const rows = Array.from({ length: 5_000 }, (_, row) => [row, { x: 'x'.repeat(1_000) }]);
    room.store.setTable('t', Object.fromEntries(rows));
    const link = new FakeLink();
    room.addLink(link);
    link.receive(encodeFrame('step1', Y.encodeStateVector(other.doc)));
    const kinds = link.sent.map((bytes) => decodeFrame(bytes).kind);
    expect(kinds).toEqual(['update', 'update', 'step2']);
    for (const bytes of link.sent) {
      Y.applyUpdate(other.doc, decodeFrame(bytes).payload);
    }
    expect(other.store.getRowCount('t')).toBe(5_000);
  });

  test('garbage is dropped with a warning that names the peer, and the rest goes on', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    const update = encodeFrame('update', Uint8Array.of(1, 2, 3, 4, 5));
    const good = step2((doc) => {
      doc.getMap('tinybase').set('t', new Y.Map());
      doc.getMap('tinybase').set('v', new Y.Map([['v', 1]]));
    });
    link.receive(Uint8Array.of(9, 9), update, encodeFrame('step1', Uint8Array.of(200)), good);
    expect(warn).toHaveBeenCalledTimes(3);
    expect(warn.mock.calls.flat().join(' ')).toContain('peer 7');
    expect(room.store.getValue('v')).toBe(1);
  });

  test('a failing link is offline and stops no other', async () => {
    const [room] = makePair();
    const [bad, good] = [new FakeLink(), new FakeLink()];
    bad.send = () => bad.events?.onfailure(new Error('gone'));
    room.addLink(bad);
    room.addLink(good);
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    expect(room.status(bad)).toBe('offline');
    expect(good.sent).toHaveLength(1);
  });

  test('the state goes from connecting to synced with the first step 2, and is told', () => {
    const [room] = makePair();
    const link = new FakeLink();
    const states: LinkState[] = [];
    room.onStatus((_, state) => states.push(state));
    room.addLink(link);
    expect(room.status(link)).toBe('connecting');
    link.receive(encodeFrame('update', Y.encodeStateAsUpdate(new Y.Doc())));
    link.receive(step2());
    link.events?.onfailure(new Error('gone'));
    link.receive(step2());
    expect(states).toEqual(['synced', 'offline', 'synced']);
  });

  test('a link that is removed is closed, after what it had to send', () => {
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    room.store.setCell('t', 'r', 'x', 1);
    room.removeLink(link);
    expect(link.sent).toHaveLength(1);
    expect(link.isClosed).toBe(true);
    expect(room.links).toEqual([]);
  });
});

describe('hellos', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('one is said when a link is added, and every 20 s while they are answered', () => {
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    expect(link.hellos).toBe(1);
    for (let round = 2; round <= 5; round++) {
      link.receive(step2());
      vi.advanceTimersByTime(20_000);
      expect(link.hellos).toBe(round);
    }
  });

  test('unanswered ones become rare, and an answer brings them back', () => {
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    vi.advanceTimersByTime(3_600_000);
    expect(link.hellos).toBeGreaterThan(40);
    expect(link.hellos).toBeLessThan(50);
    link.receive(step2());
    const before = link.hellos;
    vi.advanceTimersByTime(20_000);
    expect(link.hellos).toBe(before + 1);
  });

  test('a gap in what arrives brings one soon', () => {
    const [room] = makePair();
    const link = new FakeLink();
    room.addLink(link);
    const doc = new Y.Doc();
    doc.getMap('tinybase').set('t', new Y.Map());
    const before = Y.encodeStateVector(doc);
    doc.getMap('tinybase').set('v', new Y.Map());
    vi.advanceTimersByTime(2_000);
    link.receive(encodeFrame('update', Y.encodeStateAsUpdate(doc, before)));
    expect(link.hellos).toBe(2);
  });
});
