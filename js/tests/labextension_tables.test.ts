// @vitest-environment jsdom
/** The strip below the table: choosing a table, and beginning another. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Tables } from '../src/labextension/tables.ts';

const show = vi.fn();
let tables: Tables;

beforeEach(() => {
  show.mockClear();
  tables = new Tables({ show });
  document.body.replaceChildren(tables.element);
  tables.update(['people', 'pets', '<img src=x>'], 'pets', false);
});

const part = <T extends HTMLElement>(selector: string): T => {
  const found = tables.element.querySelector<T>(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
};
const press = (target: HTMLElement, key: string) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

describe('the strip of tables', () => {
  it('names them as text and says which one is shown', () => {
    const tabs = [...tables.element.querySelectorAll('[role=tab]')];
    expect(tabs.map((tab) => tab.textContent)).toEqual(['people', 'pets', '<img src=x>']);
    expect(tabs.map((tab) => tab.getAttribute('aria-selected'))).toEqual([
      'false',
      'true',
      'false',
    ]);
  });

  it('shows the one that is clicked', () => {
    part('[data-tab=people]').click();
    expect(show).toHaveBeenCalledWith('people');
  });

  it('goes on to the next with the arrow keys, and not beyond the last', () => {
    press(part('[data-tab=pets]'), 'ArrowLeft');
    expect(show).toHaveBeenLastCalledWith('people');
    tables.update(['pets'], 'pets', false);
    press(part('[data-tab=pets]'), 'ArrowRight');
    expect(show).toHaveBeenCalledTimes(1);
  });

  it('asks for a name and begins a table of that name', () => {
    part('[data-action=new-table]').click();
    const field = part<HTMLInputElement>('input');
    field.value = '  cars ';
    press(field, 'Enter');
    expect(show).toHaveBeenCalledWith('cars');
    expect(field.hidden).toBe(true);
  });

  it('begins none where Escape was pressed, or no name was given', () => {
    for (const [value, key] of [
      ['cars', 'Escape'],
      ['  ', 'Enter'],
    ] as const) {
      part('[data-action=new-table]').click();
      part<HTMLInputElement>('input').value = value;
      press(part('input'), key);
    }
    expect(show).not.toHaveBeenCalled();
  });

  it('begins none where people may only look', () => {
    tables.update(['pets'], 'pets', true);
    expect(part('[data-action=new-table]').hidden).toBe(true);
  });
});
