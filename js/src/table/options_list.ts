/**
 * The list below a field in which one of several options is chosen: the popup of a combobox.
 *
 * Typing narrows it to the options that have the text in them, those that begin with it first. It knows
 * texts only; the field keeps the focus and tells by `aria-activedescendant` which option is marked.
 */
import { Popover } from './popover.ts';

const MAX_SHOWN = 200;
let lists = 0;

export class OptionsList {
  readonly #popover: Popover;
  readonly #field: HTMLInputElement;
  readonly #texts: readonly string[];
  #shown: readonly string[] = [];
  #marked = -1;

  constructor(
    root: HTMLElement,
    field: HTMLInputElement,
    texts: readonly string[],
    onPick: (text: string) => void,
  ) {
    this.#field = field;
    this.#texts = texts;
    this.#popover = new Popover(root, 'tbw-list');
    const { element } = this.#popover;
    element.id = `tbw-list-${++lists}`;
    element.setAttribute('role', 'listbox');
    element.setAttribute('aria-label', field.getAttribute('aria-label') ?? '');
    // Keeps the focus in the field.
    element.addEventListener('mousedown', (event) => event.preventDefault());
    element.addEventListener('click', (event) => {
      const option = event.target instanceof Element ? event.target.closest('.tbw-option') : null;
      if (option) onPick(option.textContent ?? '');
    });
    for (const [name, value] of Object.entries({
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': 'true',
      'aria-controls': element.id,
      'aria-haspopup': 'listbox',
    }))
      field.setAttribute(name, value);
  }

  /** The marked option's text. */
  get marked(): string | undefined {
    return this.#shown[this.#marked];
  }

  /** Shows all options with this one marked, or none. */
  showAll(marked: string): void {
    this.#show(this.#texts, this.#texts.indexOf(marked));
  }

  /** Shows the options that have a text in them, with the first one marked; all of them for no text. */
  narrow(text: string): void {
    const wanted = text.trim().toLowerCase();
    if (wanted === '') {
      this.#show(this.#texts, -1);
      return;
    }
    const begins: string[] = [];
    const has: string[] = [];
    for (const each of this.#texts) {
      const at = each.toLowerCase().indexOf(wanted);
      if (at === 0) begins.push(each);
      else if (at > 0) has.push(each);
    }
    this.#show([...begins, ...has], 0);
  }

  /** Marks the option that is so many further on. */
  step(by: number): void {
    const { length } = this.#shown;
    if (length === 0) return;
    const from = this.#marked < 0 && by < 0 ? length : this.#marked;
    this.#mark(Math.max(0, Math.min(length - 1, from + by)));
  }

  place(anchor: DOMRect): void {
    this.#popover.element.style.minWidth = `${anchor.width}px`;
    this.#popover.show(anchor);
  }

  hide(): void {
    this.#popover.hide();
  }

  #show(texts: readonly string[], marked: number): void {
    this.#shown = texts.slice(0, MAX_SHOWN);
    const { element } = this.#popover;
    const options = this.#shown.map((text, index): HTMLElement => {
      const option = document.createElement('div');
      option.className = 'tbw-option';
      option.id = `${element.id}-${index}`;
      option.setAttribute('role', 'option');
      option.textContent = text;
      if (text === '') option.append(document.createElement('br'));
      return option;
    });
    const more = texts.length - this.#shown.length;
    if (texts.length === 0) options.push(note('None has this in it.'));
    else if (more > 0) options.push(note(`and ${more.toLocaleString('en')} more: type to narrow`));
    element.replaceChildren(...options);
    this.#mark(marked);
  }

  #mark(index: number): void {
    this.#marked = index;
    const options = this.#popover.element.querySelectorAll('.tbw-option');
    options.forEach((option, at) => {
      option.setAttribute('aria-selected', String(at === index));
    });
    const option = options[index];
    if (option) {
      this.#field.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView?.({ block: 'nearest' });
    } else this.#field.removeAttribute('aria-activedescendant');
  }
}

const note = (text: string): HTMLElement => {
  const element = document.createElement('div');
  element.className = 'tbw-list-note';
  element.setAttribute('aria-hidden', 'true');
  element.textContent = text;
  return element;
};
