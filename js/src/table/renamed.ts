/**
 * What goes with a column that gets another name: how it is sorted by, filtered, pinned, written and shown,
 * and who may write in it.
 */
import type { Looking } from './looking/look.ts';
import type { TableOptions } from './options.ts';

/** The options by which columns are shown, and by which people may write in them. */
export type ColumnRules = Pick<
  TableOptions,
  'columns' | 'columnOptions' | 'readOnlyColumns' | 'readOnlyCells'
>;

/** Those of the options that name the column, with its new name. */
export const renamedRules = (options: ColumnRules, from: string, to: string): ColumnRules => {
  const { columns, columnOptions, readOnlyColumns, readOnlyCells } = options;
  return {
    ...(columns?.includes(from) && { columns: inList(columns, from, to) }),
    ...(has(columnOptions, from) && { columnOptions: inKeys(columnOptions, from, to) }),
    ...(readOnlyColumns?.includes(from) && { readOnlyColumns: inList(readOnlyColumns, from, to) }),
    ...(readOnlyCells?.some(([, column]) => column === from) && {
      readOnlyCells: readOnlyCells.map(([row, column]) => [row, named(column, from, to)] as const),
    }),
  };
};

/** What of the look names the column, with its new name. */
export const renamedLook = (look: Looking, from: string, to: string): Partial<Looking> => {
  const { sort, filters, pinned, formats } = look;
  return {
    ...(sort.some(({ column }) => column === from) && {
      sort: sort.map((by) => ({ ...by, column: named(by.column, from, to) })),
    }),
    ...(has(filters, from) && { filters: inKeys(filters, from, to) }),
    ...(pinned.includes(from) && { pinned: inList(pinned, from, to) }),
    ...(has(formats, from) && { formats: inKeys(formats, from, to) }),
  };
};

const named = (id: string, from: string, to: string): string => (id === from ? to : id);

const inList = (ids: readonly string[], from: string, to: string): string[] =>
  ids.map((id) => named(id, from, to));

const inKeys = <V>(
  entries: Readonly<Record<string, V>>,
  from: string,
  to: string,
): Record<string, V> =>
  Object.fromEntries(Object.entries(entries).map(([id, value]) => [named(id, from, to), value]));

const has = <V>(
  entries: Readonly<Record<string, V>> | undefined,
  id: string,
): entries is Readonly<Record<string, V>> => entries !== undefined && Object.hasOwn(entries, id);
