import { createStore } from 'tinybase/store';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { RoomConflicts } from '../../src/sync/room_conflicts.ts';

/** A replica whose one cell has a conflict. */
function replica(): { doc: Y.Doc; binding: StoreBinding } {
  const doc = new Y.Doc();
  const store = createStore();
  const binding = new StoreBinding(store, doc);
  store.setCell('t', 'r', 'c', 'start');
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const elsewhere = createStore();
  new StoreBinding(elsewhere, other);
  elsewhere.setCell('t', 'r', 'c', 'theirs');
  store.setCell('t', 'r', 'c', 'mine');
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
  return { doc, binding };
}

test("a room's conflicts are those of its document", () => {
  const { doc, binding } = replica();
  const conflicts = new RoomConflicts(binding.conflicts);
  expect(conflicts.open()).toHaveLength(1);
  expect(conflicts.at('t', 'r', 'c')).toEqual(conflicts.open());
  expect([conflicts.isOwn(doc.clientID), conflicts.isOwn(doc.clientID + 1)]).toEqual([true, false]);
  conflicts.dismiss(conflicts.open()[0]?.key ?? '');
  expect(binding.conflicts.open()).toEqual([]);
});

test('listeners stay when the room gets another document, and own edits stay own', () => {
  const first = replica();
  const second = replica();
  const conflicts = new RoomConflicts(first.binding.conflicts);
  let heard = 0;
  const stop = conflicts.onChange(() => {
    heard += 1;
  });
  conflicts.follow(second.binding.conflicts);
  expect(heard).toBe(1);
  first.binding.conflicts.dismiss(first.binding.conflicts.open()[0]?.key ?? '');
  expect(heard).toBe(1);
  conflicts.dismiss(conflicts.open()[0]?.key ?? '');
  expect([heard, conflicts.open()]).toEqual([2, []]);
  expect([first, second].map(({ doc }) => conflicts.isOwn(doc.clientID))).toEqual([true, true]);
  stop();
  second.binding.conflicts.dismiss('1:1');
  expect(heard).toBe(2);
});
