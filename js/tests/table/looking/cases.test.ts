/**
 * The cases of `tests/looking`, which Python reads too: both show the same rows in the same order.
 */
/// <reference types="vite/client" />
import { createStore } from 'tinybase';
import { describe, expect, it } from 'vitest';
import { LiveTable } from '../../../src/table/live.ts';
import type { Filters } from '../../../src/table/looking/filter.ts';
import { NO_LOOKING, type SortTrait, sortFromTrait } from '../../../src/table/looking/look.ts';
import type { MaybeCell } from '../../../src/table/values.ts';

interface Case {
  look: { sort?: SortTrait; filters?: Filters; search?: string; columns?: string[] };
  ids: string[];
}
interface Group {
  about: string;
  table: Record<string, Record<string, NonNullable<MaybeCell>>>;
  cases: Case[];
}

const files = import.meta.glob<Group[]>('../../../../tests/looking/*.json', {
  eager: true,
  import: 'default',
});

describe.each(Object.values(files).flat())('$about', ({ table, cases }) => {
  it.each(cases)('$look', ({ look, ids }) => {
    const store = createStore();
    for (const [row, cells] of Object.entries(table)) store.setRow('t', row, cells);
    const live = new LiveTable(
      store,
      't',
      () => undefined,
      () => false,
    );
    live.wanted = look.columns ?? null;
    live.looking = {
      ...NO_LOOKING,
      sort: sortFromTrait(look.sort ?? []),
      filters: look.filters ?? {},
      search: look.search ?? '',
    };
    live.take();
    expect(live.order.ids).toEqual(ids);
  });
});
