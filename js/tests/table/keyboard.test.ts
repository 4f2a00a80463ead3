import { describe, expect, it } from 'vitest';
import { commandFor } from '../../src/table/keyboard.ts';
import { type Extent, jumped, moved } from '../../src/table/navigation.ts';

const press = (key: string, modifiers: Partial<KeyboardEvent> = {}): unknown =>
  commandFor({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    ...modifiers,
  });

describe('keys', () => {
  it.each([
    ['ArrowDown', { kind: 'move', to: 'down' }],
    ['Tab', { kind: 'move', to: 'next' }],
    ['End', { kind: 'jump', to: 'row-end' }],
    ['PageUp', { kind: 'jump', to: 'page-up' }],
    ['Enter', { kind: 'edit' }],
    ['F2', { kind: 'edit' }],
    ['Escape', { kind: 'cancel' }],
    ['Delete', { kind: 'clear' }],
    [' ', { kind: 'toggle' }],
    ['a', { kind: 'type' }],
    ['\u{1f600}', { kind: 'type' }],
    ['Process', { kind: 'type' }],
    ['F8', { kind: 'conflict' }],
    ['Shift', undefined],
    ['F5', undefined],
  ])('%s is %j', (key, command) => {
    expect(press(key)).toEqual(command);
  });

  it.each([
    ['Home', { kind: 'jump', to: 'first' }],
    ['a', { kind: 'select-all' }],
    ['z', { kind: 'undo' }],
    ['y', { kind: 'redo' }],
    ['c', undefined],
    ['v', undefined],
    ['s', undefined],
  ])('Ctrl+%s is %j', (key, command) => {
    expect(press(key, { ctrlKey: true })).toEqual(command);
    expect(press(key, { metaKey: true })).toEqual(command);
  });

  it('Shift+Tab goes back', () => {
    expect(press('Tab', { shiftKey: true })).toEqual({ kind: 'move', to: 'previous' });
  });

  it('Ctrl+Shift+Z redoes, Alt+Enter shows the conflict', () => {
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toEqual({ kind: 'redo' });
    expect(press('Enter', { altKey: true })).toEqual({ kind: 'conflict' });
  });

  it('what AltGr types is typed', () => {
    const altGraph = {
      ctrlKey: true,
      altKey: true,
      getModifierState: (key: string) => key === 'AltGraph',
    };
    expect(press('@', altGraph)).toEqual({ kind: 'type' });
  });
});

describe('moving', () => {
  const extent: Extent = { rows: 11, filledRows: 10, columns: 3, page: 4 };

  it.each([
    ['next', { row: 0, column: 2 }, { row: 1, column: 0 }],
    ['previous', { row: 1, column: 0 }, { row: 0, column: 2 }],
    ['down', { row: 9, column: 1 }, { row: 10, column: 1 }],
    ['up', { row: 0, column: 0 }, undefined],
    ['right', { row: 0, column: 2 }, undefined],
    ['next', { row: 10, column: 2 }, undefined],
    ['previous', { row: 0, column: 0 }, undefined],
  ] as const)('%s from %j leads to %j', (to, from, target) => {
    expect(moved(from, to, extent)).toEqual(target);
  });

  it.each([
    ['first', { row: 0, column: 0 }],
    ['last', { row: 9, column: 2 }],
    ['row-start', { row: 5, column: 0 }],
    ['bottom', { row: 9, column: 1 }],
    ['page-down', { row: 9, column: 1 }],
    ['page-up', { row: 1, column: 1 }],
  ] as const)('%s jumps to %j', (to, target) => {
    expect(jumped({ row: 5, column: 1 }, to, extent)).toEqual(target);
  });
});
