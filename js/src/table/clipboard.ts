/**
 * Cells on the clipboard: as tab-separated text, as spreadsheets read and write it, and beside it as
 * JSON of our own, so that what is copied from table to table keeps its types.
 *
 * A field that begins with a quote ends with one, and two quotes within stand for one; a quote anywhere
 * else is just text, and so is one that nothing closes.
 */
import type { Cell } from 'tinybase';
import { copyText, type MaybeCell } from './values.ts';

/** One pasted cell: its text, and the cell itself where another table has copied it. */
export interface Pasted {
  readonly text: string;
  /** An array of the cell, or empty where there was none; undefined where only the text is known. */
  readonly exact?: readonly Cell[];
}

const CELLS_TYPE = 'application/x-tinybase-cells';
const NEEDS_QUOTES = /["\t\r\n]/;
const SEPARATORS = /[\t\r\n]/;

/** What was copied last: a page that reads the clipboard by itself gets its text only. */
let remembered:
  | { readonly text: string; readonly cells: readonly (readonly (readonly Cell[])[])[] }
  | undefined;

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Writes rows of texts; a single cell is written as it is unless that would make several of it. */
export const toTsv = (rows: readonly (readonly string[])[]): string => {
  const [first] = rows;
  if (rows.length === 1 && first?.length === 1) {
    const text = first[0] as string;
    return SEPARATORS.test(text) ? quote(text) : text;
  }
  return rows
    .map((cells) => cells.map((text) => (NEEDS_QUOTES.test(text) ? quote(text) : text)).join('\t'))
    .join('\n');
};

/** Reads rows of texts, all as long as the longest. An empty last line is the end of the one before. */
export const fromTsv = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const { field, end } = fieldAt(text, at);
    row.push(field);
    at = end + 1;
    if (text[end] === '\t') continue;
    if (text[end] === '\r' && text[at] === '\n') at++;
    rows.push(row);
    row = [];
    if (at === text.length) break;
  }
  const width = Math.max(...rows.map(({ length }) => length));
  for (const each of rows) while (each.length < width) each.push('');
  return rows;
};

/** The field that begins at a place, and where it ends: at a separator, or with the text. */
const fieldAt = (text: string, from: number): { field: string; end: number } => {
  if (text[from] === '"') {
    let close = text.indexOf('"', from + 1);
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
    if (close >= 0 && (close + 1 === text.length || SEPARATORS.test(text[close + 1] as string)))
      return { field: text.slice(from + 1, close).replaceAll('""', '"'), end: close + 1 };
  }
  let end = from;
  while (end < text.length && !SEPARATORS.test(text[end] as string)) end++;
  return { field: text.slice(from, end), end };
};

/** Puts cells on the clipboard. */
export const writeCells = (data: DataTransfer, rows: readonly (readonly MaybeCell[])[]): void => {
  const text = toTsv(rows.map((cells) => cells.map(copyText)));
  data.setData('text/plain', text);
  const exact = rows.map((cells) => cells.map((cell) => (cell === undefined ? [] : [cell])));
  data.setData(CELLS_TYPE, JSON.stringify(exact));
  remembered = { text, cells: exact };
};

/** The cells that this page has copied last, if they are what this text on the clipboard says. */
export const rememberedCells = (text: string): Pasted[][] | undefined =>
  remembered?.text === text ? pastedCells(remembered.cells) : undefined;

/** Takes cells from the clipboard; undefined if it has no text. */
export const readCells = (data: DataTransfer): Pasted[][] | undefined => {
  const text = data.getData('text/plain');
  const exact = exactCells(data.getData(CELLS_TYPE));
  if (exact) return pastedCells(exact);
  return text === '' ? undefined : pastedTexts(text);
};

const pastedCells = (rows: readonly (readonly (readonly Cell[])[])[]): Pasted[][] =>
  rows.map((cells) => cells.map((cell) => ({ text: copyText(cell[0]), exact: cell })));

/** What a text on the clipboard means as cells. */
export const pastedTexts = (text: string): Pasted[][] =>
  fromTsv(text).map((fields) => fields.map((field) => ({ text: field })));

/** Any page may have written this, so it is looked at closely. */
const exactCells = (json: string): Cell[][][] | undefined => {
  if (json === '') return undefined;
  try {
    const rows: unknown = JSON.parse(json);
    if (!Array.isArray(rows) || !Array.isArray(rows[0]) || rows[0].length === 0) return undefined;
    const { length } = rows[0];
    const isRow = (row: unknown): boolean =>
      Array.isArray(row) &&
      row.length === length &&
      row.every((cell) => Array.isArray(cell) && cell.length <= 1);
    return rows.every(isRow) ? (rows as Cell[][][]) : undefined;
  } catch {
    return undefined;
  }
};
