/** The menu of all columns: which of them are shown, and what else belongs to the view as a whole. */
import { Popover } from '../popover.ts';
import { makeButton, part } from './dom.ts';

export interface ColumnsMenuContent {
  /** All columns, those that are shown first, in their order. */
  readonly columns: readonly string[];
  readonly shown: ReadonlySet<string>;
  readonly rowNumbers: boolean;
}

export interface ColumnsMenuEvents {
  onShown(columns: readonly string[]): void;
  onShowAll(): void;
  onRowNumbers(shown: boolean): void;
  onClose(): void;
}

export class ColumnsMenu {
  readonly #popover: Popover;
  readonly #events: ColumnsMenuEvents;

  constructor(root: HTMLElement, events: ColumnsMenuEvents) {
    this.#events = events;
    this.#popover = new Popover(root, 'tbw-look tbw-look-columns', { onLeave: () => this.close() });
    this.#popover.element.setAttribute('role', 'dialog');
    this.#popover.element.setAttribute('aria-label', 'Columns');
    this.#popover.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  open({ columns, shown, rowNumbers }: ColumnsMenuContent, anchor: DOMRect): void {
    const list = part('div', 'tbw-look-list');
    list.setAttribute('role', 'group');
    list.setAttribute('aria-label', 'Shown columns');
    const boxes = columns.map((column) => {
      const { label, box } = checkLine(column, shown.has(column));
      box.addEventListener('change', () => {
        const chosen = columns.filter((_, i) => boxes[i]?.checked);
        // Without columns there would be no header to bring them back from.
        if (chosen.length === 0) box.checked = true;
        else this.#events.onShown(chosen);
      });
      list.append(label);
      return box;
    });
    const all = makeButton({ action: 'show-all-columns', label: 'Show all' }, () => {
      for (const box of boxes) box.checked = true;
      this.#events.onShowAll();
    });
    const listing = part('div', 'tbw-look-section');
    listing.append(list, all);
    const options = part('div', 'tbw-look-section');
    const numbers = checkLine('Row numbers', rowNumbers);
    numbers.box.addEventListener('change', () => this.#events.onRowNumbers(numbers.box.checked));
    options.append(numbers.label);
    this.#popover.element.replaceChildren(
      part('div', 'tbw-look-title', 'Columns'),
      listing,
      options,
    );
    this.#popover.show(anchor);
    boxes[0]?.focus({ preventScroll: true });
  }

  close(): void {
    this.#popover.hide();
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const stops = [...this.#popover.element.querySelectorAll<HTMLElement>('input, button')];
    const at = stops.indexOf(event.target as HTMLElement);
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = event.key === 'Tab' ? (event.shiftKey ? -1 : 1) : steps[event.key];
    if (event.key === 'Escape') {
      this.close();
      this.#events.onClose();
    } else if (step !== undefined) stops[(at + step + stops.length) % stops.length]?.focus();
    else return;
    event.preventDefault();
  }
}

const checkLine = (
  text: string,
  checked: boolean,
): { label: HTMLElement; box: HTMLInputElement } => {
  const label = part('label', 'tbw-look-value');
  label.style.setProperty('--tbw-share', '0');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = checked;
  label.append(box, part('span', 'tbw-look-value-name', text));
  return { label, box };
};
