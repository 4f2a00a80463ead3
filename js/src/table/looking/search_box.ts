/** The field in the toolbar in which one searches all columns. */
import { icon, makeButton, part } from './dom.ts';

export interface SearchEvents {
  onSearch(text: string): void;
  /** Enter or arrow down: on to what was found. */
  onLeave(): void;
  /** Somebody is about to search. */
  onFocus(): void;
}

export class SearchBox {
  readonly element = part('div', 'tbw-search');
  readonly #input = document.createElement('input');
  readonly #clear: HTMLButtonElement;
  readonly #events: SearchEvents;

  constructor(events: SearchEvents) {
    this.#events = events;
    this.element.setAttribute('role', 'search');
    this.#input.type = 'text';
    this.#input.className = 'tbw-field tbw-search-field';
    this.#input.placeholder = 'Search';
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    this.#input.setAttribute('aria-label', 'Search the table');
    this.#input.title =
      'Search all columns (Ctrl+F). Rows must have every word; "…" keeps words together.';
    this.#clear = makeButton(
      {
        action: 'clear-search',
        label: 'Clear the search',
        icon: 'clear',
        text: '',
        className: 'tbw-search-clear',
      },
      () => {
        this.#take('');
        this.focus();
      },
    );
    this.#input.addEventListener('input', () => this.#take(this.#input.value));
    this.#input.addEventListener('focus', () => events.onFocus());
    this.#input.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.append(icon('search'), this.#input, this.#clear);
    this.text = '';
  }

  /** Shows what is searched for, unless that is being typed here. */
  set text(text: string) {
    if (this.#input.value !== text) this.#input.value = text;
    this.#clear.hidden = text === '';
    this.element.dataset.active = String(text !== '');
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
    this.#input.select();
  }

  #take(text: string): void {
    this.text = text;
    this.#events.onSearch(text);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Escape' && this.#input.value !== '') this.#take('');
    else if (event.key === 'Enter' || event.key === 'ArrowDown' || event.key === 'Escape')
      this.#events.onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
