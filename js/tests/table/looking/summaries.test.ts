// @vitest-environment jsdom
import { createStore, type Store } from 'tinybase';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveTable } from '../../../src/table/live.ts';
import { Summaries } from '../../../src/table/looking/summaries.ts';
import { ColumnSummary } from '../../../src/table/looking/summary.ts';
import type { MaybeCell } from '../../../src/table/values.ts';

const summaryOf = (cells: readonly MaybeCell[]): ColumnSummary => {
  const summary = new ColumnSummary();
  for (const cell of cells) summary.read(cell);
  summary.finish();
  return summary;
};

describe('the summary of a column', () => {
  it('counts numbers in equal stretches of their range', () => {
    const { numbers } = summaryOf([0, 1, 23.9, 24, null, undefined]);
    expect([numbers?.count, numbers?.min, numbers?.max]).toEqual([4, 0, 24]);
    expect(numbers?.bins.filter((bin) => bin > 0)).toEqual([1, 1, 2]);
  });

  it('lists the most frequent values and tells true from "true"', () => {
    const summary = summaryOf(['a', 'b', 'b', true, 'true', null]);
    expect(summary.top(1)).toEqual([['b', 2]]);
    expect([summary.distinct, summary.present]).toEqual([4, 5]);
  });

  it('follows edits as if all were counted again', () => {
    const pool: MaybeCell[] = [3, 2, 2.5, 8, 'a', 'b', true, false, null, undefined, '9'];
    const cells = [1, 9, 'a', true, 2] as MaybeCell[];
    const summary = summaryOf(cells);
    let seed = 3;
    for (let step = 0; step < 500; step++) {
      seed = (seed * 16807) % 2147483647;
      // The two ends of the range, the first cells, stay.
      const at = 2 + (seed % (cells.length - 2));
      const cell = pool[seed % pool.length];
      summary.replace(cells[at], cell);
      cells[at] = cell;
      if (step % 50 === 0) cells.push(undefined);
    }
    const anew = summaryOf(cells);
    expect(summary.isStale).toBe(false);
    expect(summary.numbers).toEqual(anew.numbers);
    expect(new Map(summary.top(9))).toEqual(new Map(anew.top(9)));
    expect(summary.present).toBe(anew.present);
  });

  it('must be made anew for a number beyond the range', () => {
    const summary = summaryOf([1, 2]);
    summary.replace(1, 3);
    expect(summary.isStale).toBe(true);
  });

  it('must be made anew when an end of the range goes', () => {
    const summary = summaryOf([1, 2, 3]);
    summary.replace(2, undefined);
    expect(summary.isStale).toBe(false);
    summary.replace(3, undefined);
    expect(summary.isStale).toBe(true);
  });

  it('gives up on listing when there are too many values', () => {
    const summary = summaryOf(Array.from({ length: 1001 }, (_, i) => `v${i}`));
    expect([summary.distinct, summary.top(3), summary.present]).toEqual([
      undefined,
      undefined,
      1001,
    ]);
  });
});

describe('the summaries of a table', () => {
  let work: IdleRequestCallback[] = [];
  const idle = (milliseconds = 50): void => {
    const now = work;
    work = [];
    let left = milliseconds;
    for (const each of now) each({ didTimeout: false, timeRemaining: () => --left });
  };
  const labelsOf = (store: Store, columns: readonly string[]) => {
    vi.stubGlobal('requestIdleCallback', (each: IdleRequestCallback) => work.push(each));
    vi.stubGlobal('cancelIdleCallback', () => undefined);
    const live = new LiveTable(
      store,
      't',
      () => undefined,
      () => true,
    );
    live.take();
    const summaries = new Summaries(live);
    const elements = columns.map((column) => summaries.elementOf(column));
    const labels = () => {
      while (work.length > 0) idle();
      return elements.map((element) => element.getAttribute('aria-label'));
    };
    return { live, summaries, labels, elements };
  };

  afterEach(() => {
    work = [];
    vi.unstubAllGlobals();
  });

  it('are said in words, and are text whatever is in the cells', () => {
    const store = createStore().setTable('t', { 1: { a: '<b>x</b>', n: 1 }, 2: { n: 3 } });
    const { labels, elements } = labelsOf(store, ['a', 'n']);
    expect(labels()).toEqual(['a: 1 value: <b>x</b> 100%, 1 missing', 'n: 2 numbers from 1 to 3']);
    expect(elements[0]?.querySelector('b')).toBeNull();
  });

  it('count an edit once that happens while they are made', () => {
    const rows = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, { a: 'x' }]));
    const store = createStore().setTable('t', rows);
    const { labels } = labelsOf(store, ['a']);
    idle(3); // some rows are read, others not
    store.setCell('t', '0', 'a', 'y').setCell('t', '999', 'a', 'y').delRow('t', '500');
    store.setRow('t', '2000', { a: 'y' });
    expect(labels()).toEqual(['a: 2 values: x 100%, y 0%']);
  });

  it('follow edits, and numbers beyond the range too', () => {
    const store = createStore().setTable('t', { 1: { n: 1 }, 2: { n: 3 } });
    const { labels } = labelsOf(store, ['n']);
    labels();
    store.setCell('t', '1', 'n', 2);
    expect(labels()).toEqual(['n: 2 numbers from 2 to 3']);
    store.setCell('t', '1', 'n', 7);
    expect(labels()).toEqual(['n: 2 numbers from 3 to 7']);
  });
});
