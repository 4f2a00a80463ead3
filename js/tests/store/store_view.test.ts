// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { mountStore, type StoreOptions } from '../../src/store/store_view.ts';
import { Room } from '../../src/sync/room.ts';
import {
  action,
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
  store = createStore()
    .setTables({ pets: { 0: { name: 'Fido' }, 1: { name: 'Felix' } }, shops: { a: { n: 1 } } })
    .setValues({ open: true });
});

const show = (options: Partial<StoreOptions> = {}) =>
  mountBy((host) => mountStore(host, { store, newRowId: () => 'new', ...options }));

const tabs = (): string[] =>
  findAll('[role="tab"]').map((tab) => tab.querySelector('.tbw-tab-name')?.textContent ?? '');
const tab = (name: string): HTMLElement => {
  const found = findAll('[role="tab"]').find(
    (node) => node.querySelector('.tbw-tab-name')?.textContent === name,
  );
  if (!found) throw new Error(`no tab ${name}`);
  return found;
};
const openTab = (): string | null | undefined =>
  find('[role="tab"][aria-selected="true"] .tbw-tab-name')?.textContent;
const panel = (): HTMLElement | undefined => findAll('.tbw-panel').find(({ hidden }) => !hidden);
const giveName = (name: string): void => {
  const input = find<HTMLInputElement>('.tbw-prompt input');
  if (!input) throw new Error('nothing asks for a name');
  input.value = name;
  find('.tbw-prompt')?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
};
/** Presses a key on the tab that has the focus. */
const pressTab = (key: string, init: KeyboardEventInit = {}): void => {
  tab(openTab() ?? '').focus();
  press(key, init);
};

describe('the tabs', () => {
  it('are one for each table and one for the values, as WAI-ARIA has them', () => {
    show();
    expect(tabs()).toEqual(['pets', 'shops', 'Values']);
    expect(find('[role="tablist"]')?.getAttribute('aria-label')).toBe('Tables and values');
    expect(openTab()).toBe('pets');
    expect(findAll('[role="tab"]').map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
    expect(tab('pets').getAttribute('aria-label')).toBe('pets, 2 rows');
    expect(panel()?.getAttribute('role')).toBe('tabpanel');
    expect(panel()?.getAttribute('aria-labelledby')).toBe(tab('pets').id);
    expect(tab('pets').getAttribute('aria-controls')).toBe(panel()?.id);
    expect(cell('0', 'name')?.textContent).toBe('Fido');
  });

  it('are gone through by the keys, around the ends', () => {
    const onTableId = vi.fn();
    show({ onTableId });
    for (const [key, expected] of [
      ['ArrowRight', 'shops'],
      ['ArrowRight', 'Values'],
      ['ArrowRight', 'pets'],
      ['ArrowLeft', 'Values'],
      ['Home', 'pets'],
      ['End', 'Values'],
    ] as const) {
      pressTab(key);
      expect(openTab()).toBe(expected);
      expect(document.activeElement).toBe(tab(expected));
    }
    expect(onTableId).toHaveBeenLastCalledWith(null, true);
    expect(panel()?.querySelector('[data-named="value"]')).not.toBeNull();
  });

  it('follow tables, rows and values that come and go', async () => {
    show();
    store.setRow('trees', '0', { kind: 'oak' }).delTable('shops').delRow('pets', '0');
    store.setValue('more', 1);
    await frame();
    expect(tabs()).toEqual(['pets', 'trees', 'Values']);
    expect(tab('pets').getAttribute('aria-label')).toBe('pets, 1 row');
    expect(tab('Values').getAttribute('aria-label')).toBe('Values, 2 values');
  });

  it('keep the open table while it has no rows, and let it go afterwards', async () => {
    show();
    store.delTable('pets');
    await frame();
    expect(tabs()).toEqual(['pets', 'shops', 'Values']);
    expect(openTab()).toBe('pets');
    tab('shops').click();
    expect(tabs()).toEqual(['shops', 'Values']);
  });

  it('open the first table that arrives, unless one was chosen', async () => {
    store.delTables();
    const onTableId = vi.fn();
    show({ onTableId });
    expect(openTab()).toBe('Values');
    store.setTable('pets', { 0: { name: 'Fido' } });
    await frame();
    expect(openTab()).toBe('pets');
    expect(onTableId).toHaveBeenCalledWith('pets', false);
  });

  it('stay where they were chosen', async () => {
    store.delTables();
    show({ tableId: null });
    store.setTable('pets', { 0: { name: 'Fido' } });
    await frame();
    expect(openTab()).toBe('Values');
  });

  it('are opened from outside', () => {
    const view = show();
    view.update({ tableId: 'shops' });
    expect(openTab()).toBe('shops');
    expect(cell('a', 'n')?.textContent).toBe('1');
    view.update({ tableId: null });
    expect(openTab()).toBe('Values');
  });

  it.each(['__proto__', '<b>x</b>', '', 'constructor', '\u202eevil', 'Values'])(
    'take a table called %j',
    async (name) => {
      show();
      store.setTable(name, { 0: { a: 'here' } });
      await frame();
      const found = findAll('[data-tab]').find(({ dataset }) => dataset.tab === name);
      found?.click();
      expect(panel()?.querySelector('[data-col="a"]')?.textContent).toBe('here');
      expect(find('b')).toBeNull();
    },
  );
});

describe('what was begun in a tab', () => {
  it('is saved when another one is opened', () => {
    show();
    type('0', 'name', 'Rex');
    tab('shops').click();
    expect(store.getCell('pets', '0', 'name')).toBe('Rex');
  });

  it('waits there if it cannot be saved, and the tab says so', () => {
    show();
    tab('shops').click();
    type('a', 'n', 'many');
    tab('pets').click();
    expect(tab('shops').getAttribute('aria-label')).toBe('shops, 1 row, not saved');
    tab('shops').click();
    const input = panel()?.querySelector<HTMLInputElement>('.tbw-editor-field');
    expect(input?.value).toBe('many');
    expect(tab('shops').getAttribute('aria-label')).toBe('shops, 1 row');
  });

  it('is kept also when many others were opened', () => {
    for (let n = 0; n < 20; n++) store.setCell(`t${n}`, 'r', 'n', n);
    show({ tableId: 'shops' });
    type('a', 'n', 'many');
    for (let n = 0; n < 20; n++) tab(`t${n}`).click();
    expect(findAll('.tbw-panel').length).toBeLessThan(10);
    tab('shops').click();
    expect(panel()?.querySelector<HTMLInputElement>('.tbw-editor-field')?.value).toBe('many');
  });
});

describe('tables', () => {
  it('are added under a name, and exist with their first row', () => {
    show();
    action('add-table')?.click();
    giveName('pets');
    expect(find('.tbw-prompt-message')?.textContent).toBe('There is a table pets already.');
    giveName('trees');
    expect(tabs()).toEqual(['pets', 'shops', 'trees', 'Values']);
    const input = panel()?.querySelector<HTMLInputElement>('.tbw-empty input');
    if (input) input.value = 'kind';
    panel()
      ?.querySelector('.tbw-empty')
      ?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
    const editor = panel()?.querySelector<HTMLInputElement>('.tbw-editor-field');
    expect(editor).not.toBeNull();
    editor?.focus();
    fill('oak');
    press('Enter');
    expect(store.getTable('trees')).toEqual({ new: { kind: 'oak' } });
  });

  it('are deleted after a question, and brought back by an undo', async () => {
    const room = new Room('tables', undefined, store);
    show({ history: room });
    pressTab('Delete');
    expect(find('[role="alertdialog"]')?.getAttribute('aria-label')).toBe(
      'Delete pets? It has 2 rows. Ctrl+Z brings it back.',
    );
    action('delete')?.click();
    expect(store.getTableIds()).toEqual(['shops']);
    expect(openTab()).toBe('shops');
    expect(document.activeElement).toBe(tab('shops'));
    press('z', { ctrlKey: true });
    expect(store.getRowCount('pets')).toBe(2);
    expect(openTab()).toBe('pets');
    room.destroy();
  });

  it('are renamed with all that they have, and get their names back by an undo', () => {
    const room = new Room('tables', undefined, store);
    store.setCell('pets', '__proto__', 'more', { ring: ['A'] });
    const pets = store.getRowIds('pets').map((row) => store.getRow('pets', row));
    show({ history: room });
    pressTab('F2');
    giveName('shops');
    expect(find('.tbw-prompt-message')?.textContent).toBe('There is a table shops already.');
    giveName('animals');
    expect(tabs()).toEqual(['animals', 'shops', 'Values']);
    expect(openTab()).toBe('animals');
    expect(store.getRowIds('animals').map((row) => store.getRow('animals', row))).toEqual(pets);
    expect(document.activeElement).toBe(tab('animals'));
    press('z', { ctrlKey: true });
    expect(store.getTableIds()).toEqual(expect.arrayContaining(['pets', 'shops']));
    expect(openTab()).toBe('pets');
    expect(store.getRowIds('pets')).toHaveLength(3);
    room.destroy();
  });

  it('are looked at under their new name as before', () => {
    show();
    findAll('.slick-header-column')[1]?.click();
    expect(findAll('.tbw-panel:not([hidden]) [data-col="name"][data-row]')[0]?.textContent).toBe(
      'Felix',
    );
    tab('pets').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    giveName('animals');
    expect(findAll('.tbw-panel:not([hidden]) [data-col="name"][data-row]')[0]?.textContent).toBe(
      'Felix',
    );
  });

  /** Renames a table as other code does. */
  const rename = (from: string, to: string): void => {
    store.transaction(() => store.setTable(to, store.getTable(from)).delTable(from));
  };

  it('stay open where somebody else renames them, and are looked at as before', async () => {
    const onTableId = vi.fn();
    show({ onTableId });
    findAll('.slick-header-column')[1]?.click();
    rename('pets', 'animals');
    await frame();
    expect(tabs()).toEqual(['animals', 'shops', 'Values']);
    expect(openTab()).toBe('animals');
    expect(onTableId).toHaveBeenLastCalledWith('animals', false);
    expect(findAll('.tbw-panel:not([hidden]) [data-col="name"][data-row]')[0]?.textContent).toBe(
      'Felix',
    );
  });

  it('that somebody else renames keep what is being typed in them', async () => {
    show();
    type('0', 'name', 'x');
    rename('pets', 'animals');
    await frame();
    expect(openTab()).toBe('pets');
    expect(field()?.value).toBe('x');
  });

  it('that are deleted while another one is begun elsewhere stay open', async () => {
    show();
    store.transaction(() => store.delTable('pets').setCell('trees', 'oak', 'age', 9));
    await frame();
    expect(openTab()).toBe('pets');
  });

  it('are not renamed while something typed there cannot be saved', () => {
    show({ schemas: { pets: { name: { type: 'number' } }, cats: {} } });
    type('0', 'name', 'x');
    pressTab('F2');
    expect(find('.tbw-prompt')).toBeNull();
    expect(field()?.value).toBe('x');
  });

  it('stay when the question is answered by Escape', () => {
    show();
    pressTab('Delete');
    press('Escape');
    expect(store.getRowCount('pets')).toBe(2);
    expect(document.activeElement).toBe(tab('pets'));
  });

  it('are neither added nor deleted where all is read-only', () => {
    show({ readOnly: true });
    expect(action('add-table')?.hidden).toBe(true);
    expect(action('table-menu')?.hidden).toBe(true);
    pressTab('Delete');
    pressTab('F2');
    pressTab('F10', { shiftKey: true });
    expect(find('[role="alertdialog"], [role="menu"], .tbw-prompt')).toBeNull();
    pressCell('0', 'name');
    press('F2');
    expect(field()).toBeNull();
  });

  it('that the schema does not name are not added', () => {
    show({ schemas: { pets: { name: { type: 'string' } } } });
    action('add-table')?.click();
    giveName('trees');
    expect(find('.tbw-prompt-message')?.textContent).toBe('The schema has no table trees.');
  });

  it('take what their schema takes', () => {
    show({ schemas: { pets: { name: { type: 'number' } } } });
    type('0', 'name', 'x');
    press('Enter');
    expect(find('.tbw-editor-message')?.textContent).toContain('Not a number');
  });
});
