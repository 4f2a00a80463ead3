/**
 * The text editor that lies over one cell.
 *
 * It is an element of its own in the scrolled canvas, so that redrawn rows do not touch it. It knows no
 * Store: it hands the text to `onCommit`, and stays open, marked and with the text as typed, for as long
 * as that answers with a message. Opened by typing it replaces the cell's text, and arrow keys leave it;
 * opened by Enter, F2 or a double click it changes the text, and arrow keys move within.
 */
import type { Box } from './grid.ts';
import type { Move } from './keyboard.ts';
import type { ColumnType } from './values.ts';

export interface EditorOptions {
  readonly type: ColumnType;
  readonly label: string;
  readonly text: string;
  readonly placeholder: string;
  /** Begin empty, for the key that is being pressed. */
  readonly replace: boolean;
  /** Why this text cannot be taken, or undefined if it could. */
  check(text: string): string | undefined;
  /** Takes the text and closes the editor, then moves; or answers why not. */
  onCommit(text: string, move: Move | undefined): string | undefined;
  onCancel(): void;
}

const MESSAGE_GAP = 3;

type Field = HTMLInputElement | HTMLTextAreaElement;

const ARROWS: Readonly<Record<string, Move>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

export class CellEditor {
  readonly #element = document.createElement('div');
  readonly #field: Field;
  readonly #message = document.createElement('div');
  readonly #options: EditorOptions;
  readonly #listeners = new AbortController();
  /** Set while the text may not be taken without being asked for: its row is gone. */
  #held: string | undefined;

  constructor(canvas: HTMLElement, box: Box, options: EditorOptions) {
    this.#options = options;
    this.#field = document.createElement(options.type === 'number' ? 'input' : 'textarea');
    this.#element.className = 'tbw-editor';
    this.#element.dataset.type = options.type;
    this.#message.className = 'tbw-editor-message';
    this.#message.setAttribute('role', 'alert');
    this.#message.hidden = true;
    if (this.#field instanceof HTMLInputElement) this.#field.inputMode = 'decimal';
    else this.#field.rows = 1;
    this.#field.className = 'tbw-editor-field';
    this.#field.spellcheck = false;
    this.#field.autocomplete = 'off';
    this.#field.placeholder = options.placeholder;
    this.#field.setAttribute('aria-label', options.label);
    this.#field.value = options.replace ? '' : options.text;
    this.#element.append(this.#field, this.#message);
    this.#listen();
    canvas.append(this.#element);
    this.place(box);
    this.focus();
    if (!options.replace) this.#field.select();
  }

  get text(): string {
    return this.#field.value;
  }

  /** Types for the person, as if pasted. */
  set text(text: string) {
    this.#field.value = text;
    this.#recheck();
  }

  /** Whether the text is another than the one it began with. */
  get isChanged(): boolean {
    if (this.#options.replace) return true;
    // The field itself normalizes line ends, so the text it began with is compared as the field has it.
    return this.#field.value !== this.#options.text.replace(/\r\n?/g, '\n');
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  place({ left, top, width, height }: Box): void {
    const { style } = this.#element;
    style.left = `${left}px`;
    style.top = `${top}px`;
    style.setProperty('--tbw-editor-width', `${width}px`);
    style.setProperty('--tbw-editor-height', `${height}px`);
    if (!this.#message.hidden) this.#placeMessage();
  }

  /** Tries to commit; false if the editor stays open. */
  commit(move?: Move): boolean {
    const message = this.#options.onCommit(this.#field.value, move);
    if (message === undefined) return true;
    this.reject(message);
    return false;
  }

  reject(message: string): void {
    this.#mark(message);
    this.focus();
  }

  /** Says something about the cell while it is edited, and keeps the text from being taken by leaving. */
  hold(message: string | undefined): void {
    this.#held = message;
    this.#recheck();
  }

  /** Notes a change of the cell by somebody else. */
  notice(text: string): void {
    this.#element.dataset.changed = 'true';
    this.#field.title = text;
  }

  close(): void {
    this.#listeners.abort();
    this.#element.remove();
  }

  #mark(message: string | undefined): void {
    this.#field.setAttribute('aria-invalid', String(message !== undefined));
    this.#field.title = message ?? '';
    this.#message.textContent = message ?? '';
    this.#message.hidden = message === undefined;
    if (message !== undefined) this.#placeMessage();
  }

  /** Below the field, or above it, or beside it: where it is in sight. */
  #placeMessage(): void {
    const area = this.#element.offsetParent?.parentElement?.getBoundingClientRect();
    if (!area) return;
    const field = this.#field.getBoundingClientRect();
    const { width, height } = this.#message.getBoundingClientRect();
    let left = Math.max(area.left, Math.min(field.left, area.right - width - MESSAGE_GAP));
    let top = field.bottom + MESSAGE_GAP;
    if (top + height > area.bottom) top = field.top - height - MESSAGE_GAP;
    if (top < area.top) {
      top = field.top + MESSAGE_GAP;
      const isRightFree = field.right + width + MESSAGE_GAP <= area.right;
      left = isRightFree ? field.right + MESSAGE_GAP : field.left - width - MESSAGE_GAP;
    }
    this.#message.style.left = `${left - field.left}px`;
    this.#message.style.top = `${top - field.top}px`;
  }

  #recheck(): void {
    const wasMarked = this.#field.getAttribute('aria-invalid') === 'true';
    if (this.#held !== undefined) this.#mark(this.#held);
    else if (wasMarked) this.#mark(this.#options.check(this.#field.value));
  }

  #listen(): void {
    const { signal } = this.#listeners;
    this.#element.addEventListener('keydown', (event) => this.#onKey(event as KeyboardEvent), {
      signal,
    });
    this.#field.addEventListener('input', () => this.#recheck(), { signal });
    this.#field.addEventListener('blur', () => this.#onBlur(), { signal });
    // The grid below must not take the editor's own clicks for clicks on a cell.
    for (const type of [
      'mousedown',
      'click',
      'dblclick',
      'contextmenu',
      'copy',
      'cut',
      'paste',
      'keyup',
      'keypress',
    ]) {
      this.#element.addEventListener(type, (event) => event.stopPropagation(), { signal });
    }
  }

  #onBlur(): void {
    const root = this.#field.getRootNode() as Document | ShadowRoot;
    // The window, not the field, lost the focus; or the editor was taken off the page with its grid.
    if (root.activeElement === this.#field || !this.#field.isConnected || this.#held !== undefined)
      return;
    const message = this.#options.onCommit(this.#field.value, undefined);
    if (message !== undefined) this.#mark(message);
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing) return;
    const move = this.#moveOf(event);
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#options.onCancel();
    } else if (
      event.key === 'Enter' &&
      event.altKey &&
      this.#field instanceof HTMLTextAreaElement
    ) {
      event.preventDefault();
      this.#field.setRangeText('\n', this.#field.selectionStart, this.#field.selectionEnd, 'end');
    } else if (move) {
      event.preventDefault();
      this.commit(move);
    }
  }

  #moveOf({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): Move | undefined {
    if (key === 'Tab') return shiftKey ? 'previous' : 'next';
    if (key === 'Enter' && !altKey) return shiftKey ? 'up' : 'down';
    return this.#options.replace && !shiftKey && !altKey && !ctrlKey && !metaKey
      ? ARROWS[key]
      : undefined;
  }
}
