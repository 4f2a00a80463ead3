/**
 * The box beside a cell with a conflict: what won, what was overwritten, and what can be done.
 *
 * It lies in the page's top layer, where no table that is low or scrolled cuts it off, and knows
 * neither a Store nor a room. Values reach it as text.
 */
import { placeBeside } from './beside.ts';
import { displayText, kindOf, type MaybeCell } from './values.ts';

export interface Choice {
  /** Names the button to style sheets and tests. */
  readonly action: string;
  readonly label: string;
  run(): void;
}

/** One of the edits that met. */
export interface Side {
  readonly label: string;
  readonly cell: MaybeCell;
  readonly owner: string;
  readonly choice?: Choice | undefined;
}

export interface BoxContent {
  readonly title: string;
  /** Where it is, for those who cannot see it. */
  readonly label: string;
  readonly text?: string | undefined;
  readonly sides: readonly Side[];
  readonly choices: readonly Choice[];
}

export interface BoxEvents {
  onEscape(): void;
  onNext(): void;
  /** The pointer came into the box, or left it. */
  onPointer(isInside: boolean): void;
}

const GAP = 4;

export class ConflictBox {
  readonly #element = part('div', 'tbw-box');

  constructor(root: HTMLElement, events: BoxEvents) {
    const box = this.#element;
    box.setAttribute('role', 'dialog');
    box.setAttribute('popover', 'manual');
    box.hidden = true;
    box.addEventListener('mouseenter', () => events.onPointer(true));
    box.addEventListener('mouseleave', () => events.onPointer(false));
    // Keeps the focus, and with it an open editor, until a click says what to do.
    box.addEventListener('mousedown', (event) => event.preventDefault());
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') events.onEscape();
      else if (event.key === 'F8') events.onNext();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    root.append(box);
  }

  get isOpen(): boolean {
    return !this.#element.hidden;
  }

  get hasFocus(): boolean {
    return this.#element.matches(':focus-within');
  }

  show(content: BoxContent, anchor: DOMRect): void {
    const focused = this.#focusedAction();
    this.#element.setAttribute('aria-label', content.label);
    this.#element.replaceChildren(...drawn(content));
    this.#element.hidden = false;
    if (!this.#element.matches(OPEN)) this.#element.showPopover?.();
    this.place(anchor);
    if (focused !== undefined) this.focus(focused);
  }

  /** Below the cell, or above it where there is no room. */
  place(anchor: DOMRect): void {
    placeBeside(this.#element, anchor, GAP);
  }

  hide(): void {
    if (!this.isOpen) return;
    if (this.#element.matches(OPEN)) this.#element.hidePopover();
    this.#element.hidden = true;
    this.#element.replaceChildren();
  }

  /** Puts the focus on a button: the first one, if there is none of that name. */
  focus(action?: string): void {
    const buttons = [...this.#element.querySelectorAll('button')];
    const button = buttons.find(({ dataset }) => dataset.action === action) ?? buttons[0];
    button?.focus({ preventScroll: true });
  }

  contains(node: unknown): boolean {
    return node instanceof Node && this.#element.contains(node);
  }

  #focusedAction(): string | undefined {
    return this.#element.querySelector<HTMLElement>('button:focus')?.dataset.action;
  }
}

/** Open in the top layer. Where the browser knows no such thing, it never is. */
const OPEN =
  typeof HTMLElement !== 'undefined' && 'showPopover' in HTMLElement.prototype
    ? ':popover-open'
    : '.tbw-none';

const drawn = ({ title, text, sides, choices }: BoxContent): HTMLElement[] => {
  const parts = [part('div', 'tbw-box-title', title)];
  if (text !== undefined) parts.push(part('p', 'tbw-box-text', text));
  if (sides.length > 0) {
    const list = part('div', 'tbw-box-sides');
    list.append(...sides.flatMap(drawnSide));
    parts.push(list);
  }
  if (choices.length > 0) {
    const buttons = part('div', 'tbw-box-choices');
    buttons.append(...choices.map(drawnChoice));
    parts.push(buttons);
  }
  return parts;
};

const drawnSide = ({ label, cell, owner, choice }: Side): HTMLElement[] => {
  const value = part('span', 'tbw-box-value', displayText(cell));
  const kind = kindOf(cell);
  value.dataset.kind = kind;
  if (value.textContent === '') {
    value.textContent = kind === 'absent' ? 'deleted' : 'empty text';
    value.dataset.kind = 'null';
  }
  const middle = part('div', 'tbw-box-side');
  middle.append(value, part('span', 'tbw-box-owner', owner));
  const end = part('div', 'tbw-box-choice');
  if (choice) end.append(drawnChoice(choice));
  return [part('div', 'tbw-box-label', label), middle, end];
};

const drawnChoice = ({ action, label, run }: Choice): HTMLElement => {
  const button = part('button', 'tbw-button tbw-primary', label) as HTMLButtonElement;
  button.type = 'button';
  button.dataset.action = action;
  button.addEventListener('click', run);
  return button;
};

const part = (tag: string, className: string, text = ''): HTMLElement => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
