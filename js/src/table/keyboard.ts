/**
 * What the keys mean while a cell is active and nothing is edited. A pure table, apart from the view
 * that carries it out. The keys of an open editor are in `editor.ts`.
 */

export type Move = 'up' | 'down' | 'left' | 'right' | 'next' | 'previous';
export type Jump =
  | 'row-start'
  | 'row-end'
  | 'first'
  | 'last'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom';
export type Command =
  | { readonly kind: 'move'; readonly to: Move }
  | { readonly kind: 'jump'; readonly to: Jump }
  | { readonly kind: 'extend'; readonly to: Move | Jump }
  | { readonly kind: 'edit' | 'toggle' | 'clear' | 'select-row' | 'select-all' | 'cancel' }
  | { readonly kind: 'select-column' | 'fill-down' | 'fill-right' }
  | { readonly kind: 'undo' | 'redo' | 'conflict' | 'menu' }
  /** The key is left to the browser, which then types it into the editor that is opened. */
  | { readonly kind: 'type' };

type Keys = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'
> &
  Partial<Pick<KeyboardEvent, 'getModifierState'>>;

const MOVES: Readonly<Record<string, Move>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const JUMPS: Readonly<Record<string, Jump>> = {
  Home: 'row-start',
  End: 'row-end',
  PageUp: 'page-up',
  PageDown: 'page-down',
};
const FAR_JUMPS: Readonly<Record<string, Jump>> = {
  Home: 'first',
  End: 'last',
  ArrowUp: 'top',
  ArrowDown: 'bottom',
  ArrowLeft: 'row-start',
  ArrowRight: 'row-end',
};

/** The command of a pressed key, or undefined where the key is not the table's. */
export const commandFor = (event: Keys): Command | undefined => {
  const { key } = event;
  const typesWithAltGraph = event.getModifierState?.('AltGraph') === true;
  if ((event.ctrlKey || event.metaKey) && !typesWithAltGraph) return withControl(event);
  if (key === 'Tab') return { kind: 'move', to: event.shiftKey ? 'previous' : 'next' };
  if (key === 'Process' || event.isComposing) return { kind: 'type' };
  if (key === 'F8' || (key === 'Enter' && event.altKey)) return { kind: 'conflict' };
  if (key === 'ContextMenu' || (key === 'F10' && event.shiftKey)) return { kind: 'menu' };
  if (event.altKey && !typesWithAltGraph) return undefined;
  const move = MOVES[key];
  if (move) return { kind: event.shiftKey ? 'extend' : 'move', to: move };
  const jump = JUMPS[key];
  if (jump) return { kind: event.shiftKey ? 'extend' : 'jump', to: jump };
  if (key === 'Enter' || key === 'F2') return { kind: 'edit' };
  if (key === 'Escape') return { kind: 'cancel' };
  if (key === 'Delete' || key === 'Backspace') return { kind: 'clear' };
  if (key === ' ') return { kind: event.shiftKey ? 'select-row' : 'toggle' };
  return [...key].length === 1 ? { kind: 'type' } : undefined;
};

const withControl = (event: Keys): Command | undefined => {
  const key = event.key.toLowerCase();
  if (event.altKey) return undefined;
  if (key === 'z') return { kind: event.shiftKey ? 'redo' : 'undo' };
  const jump = FAR_JUMPS[event.key];
  if (jump) return { kind: event.shiftKey ? 'extend' : 'jump', to: jump };
  if (event.shiftKey) return undefined;
  if (key === 'y') return { kind: 'redo' };
  if (key === 'a') return { kind: 'select-all' };
  if (key === 'd') return { kind: 'fill-down' };
  if (key === 'r') return { kind: 'fill-right' };
  return key === ' ' ? { kind: 'select-column' } : undefined;
};
