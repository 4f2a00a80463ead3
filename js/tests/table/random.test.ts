// @vitest-environment jsdom
/** Random hands on one table, and others who edit it meanwhile: what is drawn is what the Store has. */
import { createStore } from 'tinybase';
import { expect, it } from 'vitest';
import { UndoHistory } from '../../src/sync/undo.ts';
import { displayText } from '../../src/table/values.ts';
import {
  action,
  Clipboard,
  fill,
  find,
  findAll,
  frame,
  mount,
  press,
  pressCell,
  useTable,
} from './mounted.ts';

useTable();

const STEPS = 200;
const KEYS = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Tab', 'Enter', 'Escape'];
const MORE_KEYS = ['Delete', ' ', 'F2', 'Home', 'End', 'x', '7'];
const TYPED = ['x', 'q', '12', '', 'many', '{"a":1}', '[1', 'null'];
const PASTED = ['x', '1\t2', 'q\n5\nz', 'x\t1\ttrue\t{"k":3}\textra', '"a\nb"\t=1+1', '\t\n\t'];
const CELLS = ['x', 'q', 5, null, true, { k: 2 }, 'long '.repeat(30), 'a\nb', '<b>'];
const NAMES = ['e', 'f', 'a', ''];

it.each([3, 11, 20])(
  'the grid shows what the Store has, seed %d',
  async (start) => {
    let seed = start * 7919;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;

    const store = createStore().setTable('t', {
      1: { a: 'x', b: 1, c: true },
      2: { a: 'y', b: 2, c: false },
      felix: { a: 'z', d: { k: 1 } },
    });
    let isElsewhere = false;
    const undo = new UndoHistory(store, () => isElsewhere);
    const history = {
      get canUndo() {
        return undo.canUndo;
      },
      get canRedo() {
        return undo.canRedo;
      },
      undo: () => undo.undo(),
      redo: () => undo.redo(),
      onUndoChange: (listener: () => void) => undo.onChange(listener),
    };
    const table = mount(store, {
      history,
      columnOptions: start % 2 === 1 ? { a: ['x', 'y', 'q'] } : {},
      readOnlyColumns: start % 3 === 0 ? ['b'] : [],
    });
    const clipboard = new Clipboard();
    const elsewhere = (edit: () => void): void => {
      isElsewhere = true;
      edit();
      isElsewhere = false;
    };
    const rows = (): string[] => store.getRowIds('t');
    const columns = (): string[] => store.getTableCellIds('t');
    const pickRow = (): string => pick([...rows(), 'new', '3', '1~z']);
    const pickColumn = (): string => pick([...columns(), 'a', 'g']);

    const steps: (() => void)[] = [
      () => press(pick([...KEYS, ...MORE_KEYS]), { shiftKey: random(3) === 0 }),
      () => press(pick(KEYS), { ctrlKey: random(2) === 0, shiftKey: random(2) === 0 }),
      () => press(pick(['z', 'y', 'd', 'r', 'a', ' ']), { ctrlKey: true }),
      () => fill(pick(TYPED)),
      () => press('Enter'),
      () => pressCell(pickRow(), pickColumn(), { shiftKey: random(2) === 0 }),
      () => clipboard.paste(pick(PASTED)),
      () => (random(2) === 0 ? clipboard.copy() : clipboard.cut()),
      () => clipboard.paste(),
      () => {
        press('F10', { shiftKey: true });
        findAll('[role="menuitem"]')[random(16)]?.click();
      },
      () => findAll('.tbw-question button')[random(3)]?.click(),
      () => {
        const input = find<HTMLInputElement>('.tbw-prompt input');
        if (input) input.value = pick(NAMES);
        find('.tbw-prompt')?.dispatchEvent(new Event('submit', { cancelable: true }));
      },
      () => elsewhere(() => store.setCell('t', pickRow(), pickColumn(), pick(CELLS))),
      () => elsewhere(() => store.delRow('t', pickRow())),
      () => action(pick(['add-row', 'delete-row', 'menu', 'undo', 'redo']))?.click(),
      () => table.update({ readOnly: random(4) === 0 }),
    ];

    for (let n = 0; n < STEPS; n++) {
      pick(steps)();
      if (random(3) > 0) continue;
      await frame();
      for (const node of findAll('.slick-row:not(.tbw-draft) .slick-cell[data-row][data-col]')) {
        const { row = '', col = '' } = node.dataset;
        const shown = node.querySelector('.tbw-check') ? undefined : node.textContent;
        const cell = store.getCell('t', row, col);
        if (shown !== undefined) expect(shown, `${row}/${col}, step ${n}`).toBe(displayText(cell));
        else expect(['boolean', 'undefined']).toContain(typeof cell);
      }
    }
  },
  60_000,
);
