/** The widgets that show a Store's values, or all of a Store: what they read of their traits, and what they write. */
import type { AnyModel } from '@anywidget/types';
import type { Cell } from 'tinybase';
import { mountStore, type StoreOptions } from './store/store_view.ts';
import { mountValues, type ValuesOptions } from './store/values_view.ts';
import type { Room } from './sync/room.ts';
import type { TableHandle, TableOptions, TableSchema } from './table/index.ts';
import type { TableEvent } from './table/looking/events.ts';

export interface StoreTraits {
  /** What the widget shows; a table where it is not said. */
  _view: 'table' | 'values' | 'store' | undefined;
  /** The table of the open tab; null for the values. */
  table_id: string | null;
  /** Whether that tab was chosen, rather than being the first one. */
  _is_chosen: boolean;
  _schemas: Record<string, TableSchema> | null;
  _values_schema: TableSchema | null;
  read_only_values: string[];
  value_options: Record<string, Cell[]>;
}

export interface WholeProps {
  readonly model: AnyModel<StoreTraits>;
  readonly room: Room;
  readonly options: Pick<TableOptions, 'height' | 'readOnly' | 'status' | 'presence'> &
    Pick<ValuesOptions, 'columnWidths' | 'onColumnWidths'>;
  readonly onEvents: (events: readonly TableEvent[]) => void;
  readonly save: <K extends keyof StoreTraits>(name: K, value: StoreTraits[K]) => void;
}

/** Whether there is anything to show yet. */
export const hasContent = ({ store }: Room): boolean =>
  store.getTableIds().length > 0 || store.getValueIds().length > 0;

/** Draws the widget of a Store's values, or of all of it. */
export const mountWhole = (
  view: 'values' | 'store',
  host: HTMLElement,
  props: WholeProps,
): TableHandle => (view === 'values' ? valuesWidget(host, props) : storeWidget(host, props));

const valuesWidget = (
  host: HTMLElement,
  { model, room, options, onEvents }: WholeProps,
): TableHandle => {
  const own = (): Partial<ValuesOptions> => ({
    schema: model.get('_values_schema') ?? null,
    readOnlyValues: model.get('read_only_values') ?? [],
    valueOptions: model.get('value_options') ?? {},
  });
  const { store, conflicts } = room;
  const values = mountValues(host, {
    ...own(),
    ...options,
    ...{ store, conflicts, history: room, onEvents },
  });
  const stop = follow(model, ['_values_schema', 'read_only_values', 'value_options'], () =>
    values.update(own()),
  );
  return {
    ...values,
    update: (partial) => values.update(shared(partial)),
    destroy: () => {
      stop();
      values.destroy();
    },
  };
};

const storeWidget = (
  host: HTMLElement,
  { model, room, options, save }: WholeProps,
): TableHandle => {
  const own = (): Partial<StoreOptions> => ({
    schemas: model.get('_schemas') ?? null,
    valuesSchema: model.get('_values_schema') ?? null,
  });
  const isGiven = model.get('_is_chosen') || model.get('table_id') !== null;
  const { store, conflicts, newRowId } = room;
  const whole = mountStore(host, {
    ...own(),
    ...options,
    ...{ store, conflicts, history: room, newRowId },
    tableId: isGiven ? model.get('table_id') : undefined,
    onTableId: (id, isChosen) => {
      if (isChosen && !model.get('_is_chosen')) save('_is_chosen', true);
      if (id !== model.get('table_id')) save('table_id', id);
    },
  });
  const stops = [
    follow(model, ['_schemas', '_values_schema'], () => whole.update(own())),
    follow(model, ['table_id'], () => whole.update({ tableId: model.get('table_id') })),
  ];
  return {
    ...whole,
    commit: () => true,
    update: (partial) => whole.update(shared(partial)),
    destroy: () => {
      for (const stop of stops) stop();
      whole.destroy();
    },
  };
};

/** What a change of a table's options means for what is shown here. */
const shared = ({ height, readOnly, status }: Partial<TableOptions>) => ({
  ...(height !== undefined && { height }),
  ...(readOnly !== undefined && { readOnly }),
  ...(status && { status }),
});

const follow = (
  model: AnyModel<StoreTraits>,
  names: readonly (keyof StoreTraits)[],
  onChange: () => void,
): (() => void) => {
  for (const name of names) model.on(`change:${name}`, onChange);
  return () => {
    for (const name of names) model.off(`change:${name}`, onChange);
  };
};
