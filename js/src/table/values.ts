/**
 * What cells look like as text, and what typed text means as a cell. Pure functions.
 *
 * A column has one of four types, inferred from its cells. The type decides how typed text is read:
 * a number column takes numbers only, a string column takes every text as it is and guesses nothing,
 * a mixed column keeps the JSON type of what parses as JSON and takes the rest as text. So that no edit
 * changes a type by accident, `editText` writes a cell so that `parseText` reads the same cell again.
 */
import type { Cell } from 'tinybase';

export type ColumnType = 'number' | 'boolean' | 'string' | 'mixed';
export type CellKind = 'number' | 'boolean' | 'string' | 'null' | 'json' | 'absent';
export type MaybeCell = Cell | undefined;

/** What a typed text means: set this cell, delete the cell, or show this message. */
export type Parsed =
  | { readonly kind: 'set'; readonly cell: Cell }
  | { readonly kind: 'delete' }
  | { readonly kind: 'invalid'; readonly message: string };

const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const LOOKS_LIKE_CONTAINER = /^\s*[[{]/;
const MAX_EXACT = Number.MAX_SAFE_INTEGER;
/** No cell on screen is wider; a longer text would only cost layout time. */
const MAX_SHOWN = 1000;

export const kindOf = (cell: MaybeCell): CellKind => {
  if (cell === undefined) return 'absent';
  if (cell === null) return 'null';
  const type = typeof cell;
  return type === 'number' || type === 'boolean' || type === 'string' ? type : 'json';
};

/** The type of a column in which these kinds of cells were found. Null and absent cells say nothing. */
export const typeOf = (kinds: Iterable<CellKind>): ColumnType => {
  let type: ColumnType | undefined;
  for (const kind of kinds) {
    if (kind === 'null' || kind === 'absent') continue;
    const found = kind === 'json' ? 'mixed' : kind;
    if (type !== undefined && type !== found) return 'mixed';
    type = found;
  }
  return type ?? 'mixed';
};

/** The type by which one cell is edited: its column's, unless the cell itself is of another kind. */
export const editTypeOf = (column: ColumnType, cell: MaybeCell): ColumnType => {
  const kind = kindOf(cell);
  return kind === 'absent' || kind === 'null' || kind === column ? column : 'mixed';
};

/** The text that a cell shows: one line, at most 1,000 characters. */
export const displayText = (cell: MaybeCell): string => {
  if (cell === undefined) return '';
  const text =
    typeof cell === 'string'
      ? cell
      : typeof cell === 'object'
        ? JSON.stringify(cell)
        : String(cell);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

/** The text with which an editor begins, which `parseText` reads as the same cell. */
export const editText = (cell: MaybeCell, type: ColumnType): string => {
  if (cell === undefined) return '';
  if (typeof cell === 'string')
    return type === 'mixed' && !isPlainText(cell) ? JSON.stringify(cell) : cell;
  if (cell === null && type === 'string') return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
};

/** The text that copying a cell puts on the clipboard. */
export const copyText = (cell: MaybeCell): string => editText(cell, 'string');

/** Reads what was typed into, or pasted over, a cell of a column of that type. */
export const parseText = (text: string, type: ColumnType): Parsed => {
  if (type === 'string') return set(text);
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'delete' };
  if (type === 'number') return trimmed === 'null' ? set(null) : parseNumber(trimmed);
  if (type === 'boolean') return parseBoolean(trimmed);
  return parseMixed(text, trimmed);
};

const set = (cell: Cell): Parsed => ({ kind: 'set', cell });

const parseNumber = (text: string): Parsed => {
  const plain = text.replace(/^\u2212/, '-');
  if (!NUMBER.test(plain))
    return { kind: 'invalid', message: 'Not a number, such as 12, -0.5 or 1e3.' };
  const number = Number(plain);
  if (!isExact(number)) return { kind: 'invalid', message: 'Too large to be kept exactly.' };
  return set(number + 0); // -0 becomes 0
};

const parseBoolean = (text: string): Parsed => {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return set(lower === 'true');
  if (lower === 'null') return set(null);
  return { kind: 'invalid', message: 'Neither true nor false.' };
};

const parseMixed = (text: string, trimmed: string): Parsed => {
  const parsed = parseJson(trimmed);
  if (parsed !== undefined) return set(parsed);
  return LOOKS_LIKE_CONTAINER.test(trimmed) ? notJson(trimmed) : set(text);
};

/** Reads a text that must be JSON. */
export const parseJsonText = (text: string): Parsed => {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'delete' };
  const parsed = parseJson(trimmed);
  return parsed === undefined ? notJson(trimmed) : set(parsed);
};

const notJson = (text: string): Parsed => {
  const message = 'Not valid JSON. A text goes in "quotes".';
  try {
    JSON.parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(String(error)) ?? [];
    const before = text.slice(0, Number(position ?? 0)).split('\n');
    const place = `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`;
    if (position !== undefined) return { kind: 'invalid', message: `${message} ${place}` };
  }
  return { kind: 'invalid', message };
};

const isExact = (number: number): boolean =>
  Number.isFinite(number) && !(Number.isInteger(number) && Math.abs(number) > MAX_EXACT);

const parseJson = (text: string): Cell | undefined => {
  try {
    const value = JSON.parse(text) as Cell;
    if (typeof value !== 'number') return value;
    return isExact(value) ? value + 0 : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a mixed column reads this text back as this very string. */
const isPlainText = (text: string): boolean => {
  const parsed = parseText(text, 'mixed');
  return parsed.kind === 'set' && parsed.cell === text;
};

/** Whether two cells are the same value. */
export const sameCell = (a: MaybeCell, b: MaybeCell): boolean =>
  a === b ||
  (typeof a === 'object' &&
    typeof b === 'object' &&
    a !== null &&
    b !== null &&
    JSON.stringify(a) === JSON.stringify(b));
