/**
 * The live table of one widget view: joins the page's room, links it to the kernel, draws the grid.
 *
 * The snapshot stays until there is something to draw: the room has the table already (another view
 * or tab shows it), or the kernel has answered. So a model that has lost its kernel keeps it.
 */
import type { AnyModel } from '@anywidget/types';
import type { Cell } from 'tinybase';
import { showLoading } from './loading.ts';
import { SavingState } from './saving.ts';
import { hasContent, mountWhole, type StoreTraits } from './store_traits.ts';
import { joinByComm, openRoom } from './sync/page_rooms.ts';
import type { User } from './sync/presence_states.ts';
import { mountTable, type Status, type TableHandle, type TableSchema } from './table/index.ts';
import type { TableEvent } from './table/looking/events.ts';
import type { ColumnRules } from './table/renamed.ts';
import { followLooking, type LookingTraits, lookingOptions, sendEvents } from './table_traits.ts';
import { attend } from './together.ts';

/** The synced traits of the Python widget that the page reads; it writes some of them. */
export interface TableTraits extends LookingTraits, Partial<StoreTraits> {
  _room: string;
  _table: string;
  _peer: string;
  /** Tells the room from others of its name; a kernel of an older version does not say it. */
  _place: string | undefined;
  /** What to say in the place of "Synced", when the kernel's line to a server is down. */
  _server?: Status | null;
  _column_widths: Record<string, number>;
  columns: string[] | null;
  column_options: Record<string, Cell[]>;
  height: number;
  read_only: boolean;
  read_only_cells: [string, string][];
  read_only_columns: string[];
  _schema: TableSchema | null;
  _user: User | null;
  /** The snapshot, and what is to be put into it from one place to another; or nothing. */
  _snapshot: string;
  _snapshot_edit: [start: number, end: number, text: string] | [];
}

export interface RenderProps {
  model: AnyModel<TableTraits>;
  el: HTMLElement;
}

/** Draw a widget's live table into an element; returns the function that takes it away. */
export type RenderTable = (props: RenderProps) => () => void;

const PROGRESS_INTERVAL = 200; // ms

export const renderTable: RenderTable = ({ model, el }) => {
  const room = openRoom(model.get('_room'));
  const seat = joinByComm(room, model.get('_peer'), model, model.get('_place'));
  const host = document.createElement('div');
  let table: TableHandle | null = null;
  let shown = '';

  const attendance = attend(room, () => model.get('_user'));
  const saving = new SavingState(room, seat.link, () => showStatus(), seat.keeping);
  const status = (): Status => {
    const { status } = saving;
    return status.state === 'synced' ? (model.get('_server') ?? status) : status;
  };
  const mount = () => {
    const tableId = model.get('_table');
    const view = model.get('_view') ?? 'table';
    const hasSome = view === 'table' ? room.store.hasTable(tableId) : hasContent(room);
    const isReady = room.status(seat.link) === 'synced' || hasSome;
    if (table !== null || !isReady || !isOpen) {
      return;
    }
    el.replaceChildren(host);
    showProgress();
    const onEvents = (events: readonly TableEvent[]) => {
      room.flush(); // the edits first, then what is said of them
      sendEvents(model, events);
    };
    if (view !== 'table') {
      table = mountWhole(view, host, {
        model: model as unknown as AnyModel<StoreTraits>,
        room,
        options: {
          height: model.get('height'),
          readOnly: model.get('read_only'),
          status: status(),
          presence: attendance,
          columnWidths: model.get('_column_widths') ?? {},
          onColumnWidths: (widths) => saveTrait(model, '_column_widths', widths),
        },
        onEvents,
        save: (name, value) => saveTrait(model, name, value as TableTraits[typeof name]),
      });
      return;
    }
    table = mountTable(host, {
      store: room.store,
      tableId,
      newRowId: room.newRowId,
      columns: model.get('columns') ?? null,
      columnWidths: model.get('_column_widths') ?? {},
      onColumnWidths: (widths) => saveTrait(model, '_column_widths', widths),
      onEvents,
      onRules: (rules) => saveRules(model, rules),
      ...lookingOptions(model, (name, value) =>
        saveTrait(model, name, value as TableTraits[typeof name]),
      ),
      height: model.get('height'),
      ...ruleOptions(model),
      status: status(),
      conflicts: room.conflicts,
      history: room,
      presence: attendance,
    });
  };
  const showStatus = () => {
    el.dataset.tinybaseState = room.status(seat.link);
    const now = status();
    showProgress();
    if (JSON.stringify(now) !== shown) {
      shown = JSON.stringify(now);
      table?.update({ status: now });
    }
    mount();
  };

  /** The bar stays below the table until all of it is there, unless it can't come. */
  const showProgress = () => {
    const loading = room.loading(seat.link);
    const isComing = room.status(seat.link) === 'connecting' && table === null;
    if (loading === undefined && !isComing) bar.stop();
    else if (!el.contains(bar.element)) el.append(bar.element);
    if (loading !== undefined) bar.show(loading);
  };

  const bar = showLoading(el);
  let isOpen = true;
  const stopTraits = followTraits(model, () => table);
  model.on('change:_server', showStatus);
  const stopLooking = followLooking(model, () => table);
  const listeners = [
    room.store.addTableIdsListener(() => queueMicrotask(mount)),
    room.store.addValueIdsListener(() => queueMicrotask(mount)),
  ];
  let later: ReturnType<typeof setTimeout> | undefined;
  let interval = 0;
  const stopProgress = room.onLoading((link) => {
    if (link !== seat.link) return;
    // The first rows and the end are shown at once; what is drawn between takes time from the loading. All
    // views of a page show it at the same moment, so that they never say two things.
    const now = Math.floor(performance.now() / PROGRESS_INTERVAL);
    clearTimeout(later);
    if (table && room.loading(link) && now === interval) {
      later = setTimeout(showStatus, 2 * PROGRESS_INTERVAL); // where nothing more comes
      return;
    }
    interval = now;
    showStatus();
  });
  showStatus();

  return () => {
    isOpen = false;
    clearTimeout(later);
    bar.stop();
    saving.destroy();
    stopTraits();
    model.off('change:_server', showStatus);
    stopLooking();
    stopProgress();
    for (const id of listeners) room.store.delListener(id);
    table?.destroy();
    attendance.leave();
    host.remove();
    seat.leave();
  };
};

const RULE_TRAITS = [
  'read_only',
  'read_only_columns',
  'read_only_cells',
  'column_options',
  '_schema',
] as const;

/** What people may write, and where. */
const ruleOptions = (model: AnyModel<TableTraits>) => ({
  readOnly: model.get('read_only'),
  readOnlyColumns: model.get('read_only_columns') ?? [],
  readOnlyCells: model.get('read_only_cells') ?? [],
  columnOptions: model.get('column_options') ?? {},
  schema: model.get('_schema') ?? null,
});

/** Save the rules that name a column by another name now. */
function saveRules(model: AnyModel<TableTraits>, rules: ColumnRules): void {
  const { columnOptions, readOnlyColumns, readOnlyCells } = rules;
  if (columnOptions) saveTrait(model, 'column_options', columnOptions as Record<string, Cell[]>);
  if (readOnlyColumns) saveTrait(model, 'read_only_columns', [...readOnlyColumns]);
  if (readOnlyCells) saveTrait(model, 'read_only_cells', readOnlyCells as [string, string][]);
}

/** Hand changes of the traits on to the grid. */
function followTraits(model: AnyModel<TableTraits>, table: () => TableHandle | null): () => void {
  const followers = {
    'change:_table': () => table()?.update({ tableId: model.get('_table') }),
    'change:_column_widths': () =>
      table()?.update({ columnWidths: model.get('_column_widths') ?? {} }),
    'change:columns': () => table()?.update({ columns: model.get('columns') ?? null }),
    'change:height': () => table()?.update({ height: model.get('height') }),
    ...Object.fromEntries(
      RULE_TRAITS.map((name) => [`change:${name}`, () => table()?.update(ruleOptions(model))]),
    ),
  };
  const entries = Object.entries(followers) as [`change:${string}`, () => void][];
  for (const [event, follow] of entries) {
    model.on(event, follow);
  }
  return () => {
    for (const [event, follow] of entries) {
      model.off(event, follow);
    }
  };
}

function saveTrait<K extends keyof TableTraits>(
  model: AnyModel<TableTraits>,
  name: K,
  value: TableTraits[K],
): void {
  try {
    model.set(name, value);
    model.save_changes();
  } catch (error) {
    // The view goes on without its kernel; only the saved notebook won't know.
    console.warn(`tinybase-widget: could not save the trait ${name}.`, error);
  }
}
