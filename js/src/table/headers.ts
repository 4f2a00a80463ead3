/** The grid's columns, headers and widths, for the columns of a table. */
import { type MeasureText, MIN_WIDTH } from './columns.ts';
import type { GridColumn } from './grid.ts';
import type { LiveTable } from './live.ts';
import { icon, makeButton, part } from './looking/dom.ts';
import type { Summaries } from './looking/summaries.ts';
import { conditionsText } from './looking/words.ts';
import type { Rules } from './rules.ts';
import type { Widths } from './widths.ts';

export const gridColumns = (
  live: LiveTable,
  rules: Rules,
  widths: Widths,
  measure: MeasureText,
  summaries?: Summaries,
): GridColumn[] => [
  {
    header: part('span', 'tbw-hidden', 'Row'),
    title: 'Row ids. Click one to select its row.',
    width: widths.rowHeaderWidth(live, measure),
    minWidth: 30,
    className: 'tbw-row-header',
    resizable: false,
  },
  ...live.columns.map((id, index): GridColumn => {
    const { sort, filters } = live.looking;
    const type = live.typeOf(id);
    const isLocked = rules.isColumnReadOnly(id);
    const kind = rules.optionsOf(id) ? 'one of several options' : type;
    const by = sort.find(({ column }) => column === id);
    const filter = Object.hasOwn(filters, id) ? conditionsText(filters[id] ?? {}) : undefined;
    return {
      header: header(id, {
        direction: by && (by.descending ? 'descending' : 'ascending'),
        place: by && sort.length > 1 ? sort.indexOf(by) + 1 : undefined,
        filter,
        isLocked,
        summary: summaries?.elementOf(id),
      }),
      title: `${id} (${kind}${isLocked ? ', read-only' : ''})${filter === undefined ? '' : `\nFilter: ${filter}`}\nClick to sort, Shift+click to sort by several columns. Alt+↓ for the menu.`,
      width: widths.widthOf(id, live, measure),
      minWidth: MIN_WIDTH,
      className: `tbw-${type}${by ? ' tbw-sorted' : ''}${pinnedClass(index, live.pinnedCount)}`,
      pinned: index < live.pinnedCount,
      resizable: true,
      sorted: by && (by.descending ? 'descending' : 'ascending'),
    };
  }),
];

const pinnedClass = (index: number, count: number): string =>
  index >= count ? '' : index === count - 1 ? ' tbw-pinned tbw-pinned-last' : ' tbw-pinned';

interface HeaderState {
  readonly direction: 'ascending' | 'descending' | undefined;
  /** Counted from 1, where several columns sort. */
  readonly place: number | undefined;
  readonly filter: string | undefined;
  readonly isLocked: boolean;
  readonly summary: HTMLElement | undefined;
}

const header = (
  id: string,
  { direction, place, filter, isLocked, summary }: HeaderState,
): HTMLElement => {
  const element = part('span', 'tbw-header');
  element.append(part('span', isLocked ? 'tbw-head tbw-head-locked' : 'tbw-head', id));
  if (direction) {
    const mark = part('span', 'tbw-sort-mark');
    mark.append(icon(direction));
    if (place !== undefined) mark.append(part('span', 'tbw-sort-place', String(place)));
    element.append(mark);
  }
  if (filter !== undefined) {
    const mark = part('span', 'tbw-filter-mark');
    mark.append(icon('filter'), part('span', 'tbw-hidden', `filtered: ${filter}`));
    element.append(mark);
  }
  const menu = makeButton(
    {
      action: 'column-menu',
      label: `Menu of ${id}`,
      icon: 'more',
      text: '',
      className: 'tbw-header-menu',
    },
    () => undefined,
  );
  // The keyboard gets there by Alt+Arrow down; the header is no stop on the way through the page.
  menu.tabIndex = -1;
  menu.addEventListener('mousedown', (event) => event.preventDefault());
  element.append(menu);
  if (!summary) return element;
  const both = part('div', 'tbw-header-both');
  both.append(element, summary);
  return both;
};
