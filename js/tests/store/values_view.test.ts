// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { beforeEach, describe, expect, it } from 'vitest';
import { mountValues, type ValuesOptions } from '../../src/store/values_view.ts';
import { Room } from '../../src/sync/room.ts';
import {
  action,
  Clipboard,
  cell,
  field,
  fill,
  find,
  findAll,
  frame,
  mountBy,
  press,
  pressCell,
  type,
  useTable,
} from '../table/mounted.ts';

useTable();
let store: Store;

beforeEach(() => {
  store = createStore().setValues({ limit: 5, open: true, theme: 'dark', tags: ['a'] });
});

const show = (options: Partial<ValuesOptions> = {}) =>
  mountBy((host) => mountValues(host, { store, ...options }));

const names = (): (string | undefined)[] =>
  findAll('[role="rowheader"]').map(({ dataset }) => dataset.row);

const giveName = (name: string): void => {
  const input = find<HTMLInputElement>('.tbw-prompt input');
  if (!input) throw new Error('nothing asks for a name');
  input.value = name;
  find('.tbw-prompt')?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
};

const refusal = (): string | null | undefined => find('.tbw-editor-message')?.textContent;

describe('values', () => {
  it('are a grid with a row for each, under its name', () => {
    show();
    expect(names()).toEqual(['limit', 'open', 'tags', 'theme']);
    expect(find('.tbw-grid')?.getAttribute('aria-label')).toBe('Values');
    expect(find('.tbw-count')?.textContent).toBe('4 values');
    expect(cell('limit', 'value')?.textContent).toBe('5');
    expect(cell('tags', 'value')?.textContent).toBe('["a"]');
    expect(cell('open', 'value')?.querySelector('[role="checkbox"]')).not.toBeNull();
    expect(find('.tbw-blank')).toBeNull();
  });

  it('are each edited by their own type', () => {
    show();
    type('limit', 'value', 'many');
    press('Enter');
    expect(refusal()).toContain('Not a number');
    fill('7');
    press('Enter');
    type('theme', 'value', '007');
    press('Enter');
    pressCell('open', 'value');
    press(' ');
    expect(store.getValues()).toEqual({ limit: 7, open: false, theme: '007', tags: ['a'] });
  });

  it('follow the Store', async () => {
    show();
    store.setValue('theme', 'light').delValue('limit').setValue('added', 1);
    await frame();
    expect(names()).toEqual(['added', 'open', 'tags', 'theme']);
    expect(cell('theme', 'value')?.textContent).toBe('light');
    expect(find('.tbw-count')?.textContent).toBe('4 values');
  });

  it('are added under a name that is asked for', () => {
    show();
    action('add-row')?.click();
    giveName('limit');
    expect(find('.tbw-prompt-message')?.textContent).toBe('There is a value limit already.');
    giveName('speed');
    fill('1.5');
    press('Enter');
    expect(store.getValue('speed')).toBe(1.5);
  });

  it('that are given nothing do not come into being', () => {
    show();
    action('add-row')?.click();
    giveName('speed');
    press('Escape');
    pressCell('limit', 'value');
    expect(names()).toEqual(['limit', 'open', 'tags', 'theme']);
    expect(store.hasValue('speed')).toBe(false);
  });

  it('begin with a field for the first name', async () => {
    store.delValues();
    show();
    expect(find('.tbw-empty')?.textContent).toContain('There are no values yet.');
    const input = find<HTMLInputElement>('.tbw-empty input');
    if (input) input.value = 'theme';
    find('.tbw-empty')?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
    expect(find<HTMLElement>('.tbw-grid')?.hidden).toBe(false);
    fill('dark');
    press('Enter');
    expect(store.getValues()).toEqual({ theme: 'dark' });
  });

  it('are renamed with what they hold', () => {
    show();
    pressCell('theme', 'value');
    press('F10', { shiftKey: true });
    action('rename-row')?.click();
    giveName('limit');
    expect(find('.tbw-prompt-message')?.textContent).toBe('There is a value limit already.');
    giveName('colours');
    expect(store.getValues()).toEqual({ limit: 5, open: true, colours: 'dark', tags: ['a'] });
    expect(find('.tbw-active')?.dataset.row).toBe('colours');
  });

  it('are deleted, and brought back by an undo', () => {
    const room = new Room('values', undefined, store);
    show({ history: room });
    pressCell('theme', 'value');
    action('delete-row')?.click();
    expect(store.hasValue('theme')).toBe(false);
    press('z', { ctrlKey: true });
    expect(store.getValue('theme')).toBe('dark');
    expect(find('.tbw-active')?.dataset.row).toBe('theme');
  });

  it('take what their schema takes, and say what it does not', () => {
    const schema = { limit: { type: 'number', default: 1 }, theme: { type: 'string' } };
    show({ schema });
    type('limit', 'value', 'x');
    press('Enter');
    expect(refusal()).toContain('Not a number');
    fill('');
    press('Enter');
    expect(store.getValue('limit')).toBe(1);
    action('add-row')?.click();
    giveName('speed');
    expect(find('.tbw-prompt-message')?.textContent).toBe('The schema has no value speed.');
  });

  it('with options are chosen from a list', () => {
    show({ valueOptions: { theme: ['light', 'dark'] } });
    expect(cell('theme', 'value')?.dataset.options).toBe('');
    type('theme', 'value', 'blue');
    press('Enter');
    expect(refusal()).toBe('Not one of light, dark.');
    expect(cell('limit', 'value')?.dataset.options).toBeUndefined();
  });

  it('that are read-only are neither written, renamed nor deleted', () => {
    show({ readOnlyValues: ['theme'] });
    pressCell('theme', 'value');
    press('F2');
    expect(field()).toBeNull();
    expect(find('.tbw-notice')?.textContent).toBe('theme is read-only.');
    action('delete-row')?.click();
    press('F10', { shiftKey: true });
    action('rename-row')?.click();
    giveName('other');
    expect(find('.tbw-prompt-message')?.textContent).toBe('theme is read-only.');
    expect(store.getValue('theme')).toBe('dark');
  });

  it('that are pasted beyond the last get free names', () => {
    show();
    pressCell('theme', 'value');
    store.setValue('Value 1', 0);
    new Clipboard().paste('light\n12\nx');
    expect(store.getValue('theme')).toBe('light');
    expect(store.getValue('Value 2')).toBe(12);
    expect(store.getValue('Value 3')).toBe('x');
    expect(store.getValue('Value 1')).toBe(0);
  });

  it('have one column, and a paste of more asks', () => {
    show();
    pressCell('limit', 'value');
    new Clipboard().paste('1\t2');
    expect(find('.tbw-question')?.textContent).toContain('A value has one cell.');
    expect(action('add-columns')).toBeNull();
    expect(store.getValue('limit')).toBe(5);
  });

  it.each(['__proto__', '<b>x</b>', '', 'constructor', '\u202eevil'])(
    'may be called %j',
    async (name) => {
      show();
      store.setValue(name, 'here');
      await frame();
      const hit = findAll('[data-col]').find(({ dataset }) => dataset.row === name);
      expect(hit?.textContent).toBe('here');
      expect(find('b')).toBeNull();
    },
  );
});
