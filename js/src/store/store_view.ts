/**
 * A whole Store on screen: a tab for each table and one for the values, with the open one below.
 *
 * A tab that was opened keeps its table, hidden, so that what is being typed there, what is selected and how
 * far it is scrolled are still there afterwards. The tables opened last stay; older ones begin anew, unless
 * something typed there could not be saved.
 *
 * A table without rows does not exist for a Store. Here its tab stays while it is open, or if it was begun here
 * and has got no row yet.
 */
import type { Store } from 'tinybase';
import {
  mountTable,
  type TableHandle,
  type TableOptions,
  type TableSchema,
} from '../table/index.ts';
import { Notice } from '../table/notice.ts';
import type { LookingOptions } from '../table/options.ts';
import { compareRowIds } from '../table/rows.ts';
import { keepShortcutsOut } from '../table/shortcuts.ts';
import { renamedText, TableActions } from './table_actions.ts';
import { type TabKey, Tabs } from './tabs.ts';
import { mountValues, type ValuesHandle } from './values_view.ts';

export interface StoreOptions
  extends Pick<
    TableOptions,
    'newRowId' | 'height' | 'readOnly' | 'status' | 'conflicts' | 'history' | 'presence'
  > {
  readonly store: Store;
  /** The table of the open tab, null for the values; undefined for the first one that there is. */
  readonly tableId?: string | null | undefined;
  /** Told which tab was opened here, and whether a person chose it. */
  readonly onTableId?: (tableId: string | null, isChosen: boolean) => void;
  /** The schemas of the tables and of the values in the kernel's Store; null where there is none. */
  readonly schemas?: Readonly<Record<string, TableSchema>> | null;
  readonly valuesSchema?: TableSchema | null;
}

export interface StoreHandle extends Omit<TableHandle, 'update' | 'commit'> {
  update(partial: Partial<StoreOptions>): void;
}

interface Panel {
  readonly element: HTMLElement;
  readonly handle: TableHandle | ValuesHandle;
  isUnsaved: boolean;
}

interface Look {
  readonly looking?: LookingOptions;
  readonly columns?: readonly string[] | null;
  readonly columnWidths?: Readonly<Record<string, number>>;
}

const NOTHING: TableSchema = {};
const MAX_PANELS = 8;
const TABS_HEIGHT = 36;
const DEFAULT_HEIGHT = 400;

export class StoreView {
  readonly #host: HTMLElement;
  readonly #root = document.createElement('div');
  readonly #notice = new Notice();
  readonly #tabs: Tabs;
  readonly #tables: TableActions;
  /** Those opened last come last. */
  readonly #panels = new Map<TabKey, Panel>();
  /** How each table was looked at, for when it is drawn anew, or under another name. */
  readonly #looks = new Map<TabKey, Look>();
  /** Tables that were begun here and have no row yet. */
  readonly #begun = new Set<string>();
  readonly #stops: (() => void)[] = [];
  #options: StoreOptions;
  #ids: string[] = [];
  /** How many rows each table had. */
  #counts: ReadonlyMap<string, number> = new Map();
  #open: TabKey = null;
  #isChosen: boolean;
  #frame = 0;

  constructor(host: HTMLElement, options: StoreOptions) {
    this.#host = host;
    this.#options = options;
    this.#isChosen = options.tableId !== undefined;
    this.#open = options.tableId ?? null;
    this.#root.className = 'tbw-store';
    this.#root.tabIndex = -1;
    keepShortcutsOut(host, this.#root);
    this.#root.addEventListener('keydown', (event) => this.#onKey(event));
    this.#tabs = new Tabs({
      onOpen: (key) => this.open(key),
      onDelete: (key) => this.#tables.delete(key),
      onRename: (key) => this.#tables.rename(key),
      onMenu: (key, anchor) => {
        if (key !== this.#open && !this.#options.readOnly) this.open(key);
        this.#tables.openMenu(key, anchor);
      },
      onAdd: () => this.#tables.add(this.#open),
    });
    this.#tables = new TableActions(this.#root, {
      tabs: this.#tabs,
      notice: this.#notice,
      options: () => this.#options,
      isBegun: (name) => this.#begun.has(name),
      commit: (key) => this.#panels.get(key)?.handle.commit() !== false,
      onBegin: (name) => {
        this.#begun.add(name);
        this.open(name);
        this.focus();
      },
      onRename: (key, name) => this.#rename(key, name),
      onDelete: (key) => this.#delete(key),
    });
    this.#root.append(this.#tabs.element, ...this.#notice.elements);
    host.append(this.#root);
    const { store, conflicts } = options;
    const later = (): void => this.#schedule();
    const listeners = [
      store.addTableIdsListener(later),
      store.addRowCountListener(null, later),
      store.addValueIdsListener(later),
    ];
    this.#stops.push(() => {
      for (const id of listeners) store.delListener(id);
    });
    const stop = conflicts?.onChange(later);
    if (stop) this.#stops.push(stop);
    this.#take();
  }

  update(partial: Partial<StoreOptions>): void {
    this.#options = { ...this.#options, ...partial };
    if (partial.tableId !== undefined) {
      this.#isChosen = true;
      this.#show(partial.tableId);
    }
    for (const [key, { handle }] of this.#panels) handle.update(this.#shared(key));
    this.#take();
  }

  focus(): void {
    this.#panels.get(this.#open)?.handle.focus();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
    this.#tables.close();
    this.#notice.clear();
    for (const { handle } of this.#panels.values()) handle.destroy();
    this.#root.remove();
    delete this.#host.dataset.lmSuppressShortcuts;
  }

  /** Opens a tab, as a person does. */
  open(key: TabKey): void {
    this.#isChosen = true;
    this.#show(key);
    this.#take();
    this.#options.onTableId?.(key, true);
  }

  #show(key: TabKey): void {
    const before = this.#panels.get(this.#open);
    if (before && key !== this.#open) before.isUnsaved = !before.handle.commit();
    this.#open = key;
  }

  // Following the Store.

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => this.#take());
  }

  #take(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { store, conflicts } = this.#options;
    this.#takeIds();
    this.#mountOpen();
    const open = conflicts?.open() ?? [];
    const tab = (key: TabKey, label: string, count: number) => ({
      key,
      label,
      count,
      conflicts: open.filter(({ tableId }) => tableId === key).length,
      isUnsaved: key !== this.#open && this.#panels.get(key)?.isUnsaved === true,
    });
    this.#tabs.update(
      [
        ...this.#ids.map((id) => tab(id, id, store.getRowCount(id))),
        tab(null, 'Values', store.getValueIds().length),
      ],
      this.#open,
      this.#options.readOnly === true,
    );
    for (const [key, { element }] of this.#panels) {
      const ids = this.#tabs.idsOf(key);
      element.id = ids.panel;
      element.setAttribute('aria-labelledby', ids.tab);
      element.hidden = key !== this.#open;
    }
  }

  #takeIds(): void {
    const { store } = this.#options;
    // By name: each replica of a document meets the tables in an order of its own.
    const present = store.getTableIds().sort(compareRowIds);
    for (const id of present) this.#begun.delete(id);
    this.#follow(present);
    const [first] = present;
    if (!this.#isChosen && this.#open === null && first !== undefined) {
      this.#open = first;
      this.#options.onTableId?.(first, false);
    }
    const kept = new Set([...present, ...this.#begun]);
    if (this.#open !== null) kept.add(this.#open);
    this.#ids = [...kept].sort(compareRowIds);
    for (const key of [...this.#panels.keys()])
      if (key !== null && !kept.has(key)) this.#unmount(key);
  }

  /** Somebody has renamed the open table: it went, and one with as many rows came. */
  #follow(present: readonly string[]): void {
    const open = this.#open;
    const { store, onTableId } = this.#options;
    const [name, ...others] = present.filter((id) => !this.#counts.has(id));
    const count = open === null || present.includes(open) ? undefined : this.#counts.get(open);
    this.#counts = new Map(present.map((id) => [id, store.getRowCount(id)]));
    // What is being typed there stays where it is.
    const isTyping = this.#panels.get(open)?.element.querySelector('.tbw-editor-field') != null;
    if (open === null || name === undefined || count === undefined || others.length > 0) return;
    if (isTyping || this.#counts.get(name) !== count) return;
    this.#takeName(open, name);
    this.#open = name;
    onTableId?.(name, false);
    this.#notice.show(renamedText(open, name));
  }

  #takeName(key: string, name: string): void {
    const look = this.#looks.get(key);
    if (look) this.#looks.set(name, look);
    this.#looks.delete(key);
  }

  #mountOpen(): void {
    const key = this.#open;
    const known = this.#panels.get(key);
    if (known) {
      this.#panels.delete(key);
      this.#panels.set(key, known);
      known.isUnsaved = false;
      return;
    }
    const element = document.createElement('div');
    element.className = 'tbw-panel';
    element.setAttribute('role', 'tabpanel');
    this.#root.insertBefore(element, this.#notice.elements[0] as HTMLElement);
    this.#panels.set(key, { element, handle: this.#mount(element, key), isUnsaved: false });
    for (const [other, { isUnsaved }] of this.#panels) {
      if (this.#panels.size <= MAX_PANELS) break;
      if (other !== key && !isUnsaved) this.#unmount(other);
    }
  }

  #mount(element: HTMLElement, key: TabKey): TableHandle | ValuesHandle {
    const { store, newRowId, conflicts, history, presence } = this.#options;
    const shared = {
      ...(conflicts && { conflicts }),
      ...(history && { history }),
      ...(presence && { presence }),
    };
    if (key === null) return mountValues(element, { ...this.#shared(key), ...shared, store });
    return mountTable(element, {
      ...this.#shared(key),
      ...shared,
      store,
      tableId: key,
      newRowId,
      ...this.#looks.get(key),
      onLooking: (change) =>
        this.#note(key, { looking: { ...this.#looks.get(key)?.looking, ...change } }),
      onColumns: (columns) => this.#note(key, { columns }),
      onColumnWidths: (columnWidths) => this.#note(key, { columnWidths }),
    });
  }

  #note(key: TabKey, look: Look): void {
    this.#looks.set(key, { ...this.#looks.get(key), ...look });
  }

  #unmount(key: TabKey): void {
    const panel = this.#panels.get(key);
    this.#panels.delete(key);
    panel?.handle.destroy();
    panel?.element.remove();
  }

  /** What a tab's table is told of the options. */
  #shared(key: TabKey) {
    const { height = DEFAULT_HEIGHT, readOnly = false, status } = this.#options;
    const { schemas, valuesSchema } = this.#options;
    return {
      height: height - TABS_HEIGHT,
      readOnly,
      schema: key === null ? (valuesSchema ?? null) : schemaOf(schemas, key),
      ...(status && { status }),
    };
  }

  /** A table has another name now: it is looked at as before. */
  #rename(key: string, name: string): void {
    this.#takeName(key, name);
    if (this.#begun.delete(key) || !this.#options.store.hasTable(name)) this.#begun.add(name);
    this.open(name);
  }

  #delete(key: string): void {
    const at = this.#ids.indexOf(key);
    const next = this.#ids[at + 1] ?? this.#ids[at - 1] ?? null;
    this.#begun.delete(key);
    this.#options.store.delTable(key);
    this.open(next);
  }

  #onKey(event: KeyboardEvent): void {
    const key = event.key.toLowerCase();
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && key === 'z';
    const isOnTab = event.target instanceof Element && event.target.closest('.tbw-tabs') !== null;
    if (!isOnTab) return;
    if (isUndo) {
      event.preventDefault();
      this.#undo(event.shiftKey ? 'redo' : 'undo');
    }
    // Keys without Ctrl or Command end here, so that they run no command of the notebook around.
    if (isUndo || (!event.ctrlKey && !event.metaKey)) event.stopPropagation();
  }

  /** Undoes, and opens the tab where something was changed by that. */
  #undo(word: 'undo' | 'redo'): void {
    const { history, readOnly } = this.#options;
    if (!history || readOnly) return;
    const { changed } = word === 'undo' ? history.undo() : history.redo();
    if (changed.length === 0) {
      this.#notice.say(`There is nothing to ${word}.`);
      return;
    }
    const place = changed.find(
      ({ tableId }) => tableId === null || this.#options.store.hasTable(tableId),
    );
    if (place) this.open(place.tableId);
    this.#tabs.focus();
    this.#notice.say(word === 'undo' ? 'Undone.' : 'Redone.');
  }
}

/** Shows a Store in an element. */
export const mountStore = (host: HTMLElement, options: StoreOptions): StoreHandle => {
  const view = new StoreView(host, options);
  return {
    update: (partial) => view.update(partial),
    destroy: () => view.destroy(),
    focus: () => view.focus(),
  };
};

/** A table's schema; one that the Store's schema does not name takes nothing. */
const schemaOf = (schemas: StoreOptions['schemas'], id: string): TableSchema | null => {
  if (!schemas) return null;
  return (Object.hasOwn(schemas, id) && schemas[id]) || NOTHING;
};
