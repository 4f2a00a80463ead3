/**
 * Text as searching and sorting read it: case and accents do not count.
 *
 * Python has the same rules in `tinybase_widget/widgets/_looking_rules.py`; the cases in `tests/looking` hold
 * the two together.
 */
import { compareCodePoints } from '../rows.ts';
import { displayText, type MaybeCell } from '../values.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;
const SURROGATE = /[\ud800-\udfff]/;
const ACCENTS = /[\u0300-\u036f]/g;

/** A text without case and accents. */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text.normalize('NFD').replace(ACCENTS, '').toLowerCase().replaceAll('ς', 'σ');

/** The text in a cell that is searched, in full and as it is; undefined where there is none. */
export const cellText = (cell: MaybeCell): string | undefined => {
  if (cell === undefined || cell === null) return undefined;
  if (typeof cell === 'string') return cell;
  return typeof cell === 'object' ? JSON.stringify(cell) : displayText(cell);
};

/** Sorts texts by code point, in place. */
export const sortTexts = (texts: string[]): string[] =>
  // The engine's own order, by code unit, is the same and several times faster without surrogates.
  texts.some((text) => SURROGATE.test(text)) ? texts.sort(compareCodePoints) : texts.sort();
