/**
 * An element over the table that belongs to a place in it: a menu, a list, a question.
 *
 * It lies in the page's top layer, where no table that is low or scrolled cuts it off, but stays a child
 * of the table, so that it has its colours and, in a shadow root, its style sheet. Where the browser knows
 * no top layer it is only fixed.
 */
import { placeBeside } from './beside.ts';

const GAP = 3;
const OPEN =
  typeof HTMLElement !== 'undefined' && 'showPopover' in HTMLElement.prototype
    ? ':popover-open'
    : '.tbw-none';

export interface PopoverEvents {
  /** A press outside of it, a scrolled page, or a changed window: it should go. */
  onLeave?(): void;
}

export class Popover {
  readonly element: HTMLElement;
  readonly #root: HTMLElement;
  readonly #events: PopoverEvents;
  #listeners: AbortController | undefined;

  constructor(root: HTMLElement, className: string, events: PopoverEvents = {}, tag = 'div') {
    this.#root = root;
    this.#events = events;
    this.element = document.createElement(tag);
    this.element.className = `tbw-popover ${className}`;
    this.element.setAttribute('popover', 'manual');
    this.element.hidden = true;
  }

  get isOpen(): boolean {
    return this.#listeners !== undefined;
  }

  /** Shows it beside a box: below it, or above where there is no room. */
  show(anchor: DOMRect): void {
    if (!this.isOpen) {
      this.#root.append(this.element);
      this.element.hidden = false;
      this.element.showPopover?.();
      this.#listen();
    }
    this.place(anchor);
  }

  place(anchor: DOMRect): void {
    placeBeside(this.element, anchor, GAP);
  }

  hide(): void {
    if (!this.isOpen) return;
    this.#listeners?.abort();
    this.#listeners = undefined;
    if (this.element.matches(OPEN)) this.element.hidePopover();
    this.element.hidden = true;
    this.element.remove();
  }

  contains(node: unknown): boolean {
    return node instanceof Node && this.element.contains(node);
  }

  #listen(): void {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const leave = (event: Event): void => {
      if (!event.composedPath().includes(this.element)) this.#events.onLeave?.();
    };
    for (const type of ['mousedown', 'touchstart', 'wheel'])
      window.addEventListener(type, leave, { signal, capture: true, passive: true });
    window.addEventListener('resize', leave, { signal });
  }
}
