/** Who is in a room: what goes over the links, and peers that lie. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Link } from '../../src/sync/link.ts';
import { Presence } from '../../src/sync/presence.ts';
import { nameFrom, type PeerState, writeState } from '../../src/sync/presence_states.ts';
import { readEntries, writeEntries } from '../../src/sync/presence_updates.ts';
import { Room } from '../../src/sync/room.ts';
import { eventually } from '../waiting.ts';
import { MemoryNetwork } from './helpers.ts';

/** lib0 keeps the `Date.now` that it finds when it is imported; so this one must be there before. */
const clock = vi.hoisted(() => {
  const now = Date.now.bind(Date);
  const clock = { ahead: 0 };
  Date.now = () => now() + clock.ahead;
  return clock;
});
/** Lets time pass, as timers and clocks see it. */
const pass = (ms: number): void => {
  for (let passed = 0; passed < ms; passed += 1000) {
    clock.ahead += 1000;
    vi.advanceTimersByTime(1000);
  }
};

const ADA = { name: 'Ada', color: '#9c36b5' };
const PLACE = { tableId: 'pets', rowId: 'fido', cellId: 'price' };
const LINK = { name: 'a link' } as Link;

let toEnd: { destroy(): void }[] = [];
afterEach(() => {
  for (const each of toEnd) each.destroy();
  toEnd = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** One side, and the updates that it sent. */
function present(id = 1): { presence: Presence; sent: Uint8Array[]; names(): string[] } {
  const sent: Uint8Array[] = [];
  const presence = new Presence(id, (update) => sent.push(update));
  toEnd.push(presence);
  return { presence, sent, names: () => presence.peers.map(({ name }) => name) };
}

const say = (presence: Presence, client: number, clock: number, state: unknown): void =>
  presence.take(
    writeEntries([{ client, clock, state: state as Record<string, unknown> | undefined }]),
    LINK,
    'a peer',
  );

describe('who is there', () => {
  test('is told with name, colour and place', () => {
    const [here, there] = [present(1), present(2)];
    here.presence.show({ ...ADA, at: PLACE, isTyping: true });
    there.presence.take(here.sent[0] as Uint8Array, LINK, 'here');
    expect(there.presence.peers).toEqual([
      { ...ADA, id: 1, at: PLACE, isTyping: true, isKernel: false },
    ]);
  });

  test('is told to who comes later, and gone when it says so', () => {
    const [here, there] = [present(1), present(2)];
    here.presence.show(ADA);
    there.presence.take(here.presence.all() as Uint8Array, LINK, 'here');
    expect(there.names()).toEqual(['Ada']);
    here.presence.show(undefined);
    there.presence.take(here.sent.at(-1) as Uint8Array, LINK, 'here');
    expect(there.names()).toEqual([]);
    expect(here.presence.all()).toBeUndefined();
  });

  test('says where it went once for many moves, the last place at last', async () => {
    const { presence, sent } = present();
    for (let row = 0; row < 50; row++)
      presence.show({ ...ADA, at: { ...PLACE, rowId: String(row) } });
    await eventually(() => expect(sent.length).toBe(2));
    expect(readEntries(sent[1] as Uint8Array)[0]?.state).toMatchObject({ at: { row: '49' } });
  });

  test('is not told again when nothing has changed', () => {
    const { presence, sent } = present();
    presence.show(ADA);
    presence.show({ ...ADA });
    expect(sent).toHaveLength(1);
  });

  test('is gone when it has not been heard of for 30 seconds', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { presence, names } = present();
    const changed = vi.fn();
    say(presence, 7, 1, writeState(ADA));
    presence.onChange(changed);
    pass(29_000);
    say(presence, 8, 1, writeState({ ...ADA, name: 'Bob' }));
    pass(4_000);
    expect(names()).toEqual(['Bob']);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  test('repeats itself in time', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { presence, sent } = present();
    presence.show(ADA);
    pass(60_000);
    expect(sent.length).toBeGreaterThan(3);
  });

  test('speaks as npm’s awareness does', () => {
    const theirs = new Awareness(new Y.Doc());
    toEnd.push(theirs);
    const { presence, sent, names } = present();
    theirs.setLocalState({ user: ADA });
    presence.take(encodeAwarenessUpdate(theirs, [theirs.clientID]), LINK, 'npm');
    expect(names()).toEqual(['Ada']);
    presence.show({ ...ADA, name: 'Bob' });
    applyAwarenessUpdate(theirs, sent.at(-1) as Uint8Array, null);
    expect(theirs.getStates().get(1)).toMatchObject({ user: { name: 'Bob' } });
  });

  test('goes through rooms and their links, also to who is linked later', async () => {
    const rooms = Array.from({ length: 3 }, () => new Room('zoo'));
    toEnd.push(...rooms);
    const [one, two, three] = rooms as [Room, Room, Room];
    const network = new MemoryNetwork();
    network.connect(one, two);
    await network.deliver();
    const before = Y.encodeStateAsUpdate(two.doc);
    one.presence.show({ ...ADA, at: PLACE });
    await network.deliver();
    network.connect(two, three);
    await network.deliver();
    for (const room of [two, three]) {
      expect(room.presence.peers).toMatchObject([{ name: 'Ada', at: PLACE }]);
    }
    expect(Y.encodeStateAsUpdate(two.doc)).toEqual(before);
  });
});

describe('a peer that lies', () => {
  const shown = (state: unknown): PeerState | undefined => {
    const { presence } = present();
    say(presence, 7, 1, state);
    return presence.peers[0];
  };

  test.each([
    ['<b onclick=x>Ada</b>', '<b onclick=x>Ada</b>'],
    ['a\u202eb\u200f\u0000c\n d', 'a b c d'],
    ['n'.repeat(1000), `${'n'.repeat(40)}…`],
    ['', 'Somebody'],
    ['\u200b\u2066', 'Somebody'],
    [null, 'Somebody'],
    [['Ada'], 'Somebody'],
    ['👩‍🚀 Zoë', '👩 🚀 Zoë'],
  ])('has a name that is text of bounded length: %j', (name, expected) => {
    expect(shown({ user: { name } })?.name).toBe(expected);
  });

  test.each(['red', '#12345', '#1234567', 'url(x)', '#12345g', '#123456\n', 7, null])(
    'has a colour that is one: %j',
    (color) => {
      expect(shown({ user: { name: 'Ada', color } })?.color).toBe('#2f9e44');
    },
  );

  test.each([
    [null, undefined],
    ['pets', undefined],
    [{ table: 5 }, undefined],
    [{ row: 'fido' }, undefined],
    [{ table: 'x'.repeat(2000) }, undefined],
    [{ table: 'pets', row: 5, cell: 'price' }, { tableId: 'pets' }],
    [{ table: 'pets', cell: 'price' }, { tableId: 'pets' }],
    [
      { table: '__proto__', row: 'fido' },
      { tableId: '__proto__', rowId: 'fido' },
    ],
  ])('is somewhere or not: %j', (at, expected) => {
    expect(shown({ user: ADA, at })?.at).toEqual(expected);
  });

  test('is nobody without a user', () => {
    expect(shown({})).toBeUndefined();
    expect(shown([])).toBeUndefined();
    expect(shown('Ada')).toBeUndefined();
  });

  test('is left out when it says too much, or is far in the future', () => {
    expect(shown({ user: ADA, more: 'x'.repeat(5000) })).toBeUndefined();
    const { presence, names } = present();
    say(presence, 7, 2 ** 41, { user: ADA });
    expect(names()).toEqual([]);
  });

  test('is one of 200 at most', () => {
    const { presence, names } = present();
    const crowd = Array.from({ length: 300 }, (_, at) => at + 100);
    presence.take(
      writeEntries(crowd.map((client) => ({ client, clock: 1, state: { user: ADA } }))),
      LINK,
      'a crowd',
    );
    expect(names()).toHaveLength(199);
  });

  test('is contradicted when it speaks for us', () => {
    const { presence, sent, names } = present(1);
    presence.show(ADA);
    say(presence, 1, 50, { user: { name: 'Eve' } });
    expect(names()).toEqual([]);
    expect(readEntries(sent.at(-1) as Uint8Array)).toMatchObject([
      { client: 1, clock: 51, state: { user: { name: 'Ada' } } },
    ]);
  });

  test('is not heard when it says too much, with one warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { presence, names } = present();
    for (let clock = 1; clock < 3000; clock++)
      say(presence, 7, clock, { user: { name: `n${clock}` } });
    expect(names()).not.toEqual(['n2999']);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test.each([[[]], [[1]], [[1, 7, 1]], [[1, 7, 1, 2, 91, 91]], [[200, 200, 3]]])(
    'sends bytes that can’t be read: %j',
    (bytes) => {
      const { presence, names } = present();
      expect(() => presence.take(Uint8Array.from(bytes), LINK, 'a peer')).toThrow();
      say(presence, 7, 1, { user: ADA });
      expect(names()).toEqual(['Ada']);
    },
  );

  test('a name of text that cannot be shown is none', () => {
    expect(nameFrom('\ud800')).toBe('');
  });
});
