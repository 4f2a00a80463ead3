/**
 * How a table is looked at, as traits: what the page reads of them, and what it writes when somebody sorts,
 * filters, searches, selects, or arranges the columns.
 */
import type { AnyModel } from '@anywidget/types';
import { getPage } from './sync/page.ts';
import type { TableHandle } from './table/index.ts';
import type { TableEvent } from './table/looking/events.ts';
import type { Filters } from './table/looking/filter.ts';
import { type SortTrait, sortFromTrait, sortToTrait } from './table/looking/look.ts';
import type { Selected } from './table/looking/selecting.ts';
import type { LookingOptions, TableOptions } from './table/options.ts';

export interface LookingTraits {
  sort: SortTrait;
  filters: Filters;
  search: string;
  selection: Selected;
  /** Which page has set the selection; empty if the kernel has. */
  _selected_by: string;
  columns: string[] | null;
  pinned: readonly string[];
  formats: Readonly<Record<string, string>>;
  row_numbers: boolean;
  summary: boolean;
}

type Model = Pick<AnyModel<LookingTraits>, 'get' | 'set' | 'on' | 'off'>;
/** In one message; a long paste makes more of them. */
const MAX_EVENTS = 2000;

let selections = 0;

type Save = <K extends keyof LookingTraits>(name: K, value: LookingTraits[K]) => void;

/** What a table is told of the traits, and how it tells of changes. */
export const lookingOptions = (model: Model, save: Save): Partial<TableOptions> => ({
  looking: lookingOf(model),
  selection: model.get('selection') ?? { rows: [], cell: null },
  onLooking: ({ sort, filters, search, pinned, formats, rowNumbers, summary }: LookingOptions) => {
    if (sort) save('sort', sortToTrait(sort));
    if (filters) save('filters', filters);
    if (search !== undefined) save('search', search);
    if (pinned) save('pinned', [...pinned]);
    if (formats) save('formats', formats);
    if (rowNumbers !== undefined) save('row_numbers', rowNumbers);
    if (summary !== undefined) save('summary', summary);
  },
  onSelection: (selected) => {
    model.set('_selected_by', `${getPage().pageId}/${++selections}`);
    save('selection', selected);
  },
  onColumns: (columns) => save('columns', columns && [...columns]),
});

/** Hands changes of the traits on to the table. */
export const followLooking = (model: Model, table: () => TableHandle | null): (() => void) => {
  const look = (): void => table()?.update({ looking: lookingOf(model) });
  // What people on other pages select is told to the kernel, and is theirs: here are other people.
  const select = (): void => {
    if (!model.get('_selected_by')) table()?.update({ selection: model.get('selection') });
  };
  const followers = [
    ['change:sort', look],
    ['change:filters', look],
    ['change:search', look],
    ['change:pinned', look],
    ['change:formats', look],
    ['change:row_numbers', look],
    ['change:summary', look],
    ['change:selection', select],
    ['change:_selected_by', select],
  ] as const;
  for (const [event, follow] of followers) model.on(event, follow);
  return () => {
    for (const [event, follow] of followers) model.off(event, follow);
  };
};

/** Tells the kernel what the person has done; a kernel that is gone hears nothing. */
export const sendEvents = (model: Pick<AnyModel, 'send'>, events: readonly TableEvent[]): void => {
  for (let from = 0; from < events.length; from += MAX_EVENTS) {
    try {
      const content = { kind: 'events', v: 1, events: events.slice(from, from + MAX_EVENTS) };
      const sent: unknown = model.send(content);
      if (sent instanceof Promise) sent.catch(() => undefined);
    } catch {
      return;
    }
  }
};

const lookingOf = (model: Model): LookingOptions => ({
  sort: sortFromTrait(model.get('sort') ?? []),
  filters: model.get('filters') ?? {},
  search: model.get('search') ?? '',
  pinned: model.get('pinned') ?? [],
  formats: model.get('formats') ?? {},
  rowNumbers: model.get('row_numbers') ?? false,
  summary: model.get('summary') ?? false,
});
