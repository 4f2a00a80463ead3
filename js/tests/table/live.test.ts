import { createStore, type Store } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { LiveTable } from '../../src/table/live.ts';

const liveOf = (store: Store, onScreen: (row: string) => boolean = () => true): LiveTable => {
  const live = new LiveTable(store, 't', () => undefined, onScreen);
  live.take();
  return live;
};

describe('LiveTable', () => {
  it('says which rows came and went, all at once', () => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 1 } });
    const live = liveOf(store);
    store.setRow('t', '10', { a: 1 });
    store.delRow('t', '1');
    expect(live.take().rows).toBe(true);
    expect(live.order.ids).toEqual(['2', '10']);
  });

  it('sees no change in a row that came and went', () => {
    const store = createStore().setTable('t', { 1: { a: 1 } });
    const live = liveOf(store);
    store.setRow('t', '2', { a: 1 });
    store.delRow('t', '2');
    expect(live.take().rows).toBe(false);
  });

  it('has rows whose ids are names of an object', () => {
    const store = createStore();
    const live = liveOf(store);
    store.setCell('t', '__proto__', 'a', 1);
    store.setCell('t', 'constructor', 'a', 1);
    live.take();
    expect(live.order.ids).toEqual(['__proto__', 'constructor']);
  });

  it('notes changed cells of rows on screen only', () => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 1 } });
    const live = liveOf(store, (row) => row === '1');
    store.setCell('t', '1', 'a', 2).setCell('t', '2', 'a', 2);
    expect([...live.take().cells.keys()]).toEqual(['1']);
  });

  it('knows its own writes from those of others', () => {
    const store = createStore().setTable('t', { 1: { a: 1, b: 1 } });
    const live = liveOf(store);
    live.write(() => store.setCell('t', '1', 'a', 2));
    store.setCell('t', '1', 'b', 2);
    const { cells } = live.take();
    expect([...(cells.get('1') ?? [])]).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  it('changes the type of a column with its cells, there and back', () => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 2 } });
    const live = liveOf(store);
    store.setCell('t', '1', 'a', 'x');
    expect(live.take().columns).toBe(true);
    expect(live.typeOf('a')).toBe('mixed');
    store.setCell('t', '1', 'a', 3);
    live.take();
    expect(live.typeOf('a')).toBe('number');
  });

  it('gains a column with its first cell', () => {
    const store = createStore().setTable('t', { 1: { a: 1 } });
    const live = liveOf(store);
    store.setCell('t', '1', 'b', true);
    expect(live.take().columns).toBe(true);
    expect(live.columns).toEqual(['a', 'b']);
    expect(live.typeOf('b')).toBe('boolean');
  });

  it('shows a column that no row has a cell for when it is wanted or begun', () => {
    const live = liveOf(createStore());
    live.draft('x');
    live.take();
    expect(live.columns).toEqual(['x']);
    live.wanted = ['y'];
    live.take();
    expect(live.columns).toEqual(['y']);
  });

  it('leaves no listener behind', () => {
    const store = createStore();
    liveOf(store).destroy();
    expect(Object.values(store.getListenerStats()).every((count) => count === 0)).toBe(true);
  });
});
