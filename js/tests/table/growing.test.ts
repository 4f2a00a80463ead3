// @vitest-environment jsdom
/** A table that gets rows while it is shown: what is drawn already stays, what it says follows. */
import { createStore, type Store } from 'tinybase';
import { describe, expect, it, vi } from 'vitest';
import { cell, find, findAll, frame, mount, useTable } from './mounted.ts';

useTable();

const withRows = (count: number): Store => addRows(createStore(), 0, count);

const addRows = (store: Store, from: number, to: number): Store =>
  store.transaction(() => {
    for (let n = from; n < to; n++) store.setRow('t', String(n), { n });
    return store;
  });

const drawn = (): string[] =>
  findAll('.slick-row [data-col=n]').map(({ dataset }) => dataset.row ?? '');

describe('rows that come', () => {
  it('behind those that are drawn leave these as they are, and are counted', async () => {
    const store = withRows(100);
    mount(store);
    await frame();
    const nodes = findAll('.slick-row');
    const { height } = (find('.grid-canvas') as HTMLElement).style;
    addRows(store, 100, 300);
    const count = () => find('.tbw-grid')?.getAttribute('aria-rowcount');
    await vi.waitFor(() => expect(count()).toBe('302'));
    expect(findAll('.slick-row')).toEqual(nodes);
    const grown = (find('.grid-canvas') as HTMLElement).style.height;
    expect(Number.parseInt(grown, 10)).toBe(Number.parseInt(height, 10) + 200 * 27);
  });

  it('behind those that are drawn leave a change among these to be seen', async () => {
    const store = withRows(100);
    mount(store);
    await frame();
    store.transaction(() => {
      addRows(store, 100, 300);
      store.setCell('t', '1', 'n', -1);
    });
    await frame();
    expect(cell('1', 'n')?.textContent).toBe('-1');
  });

  it('among those that are drawn are drawn in their place', async () => {
    const store = withRows(100);
    mount(store);
    await frame();
    addRows(store, 100, 300);
    store.setRow('t', '1~a', { n: 1.5 });
    await vi.waitFor(() => expect(drawn().slice(0, 4)).toEqual(['0', '1', '1~a', '2']));
  });

  it('where the blank line is drawn take its place', async () => {
    const store = withRows(3);
    mount(store);
    await frame();
    addRows(store, 3, 300);
    await vi.waitFor(() => expect(cell('3', 'n')?.textContent).toBe('3'));
    expect(find('.tbw-blank')).toBeNull();
  });

  it('leave room for what is deleted among those that are drawn', async () => {
    const store = withRows(100);
    mount(store);
    await frame();
    store.transaction(() => {
      addRows(store, 100, 300);
      store.delRow('t', '2');
    });
    await vi.waitFor(() => expect(drawn().slice(0, 3)).toEqual(['0', '1', '3']));
  });
});

describe('what is said of the connection', () => {
  it('is shown with the next frame, and nothing else is drawn for it', async () => {
    const handle = mount(withRows(100), { status: { state: 'connecting', text: 'Loading… 1 %' } });
    await frame();
    const nodes = findAll('.slick-row');
    handle.update({ status: { state: 'connecting', text: 'Loading… 2 %' } });
    await frame();
    expect(find('.tbw-status-text')?.textContent).toBe('Loading… 2 %');
    expect(findAll('.slick-row')).toEqual(nodes);
  });
});
