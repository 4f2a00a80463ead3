/**
 * A row of tabs, as WAI-ARIA describes it: one of them takes part in Tab, arrows go from one to the next and
 * open it, Home and End go to the first and the last, F2 asks for another name, Delete to delete it. It
 * knows no Store.
 */
import { ICONS, icon } from './icons.ts';

/** What a tab stands for: a table's id, or null for the values. */
export type TabKey = string | null;

export interface Tab {
  readonly key: TabKey;
  readonly label: string;
  readonly count: number;
  readonly conflicts: number;
  /** Whether something that was typed there is not saved. */
  readonly isUnsaved: boolean;
}

export interface TabsEvents {
  onOpen(key: TabKey): void;
  onDelete(key: TabKey): void;
  onRename(key: TabKey): void;
  onMenu(key: TabKey, anchor: DOMRect): void;
  onAdd(): void;
}

let strips = 0;

export class Tabs {
  readonly element = document.createElement('div');
  readonly #list = document.createElement('div');
  readonly #add: HTMLButtonElement;
  readonly #menu: HTMLButtonElement;
  readonly #events: TabsEvents;
  readonly #prefix = `tbw-tab-${++strips}-`;
  readonly #nodes = new Map<TabKey, HTMLElement>();
  #count = 0;
  #keys: readonly TabKey[] = [];
  #open: TabKey = null;

  constructor(events: TabsEvents) {
    this.#events = events;
    this.element.className = 'tbw-tabs';
    this.#list.className = 'tbw-tablist';
    this.#list.setAttribute('role', 'tablist');
    this.#list.setAttribute('aria-label', 'Tables and values');
    this.#add = button('add-table', 'Add table', ICONS.add, () => events.onAdd());
    this.#menu = button('table-menu', 'Actions for this tab', ICONS.menu, () =>
      events.onMenu(this.#open, this.#menu.getBoundingClientRect()),
    );
    this.#menu.setAttribute('aria-haspopup', 'menu');
    this.element.append(this.#list, this.#add, this.#menu);
    this.#list.addEventListener('keydown', (event) => this.#onKey(event));
    this.#list.addEventListener('click', (event) => {
      const key = this.#keyOf(event);
      if (key !== undefined) events.onOpen(key);
    });
    this.#list.addEventListener('dblclick', (event) => {
      const key = this.#keyOf(event);
      if (key !== undefined) events.onRename(key);
    });
    this.#list.addEventListener('contextmenu', (event) => {
      const key = this.#keyOf(event);
      if (key === undefined || this.#menu.hidden) return;
      event.preventDefault();
      event.stopPropagation(); // the notebook around has a menu, too
      events.onMenu(key, new DOMRect(event.clientX, event.clientY, 0, 0));
    });
  }

  /** The ids that a tab and its panel are joined by. */
  idsOf(key: TabKey): { readonly tab: string; readonly panel: string } {
    const { id } = this.#nodeOf(key);
    return { tab: id, panel: `${id}-panel` };
  }

  update(tabs: readonly Tab[], open: TabKey, isReadOnly: boolean): void {
    const isOther = open !== this.#open || this.#keys.length === 0;
    this.#keys = tabs.map(({ key }) => key);
    this.#open = open;
    for (const [key, node] of this.#nodes)
      if (!this.#keys.includes(key)) {
        node.remove();
        this.#nodes.delete(key);
      }
    tabs.forEach((tab, index) => {
      const node = this.#nodeOf(tab.key);
      draw(node, tab, tab.key === open);
      if (this.#list.children[index] !== node)
        this.#list.insertBefore(node, this.#list.children[index] ?? null);
    });
    this.#add.hidden = this.#menu.hidden = isReadOnly;
    if (isOther) this.#nodeOf(open).scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }

  focus(): void {
    this.#nodeOf(this.#open).focus({ preventScroll: true });
  }

  /** Where a tab is on the page. */
  boxOf(key: TabKey): DOMRect {
    return this.#nodeOf(key).getBoundingClientRect();
  }

  #nodeOf(key: TabKey): HTMLElement {
    let node = this.#nodes.get(key);
    if (!node) {
      node = document.createElement('div');
      node.id = `${this.#prefix}${++this.#count}`;
      node.className = 'tbw-tab';
      node.setAttribute('role', 'tab');
      node.setAttribute('aria-controls', `${node.id}-panel`);
      if (key === null) node.dataset.values = '';
      else node.dataset.tab = key;
      this.#nodes.set(key, node);
    }
    return node;
  }

  #keyOf({ target }: Event): TabKey | undefined {
    return this.#keys.find(
      (key) => target instanceof Node && this.#nodes.get(key)?.contains(target),
    );
  }

  #onKey(event: KeyboardEvent): void {
    const { key } = event;
    const at = this.#keys.indexOf(this.#open);
    const { length } = this.#keys;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % length,
      ArrowLeft: (at - 1 + length) % length,
      Home: 0,
      End: length - 1,
    };
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const target = isPlain && !event.shiftKey ? targets[key] : undefined;
    if (target !== undefined) {
      this.#events.onOpen(this.#keys[target] as TabKey);
      this.focus();
    } else if ((key === 'F10' && event.shiftKey) || key === 'ContextMenu') {
      if (this.#menu.hidden) return;
      this.#events.onMenu(this.#open, this.boxOf(this.#open));
    } else if (key === 'Delete' && isPlain) this.#events.onDelete(this.#open);
    else if (key === 'F2' && isPlain) this.#events.onRename(this.#open);
    else if (key === 'Enter' || key === ' ') this.#events.onOpen(this.#open);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const draw = (node: HTMLElement, tab: Tab, isOpen: boolean): void => {
  const count = tab.count.toLocaleString('en');
  const conflicts =
    tab.conflicts === 0 ? '' : `${tab.conflicts} conflict${tab.conflicts === 1 ? '' : 's'}`;
  const notes = [conflicts, tab.isUnsaved ? 'not saved' : ''].filter((note) => note !== '');
  const state = JSON.stringify([tab.label, count, notes]);
  if (node.dataset.drawn !== state) {
    node.dataset.drawn = state;
    const parts = [part('tbw-tab-name', tab.label), part('tbw-tab-count', count)];
    if (tab.key === null) parts.unshift(icon(ICONS.values));
    if (notes.length > 0) parts.push(part('tbw-tab-note', '●', notes.join(', ')));
    node.replaceChildren(...parts);
    const what = tab.key === null ? 'value' : 'row';
    const words = `${count} ${what}${tab.count === 1 ? '' : 's'}`;
    node.setAttribute('aria-label', [tab.label, words, ...notes].join(', '));
    node.title = tab.label;
  }
  node.setAttribute('aria-selected', String(isOpen));
  node.tabIndex = isOpen ? 0 : -1;
};

const part = (className: string, text: string, title = ''): Element => {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  if (title) element.title = title;
  return element;
};

const button = (
  action: string,
  label: string,
  path: string,
  onClick: () => void,
): HTMLButtonElement => {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'tbw-button tbw-icon-button';
  element.dataset.action = action;
  element.title = label;
  element.setAttribute('aria-label', label);
  element.append(icon(path));
  element.addEventListener('mousedown', (event) => event.preventDefault());
  element.addEventListener('click', onClick);
  return element;
};
