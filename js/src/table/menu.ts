/**
 * A menu, as WAI-ARIA describes it: arrows move, a letter goes to the next item that begins with it, Enter
 * or Space carries out, Escape and Tab close. It knows nothing of what its items do.
 */
import { Popover } from './popover.ts';

export interface MenuItem {
  /** Names the item to style sheets and tests. */
  readonly action: string;
  readonly label: string;
  /** The keys that do the same. */
  readonly keys?: string | undefined;
  /** Whether it cannot be carried out at the moment. */
  readonly isDisabled?: boolean;
  readonly isHarmful?: boolean;
  run(): void;
}

/** Items that belong together. */
export type MenuGroup = readonly MenuItem[];

export class Menu {
  readonly #popover: Popover;
  #items: readonly MenuItem[] = [];
  #onClose: (() => void) | undefined;

  constructor(root: HTMLElement) {
    this.#popover = new Popover(root, 'tbw-menu', { onLeave: () => this.close() });
    const { element } = this.#popover;
    element.setAttribute('role', 'menu');
    element.addEventListener('keydown', (event) => this.#onKey(event));
    element.addEventListener('mousedown', (event) => event.preventDefault());
    element.addEventListener('contextmenu', (event) => event.preventDefault());
    element.addEventListener('click', (event) => this.#run(this.#indexOf(event.target)));
    element.addEventListener('mousemove', (event) => {
      const index = this.#indexOf(event.target);
      if (index >= 0) this.#focus(index);
    });
  }

  get isOpen(): boolean {
    return this.#popover.isOpen;
  }

  /** Opens the menu beside a box, with the first item focused; `onClose` gives the focus back. */
  open(label: string, groups: readonly MenuGroup[], anchor: DOMRect, onClose: () => void): void {
    this.close();
    const filled = groups.filter(({ length }) => length > 0);
    this.#items = filled.flat();
    this.#onClose = onClose;
    const { element } = this.#popover;
    element.setAttribute('aria-label', label);
    element.replaceChildren(
      ...filled.flatMap((group, at) => [...(at > 0 ? [separator()] : []), ...group.map(drawn)]),
    );
    this.#popover.show(anchor);
    this.#step(0, 1);
  }

  close(): void {
    if (!this.isOpen) return;
    const onClose = this.#onClose;
    this.#onClose = undefined;
    this.#popover.hide();
    onClose?.();
  }

  get #nodes(): HTMLElement[] {
    return [...this.#popover.element.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  }

  #indexOf(target: EventTarget | null): number {
    return this.#nodes.findIndex((node) => target instanceof Node && node.contains(target));
  }

  #focus(index: number): void {
    this.#nodes[index]?.focus({ preventScroll: true });
    this.#nodes[index]?.scrollIntoView?.({ block: 'nearest' });
  }

  /** Focuses the first item from a place on that can be carried out, either way and around the end. */
  #step(from: number, by: 1 | -1): void {
    const { length } = this.#items;
    for (let n = 0; n < length; n++) {
      const index = (from + by * n + length * 2) % length;
      if (!this.#items[index]?.isDisabled) {
        this.#focus(index);
        return;
      }
    }
  }

  #run(index: number): void {
    const item = this.#items[index];
    if (!item || item.isDisabled) return;
    this.close();
    item.run();
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const at = this.#indexOf(event.target);
    const { key } = event;
    if (key === 'ArrowDown') this.#step(at + 1, 1);
    else if (key === 'ArrowUp') this.#step(at - 1, -1);
    else if (key === 'Home' || key === 'PageUp') this.#step(0, 1);
    else if (key === 'End' || key === 'PageDown') this.#step(this.#items.length - 1, -1);
    else if (key === 'Enter' || key === ' ') this.#run(at);
    else if (key === 'Escape' || key === 'Tab' || key === 'F10' || key === 'ContextMenu')
      this.close();
    else if ([...key].length === 1 && !event.ctrlKey && !event.metaKey) this.#find(key, at);
    else return;
    event.preventDefault();
  }

  #find(letter: string, at: number): void {
    const { length } = this.#items;
    for (let n = 1; n <= length; n++) {
      const index = (at + n) % length;
      const item = this.#items[index];
      if (item?.label.toLowerCase().startsWith(letter.toLowerCase()) && !item.isDisabled) {
        this.#focus(index);
        return;
      }
    }
  }
}

const drawn = ({ action, label, keys, isDisabled, isHarmful }: MenuItem): HTMLElement => {
  const node = document.createElement('div');
  node.className = 'tbw-menu-item';
  node.setAttribute('role', 'menuitem');
  node.tabIndex = -1;
  node.dataset.action = action;
  if (isDisabled) node.setAttribute('aria-disabled', 'true');
  node.classList.toggle('tbw-harmful', isHarmful === true);
  const text = document.createElement('span');
  text.className = 'tbw-menu-label';
  text.textContent = label;
  node.append(text);
  if (keys !== undefined) {
    const hint = document.createElement('span');
    hint.className = 'tbw-menu-keys';
    hint.textContent = keys;
    hint.setAttribute('aria-hidden', 'true');
    node.setAttribute('aria-keyshortcuts', keys.replace('Ctrl', 'Control').replace('⌘', 'Meta+'));
    node.append(hint);
  }
  return node;
};

const separator = (): HTMLElement => {
  const node = document.createElement('div');
  node.className = 'tbw-menu-line';
  node.setAttribute('role', 'separator');
  return node;
};
