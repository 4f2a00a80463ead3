/** The values of a Store on screen: the table's own parts over `values_source.ts`. */
import type { Cell, Store } from 'tinybase';
import { mountTable, type TableHandle, type TableOptions } from '../table/index.ts';
import { VALUE, VALUES, valuesConflicts, valuesHistory, valuesSource } from './values_source.ts';

export interface ValuesOptions
  extends Pick<
    TableOptions,
    'height' | 'readOnly' | 'status' | 'conflicts' | 'history' | 'presence' | 'onEvents'
  > {
  readonly store: Store;
  readonly columnWidths?: Readonly<Record<string, number>>;
  readonly onColumnWidths?: (widths: Record<string, number>) => void;
  /** The ids of values that nobody may write. */
  readonly readOnlyValues?: readonly string[];
  /** The only values to choose from, by id. */
  readonly valueOptions?: Readonly<Record<string, readonly Cell[]>>;
  /** The schema of values in the kernel's Store; null if there is none. */
  readonly schema?: TableOptions['schema'];
}

export interface ValuesHandle extends Omit<TableHandle, 'update'> {
  update(partial: Partial<ValuesOptions>): void;
}

/** Shows a Store's values in an element. */
export const mountValues = (host: HTMLElement, options: ValuesOptions): ValuesHandle => {
  const { store, conflicts, history, presence } = options;
  const source = valuesSource(store);
  const given = new Set<string>();
  const freeName = (): string => {
    for (let n = 1; ; n++) {
      const name = `Value ${n}`;
      if (given.has(name) || store.hasValue(name)) continue;
      given.add(name);
      return name;
    }
  };
  const table = mountTable(host, {
    ...rulesOf(options),
    ...plain(options),
    store: source,
    tableId: VALUES,
    columns: [VALUE],
    newRowId: freeName,
    named: { noun: 'value', nouns: 'values', title: 'Values', freeName },
    ...(conflicts && { conflicts: valuesConflicts(conflicts) }),
    ...(history && { history: valuesHistory(history) }),
    ...(presence && { presence }),
  });
  return {
    update: (partial) => table.update({ ...plain(partial), ...rulesOf(partial) }),
    destroy: () => table.destroy(),
    focus: () => table.focus(),
    commit: () => table.commit(),
  };
};

/** The options that mean the same for a table. */
const plain = (options: Partial<ValuesOptions>): Partial<TableOptions> => {
  const { height, readOnly, status, onEvents, columnWidths, onColumnWidths } = options;
  const shared = { height, readOnly, status, onEvents, columnWidths, onColumnWidths };
  return Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
};

const rulesOf = (options: Partial<ValuesOptions>): Partial<TableOptions> => ({
  ...(options.readOnlyValues && {
    readOnlyCells: options.readOnlyValues.map((id): [string, string] => [id, VALUE]),
  }),
  ...(options.valueOptions && { rowOptions: options.valueOptions }),
  ...(options.schema !== undefined && { rowSchema: options.schema }),
});
