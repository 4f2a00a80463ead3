import { describe, expect, test, vi } from 'vitest';
import type { Room } from '../../src/sync/room.ts';
import { endRooms, makeRoom, sharedContent, useRooms } from './compaction_rooms.ts';
import { type MemoryLink, MemoryNetwork, randomFrom, settle } from './helpers.ts';

useRooms();

describe.each([1, 2, 3, 4, 5, 6])('whatever happens (seeds from %i00)', (hundred) => {
  test('all end with one document, and what nobody else set is there, or a conflict', async () => {
    for (let seed = hundred * 100; seed < hundred * 100 + 15; seed += 1) {
      await playRandomly(seed);
    }
  });
});

/** Three rooms that edit, compact, part and meet at random. */
async function playRandomly(seed: number): Promise<void> {
  const random = randomFrom(seed);
  let now = 0; // a second passes between any two looks at the clock
  vi.spyOn(Date, 'now').mockImplementation(() => {
    now += 1000;
    return now;
  });
  const all = ['a', 'b', 'c'].map((name) => makeRoom(name)) as [Room, Room, Room];
  const network = new MemoryNetwork();
  const pairs = [
    [all[0], all[1]],
    [all[1], all[2]],
  ] as const;
  const links = pairs.map(([left, right]) => network.connect(left, right));
  for (let turn = 0; turn < 50; turn += 1) {
    const at = random(3);
    const room = all[at] as Room;
    const row = `r${random(4)}`;
    switch (random(9)) {
      case 0:
        attemptCompaction(room);
        break;
      case 1:
        room.store.delRow('t', row);
        break;
      case 2: {
        const which = random(2);
        const [left, right] = links[which] as [MemoryLink, MemoryLink];
        const [one, other] = pairs[which] as [Room, Room];
        if (one.links.includes(left)) {
          one.removeLink(left);
          other.removeLink(right);
        } else {
          links[which] = network.connect(one, other);
        }
        break;
      }
      case 3:
      case 4:
        for (let count = random(8); count > 0 && network.messages.length > 0; count -= 1) {
          network.deliverOneInOrder(random);
          await settle();
        }
        break;
      default: // a row and cells of one's own: nobody else may take them away
        room.store.setCell('t', row, `c${random(3)}`, turn);
        room.store.setCell('own', `of ${at}`, `c${random(3)}`, turn);
    }
  }
  const own = all.map(({ store }, at) => store.getRow('own', `of ${at}`));
  for (const [which, [left, right]] of pairs.entries()) {
    const [end] = links[which] as [MemoryLink, MemoryLink];
    if (!left.links.includes(end)) {
      network.connect(left, right);
    }
  }
  for (let round = 0; round < 4; round += 1) {
    await network.deliver();
    for (const room of all) {
      for (const link of room.links) {
        link.hello(room.greeting());
      }
    }
  }
  await network.deliver();
  sharedContent(...all);
  for (const [at, row] of own.entries()) {
    for (const [cellId, value] of Object.entries(row)) {
      for (const { store, conflicts } of all) {
        const there = store.getCell('own', `of ${at}`, cellId);
        const overwritten = conflicts.at('own', `of ${at}`, cellId).map(({ loser }) => loser.value);
        expect({ seed, at, cellId, found: [there, ...overwritten].includes(value) }).toEqual({
          seed,
          at,
          cellId,
          found: true,
        });
      }
    }
  }
  endRooms();
}

function attemptCompaction(room: Room): void {
  try {
    room.compact();
  } catch (error) {
    expect(String(error)).toContain('CompactionError');
  }
}
