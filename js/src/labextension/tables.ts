/** The strip below the table, by which people choose one of the document's tables, or begin another. */

export interface TablesActions {
  /** Shows a table, which need not exist yet. */
  show(tableId: string): void;
}

export class Tables {
  readonly element = document.createElement('div');
  readonly #list = document.createElement('div');
  readonly #add = document.createElement('button');
  readonly #name = document.createElement('input');
  readonly #actions: TablesActions;

  constructor(actions: TablesActions) {
    this.#actions = actions;
    this.element.className = 'tbw-tables';
    this.#list.className = 'tbw-tables-list';
    this.#list.setAttribute('role', 'tablist');
    this.#list.setAttribute('aria-label', 'Tables');
    this.#list.addEventListener('keydown', this.#onKey);
    this.#add.type = 'button';
    this.#add.className = 'tbw-tables-add';
    this.#add.dataset.action = 'new-table';
    this.#add.title = 'New table';
    this.#add.setAttribute('aria-label', 'New table');
    this.#add.textContent = '+';
    this.#add.addEventListener('click', () => this.#ask());
    this.#name.className = 'tbw-tables-name';
    this.#name.hidden = true;
    this.#name.placeholder = 'Name of the new table';
    this.#name.setAttribute('aria-label', this.#name.placeholder);
    this.#name.maxLength = 200;
    this.#name.addEventListener('keydown', this.#onNameKey);
    this.#name.addEventListener('blur', () => this.#answer(''));
    this.element.append(this.#list, this.#add, this.#name);
  }

  update(tableIds: readonly string[], shown: string, readOnly: boolean): void {
    this.#add.hidden = readOnly || !this.#name.hidden;
    const had = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...tableIds.map((tableId) => this.#tab(tableId, tableId === shown)));
    if (had) this.#selected?.focus();
    this.#selected?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }

  get #selected(): HTMLElement | null {
    return this.#list.querySelector('[aria-selected=true]');
  }

  #tab(tableId: string, isSelected: boolean): HTMLElement {
    const tab = document.createElement('button');
    tab.type = 'button';
    tab.className = 'tbw-tables-tab';
    tab.dataset.tab = tableId;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-selected', String(isSelected));
    tab.tabIndex = isSelected ? 0 : -1;
    tab.title = tableId;
    tab.textContent = tableId || '(no name)';
    tab.addEventListener('click', () => this.#actions.show(tableId));
    return tab;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    const selected = this.#selected;
    const next = (step < 0 ? selected?.previousElementSibling : selected?.nextElementSibling) as
      | HTMLElement
      | undefined;
    if (next?.dataset.tab !== undefined) this.#actions.show(next.dataset.tab);
    event.preventDefault();
  };

  #ask(): void {
    this.#add.hidden = true;
    this.#name.hidden = false;
    this.#name.value = '';
    this.#name.focus();
  }

  #answer(name: string): void {
    if (this.#name.hidden) return;
    this.#name.hidden = true;
    this.#add.hidden = false;
    if (name) this.#actions.show(name);
  }

  readonly #onNameKey = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === 'Enter') this.#answer(this.#name.value.trim());
    else if (event.key === 'Escape') {
      this.#answer('');
      this.#add.focus();
    }
  };
}
