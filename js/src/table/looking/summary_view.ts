/** Draws what is in a column: a histogram of numbers, or the shares of its most frequent values. */
import { type ColumnType, displayText } from '../values.ts';
import { part } from './dom.ts';
import type { ColumnSummary, NumberSummary } from './summary.ts';
import { valueText } from './words.ts';

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 24;
const MAX_SHARES = 6;

export interface SummaryContext {
  readonly type: ColumnType;
  readonly rows: number;
}

export const drawSummary = (
  element: HTMLElement,
  column: string,
  summary: ColumnSummary,
  { type, rows }: SummaryContext,
): void => {
  const missing = Math.max(0, rows - summary.present);
  const top = part('div', 'tbw-summary-line');
  top.append(part('span', missing > 0 ? 'tbw-summary-type' : '', TYPE_WORDS[type]));
  if (missing > 0) {
    const text = missing === rows ? 'all missing' : `${missing.toLocaleString('en')} missing`;
    top.append(part('span', 'tbw-summary-missing', text));
  }
  const { numbers } = summary;
  const { figure, caption, words } =
    numbers && type === 'number' ? histogram(numbers) : shares(summary);
  const bottom = part('div', 'tbw-summary-line tbw-summary-caption');
  bottom.append(...caption.map((text) => part('span', '', text)));
  element.setAttribute('role', 'img');
  element.setAttribute(
    'aria-label',
    `${column}: ${words}${missing > 0 ? `, ${missing.toLocaleString('en')} missing` : ''}`,
  );
  element.title = element.getAttribute('aria-label') ?? '';
  element.replaceChildren(top, figure, bottom);
};

const TYPE_WORDS: Readonly<Record<ColumnType, string>> = {
  number: 'number',
  boolean: 'true/false',
  string: 'text',
  mixed: 'mixed',
};

interface Drawing {
  readonly figure: Element;
  readonly caption: readonly string[];
  readonly words: string;
}

const histogram = ({ bins, count, min, max }: NumberSummary): Drawing => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'tbw-histogram');
  svg.setAttribute('viewBox', `0 0 ${bins.length * 4} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const most = Math.max(1, ...bins);
  bins.forEach((bin, place) => {
    if (bin === 0) return;
    const bar = document.createElementNS(SVG, 'rect');
    const height = Math.max(1.5, (bin / most) * HEIGHT);
    bar.setAttribute('x', String(place * 4 + 0.4));
    bar.setAttribute('width', '3.2');
    bar.setAttribute('y', String(HEIGHT - height));
    bar.setAttribute('height', String(height));
    svg.append(bar);
  });
  const ends = [min, max].map(short);
  return {
    figure: svg,
    caption: min === max ? ends.slice(0, 1) : ends,
    words:
      count === 1
        ? `1 number, ${ends[0]}`
        : `${count.toLocaleString('en')} numbers from ${ends[0]} to ${ends[1]}`,
  };
};

const shares = (summary: ColumnSummary): Drawing => {
  const bar = part('div', 'tbw-shares');
  const top = summary.top(MAX_SHARES);
  const { distinct, present } = summary;
  if (top === undefined || distinct === undefined || (distinct > 50 && distinct > present / 2)) {
    const text =
      distinct === undefined ? 'over 1,000 values' : `${distinct.toLocaleString('en')} values`;
    bar.append(part('span', 'tbw-share tbw-share-rest'));
    return {
      figure: bar,
      caption: [text],
      words: `${text}, ${present.toLocaleString('en')} cells`,
    };
  }
  top.forEach(([, count], place) => {
    const share = part('span', 'tbw-share');
    share.style.flexGrow = String(count);
    share.style.setProperty('--tbw-place', String(place));
    bar.append(share);
  });
  const shown = top.reduce((sum, [, count]) => sum + count, 0);
  if (present > shown) {
    const rest = part('span', 'tbw-share tbw-share-rest');
    rest.style.flexGrow = String(present - shown);
    bar.append(rest);
  }
  const percent = (count: number): string => `${Math.round((count / Math.max(1, present)) * 100)}%`;
  const [first] = top;
  const name = first ? valueText(first[0]) : summary.containers > 0 ? 'objects' : '';
  const listed = top.map(([value, count]) => `${valueText(value)} ${percent(count)}`).join(', ');
  return {
    figure: bar,
    caption: [first && distinct > 1 ? `${name} ${percent(first[1])}` : name],
    words: `${distinct.toLocaleString('en')} ${distinct === 1 ? 'value' : 'values'}: ${listed || 'none'}`,
  };
};

/** A number in few characters. */
const short = (number: number): string =>
  Math.abs(number) >= 1e6 || (number !== 0 && Math.abs(number) < 1e-3)
    ? number.toExponential(1)
    : displayText(Number(number.toPrecision(4)));
