/**
 * What stands in the place of the grid while a table has neither rows nor columns: a sentence, and a
 * field in which a first column can be named.
 */
import type { NamedRows } from './named_rows.ts';

export class EmptyState {
  readonly element = document.createElement('form');
  readonly #text = document.createElement('p');
  readonly #input = document.createElement('input');
  readonly #button = document.createElement('button');

  constructor(onFirstColumn: (name: string) => void) {
    this.element.className = 'tbw-empty';
    this.#input.className = 'tbw-field';
    this.#button.className = 'tbw-button tbw-primary';
    this.#button.dataset.action = 'add-column';
    this.#button.textContent = 'Start';
    this.element.append(this.#text, this.#input, this.#button);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#input.value.trim();
      this.#input.value = '';
      if (name) onFirstColumn(name);
      else this.#input.focus();
    });
  }

  update(readOnly: boolean, named: NamedRows | undefined): void {
    this.#text.textContent = named
      ? `There are no ${named.nouns} yet.`
      : 'This table has no rows yet.';
    this.#input.placeholder = named ? `First ${named.noun}` : 'First column';
    this.#input.setAttribute('aria-label', `Name of the first ${named?.noun ?? 'column'}`);
    this.#input.hidden = readOnly;
    this.#button.hidden = readOnly;
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
  }
}
