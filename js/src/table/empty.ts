/**
 * What stands in the place of the grid while a table has neither rows nor columns: a sentence, and a
 * field in which a first column can be named.
 */
export class EmptyState {
  readonly element = document.createElement('form');
  readonly #text = document.createElement('p');
  readonly #input = document.createElement('input');
  readonly #button = document.createElement('button');

  constructor(onFirstColumn: (name: string) => void) {
    this.element.className = 'tbw-empty';
    this.#text.textContent = 'This table has no rows yet.';
    this.#input.className = 'tbw-field';
    this.#input.placeholder = 'First column';
    this.#input.setAttribute('aria-label', 'Name of the first column');
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

  update(readOnly: boolean): void {
    this.#input.hidden = readOnly;
    this.#button.hidden = readOnly;
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
  }
}
