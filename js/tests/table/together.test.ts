/** Who else is at a table: frames, names, initials, and what is told of the person here. */
// @vitest-environment jsdom
import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import type { PeerState } from '../../src/sync/presence_states.ts';
import type { PresenceSource } from '../../src/table/options.ts';
import { hueOf } from '../../src/table/together/colors.ts';
import { initialsOf } from '../../src/table/together/who.ts';
import { find, findAll, frame, mount, press, pressCell, useTable } from './mounted.ts';

useTable();

class Others implements PresenceSource {
  peers: readonly PeerState[] = [];
  readonly told: unknown[] = [];
  readonly #listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(...told: unknown[]): void {
    this.told.push(told);
  }

  async are(...peers: Partial<PeerState>[]): Promise<void> {
    this.peers = peers.map((peer, at) => ({
      id: at + 1,
      name: 'Ada Lovelace',
      color: '#9c36b5',
      isKernel: false,
      isTyping: false,
      ...peer,
    }));
    for (const listener of this.#listeners) listener();
    await frame();
  }
}

const at = (rowId: string, cellId: string, tableId = 't') => ({ at: { tableId, rowId, cellId } });
const begin = (): Others => {
  const presence = new Others();
  const table = { 1: { name: 'Rex', price: 5 }, 2: { name: 'Tom', price: 7 } };
  mount(createStore().setTable('t', table), { presence });
  return presence;
};
const frames = (): (string | null)[] =>
  findAll('.tbw-peer:not([hidden])').map((node) => node.textContent);
const labels = (): (string | null)[] =>
  findAll('.tbw-avatar').map((node) => node.getAttribute('aria-label'));

describe('the others', () => {
  it('are framed, named, and listed', async () => {
    const others = begin();
    await others.are(at('1', 'name'), { name: 'Bob', isTyping: true, ...at('2', 'price') });
    expect(frames()).toEqual(['Ada Lovelace', 'Bob is typing']);
    expect(labels()).toEqual(['Ada Lovelace, at name, row 1', 'Bob, typing in price, row 2']);
    expect(find('.tbw-avatar')?.textContent).toBe('AL');
    await others.are();
    expect(frames()).toEqual([]);
    expect(find('.tbw-who')?.hidden).toBe(true);
  });

  it('share a name in one cell', async () => {
    await begin().are(at('1', 'name'), { name: 'Bob', ...at('1', 'name') });
    expect(find('.tbw-peer-name:not([hidden])')?.textContent).toBe('Ada Lovelace, Bob');
  });

  it.each([
    [at('7', 'name'), 'looking at this table'],
    [at('1', 'no such'), 'looking at this table'],
    [at('__proto__', 'constructor'), 'looking at this table'],
    [at('1', 'name', 'u'), 'looking at the table u'],
    [{ at: undefined }, 'looking at this table'],
    [{ isKernel: true }, 'a kernel'],
  ])('have no frame where there is no such cell: %j', async (peer, text) => {
    await begin().are(peer);
    expect(frames()).toEqual([]);
    expect(labels()).toEqual([`Ada Lovelace, ${text}`]);
  });

  it('are text, whatever their names are', async () => {
    await begin().are({ name: '<img src=x onerror=alert(1)>', ...at('1', 'name') });
    expect(frames()).toEqual(['<img src=x onerror=alert(1)>']);
    expect(find('.tbw-table img')).toBeNull();
  });

  it('are counted from the sixth on', async () => {
    await begin().are(...Array.from({ length: 8 }, () => ({})));
    expect(labels()).toHaveLength(5);
    expect(find('.tbw-who-more')?.textContent).toBe('+3');
  });

  it('can be gone to', async () => {
    const others = begin();
    await others.are(at('2', 'price'), { name: 'Bob', ...at('1', 'name', 'u') });
    findAll('.tbw-avatar')[0]?.click();
    expect(find('.tbw-active')?.dataset).toMatchObject({ row: '2', col: 'price' });
    findAll('.tbw-avatar')[1]?.click();
    expect(find('.tbw-notice')?.textContent).toBe('Bob is looking at the table u.');
  });

  it('are spoken of only where somebody types in the same cell', async () => {
    const others = begin();
    await others.are({ isTyping: true, ...at('1', 'name') });
    expect(find('.tbw-live')?.textContent).toBe('');
    pressCell('2', 'name');
    expect(find('.tbw-live')?.textContent).toBe('');
    pressCell('1', 'name');
    expect(find('.tbw-live')?.textContent).toBe('Ada Lovelace is typing here.');
  });
});

describe('the person here', () => {
  it('is at the table, then at a cell, then typing, then not', async () => {
    const others = begin();
    pressCell('2', 'name');
    press('F2');
    await frame();
    press('Escape');
    await frame();
    const cell = { tableId: 't', rowId: '2', cellId: 'name' };
    expect(others.told).toEqual([
      [{ tableId: 't' }, false],
      [cell, false],
      [cell, true],
      [cell, false],
    ]);
  });

  it('is nowhere else when the kernel selects something', () => {
    const presence = new Others();
    const table = mount(createStore().setTable('t', { 1: { a: 1 }, 2: { a: 1 } }), { presence });
    table.update({ selection: { rows: [], cell: ['2', 'a'] } });
    expect(find('.tbw-active')?.dataset.row).toBe('2');
    expect(presence.told).toEqual([[{ tableId: 't' }, false]]);
  });
});

it.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Ada de la Cruz', 'AC'],
  ['👩 🚀 Zoë', '👩Z'],
  ['ßmith', 'SS'],
])('the initials of %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

it.each([
  ['#ff0000', 29],
  ['#00ff00', 142],
  ['#0000ff', 264],
])('the hue of %s', (color, hue) => {
  expect(hueOf(color).hue).toBe(hue);
  expect(hueOf('#ffffff').chroma).toBeLessThan(0.001);
});
