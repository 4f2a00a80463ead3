import { createStore } from 'tinybase/store';
import { describe, expect, test, vi } from 'vitest';
import { Room } from '../../src/sync/room.ts';
import { MAX_CELLS, MAX_STEPS } from '../../src/sync/undo.ts';
import { MemoryNetwork, randomFrom, storeContent } from './helpers.ts';

const AGE = { tableId: 'pets', rowId: 'fido', cellId: 'age' };

function pets(): Room {
  const store = createStore().setTables({ pets: { fido: { species: 'dog', age: 3 } } });
  return new Room('zoo', undefined, store);
}

async function twoRooms(): Promise<[Room, Room, MemoryNetwork]> {
  const [one, other] = [pets(), new Room('zoo')];
  const network = new MemoryNetwork();
  network.connect(one, other);
  await network.deliver();
  return [one, other, network];
}

describe('undo', () => {
  test('sets a changed cell back, and redo sets it again', () => {
    const room = pets();
    room.store.setCell('pets', 'fido', 'age', 4);
    expect(room.undo().changed).toEqual([AGE]);
    expect(room.store.getCell('pets', 'fido', 'age')).toBe(3);
    expect(room.redo().changed).toEqual([AGE]);
    expect(room.store.getCell('pets', 'fido', 'age')).toBe(4);
  });

  test('removes an added row, and restores a deleted one', () => {
    const room = pets();
    room.store.setRow('pets', room.newRowId(), { species: 'cat', toys: ['ball'] });
    room.store.delRow('pets', 'fido');
    room.undo();
    expect(room.store.getRow('pets', 'fido')).toEqual({ species: 'dog', age: 3 });
    room.undo();
    expect(room.store.getRowIds('pets')).toEqual(['fido']);
    room.redo();
    expect(room.store.getCell('pets', room.store.getRowIds('pets')[1] ?? '', 'toys')).toEqual([
      'ball',
    ]);
  });

  test('takes values back too, objects among them', () => {
    const room = pets();
    room.store.setValue('hours', { from: 9 });
    room.store.setValue('hours', { from: 10 });
    room.undo();
    expect(room.store.getValue('hours')).toEqual({ from: 9 });
    room.undo();
    expect(room.store.getValues()).toEqual({});
  });

  test('takes a transaction as one step, with what listeners did in it', () => {
    const room = pets();
    room.store.addCellListener(
      'pets',
      'fido',
      'age',
      () => room.store.setValue('oldest', room.store.getCell('pets', 'fido', 'age') as number),
      true,
    );
    room.store.setPartialRow('pets', 'fido', { age: 4, color: 'brown' });
    room.undo();
    expect(room.store.getRow('pets', 'fido')).toEqual({ species: 'dog', age: 3 });
    expect(room.canUndo).toBe(false);
  });

  test('says what the Store did not take back', () => {
    const room = pets();
    room.store.setCell('pets', 'fido', 'age', 'old');
    room.store.setCell('pets', 'fido', 'age', 4);
    room.store.setTablesSchema({
      pets: { age: { type: 'number' }, species: { type: 'string' } },
    });
    expect(room.undo()).toMatchObject({ changed: [], refused: [{ place: AGE, value: 4 }] });
  });

  test('leaves the edits of others', async () => {
    const [one, other, network] = await twoRooms();
    other.store.setCell('pets', 'fido', 'age', 4);
    await network.deliver();
    expect([one.canUndo, other.canUndo]).toEqual([false, true]);
    expect(one.undo()).toEqual({ changed: [], kept: [], refused: [], isTooLarge: false });
    expect(one.store.getCell('pets', 'fido', 'age')).toBe(4);
  });

  test('leaves what somebody changed since, and says so', async () => {
    const [one, other, network] = await twoRooms();
    one.store.setPartialRow('pets', 'fido', { age: 4, color: 'brown' });
    await network.deliver();
    other.store.setCell('pets', 'fido', 'age', 7);
    await network.deliver();
    expect(one.undo()).toMatchObject({
      changed: [{ ...AGE, cellId: 'color' }],
      kept: [{ place: AGE, value: 7 }],
    });
    one.redo();
    await network.deliver();
    expect(other.store.getRow('pets', 'fido')).toEqual({ species: 'dog', age: 7, color: 'brown' });
  });

  test('says so too where nothing is left to undo, and goes on with the edit before', async () => {
    const [one, other, network] = await twoRooms();
    one.store.setValue('open', true);
    one.store.setCell('pets', 'fido', 'age', 4);
    await network.deliver();
    other.store.delRow('pets', 'fido');
    await network.deliver();
    expect(one.undo()).toMatchObject({ changed: [], kept: [{ place: AGE, value: undefined }] });
    expect(one.canRedo).toBe(false);
    expect(one.undo().changed).toEqual([{ tableId: null, rowId: null, cellId: 'open' }]);
  });

  test('reaches the others as an edit', async () => {
    const [one, other, network] = await twoRooms();
    one.store.setCell('pets', 'fido', 'age', 4);
    await network.deliver();
    one.undo();
    await network.deliver();
    expect(other.store.getCell('pets', 'fido', 'age')).toBe(3);
  });

  test('keeps no edit that is too large, and says so', () => {
    const room = pets();
    room.store.setCell('pets', 'fido', 'age', 4);
    const rows = Array.from({ length: MAX_CELLS + 1 }, (_, row) => [row, { n: row }]);
    room.store.setTable('many', Object.fromEntries(rows));
    expect(room.undo().isTooLarge).toBe(true);
    expect(room.undo().changed).toEqual([]);
    expect(room.store.getRowCount('many')).toBe(MAX_CELLS + 1);
  });

  test('keeps so many steps and no more', () => {
    const room = pets();
    for (let age = 0; age < MAX_STEPS + 10; age++) {
      room.store.setCell('pets', 'fido', 'age', age + 10);
    }
    let steps = 0;
    while (room.canUndo) {
      room.undo();
      steps += 1;
    }
    expect(steps).toBe(MAX_STEPS);
  });

  test('does nothing while the Store takes nothing, and loses no step', () => {
    const room = pets();
    room.store.setCell('pets', 'fido', 'age', 4);
    const listener = room.store.addValueListener('open', () => {
      expect(room.undo().changed).toEqual([]);
    });
    room.store.setValue('open', true);
    room.store.delListener(listener);
    expect(room.undo().changed).toHaveLength(1);
    expect(room.undo().changed).toEqual([AGE]);
  });

  test('is told of by a listener', () => {
    const room = pets();
    const listener = vi.fn();
    const stop = room.onUndoChange(listener);
    room.store.setCell('pets', 'fido', 'age', 4);
    expect([room.canUndo, room.canRedo]).toEqual([true, false]);
    room.undo();
    expect([room.canUndo, room.canRedo]).toEqual([false, true]);
    room.store.setCell('pets', 'fido', 'age', 5);
    expect([room.canUndo, room.canRedo]).toEqual([true, false]);
    expect(listener).toHaveBeenCalledTimes(3);
    stop();
    room.undo();
    expect(listener).toHaveBeenCalledTimes(3);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'of everything restores the content, and redo of everything brings it again (seed %i)',
    (seed) => {
      const random = randomFrom(seed);
      const room = pets();
      const before = storeContent(room.store);
      for (let step = 0; step < 60; step++) {
        room.store.transaction(() => {
          for (let edit = random(3); edit >= 0; edit--) {
            const [row, cell] = [String(random(4)), 'abc'[random(3)] as string];
            switch (random(6)) {
              case 0:
                room.store.delRow('t', row);
                break;
              case 1:
                room.store.delCell('t', row, cell);
                break;
              case 2:
                room.store.delTables();
                break;
              case 3:
                room.store.setValue(cell, { step });
                break;
              default:
                room.store.setCell('t', row, cell, step);
            }
          }
        });
      }
      const after = storeContent(room.store);
      while (room.canUndo) {
        expect(room.undo()).toMatchObject({ kept: [], refused: [] });
      }
      expect(storeContent(room.store)).toEqual(before);
      while (room.canRedo) {
        expect(room.redo()).toMatchObject({ kept: [], refused: [] });
      }
      expect(storeContent(room.store)).toEqual(after);
    },
  );
});
