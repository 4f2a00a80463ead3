/** The grid's columns, headers and widths, for the columns of a table. */
import { type MeasureText, MIN_WIDTH } from './columns.ts';
import type { GridColumn } from './grid.ts';
import type { LiveTable } from './live.ts';
import type { Rules } from './rules.ts';
import type { Widths } from './widths.ts';

export const gridColumns = (
  live: LiveTable,
  rules: Rules,
  widths: Widths,
  measure: MeasureText,
): GridColumn[] => [
  {
    header: textElement('Row', 'tbw-hidden'),
    title: 'Row ids. Click one to select its row.',
    width: widths.rowHeaderWidth(live, measure),
    minWidth: 30,
    className: 'tbw-row-header',
    resizable: false,
  },
  ...live.columns.map((id): GridColumn => {
    const type = live.typeOf(id);
    const isLocked = rules.isColumnReadOnly(id);
    const kind = rules.optionsOf(id) ? 'one of several options' : type;
    return {
      header: textElement(id, isLocked ? 'tbw-head tbw-head-locked' : 'tbw-head'),
      title: `${id} (${kind}${isLocked ? ', read-only' : ''})`,
      width: widths.widthOf(id, live, measure),
      minWidth: MIN_WIDTH,
      className: `tbw-${type}`,
      resizable: true,
    };
  }),
];

const textElement = (text: string, className: string): HTMLElement => {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
};
