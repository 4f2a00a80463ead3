/**
 * What stands in the place of the grid while a table has no columns: a sentence, and where there are no rows
 * either a field in which a first column can be named.
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

  update(readOnly: boolean, named: NamedRows | undefined, hasRows: boolean): void {
    const none = named ? `There are no ${named.nouns} yet.` : 'This table has no rows yet.';
    const how = named
      ? `Name the first ${named.noun} to begin.`
      : 'Name its first column to begin.';
    const canBegin = !readOnly && !hasRows;
    const text = hasRows ? 'None of the columns is shown.' : canBegin ? `${none} ${how}` : none;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#input.placeholder = named ? `First ${named.noun}` : 'First column';
    this.#input.setAttribute('aria-label', `Name of the first ${named?.noun ?? 'column'}`);
    this.#input.hidden = !canBegin;
    this.#button.hidden = !canBegin;
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
  }
}
