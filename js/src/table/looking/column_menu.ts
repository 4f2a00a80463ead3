/**
 * What one can do with a column: sort it, filter it, move, pin and hide it, write its numbers otherwise.
 *
 * It opens from the button in the column's header, or by Alt+Arrow down for the active cell's column.
 * Every change is carried out at once, so that its effect is seen behind the menu.
 */
import { Popover } from '../popover.ts';
import type { ColumnType, MaybeCell } from '../values.ts';
import { type IconName, icon, makeButton, part } from './dom.ts';
import type { Facets } from './facets.ts';
import type { Conditions } from './filter.ts';
import { FORMATS } from './formats.ts';
import { valueText } from './words.ts';

const WIDEN_BY = 24; // pixels

export interface MenuContent {
  readonly column: string;
  readonly type: ColumnType;
  /** True for descending; undefined where the column does not sort. */
  readonly descending: boolean | undefined;
  readonly conditions: Conditions;
  readonly isPinned: boolean;
  readonly format: string;
  facets(): Facets;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export interface MenuEvents {
  onSort(column: string, descending: boolean | undefined): void;
  onFilter(column: string, conditions: Conditions): void;
  onMove(column: string, by: -1 | 1): void;
  onHide(column: string): void;
  /** Makes the column so many pixels wider. */
  onWiden(column: string, by: number): void;
  onPin(column: string, isPinned: boolean): void;
  onFormat(column: string, format: string): void;
  onClose(): void;
}

export class ColumnMenu {
  readonly #popover: Popover;
  readonly #events: MenuEvents;
  #content: MenuContent | undefined;
  #conditions: Conditions = {};

  constructor(root: HTMLElement, events: MenuEvents) {
    this.#events = events;
    this.#popover = new Popover(root, 'tbw-look', { onLeave: () => this.close() });
    const { element } = this.#popover;
    element.setAttribute('role', 'dialog');
    element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  get column(): string | undefined {
    return this.#content?.column;
  }

  open(content: MenuContent, anchor: DOMRect): void {
    this.close();
    this.#content = content;
    this.#conditions = content.conditions;
    const { element } = this.#popover;
    element.setAttribute('aria-label', `Column ${content.column}`);
    element.replaceChildren(
      part('div', 'tbw-look-title', content.column),
      this.#sorting(content),
      this.#filtering(content),
      ...(content.type === 'number' ? [this.#formatting(content)] : []),
      this.#placing(content),
    );
    this.#popover.show(anchor);
    this.#stops()[0]?.focus({ preventScroll: true });
  }

  close(): void {
    this.#content = undefined;
    this.#popover.hide();
  }

  #leave(): void {
    this.close();
    this.#events.onClose();
  }

  #sorting({ column, descending }: MenuContent): HTMLElement {
    const section = part('div', 'tbw-look-section');
    const item = (name: IconName, label: string, value: boolean): HTMLElement => {
      const element = this.#item(name, label, `sort-${name}`, () => {
        this.#events.onSort(column, descending === value ? undefined : value);
        this.#leave();
      });
      element.setAttribute('aria-pressed', String(descending === value));
      return element;
    };
    section.append(
      item('ascending', 'Sort ascending', false),
      item('descending', 'Sort descending', true),
    );
    return section;
  }

  #placing({ column, isFirst, isLast, isPinned }: MenuContent): HTMLElement {
    const section = part('div', 'tbw-look-section tbw-look-row');
    const item = (name: IconName, label: string, onClick: () => void): HTMLButtonElement =>
      makeButton({ action: `column-${name}`, label, icon: name, text: '' }, () => {
        onClick();
        this.#leave();
      });
    const left = item('left', 'Move left', () => this.#events.onMove(column, -1));
    const right = item('right', 'Move right', () => this.#events.onMove(column, 1));
    left.disabled = isFirst;
    right.disabled = isLast;
    const hide = item('hide', 'Hide', () => this.#events.onHide(column));
    hide.append(part('span', 'tbw-button-text', 'Hide'));
    hide.disabled = isFirst && isLast;
    const pin = item('pin', isPinned ? 'Unpin' : 'Pin', () =>
      this.#events.onPin(column, !isPinned),
    );
    pin.setAttribute('aria-pressed', String(isPinned));
    pin.append(part('span', 'tbw-button-text', isPinned ? 'Unpin' : 'Pin'));
    // These stay open: one press is seldom enough.
    const widths = (['narrow', 'wide'] as const).map((name) =>
      makeButton(
        {
          action: `column-${name}`,
          label: name === 'wide' ? 'Wider' : 'Narrower',
          icon: name,
          text: '',
        },
        () => this.#events.onWiden(column, name === 'wide' ? WIDEN_BY : -WIDEN_BY),
      ),
    );
    section.append(left, right, ...widths, pin, hide);
    return section;
  }

  #formatting({ column, format }: MenuContent): HTMLElement {
    const section = part('div', 'tbw-look-section tbw-look-format');
    const label = part('label', '', 'Number format');
    const select = document.createElement('select');
    select.className = 'tbw-field';
    select.setAttribute('aria-label', 'How numbers are written');
    const known = FORMATS.some(([spec]) => spec === format);
    for (const [spec, text] of known ? FORMATS : [...FORMATS, [format, format] as const]) {
      const option = document.createElement('option');
      option.value = spec;
      option.textContent = text;
      option.selected = spec === format;
      select.append(option);
    }
    select.addEventListener('change', () => this.#events.onFormat(column, select.value));
    label.append(select);
    section.append(label);
    return section;
  }

  #filtering(content: MenuContent): HTMLElement {
    const section = part('div', 'tbw-look-section tbw-look-filter');
    if (content.type === 'number' || content.type === 'mixed') section.append(this.#range());
    if (content.type === 'string' || content.type === 'mixed') section.append(this.#text());
    const { facets, others } = content.facets();
    // Numbers are listed where they are few, as codes are.
    if (content.type !== 'number' || others === 0) section.append(this.#list({ facets, others }));
    return section;
  }

  #range(): HTMLElement {
    const row = part('div', 'tbw-look-range');
    const input = (name: 'min' | 'max', label: string): HTMLInputElement => {
      const field = this.#field(label, this.#conditions[name]?.toString() ?? '');
      field.inputMode = 'decimal';
      field.addEventListener('input', () => {
        const text = field.value.trim().replace(',', '.');
        const number = Number(text);
        const isValid = Number.isFinite(number);
        field.setAttribute('aria-invalid', String(!isValid));
        if (isValid) this.#change({ [name]: text === '' ? undefined : number });
      });
      return field;
    };
    row.append(input('min', 'From'), part('span', '', '–'), input('max', 'To'));
    return row;
  }

  #text(): HTMLElement {
    const row = part('div', 'tbw-look-text');
    const isExact = this.#conditions.equals !== undefined;
    const select = document.createElement('select');
    select.className = 'tbw-field';
    select.setAttribute('aria-label', 'How to compare');
    for (const [value, label] of [
      ['contains', 'contains'],
      ['equals', 'is'],
    ] as const) {
      const option = document.createElement('option');
      option.value = value;
      option.textContent = label;
      option.selected = isExact === (value === 'equals');
      select.append(option);
    }
    const field = this.#field('Text', this.#conditions.equals ?? this.#conditions.contains ?? '');
    const take = (): void => {
      const text = field.value === '' ? undefined : field.value;
      const exact = select.value === 'equals';
      this.#change({ contains: exact ? undefined : text, equals: exact ? text : undefined });
    };
    field.addEventListener('input', take);
    select.addEventListener('change', take);
    row.append(select, field);
    return row;
  }

  #list({ facets, others }: Facets): HTMLElement {
    const list = part('div', 'tbw-look-list');
    list.setAttribute('role', 'group');
    list.setAttribute('aria-label', 'Show only');
    const most = Math.max(1, ...facets.map(({ count }) => count));
    const boxes = facets.map(({ cell, count }) => {
      const label = part('label', 'tbw-look-value');
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.checked = this.#isListed(cell);
      box.addEventListener('change', () => {
        const chosen = facets.filter((_, i) => boxes[i]?.checked).map((facet) => facet.cell);
        const kept = (this.#conditions.in ?? []).filter(
          (each) => !facets.some((facet) => isSame(facet.cell, each)),
        );
        const among = [...kept, ...chosen];
        this.#change({ in: among.length > 0 ? among : undefined });
      });
      const name = part('span', 'tbw-look-value-name', valueText(cell));
      if (cell === null || cell === '') name.classList.add('tbw-look-empty');
      label.style.setProperty('--tbw-share', String(count / most));
      label.append(box, name, part('span', 'tbw-look-count', count.toLocaleString('en')));
      list.append(label);
      return box;
    });
    if (others > 0)
      list.append(part('div', 'tbw-look-others', `and ${others.toLocaleString('en')} more`));
    return list;
  }

  #isListed(cell: MaybeCell): boolean {
    return this.#conditions.in?.some((each) => isSame(each, cell)) === true;
  }

  #change(partial: { [K in keyof Conditions]: Conditions[K] | undefined }): void {
    const entries = Object.entries({ ...this.#conditions, ...partial });
    this.#conditions = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    if (this.#content) this.#events.onFilter(this.#content.column, this.#conditions);
  }

  #field(label: string, value: string): HTMLInputElement {
    const field = document.createElement('input');
    field.type = 'text';
    field.className = 'tbw-field';
    field.placeholder = label;
    field.value = value;
    field.setAttribute('aria-label', label);
    return field;
  }

  #item(name: IconName, label: string, action: string, onClick: () => void): HTMLElement {
    const element = part('button', 'tbw-look-item') as HTMLButtonElement;
    element.type = 'button';
    element.dataset.action = action;
    element.append(icon(name), part('span', '', label));
    element.addEventListener('click', onClick);
    return element;
  }

  #stops(): HTMLElement[] {
    return [
      ...this.#popover.element.querySelectorAll<HTMLElement>(
        'button:not(:disabled), input, select',
      ),
    ];
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const { key } = event;
    const isField = event.target instanceof HTMLInputElement && event.target.type === 'text';
    if (key === 'Escape' || (key === 'Enter' && isField)) this.#leave();
    else if (key === 'Tab') this.#step(event, event.shiftKey ? -1 : 1);
    else if (key === 'ArrowDown' && !(event.target instanceof HTMLSelectElement))
      this.#step(event, 1);
    else if (key === 'ArrowUp' && !(event.target instanceof HTMLSelectElement))
      this.#step(event, -1);
    else return;
    event.preventDefault();
  }

  #step(event: KeyboardEvent, by: number): void {
    const stops = this.#stops();
    const at = stops.indexOf(event.target as HTMLElement);
    stops[(at + by + stops.length) % stops.length]?.focus();
  }
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
