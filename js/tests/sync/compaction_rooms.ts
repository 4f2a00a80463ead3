/**
 * Rooms for the tests of compactions: they end with the test.
 */
import { afterEach, expect, vi } from 'vitest';
import type * as Y from 'yjs';
import { clocksOf } from '../../src/sync/generations.ts';
import { Room } from '../../src/sync/room.ts';
import { docContent, storeContent } from './helpers.ts';

const rooms: Room[] = [];

export function makeRoom(name: string, doc?: Y.Doc): Room {
  const room = new Room(name, doc);
  rooms.push(room);
  return room;
}

/** Destroys all rooms. */
export function endRooms(): void {
  for (const room of rooms.splice(0)) {
    room.destroy();
  }
}

/** Expect documents and Stores to be equal, and return their content. */
export function sharedContent(...all: Room[]): ReturnType<typeof storeContent> {
  const [first] = all as [Room];
  for (const { doc, store } of all) {
    expect(clocksOf(doc)).toEqual(clocksOf(first.doc));
    expect(docContent(doc)).toEqual(docContent(first.doc));
    expect(storeContent(store)).toEqual(docContent(doc));
  }
  return storeContent(first.store);
}

/** Makes each test of a file end with no rooms left. */
export const useRooms = (): void => {
  afterEach(() => {
    endRooms();
    vi.restoreAllMocks();
  });
};
