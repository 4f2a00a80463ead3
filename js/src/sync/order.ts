/**
 * The order of rows that come out of a document.
 *
 * A Yjs document keeps its maps in no order that all replicas share, so the order is made from the
 * ids, the same here and in Python: canonical non-negative integers by value, then other ids by
 * code point.
 */

const MAX_DIGITS = 15; // beyond, numbers no longer tell neighbours apart
const CANONICAL_INTEGER = /^(?:0|[1-9]\d*)$/;
const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** Return the ids in natural order: "9" before "10", both before "09" and "a". */
export function naturalOrder(ids: Iterable<string>): string[] {
  const integers: number[] = [];
  const others: string[] = [];
  for (const id of ids) {
    if (id.length <= MAX_DIGITS && CANONICAL_INTEGER.test(id)) {
      integers.push(Number(id));
    } else {
      others.push(id);
    }
  }
  integers.sort((a, b) => a - b);
  others.sort(byCodePoint);
  return [...integers.map(String), ...others];
}

/** Compare by code point, where JavaScript's own order is by UTF-16 unit. */
function byCodePoint(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) {
      return rank(x) - rank(y);
    }
  }
  return a.length - b.length;
}

/** Units from U+E000 on come before surrogates, which stand for what is beyond U+FFFF. */
function rank(unit: number): number {
  if (unit < FIRST_SURROGATE) {
    return unit;
  }
  return unit < AFTER_SURROGATES ? unit + 0x2000 : unit - 0x800;
}
