import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { LiveTable } from '../../../src/table/live.ts';

const tables = () => {
  const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 2, b: 'x' } });
  return {
    store,
    live: new LiveTable(
      store,
      't',
      () => undefined,
      () => true,
    ),
  };
};

describe('the events of one own table', () => {
  it('are the cells that were edited here, each once', () => {
    const { store, live } = tables();
    live.write(() => store.setCell('t', '1', 'a', 5));
    live.write(() => store.setCell('t', '1', 'a', 6).delCell('t', '2', 'b', true));
    expect(live.own.take()).toEqual([
      { event: 'edit', row: '1', column: 'a', value: 6, old: 1 },
      { event: 'edit', row: '2', column: 'b', old: 'x' },
    ]);
    expect(live.own.take()).toEqual([]);
  });

  it('are nothing that others did', () => {
    const { store, live } = tables();
    store.setCell('t', '1', 'a', 5).delRow('t', '2');
    expect(live.own.take()).toEqual([]);
  });

  it('are rows as a whole, where they are added or deleted', () => {
    const { store, live } = tables();
    live.write(() => store.setRow('t', '3', { a: 3 }).delRow('t', '2'));
    expect(live.own.take()).toEqual([
      { event: 'add', row: '3', value: { a: 3 } },
      { event: 'delete', row: '2', old: { a: 2, b: 'x' } },
    ]);
  });

  it('are what was undone too', () => {
    const { store, live } = tables();
    live.asOwn(() => store.setCell('t', '1', 'a', 0));
    expect(live.own.take()).toEqual([{ event: 'edit', row: '1', column: 'a', value: 0, old: 1 }]);
  });
});
