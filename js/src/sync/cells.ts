/**
 * Cells and values as a document holds them.
 *
 * Strings, finite numbers, booleans and null are themselves. Objects and arrays are their JSON text
 * behind U+FFFD, as TinyBase keeps them. Anything else in a document is no cell and reads as absent.
 */
import type { Cell } from 'tinybase/store';

const JSON_PREFIX = '\ufffd';
const UNDEFINED = '\ufffc'; // TinyBase's own sign for `undefined` in JSON: never a cell

/** Return the cell that a document's content stands for, `undefined` where it is none. */
export function readCell(content: unknown): Cell | undefined {
  switch (typeof content) {
    case 'string':
      return readString(content);
    case 'number':
      return Number.isFinite(content) ? content : undefined;
    case 'boolean':
      return content;
    default:
      return content === null ? null : undefined;
  }
}

/** Return what a document holds for a cell. */
export function writeCell(cell: Cell): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? JSON_PREFIX + JSON.stringify(cell) : cell;
}

function readString(text: string): Cell | undefined {
  if (text === UNDEFINED) {
    return undefined;
  }
  if (!text.startsWith(JSON_PREFIX)) {
    return text;
  }
  try {
    const value: unknown = JSON.parse(text.slice(1));
    return typeof value === 'object' && value !== null ? (value as Cell) : undefined;
  } catch {
    return undefined;
  }
}
