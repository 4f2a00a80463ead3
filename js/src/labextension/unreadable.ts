/** What is shown of a file that is no Store's JSON: why, its beginning, and the way to mend it. */
import type { Unreadable } from './document.ts';

const MAX_SHOWN = 5000;

export class UnreadableNotice {
  readonly element = document.createElement('section');
  readonly #reason = document.createElement('p');
  readonly #text = document.createElement('pre');

  constructor(openAsText: () => void) {
    this.element.className = 'tbw-unreadable';
    this.element.setAttribute('role', 'alert');
    this.element.hidden = true;
    const title = document.createElement('h2');
    title.textContent = 'This file can’t be shown as a table';
    const hint = document.createElement('p');
    hint.textContent = 'The table is back as soon as the file can be read.';
    const open = document.createElement('button');
    open.type = 'button';
    open.dataset.action = 'open-as-text';
    open.textContent = 'Open as text';
    open.addEventListener('click', openAsText);
    this.#text.tabIndex = 0;
    this.#text.setAttribute('aria-label', 'What the file holds');
    this.element.append(title, this.#reason, hint, open, this.#text);
  }

  update(unreadable: Unreadable | undefined): void {
    this.element.hidden = unreadable === undefined;
    if (unreadable) {
      const { reason, text } = unreadable;
      this.#reason.textContent = reason;
      this.#text.textContent = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
    }
  }
}
