// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { Room } from '../../src/sync/room.ts';
import { mountTable, type TableHandle, type TableOptions } from '../../src/table/index.ts';

const HOSTILE = '<img src=x onerror="globalThis.hacked = true">';

let handle: TableHandle | undefined;
let host: HTMLElement;
let mine: Room;
let theirs: Room;

beforeEach(() => {
  // jsdom lays nothing out; this much the grid must be told to draw rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(
    new DOMRect(0, 0, 900, 0),
  );
  host = document.createElement('div');
  document.body.append(host);
  mine = new Room('mine');
  theirs = new Room('theirs');
  mine.doc.clientID = 0x1000_0000; // of two edits, the one of the higher id wins
  theirs.doc.clientID = 0x3fa2_0000;
  mine.store.setTable('t', { 1: { a: 'x', b: 'x' }, 2: { a: 'x', b: 'x' } });
  meet();
});

afterEach(() => {
  handle?.destroy();
  handle = undefined;
  mine.destroy();
  theirs.destroy();
  host.remove();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function meet(): void {
  for (let round = 0; round < 2; round += 1) {
    for (const [to, from] of [
      [mine, theirs],
      [theirs, mine],
    ] as const) {
      Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)));
    }
  }
}

/** Both set a cell without knowing of each other; theirs wins. */
function conflict(row: string, column: string, own: string | null, other: string): void {
  mine.store.setCell('t', row, column, own as string);
  theirs.store.setCell('t', row, column, other);
  meet();
}

const mount = (options: Partial<TableOptions> = {}): HTMLElement => {
  handle = mountTable(host, {
    store: mine.store,
    tableId: 't',
    newRowId: mine.newRowId,
    conflicts: mine.conflicts,
    history: mine,
    ...options,
  });
  return host.querySelector('.tbw-table') as HTMLElement;
};

const cell = (row: string, column: string): HTMLElement =>
  host.querySelector(`[data-row="${row}"][data-col="${column}"]`) as HTMLElement;
const grid = (): HTMLElement => host.querySelector('.tbw-grid') as HTMLElement;
const box = (): HTMLElement => host.querySelector('.tbw-box') as HTMLElement;
const button = (action: string): HTMLButtonElement =>
  host.querySelector(`[data-action="${action}"]`) as HTMLButtonElement;
const marked = (): string[] =>
  [...host.querySelectorAll<HTMLElement>('[data-conflict]')].map(
    ({ dataset }) => `${dataset.row}${dataset.col}`,
  );
const said = (): string | null | undefined => host.querySelector('.tbw-live')?.textContent;
const notice = (): HTMLElement => host.querySelector('.tbw-notice') as HTMLElement;
const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

const activate = (row: string, column: string): void => {
  cell(row, column).dispatchEvent(new MouseEvent('mousedown', { bubbles: true, composed: true }));
};

const press = (key: string, init: KeyboardEventInit = {}): void => {
  const target = host.querySelector('.tbw-editor-field') ?? document.activeElement ?? grid();
  const event = { key, bubbles: true, composed: true, cancelable: true, ...init };
  target.dispatchEvent(new KeyboardEvent('keydown', event));
};

describe('a cell with a conflict', () => {
  it('is marked and described, and no other cell', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    expect(marked()).toEqual(['1a']);
    expect(cell('1', 'a').getAttribute('aria-description')).toBe(
      'Two sides changed this cell: “black” (another peer (3fa2…)) won over “brown” (yours). ' +
        'F8 shows what can be done.',
    );
    expect(cell('1', 'b').hasAttribute('aria-description')).toBe(false);
  });

  it('is marked, counted and told while the table is shown', async () => {
    mount();
    expect(button('next-conflict').hidden).toBe(true);
    conflict('1', 'a', 'brown', 'black');
    await frame();
    expect(marked()).toEqual(['1a']);
    expect(button('next-conflict').hidden).toBe(false);
    expect(button('next-conflict').textContent).toBe('1conflict');
    expect(said()).toMatch(/^a, row 1: .*“black”.* won over “brown” \(yours\)\. F8 shows/);
  });

  it('is none any more when somebody has settled it', async () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    theirs.store.setCell('t', '1', 'a', 'grey');
    meet();
    await frame();
    expect(marked()).toEqual([]);
    expect(cell('1', 'a').hasAttribute('aria-description')).toBe(false);
    expect(button('next-conflict').hidden).toBe(true);
    expect(said()).toBe('All conflicts are settled.');
  });

  it('of a column that is not shown is not counted', () => {
    conflict('1', 'a', 'brown', 'black');
    mount({ columns: ['b'] });
    expect(button('next-conflict').hidden).toBe(true);
  });
});

describe('the box', () => {
  it('says whose value won and what was overwritten', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    expect(box().hidden).toBe(false);
    expect(box().getAttribute('role')).toBe('dialog');
    expect(box().getAttribute('aria-label')).toBe('Conflict in a, row 1');
    const texts = [...box().querySelectorAll('.tbw-box-value, .tbw-box-owner')];
    expect(texts.map(({ textContent }) => textContent)).toEqual([
      'black',
      'Another peer (3fa2…)',
      'brown',
      'Yours',
    ]);
    expect(document.activeElement).toBe(button('put-back'));
  });

  it('opens with Alt+Enter, too, and no editor', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('Enter', { altKey: true });
    expect(box().hidden).toBe(false);
    expect(host.querySelector('.tbw-editor')).toBeNull();
  });

  it('opens when the pointer rests on the cell, and closes when it has left', () => {
    conflict('1', 'a', 'brown', 'black');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    mount();
    const move = (to: HTMLElement): boolean =>
      to.dispatchEvent(new MouseEvent('mousemove', { bubbles: true }));
    move(cell('1', 'b'));
    vi.runAllTimers();
    expect(box().hidden).toBe(true);
    move(cell('1', 'a'));
    expect(box().hidden).toBe(true);
    vi.runAllTimers();
    expect(box().hidden).toBe(false);
    move(cell('1', 'b'));
    box().dispatchEvent(new MouseEvent('mouseenter'));
    vi.runAllTimers();
    expect(box().hidden).toBe(false);
    box().dispatchEvent(new MouseEvent('mouseleave'));
    vi.runAllTimers();
    expect(box().hidden).toBe(true);
  });

  it('puts the overwritten value back, which settles it for everybody', async () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    button('put-back').click();
    meet();
    await frame();
    expect(theirs.store.getCell('t', '1', 'a')).toBe('brown');
    expect([mine.conflicts.open(), theirs.conflicts.open()]).toEqual([[], []]);
    expect(marked()).toEqual([]);
    expect(box().hidden).toBe(true);
    expect(document.activeElement).toBe(grid());
  });

  it('puts one of several back', () => {
    const third = new Room('third');
    third.doc.clientID = 0x2000_0000;
    Y.applyUpdate(third.doc, Y.encodeStateAsUpdate(mine.doc));
    third.store.setCell('t', '1', 'a', 'white');
    conflict('1', 'a', 'brown', 'black');
    Y.applyUpdate(mine.doc, Y.encodeStateAsUpdate(third.doc));
    mount();
    activate('1', 'a');
    press('F8');
    const buttons = [...box().querySelectorAll<HTMLElement>('[data-action="put-back"]')];
    const values = [...box().querySelectorAll('.tbw-box-value')].map((node) => node.textContent);
    expect(values).toEqual(['black', 'brown', 'white']);
    buttons[1]?.click();
    expect(mine.store.getCell('t', '1', 'a')).toBe('white');
    expect(mine.conflicts.open()).toEqual([]);
    third.destroy();
  });

  it('keeps what won, and settles it', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    button('keep').click();
    meet();
    expect(theirs.store.getCell('t', '1', 'a')).toBe('black');
    expect(theirs.conflicts.open()).toEqual([]);
  });

  it('says that an edit was kept though its row was deleted, and can delete the row', () => {
    mine.store.setCell('t', '1', 'a', 'edited');
    theirs.store.delRow('t', '1');
    meet();
    mount();
    expect(marked()).toEqual(['1a']);
    activate('1', 'a');
    press('F8');
    expect(box().textContent).toContain(
      'This row was deleted by somebody while this cell was edited; the edit was kept.',
    );
    button('delete-kept-row').click();
    meet();
    expect(mine.store.getRowIds('t')).toEqual(['2']);
    expect([mine.conflicts.open(), theirs.conflicts.open()]).toEqual([[], []]);
  });

  it('shows values as text, never as markup', () => {
    conflict('1', 'a', HOSTILE, `${HOSTILE}2`);
    conflict('1', 'b', null, '');
    mount();
    activate('1', 'a');
    press('F8');
    expect(box().textContent).toContain(HOSTILE);
    expect(host.querySelector('img')).toBeNull();
    press('F8');
    const values = [...box().querySelectorAll('.tbw-box-value')].map((node) => node.textContent);
    expect(values).toEqual(['empty text', 'null']);
    expect('hacked' in globalThis).toBe(false);
  });

  it('closes with Escape, and the grid has the focus again', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    press('Escape');
    expect(box().hidden).toBe(true);
    expect(document.activeElement).toBe(grid());
    expect(mine.conflicts.open()).toHaveLength(1);
  });

  it('goes when somebody else settles the conflict, and follows the cell until then', async () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    theirs.conflicts.dismiss(theirs.conflicts.open()[0]?.key ?? '');
    meet();
    await frame();
    expect(box().hidden).toBe(true);
    expect(document.activeElement).toBe(grid());
  });

  it('stays open, with the focus where it was, while another conflict arrives', async () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    button('keep').focus();
    conflict('2', 'b', 'brown', 'black');
    await frame();
    expect(document.activeElement).toBe(button('keep'));
    expect(box().getAttribute('aria-label')).toBe('Conflict in a, row 1');
  });

  it('closes when somebody clicks beside it', () => {
    conflict('1', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    activate('2', 'b');
    expect(box().hidden).toBe(true);
    activate('1', 'a');
    press('F8');
    document.body.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }));
    expect(box().hidden).toBe(true);
  });

  it.each<Partial<TableOptions>>([
    { readOnly: true },
    { readOnlyColumns: ['a'] },
    { readOnlyCells: [['1', 'a']] },
  ])('offers nothing where nobody may write: %j', (options) => {
    conflict('1', 'a', 'brown', 'black');
    mount(options);
    activate('1', 'a');
    press('F8');
    expect(box().hidden).toBe(false);
    expect(box().querySelector('button')).toBeNull();
  });
});

describe('going from one conflict to the next', () => {
  it('follows the order of rows and columns, and begins again after the last', () => {
    conflict('2', 'a', 'brown', 'black');
    conflict('1', 'b', 'brown', 'black');
    conflict('1', 'a', 'brown', 'black');
    mount();
    const places = [0, 1, 2, 3].map(() => {
      button('next-conflict').click();
      return box().getAttribute('aria-label');
    });
    expect(places).toEqual([
      'Conflict in a, row 1',
      'Conflict in b, row 1',
      'Conflict in a, row 2',
      'Conflict in a, row 1',
    ]);
    expect(cell('1', 'a').classList.contains('tbw-active')).toBe(true);
  });

  it('is F8, also where the active cell has none', () => {
    conflict('2', 'a', 'brown', 'black');
    mount();
    activate('1', 'a');
    press('F8');
    expect(box().getAttribute('aria-label')).toBe('Conflict in a, row 2');
  });

  it('says so where there is none', () => {
    mount();
    activate('1', 'a');
    press('F8');
    expect(said()).toBe('There are no conflicts.');
  });
});

describe('undo', () => {
  it.each([
    ['Ctrl', { ctrlKey: true }],
    ['Command', { metaKey: true }],
  ])('is %s+Z, redo the same with Shift or with Y', (_name, modifier) => {
    mount();
    activate('1', 'a');
    mine.store.setCell('t', '1', 'a', 'edited');
    press('z', modifier);
    expect(mine.store.getCell('t', '1', 'a')).toBe('x');
    press('Z', { ...modifier, shiftKey: true });
    expect(mine.store.getCell('t', '1', 'a')).toBe('edited');
    press('z', modifier);
    press('y', modifier);
    expect(mine.store.getCell('t', '1', 'a')).toBe('edited');
  });

  it('goes to where it changed something', () => {
    mount();
    mine.store.setCell('t', '2', 'b', 'edited');
    activate('1', 'a');
    press('z', { ctrlKey: true });
    expect(cell('2', 'b').classList.contains('tbw-active')).toBe(true);
    expect(said()).toBe('Undone.');
  });

  it('has buttons that are there when there is something to do', async () => {
    const fresh = new Room('fresh');
    mount({ store: fresh.store, conflicts: fresh.conflicts, history: fresh });
    expect([button('undo').disabled, button('redo').disabled]).toEqual([true, true]);
    fresh.store.setCell('t', '1', 'a', 'edited');
    await frame();
    expect([button('undo').disabled, button('redo').disabled]).toEqual([false, true]);
    button('undo').click();
    expect(fresh.store.getCell('t', '1', 'a')).toBeUndefined();
    expect([button('undo').disabled, button('redo').disabled]).toEqual([true, false]);
    fresh.destroy();
  });

  it('belongs to the text field while a cell is edited', () => {
    mount();
    mine.store.setCell('t', '1', 'a', 'edited');
    activate('1', 'a');
    press('F2');
    press('z', { ctrlKey: true });
    expect(mine.store.getCell('t', '1', 'a')).toBe('edited');
  });

  it('does not reach the notebook around', () => {
    mount();
    const outside = vi.fn();
    document.body.addEventListener('keydown', outside);
    activate('1', 'a');
    press('z', { ctrlKey: true });
    document.body.removeEventListener('keydown', outside);
    expect(outside).not.toHaveBeenCalled();
  });

  it('leaves what somebody has changed since, and says so until the next key', () => {
    mount();
    mine.store.setCell('t', '1', 'a', 'edited');
    meet();
    theirs.store.setCell('t', '1', 'a', 'theirs');
    meet();
    activate('1', 'a');
    press('z', { ctrlKey: true });
    const text = 'Nothing was undone: a in row 1 is now “theirs”, changed by somebody since.';
    expect(mine.store.getCell('t', '1', 'a')).toBe('theirs');
    expect([notice().hidden, notice().textContent, said()]).toEqual([false, text, text]);
    press('ArrowDown');
    expect(notice().hidden).toBe(true);
  });

  it('says where there is nothing to undo', () => {
    const fresh = new Room('fresh');
    mount({ history: fresh });
    activate('1', 'a');
    press('z', { ctrlKey: true });
    expect(notice().textContent).toBe('There is nothing to undo.');
    fresh.destroy();
  });

  it('does nothing in a read-only table', () => {
    mount({ readOnly: true });
    mine.store.setCell('t', '1', 'a', 'edited');
    activate('1', 'a');
    press('z', { ctrlKey: true });
    expect(mine.store.getCell('t', '1', 'a')).toBe('edited');
    expect([button('undo').hidden, button('redo').hidden]).toEqual([true, true]);
  });
});

describe('a table without a room', () => {
  it('has no undo, and its cells no conflicts', () => {
    conflict('1', 'a', 'brown', 'black');
    handle = mountTable(host, { store: mine.store, tableId: 't', newRowId: () => 'new' });
    activate('1', 'a');
    press('z', { ctrlKey: true });
    press('F8');
    expect(marked()).toEqual([]);
    expect([button('undo').hidden, box().hidden]).toEqual([true, true]);
    expect(mine.store.getCell('t', '1', 'a')).toBe('black');
  });
});
