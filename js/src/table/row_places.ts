/**
 * Ids for new rows at a wanted place.
 *
 * Rows are ordered by their ids alone, the same for everybody (`rows.ts`). So a row that is put between two
 * others gets an id that sorts there: the id of the one before, "~", and what makes it unique. It stays
 * there for good, and for everybody, without anything else being stored.
 */
import { compareRowIds, headOf } from './rows.ts';

const LOWEST = 0x21;
const HIGHEST = 0x7d;

/**
 * An id between two others, or as near as there is one.
 *
 * @param previous the row before, undefined at the top
 * @param next the row after, undefined at the end
 * @param unique an id that nobody else makes
 */
export const placedId = (
  previous: string | undefined,
  next: string | undefined,
  unique: string,
): string => {
  const isBetween = (id: string): boolean =>
    (previous === undefined || compareRowIds(previous, id) < 0) &&
    (next === undefined || compareRowIds(id, next) < 0);
  const base = previous === undefined ? '' : (headOf(previous) ?? stem(previous));
  for (const id of [unique, `${base}~${unique}`, nested(previous, next, unique)])
    if (id !== undefined && isBetween(id)) return id;
  return unique;
};

/** An id without what a row that was put after it has at its end. */
const stem = (id: string): string => {
  const at = id.indexOf('~');
  return at < 0 ? id : id.slice(0, at);
};

/** An id between two that are as near as "3" and "3~x". */
const nested = (
  previous: string | undefined,
  next: string | undefined,
  unique: string,
): string | undefined => {
  const [head, tail] = previous === undefined ? ['', ''] : parts(previous);
  const [nextHead, nextTail] = next === undefined ? [undefined, undefined] : parts(next);
  const between = middle(tail, head === nextHead ? nextTail : undefined);
  if (between === undefined) return undefined;
  return head === undefined ? `${between}${unique}` : `${head}~${between}${unique}`;
};

/** The integer that an id begins with, or "" before all of them, and what follows; all of another id. */
const parts = (id: string): [string | undefined, string] => {
  const head = headOf(id);
  return head === undefined ? [undefined, id] : [head, id.slice(head.length + 1)];
};

/** A text after one and before another, and so is all that begins with it. */
const middle = (after: string, before: string | undefined): string | undefined => {
  if (before === undefined || !before.startsWith(after)) return `${after}~`;
  let text = after;
  for (const character of before.slice(after.length)) {
    const code = character.codePointAt(0) as number;
    if (code > LOWEST)
      return text + String.fromCodePoint(Math.min(HIGHEST, (LOWEST - 1 + code) >> 1));
    if (code < LOWEST) return undefined;
    text += character;
  }
  return text === after ? undefined : `${text.slice(0, -1)} `;
};
