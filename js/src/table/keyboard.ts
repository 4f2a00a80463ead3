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
  | { readonly kind: 'edit' | 'toggle' | 'clear' | 'select-row' | 'select-all' | 'cancel' }
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
  if (event.altKey && !typesWithAltGraph) return undefined;
  const move = MOVES[key];
  if (move) return { kind: 'move', to: move };
  const jump = JUMPS[key];
  if (jump) return { kind: 'jump', to: jump };
  if (key === 'Enter' || key === 'F2') return { kind: 'edit' };
  if (key === 'Escape') return { kind: 'cancel' };
  if (key === 'Delete' || key === 'Backspace') return { kind: 'clear' };
  if (key === ' ') return { kind: event.shiftKey ? 'select-row' : 'toggle' };
  return [...key].length === 1 ? { kind: 'type' } : undefined;
};

const withControl = (event: Keys): Command | undefined => {
  if (event.altKey || event.shiftKey) return undefined;
  if (event.key.toLowerCase() === 'a') return { kind: 'select-all' };
  const jump = FAR_JUMPS[event.key];
  return jump ? { kind: 'jump', to: jump } : undefined;
};
