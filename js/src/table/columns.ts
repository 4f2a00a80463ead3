/**
 * The columns of a table: which there are, in which order, of which type and how wide.
 *
 * Columns are the cell ids that occur in the table, in the order in which the Store met them; the
 * `columns` option orders and restricts them. A table that loses its last row keeps its columns on
 * screen, so that a new row can be typed. Types and first widths come from a sample of rows spread
 * evenly over the table, so that their cost does not depend on its size.
 */
import type { TableSource } from './source.ts';
import { type CellKind, type ColumnType, displayText, kindOf, typeOf } from './values.ts';

export interface Column {
  /** The cell id. */
  readonly id: string;
  readonly type: ColumnType;
  /** In pixels. */
  readonly width: number;
}

/** Gives the width in pixels of a text as a cell or as a header shows it. */
export type MeasureText = (text: string, where: 'cell' | 'header') => number;

export const MIN_WIDTH = 48;
const MIN_FIRST_WIDTH = 72;
/** At first a column is not wider, unless there is room that nothing else needs. */
export const MAX_FIRST_WIDTH = 320;
const EMPTY_WIDTH = 120;
const CELL_PADDING = 22;
const HEADER_PADDING = 42; // with room for the mark of a sorted column
/** Objects are shown in the code font, which is wider. */
const CODE_STRETCH = 1.15;
const TYPE_SAMPLE = 2000;
const SPARSE_SAMPLE = 50;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const WIDTH_SAMPLE = 200;

/** The ids to show: what `wanted` says, or what is shown already followed by what is new. */
export const columnIds = (
  present: readonly string[],
  wanted: readonly string[] | null | undefined,
  shown: readonly string[],
): string[] => {
  if (wanted) return [...new Set(wanted)];
  if (present.length === 0) return [...shown];
  const here = new Set(present);
  return [...new Set([...shown.filter((id) => here.has(id)), ...present])];
};

/** The ids with the pinned ones in front, in the order in which they were pinned. */
export const pinnedFirst = (ids: readonly string[], pinned: readonly string[]): string[] => {
  const here = new Set(ids);
  return [...new Set([...pinned.filter((id) => here.has(id)), ...ids])];
};

/**
 * The type of a column, from a sample of 2,000 rows; of a column with hardly a cell, from the first
 * cells that there are.
 */
export const inferType = (
  store: TableSource,
  tableId: string,
  cellId: string,
  rowIds: readonly string[],
): ColumnType => {
  const kinds = kindsIn(sample(rowIds, TYPE_SAMPLE), TYPE_SAMPLE, (rowId) =>
    kindOf(store.getCell(tableId, rowId, cellId)),
  );
  if (kinds.size > 0 || rowIds.length <= TYPE_SAMPLE) return typeOf(kinds);
  return typeOf(
    kindsIn(rowIds, SPARSE_SAMPLE, (rowId) => kindOf(store.getCell(tableId, rowId, cellId))),
  );
};

/** The kinds of the first cells that say something, at most so many of them. */
const kindsIn = (
  rowIds: readonly string[],
  limit: number,
  kindAt: (rowId: string) => CellKind,
): Set<CellKind> => {
  const kinds = new Set<CellKind>();
  let found = 0;
  for (const rowId of rowIds) {
    const kind = kindAt(rowId);
    if (kind === 'absent' || kind === 'null') continue;
    kinds.add(kind);
    if (++found >= limit) break;
  }
  return kinds;
};

const TEXT_SAMPLE = 120; // characters of a cell

/** A width that shows the header and nearly every cell of a sample in full. */
export const wantedWidth = (
  store: TableSource,
  tableId: string,
  column: Pick<Column, 'id' | 'type'>,
  rowIds: readonly string[],
  measure: MeasureText,
): number => {
  const header = measure(column.id, 'header') + HEADER_PADDING;
  if (rowIds.length === 0) return atLeast(Math.max(header, EMPTY_WIDTH));
  let widest = 0;
  if (column.type !== 'boolean') {
    const texts = new Set<string>();
    for (const rowId of sample(rowIds, WIDTH_SAMPLE)) {
      texts.add(displayText(store.getCell(tableId, rowId, column.id)).slice(0, TEXT_SAMPLE));
    }
    const stretch = column.type === 'mixed' ? CODE_STRETCH : 1;
    for (const text of texts) widest = Math.max(widest, measure(text, 'cell') * stretch);
  }
  return atLeast(Math.max(header, widest + CELL_PADDING));
};

const atLeast = (width: number): number => Math.ceil(Math.max(MIN_FIRST_WIDTH, width));

/**
 * So many rows, one from each of as many equal stretches; from a place in it that differs from stretch
 * to stretch, since data often repeats itself at regular distances. The same rows every time.
 */
const sample = (ids: readonly string[], size: number): readonly string[] => {
  if (ids.length <= size) return ids;
  const step = ids.length / size;
  const jitter = (i: number): number => ((i * GOLDEN) % 1) * step;
  return Array.from({ length: size }, (_, i) => ids[Math.floor(i * step + jitter(i))] as string);
};

/** Measures text by a canvas in the fonts of an element; by counting characters where there is no canvas. */
export const textMeasure = (element: Element): MeasureText => {
  const style = getComputedStyle(element);
  const context =
    typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1).getContext('2d');
  if (!context) return (text) => text.length * 7.5;
  const font = (weight: string): string =>
    `${weight} ${style.fontSize || '13px'} ${style.fontFamily || 'sans-serif'}`;
  let last = '';
  return (text, where) => {
    const wanted = font(where === 'header' ? '600' : '400');
    if (wanted !== last) context.font = wanted; // to set it takes longer than to measure
    last = wanted;
    return context.measureText(text).width;
  };
};
