/** The line below the toolbar that says what is filtered, each with a button that takes it away. */
import { icon, makeButton, part } from './dom.ts';
import type { Looking } from './look.ts';
import { conditionsText } from './words.ts';

export interface ChipEvents {
  openFilter(column: string, anchor: HTMLElement): void;
  clearFilter(column: string): void;
  clearSearch(): void;
  clearAll(): void;
}

export class Chips {
  readonly element = part('div', 'tbw-chips');
  readonly #events: ChipEvents;
  #shown: Looking | undefined;

  constructor(events: ChipEvents) {
    this.#events = events;
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', 'Filters');
    this.element.hidden = true;
  }

  /** Shows what is filtered; true if there is something now and was nothing, or the other way round. */
  update(looking: Looking, isEmpty: boolean): boolean {
    const wasHidden = this.element.hidden;
    const { filters, search } = looking;
    const columns = Object.keys(filters);
    const isSearching = search.trim() !== '';
    this.element.hidden = columns.length === 0 && !isSearching;
    this.element.dataset.empty = String(isEmpty);
    if (looking === this.#shown) return false;
    this.#shown = looking;
    const hadFocus = this.element.contains((this.element.getRootNode() as Document).activeElement);
    const chips = columns.map((column) => this.#filterChip(column, looking));
    if (isSearching)
      chips.push(
        chip(
          'search',
          [part('span', 'tbw-chip-text', `“${search.trim()}”`)],
          'Clear the search',
          () => this.#events.clearSearch(),
        ),
      );
    this.element.replaceChildren(...chips, part('span', 'tbw-no-match', 'No row matches.'));
    if (chips.length > 1)
      this.element.append(
        makeButton({ action: 'clear-filters', label: 'Clear all' }, () => this.#events.clearAll()),
      );
    if (hadFocus) this.element.querySelector('button')?.focus({ preventScroll: true });
    return wasHidden !== this.element.hidden;
  }

  #filterChip(column: string, { filters }: Looking): HTMLElement {
    const text = conditionsText(filters[column] ?? {});
    const name = makeButton(
      {
        action: 'open-filter',
        label: `${column} ${text}: change this filter`,
        text: '',
        className: 'tbw-chip-name',
      },
      () => this.#events.openFilter(column, name),
    );
    name.append(part('b', '', column), ' ', part('span', 'tbw-chip-text', text));
    return chip('filter', [name], `Clear the filter of ${column}`, () =>
      this.#events.clearFilter(column),
    );
  }
}

const chip = (
  kind: 'filter' | 'search',
  content: readonly HTMLElement[],
  label: string,
  onClear: () => void,
): HTMLElement => {
  const element = part('span', 'tbw-chip');
  const clear = makeButton(
    { action: `clear-${kind}-chip`, label, icon: 'clear', text: '', className: 'tbw-chip-clear' },
    onClear,
  );
  element.append(icon(kind), ...content, clear);
  return element;
};
