import { describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { encodeFrame, nameGeneration } from '../../src/sync/frames.ts';
import type { Room } from '../../src/sync/room.ts';
import { makeRoom, sharedContent, useRooms } from './compaction_rooms.ts';
import { type MemoryLink, MemoryNetwork } from './helpers.ts';

const EDITS = 500;
interface Linked {
  readonly one: Room;
  readonly other: Room;
  readonly network: MemoryNetwork;
  readonly ends: readonly [MemoryLink, MemoryLink];
}

/** Two rooms that have heard all of each other, with a long history of edits of two cells. */
async function linkedRooms(): Promise<Linked> {
  const [one, other] = [makeRoom('one'), makeRoom('other')];
  one.store.setTable('pets', { fido: { age: 1 }, felix: { age: 2 } });
  const network = new MemoryNetwork();
  const ends = network.connect(one, other);
  await network.deliver();
  for (let age = 0; age < EDITS; age += 1) {
    one.store.setCell('pets', age % 2 === 0 ? 'fido' : 'felix', 'age', age);
  }
  await network.deliver();
  return { one, other, network, ends };
}

function part({ one, other, ends: [left, right] }: Linked): void {
  one.removeLink(left);
  other.removeLink(right);
}

const size = ({ doc }: Room): number => Y.encodeStateAsUpdate(doc).length;

useRooms();

describe('a compaction', () => {
  test('leaves the content and takes the history, for everybody', async () => {
    const { one, other, network } = await linkedRooms();
    const document = one.doc;
    for (const client of [1, 2, 3, 4, 5, 6, 7, 8]) {
      // as after many reloads: what Yjs can't merge
      document.clientID = client;
      one.store.setCell('pets', 'fido', 'age', EDITS + client);
    }
    await network.deliver();
    const sizes = one.compact();
    expect(sizes.after).toBeLessThan(sizes.before);
    await network.deliver();
    expect([size(one), size(other)]).toEqual([sizes.after, sizes.after]);
    expect(one.doc).not.toBe(document);
    expect(sharedContent(one, other).t).toEqual({
      pets: { fido: { age: EDITS + 8 }, felix: { age: EDITS - 1 } },
    });
  });

  test('no listener of a Store hears of it', async () => {
    const { one, other, network } = await linkedRooms();
    const heard = vi.fn();
    for (const { store } of [one, other]) {
      store.addCellListener(null, null, null, heard);
    }
    one.compact();
    await network.deliver();
    expect(heard).not.toHaveBeenCalled();
  });

  test('edits go on both ways after it', async () => {
    const { one, other, network } = await linkedRooms();
    one.compact();
    await network.deliver();
    one.store.setCell('pets', 'fido', 'age', 'by one');
    other.store.setCell('pets', 'felix', 'age', 'by other');
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({
      pets: { fido: { age: 'by one' }, felix: { age: 'by other' } },
    });
  });

  test('edits and deletions that were on their way arrive', async () => {
    const { one, other, network } = await linkedRooms();
    other.store.setCell('pets', 'fido', 'age', 'on its way');
    other.store.delRow('pets', 'felix');
    one.compact();
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({ pets: { fido: { age: 'on its way' } } });
  });

  test('what was edited here before, and is set again there, stays as it is there', async () => {
    const { one, other, network } = await linkedRooms();
    other.store.setCell('pets', 'fido', 'age', 'known to all');
    await network.deliver();
    one.compact();
    one.store.setCell('pets', 'fido', 'age', 'later');
    one.store.delRow('pets', 'felix');
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({ pets: { fido: { age: 'later' } } });
  });

  test('who was away brings edits and deletions along', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    other.store.setCell('pets', 'fido', 'age', 'made away');
    other.store.delRow('pets', 'felix');
    other.store.setValue('open', true);
    one.compact();
    one.store.setCell('pets', 'rex', 'age', 3);
    network.connect(one, other);
    await network.deliver();
    expect(sharedContent(one, other)).toEqual({
      t: { pets: { fido: { age: 'made away' }, rex: { age: 3 } } },
      v: { open: true },
    });
  });

  test('a newcomer gets the content and brings its own', async () => {
    const { one, other, network } = await linkedRooms();
    one.compact();
    const newcomer = makeRoom('newcomer');
    newcomer.store.setValue('open', true);
    network.connect(one, newcomer);
    await network.deliver();
    const { t, v } = sharedContent(one, other, newcomer);
    expect(Object.keys(t.pets as object)).toHaveLength(2);
    expect(v).toEqual({ open: true });
  });

  test('two at once end in one document', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    one.store.setCell('pets', 'fido', 'age', 'by one');
    other.store.setCell('pets', 'felix', 'age', 'by other');
    one.compact();
    other.compact();
    network.connect(one, other);
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({
      pets: { fido: { age: 'by one' }, felix: { age: 'by other' } },
    });
  });

  test('who has not heard of several is brought up to date', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    other.store.setCell('pets', 'fido', 'age', 'made away');
    for (let round = 0; round < 12; round += 1) {
      one.store.setCell('pets', 'felix', 'age', round);
      one.compact();
    }
    network.connect(one, other);
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({
      pets: { fido: { age: 'made away' }, felix: { age: 11 } },
    });
  });

  test('what a listener of the Store changes in answer to it is kept', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    other.store.addCellListener(
      'pets',
      'fido',
      'age',
      (store) => store.setCell('pets', 'fido', 'seen', true),
      true,
    );
    one.store.setCell('pets', 'fido', 'age', 7);
    one.compact();
    network.connect(one, other);
    await network.deliver();
    expect(sharedContent(one, other).t).toMatchObject({ pets: { fido: { age: 7, seen: true } } });
  });

  test('a large document arrives in several messages', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    const text = 'x'.repeat(900_000);
    part(linked);
    one.store.transaction(() => {
      for (let row = 0; row < 5; row += 1) {
        one.store.setRow('large', String(row), { text: text + row });
      }
    });
    one.compact();
    other.store.setCell('pets', 'rex', 'age', 3);
    network.connect(one, other);
    await network.deliver();
    expect(sharedContent(one, other).t.large).toHaveProperty('4', { text: `${text}4` });
    expect(one.store.getCell('pets', 'rex', 'age')).toBe(3);
  });
});

describe('after a compaction', () => {
  test('an edit made before is undone, and one that somebody has changed since is not', async () => {
    const { one, other, network } = await linkedRooms();
    other.store.setCell('pets', 'fido', 'age', 'mine');
    other.store.setCell('pets', 'felix', 'age', 'mine');
    await network.deliver();
    one.compact();
    one.store.setCell('pets', 'felix', 'age', 'theirs');
    await network.deliver();
    expect(other.undo().kept).toMatchObject([{ value: 'theirs' }]);
    expect(other.undo().changed).toHaveLength(1);
    await network.deliver();
    expect(sharedContent(one, other).t).toEqual({
      pets: { fido: { age: EDITS - 2 }, felix: { age: 'theirs' } },
    });
    expect(other.redo().changed).toHaveLength(1);
    expect(one.canUndo).toBe(true);
  });

  test('taking the new document over is no edit to undo', async () => {
    const { one, other, network } = await linkedRooms();
    one.compact();
    one.store.setCell('pets', 'rex', 'age', 1);
    await network.deliver();
    expect(other.canUndo).toBe(false);
  });

  test('open conflicts are still open, and settled for all', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    one.store.setCell('pets', 'fido', 'age', 'by one');
    other.store.setCell('pets', 'fido', 'age', 'by other');
    network.connect(one, other);
    await network.deliver();
    const changed = vi.fn();
    other.conflicts.onChange(changed);
    one.compact();
    await network.deliver();
    expect(changed).toHaveBeenCalled();
    for (const { conflicts } of [one, other]) {
      expect(conflicts.at('pets', 'fido', 'age')).toHaveLength(1);
    }
    const [conflict] = other.conflicts.open();
    const owners = [conflict?.winner.client, conflict?.loser.client].map((client) =>
      [one, other].map(({ conflicts }) => conflicts.isOwn(client ?? 0)),
    );
    expect(owners.sort()).toEqual([
      [false, true],
      [true, false],
    ]);
    other.conflicts.dismiss(conflict?.key ?? '');
    await network.deliver();
    expect(one.conflicts.open()).toEqual([]);
  });

  test('an edit made away and one made since are a conflict, and each knows its own', async () => {
    const linked = await linkedRooms();
    const { one, other, network } = linked;
    part(linked);
    other.store.setCell('pets', 'fido', 'age', 'made away');
    one.compact();
    one.store.setCell('pets', 'fido', 'age', 'made since');
    network.connect(one, other);
    await network.deliver();
    sharedContent(one, other);
    for (const { conflicts } of [one, other]) {
      const [conflict, ...more] = conflicts.at('pets', 'fido', 'age');
      expect(more).toEqual([]);
      expect([conflict?.winner.value, conflict?.loser.value].sort()).toEqual([
        'made away',
        'made since',
      ]);
      const isOwn = (value: unknown) =>
        conflicts.isOwn(
          (conflict?.winner.value === value ? conflict?.winner.client : conflict?.loser.client) ??
            0,
        );
      expect([isOwn('made away'), isOwn('made since')]).toEqual(
        conflicts === other.conflicts ? [true, false] : [false, true],
      );
    }
  });

  test('a kernel that starts anew with the old data changes nothing', async () => {
    const { one, other, network } = await linkedRooms();
    one.store.delRow('pets', 'felix');
    await network.deliver();
    one.compact();
    await network.deliver();
    const restarted = makeRoom('restarted');
    restarted.store.setTable('pets', { fido: { age: 1 }, felix: { age: 2 } });
    network.connect(other, restarted);
    await network.deliver();
    expect(sharedContent(one, other, restarted).t).toEqual({ pets: { fido: { age: EDITS - 2 } } });
  });

  test('a saved document is of its generation', async () => {
    const { one, network } = await linkedRooms();
    one.compact();
    const saved = new Y.Doc();
    Y.applyUpdate(saved, Y.encodeStateAsUpdate(one.doc));
    const restarted = makeRoom('restarted', saved);
    restarted.store.setCell('pets', 'rex', 'age', 1);
    await network.deliver();
    one.compact();
    network.connect(one, restarted);
    await network.deliver();
    expect(sharedContent(one, restarted).t).toHaveProperty('pets.rex', { age: 1 });
  });
});

describe('a compaction is refused', () => {
  test('while a peer has not been heard', () => {
    const [one, other] = [makeRoom('one'), makeRoom('other')];
    one.store.setValue('open', true);
    new MemoryNetwork().connect(one, other);
    const document = one.doc;
    expect(() => one.compact()).toThrow(/not compacted: .*has not been heard yet/);
    expect(one.doc).toBe(document);
  });

  test('while a peer does not know of generations', async () => {
    const { one, other, network } = await linkedRooms();
    const [link] = network.connect(one, makeRoom('stranger'));
    network.messages.length = 0;
    const stranger = { name: 'an old page', send: () => undefined };
    link.events?.onframes([encodeFrame('step1', Y.encodeStateVector(other.doc))], stranger);
    expect(() => one.compact()).toThrow(/an old page does not know of compaction/);
  });

  test('while a peer has said that it has more', async () => {
    const { one, other, network } = await linkedRooms();
    other.store.setCell('pets', 'fido', 'age', 'not here yet');
    const [link] = one.links;
    const [sender] = network.messages.splice(0).map((message) => message.sender);
    const name = sender?.name ?? 'room other';
    const step1 = encodeFrame('step1', Y.encodeStateVector(other.doc));
    link?.events?.onframes([step1], { name, send: () => undefined });
    expect(() => one.compact()).toThrow(/has edits that have not arrived here yet/);
  });

  test('in a transaction, and in a listener of the Store', async () => {
    const { one } = await linkedRooms();
    const errors: unknown[] = [];
    const attempt = () => {
      try {
        one.compact();
      } catch (error) {
        errors.push(error);
      }
    };
    one.store.transaction(attempt);
    one.store.addValuesListener(attempt);
    one.store.setValue('open', true);
    expect(errors.map(String)).toEqual(
      Array(2).fill(expect.stringMatching(/CompactionError: .*in a transaction/)),
    );
  });
});

describe('who tells of newer documents', () => {
  test('and sends none, or garbage, changes nothing', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { one, other, network } = await linkedRooms();
    const before = sharedContent(one, other);
    const [link] = one.links;
    const sent: Uint8Array[] = [];
    const liar = { name: 'a liar', send: (frames: readonly Uint8Array[]) => sent.push(...frames) };
    const generation = { number: 1, id: 7 };
    link?.events?.onframes(
      [
        nameGeneration(generation),
        nameGeneration(generation, encodeFrame('step2', Uint8Array.of(0, 0))),
        nameGeneration(generation, encodeFrame('step2', Uint8Array.of(9, 9, 9))),
        Uint8Array.of(100),
      ],
      liar,
    );
    expect(sent).toEqual([nameGeneration(generation, encodeFrame('step1', Uint8Array.of(0)))]);
    one.store.setCell('pets', 'rex', 'age', 1);
    await network.deliver();
    const after = sharedContent(one, other);
    expect(after.t).toEqual({ pets: { ...(before.t.pets as object), rex: { age: 1 } } });
  });
});
