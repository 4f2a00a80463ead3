// @vitest-environment jsdom
import { createStore } from 'tinybase';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mountTable, type TableHandle } from '../../../src/table/index.ts';
import type { Selected } from '../../../src/table/looking/selecting.ts';

describe('what is selected', () => {
  let handle: TableHandle | undefined;
  let host: HTMLElement;
  beforeEach(() => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(
      new DOMRect(0, 0, 900, 0),
    );
    host = document.createElement('div');
    document.body.append(host);
  });
  afterEach(() => {
    handle?.destroy();
    host.remove();
    vi.restoreAllMocks();
  });

  const mount = (selection?: Selected) => {
    const store = createStore().setTable('t', { 1: { a: 1 }, 2: { a: 2 }, 3: { a: 3 } });
    const told: Selected[] = [];
    handle = mountTable(host, {
      store,
      tableId: 't',
      newRowId: () => 'new',
      ...(selection && { selection }),
      // As a model does: what is set comes back at once.
      onSelection: (selected) => {
        told.push(selected);
        handle?.update({ selection: selected });
      },
    });
    return { store, told };
  };
  const active = (): string | null | undefined =>
    host.querySelector('.tbw-active')?.getAttribute('data-row');
  const press = (row: string): void => {
    const cell = host.querySelector(`[data-row="${row}"][data-col="a"]`);
    cell?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, composed: true }));
  };

  it('is told once for each change', () => {
    const { told } = mount();
    press('2');
    press('2');
    expect(told).toEqual([{ rows: [], cell: ['2', 'a'] }]);
  });

  it('is taken from elsewhere, and not told back', () => {
    const { told } = mount({ rows: ['1', '3', 'none'], cell: ['3', 'a'] });
    expect(active()).toBe('3');
    expect(host.querySelectorAll('.tbw-selected')).toHaveLength(2);
    handle?.update({ selection: { rows: [], cell: ['1', 'a'] } });
    expect(active()).toBe('1');
    expect(told).toEqual([]);
  });

  it('goes with its row, which is told', () => {
    const { store, told } = mount({ rows: ['1'], cell: null });
    store.delRow('t', '1');
    handle?.update({});
    expect(told).toEqual([{ rows: [], cell: null }]);
  });
});
