import { afterEach, describe, expect, test } from 'vitest';
import { BroadcastLink } from '../../src/sync/broadcast_link.ts';
import { getPage } from '../../src/sync/page.ts';
import { openRoom } from '../../src/sync/page_rooms.ts';
import { Room } from '../../src/sync/room.ts';
import { eventually } from '../waiting.ts';

const rooms: Room[] = [];

/** A room as another tab of the browser has it. */
function openTab(name: string, page: string): Room {
  const room = new Room(name);
  rooms.push(room);
  room.addLink(new BroadcastLink(name, page, () => room.greeting()));
  return room;
}

afterEach(() => {
  for (const room of rooms.splice(0)) {
    room.destroy();
  }
});

describe('tabs of one browser', () => {
  test('unite what they had and follow each other', async () => {
    const first = openTab('tabs', 'page-1');
    first.store.setCell('t', 'first', 'x', 1);
    const second = openTab('tabs', 'page-2');
    second.store.setCell('t', 'second', 'x', 2);
    const union = { t: { first: { x: 1 }, second: { x: 2 } } };
    await eventually(() => expect(first.store.getTables()).toEqual(union));
    await eventually(() => expect(second.store.getTables()).toEqual(union));
    second.store.setValue('v', 3);
    await eventually(() => expect(first.store.getValue('v')).toBe(3));
    first.store.delRow('t', 'second');
    await eventually(() => expect(second.store.hasRow('t', 'second')).toBe(false));
  });

  test('rooms of other names hear nothing', async () => {
    const zoo = openTab('zoo', 'page-1');
    const farm = openTab('farm', 'page-2');
    const zooToo = openTab('zoo', 'page-3');
    zoo.store.setValue('v', 1);
    await eventually(() => expect(zooToo.store.getValue('v')).toBe(1));
    expect(farm.store.hasValues()).toBe(false);
  });
});

describe('the rooms of a page', () => {
  test('there is one for each name, in the registry, and it lives on', () => {
    const room = openRoom('only');
    rooms.push(room);
    expect(openRoom('only')).toBe(room);
    expect(getPage().rooms.get('only')).toBe(room);
    const registry = globalThis as { [key: symbol]: unknown };
    expect(registry[Symbol.for('tinybase-widget/1')]).toBe(getPage());
  });
});
