/**
 * The editor of one cell.
 *
 * It is an element of its own, so that redrawn rows do not touch it: over the cell in the scrolled canvas,
 * or, for long text and JSON, in the page's top layer where there is room. It knows no Store: it hands the
 * text to `onCommit`, and stays open, marked and with the text as typed, for as long as that answers with a
 * message. Opened by typing it replaces the cell's text, and arrow keys leave it; opened by Enter, F2 or a
 * double click it changes the text, and arrow keys move within.
 */
import { EditorMessage } from './editor_message.ts';
import type { Box } from './grid.ts';
import type { Move } from './keyboard.ts';
import { OptionsList } from './options_list.ts';
import { Popover } from './popover.ts';

export type EditorKind = 'number' | 'text' | 'long' | 'json' | 'options';

export interface EditorOptions {
  readonly kind: EditorKind;
  readonly label: string;
  readonly text: string;
  readonly placeholder: string;
  /** Begin empty, for the key that is being pressed. */
  readonly replace: boolean;
  /** The texts to choose from, of an editor of that kind. */
  readonly options: readonly string[];
  /** Why this text cannot be taken, or undefined if it could. */
  check(text: string): string | undefined;
  /** Takes the text and closes the editor, then moves; or answers why not. */
  onCommit(text: string, move: Move | undefined): string | undefined;
  onCancel(): void;
}

type Field = HTMLInputElement | HTMLTextAreaElement;

const HINT = 'Enter saves · Alt+Enter breaks the line · Esc cancels';
const ARROWS: Readonly<Record<string, Move>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
/** Events that the grid below must not take for its own. */
const OWN_EVENTS = [
  'mousedown',
  'click',
  'dblclick',
  'contextmenu',
  'copy',
  'cut',
  'paste',
  'keyup',
  'keypress',
];

export class CellEditor {
  readonly #element: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #field: Field;
  readonly #message: EditorMessage;
  readonly #popover: Popover | undefined;
  readonly #list: OptionsList | undefined;
  readonly #options: EditorOptions;
  readonly #listeners = new AbortController();
  #box: Box | undefined;
  /** Set while the text may not be taken without being asked for: its row is gone. */
  #held: string | undefined;

  constructor(root: HTMLElement, canvas: HTMLElement, box: Box, options: EditorOptions) {
    const { kind, replace } = options;
    this.#options = options;
    this.#canvas = canvas;
    const isLarge = kind === 'long' || kind === 'json';
    this.#popover = isLarge ? new Popover(root, 'tbw-editor tbw-large-editor') : undefined;
    this.#element = this.#popover?.element ?? document.createElement('div');
    this.#element.classList.add('tbw-editor');
    this.#element.dataset.type = kind;
    this.#field = makeField(options);
    this.#message = new EditorMessage(this.#element, this.#field, isLarge);
    if (isLarge) this.#element.append(this.#field, ...this.#message.elements, hint());
    else {
      this.#element.append(asCell(this.#field, ...this.#message.elements));
      this.#element.setAttribute('role', 'row');
      canvas.append(this.#element);
    }
    if (this.#field instanceof HTMLInputElement && kind === 'options')
      this.#list = new OptionsList(root, this.#field, options.options, (text) => this.#pick(text));
    this.#listen();
    this.place(box);
    this.focus();
    // A long text is changed more often than replaced.
    if (isLarge) this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
    else if (!replace) this.#field.select();
    if (replace) this.#list?.narrow('');
    else this.#list?.showAll(options.text);
  }

  get text(): string {
    return this.#field.value;
  }

  /** Types for the person, as if pasted. */
  set text(text: string) {
    this.#field.value = text;
    this.#onInput();
  }

  /** Whether the text is another than the one it began with. */
  get isChanged(): boolean {
    if (this.#options.replace) return true;
    // The field itself normalizes line ends, so the text it began with is compared as the field has it.
    return this.#field.value !== this.#options.text.replace(/\r\n?/g, '\n');
  }

  /** Whether the text is taken only when that is asked for. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  /** Puts it over its cell, which lies there in the canvas. */
  place(box: Box): void {
    this.#box = box;
    const { style } = this.#element;
    style.setProperty('--tbw-editor-width', `${box.width}px`);
    style.setProperty('--tbw-editor-height', `${box.height}px`);
    if (this.#popover) {
      const cell = this.#onPage(box);
      // Over the cell, not below it.
      this.#popover.show(new DOMRect(cell.left, cell.top - 3, cell.width, 0));
    } else {
      style.left = `${box.left}px`;
      style.top = `${box.top}px`;
    }
    if (!this.#message.isRejected) this.#list?.place(this.#onPage(box));
    this.#message.place();
  }

  /** Tries to commit; false if the editor stays open. */
  commit(move?: Move): boolean {
    const { marked } = this.#list ?? {};
    if (marked !== undefined && this.#field.value !== '') this.#field.value = marked;
    const message = this.#options.onCommit(this.#field.value, move);
    if (message === undefined) return true;
    this.#list?.hide();
    this.#message.reject(message);
    this.focus();
    return false;
  }

  /** Says something about the cell while it is edited, and keeps the text from being taken by leaving. */
  hold(message: string | undefined): void {
    this.#held = message;
    this.#recheck();
  }

  /** Notes a change of the cell by somebody else. */
  note(text: string): void {
    this.#element.dataset.changed = 'true';
    this.#message.note(text);
  }

  close(): void {
    this.#listeners.abort();
    this.#list?.hide();
    this.#popover?.hide();
    this.#element.remove();
  }

  #onPage({ left, top, width, height }: Box): DOMRect {
    const origin = this.#canvas.getBoundingClientRect();
    return new DOMRect(origin.left + left, origin.top + top, width, height);
  }

  #pick(text: string): void {
    this.#field.value = text;
    this.#list?.showAll(text);
    this.commit('down');
  }

  #recheck(): void {
    if (this.#held !== undefined) this.#message.reject(this.#held);
    else if (this.#message.isRejected) {
      const message = this.#options.check(this.#field.value);
      if (message === undefined) this.#message.accept();
      else this.#message.reject(message);
    }
  }

  #onInput(): void {
    this.#list?.narrow(this.#field.value);
    if (this.#box) this.#list?.place(this.#onPage(this.#box));
    this.#recheck();
    if (this.#message.isRejected) this.#list?.hide();
  }

  #listen(): void {
    const { signal } = this.#listeners;
    this.#element.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    this.#field.addEventListener('input', () => this.#onInput(), { signal });
    this.#field.addEventListener('blur', () => this.#onBlur(), { signal });
    const keepFocus = (event: Event): void => {
      if (event.target !== this.#field) event.preventDefault();
    };
    this.#element.addEventListener('mousedown', keepFocus, { signal });
    for (const type of OWN_EVENTS)
      this.#element.addEventListener(type, (event) => event.stopPropagation(), { signal });
    if (!this.#popover && !this.#list) return;
    const follow = (event: Event): void => {
      const isOwn = event.target instanceof Node && this.#element.contains(event.target);
      if (this.#box && !isOwn) this.place(this.#box);
    };
    window.addEventListener('scroll', follow, { signal, capture: true, passive: true });
    window.addEventListener('resize', follow, { signal });
  }

  #onBlur(): void {
    const root = this.#field.getRootNode() as Document | ShadowRoot;
    // The window, not the field, lost the focus; or the editor was taken off the page with its grid.
    if (root.activeElement === this.#field || !this.#field.isConnected || this.isHeld) return;
    const message = this.#options.onCommit(this.#field.value, undefined);
    if (message !== undefined) this.#message.reject(message);
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing) return;
    const step = this.#list && LIST_STEPS[event.key];
    const move = this.#moveOf(event);
    if (event.key === 'Escape') this.#options.onCancel();
    else if (step !== undefined) this.#list?.step(step);
    else if (event.key === 'Enter' && event.altKey && this.#field instanceof HTMLTextAreaElement) {
      this.#field.setRangeText('\n', this.#field.selectionStart, this.#field.selectionEnd, 'end');
      this.#onInput();
    } else if (move) this.commit(move);
    else return;
    event.preventDefault();
  }

  #moveOf({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): Move | undefined {
    if (key === 'Tab') return shiftKey ? 'previous' : 'next';
    if (key === 'Enter' && !altKey) return shiftKey ? 'up' : 'down';
    const isPlain = !shiftKey && !altKey && !ctrlKey && !metaKey;
    return this.#options.replace && isPlain && !this.#popover ? ARROWS[key] : undefined;
  }
}

const LIST_STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  PageUp: -8,
  PageDown: 8,
};

const makeField = ({ kind, text, placeholder, label, replace }: EditorOptions): Field => {
  const isLine = kind === 'number' || kind === 'options';
  const field = document.createElement(isLine ? 'input' : 'textarea');
  if (field instanceof HTMLTextAreaElement) field.rows = 1;
  else if (kind === 'number') field.inputMode = 'decimal';
  field.className = 'tbw-editor-field';
  field.spellcheck = false;
  field.autocomplete = 'off';
  field.placeholder = placeholder;
  field.setAttribute('aria-label', label);
  field.value = replace ? '' : text;
  return field;
};

/** In a grid, all must be in a row's cell. */
const asCell = (...parts: readonly HTMLElement[]): HTMLElement => {
  const cell = document.createElement('div');
  cell.setAttribute('role', 'gridcell');
  cell.append(...parts);
  return cell;
};

const hint = (): HTMLElement => {
  const element = document.createElement('div');
  element.className = 'tbw-editor-hint';
  element.textContent = HINT;
  return element;
};
