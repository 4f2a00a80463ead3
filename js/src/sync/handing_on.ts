/**
 * What goes on to others of an answer that was received.
 *
 * What arrives is handed on as it came, not as what it changed here: where its author knew less than
 * we do, Yjs deleted what lost, and that is nobody's wish. An answer to a step 1 is different in one
 * thing. Its structs are what we lacked, but its deletions are all that its author knows of, also
 * those of cells that were overwritten by something we have and others may not. To them such a
 * deletion would come without what took the cell's place; if its author then leaves, the cell is
 * gone. So of an answer's deletions only those go on that were new here.
 *
 * What came without its content is below a container that was lost in a race, or deleted. Its deletion
 * says nothing more, and without that of its container, which was known, it would look as if somebody
 * had wished it (`races.ts`).
 */
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/** A delete set: ranges of clocks by client id. */
type Deletions = ReadonlyMap<number, readonly Range[]>;

interface Range {
  readonly clock: number;
  readonly len: number;
}

/**
 * Return an answer without the deletions that were known here already.
 *
 * @param answer is the update, as it came
 * @param transaction is the one that it was taken over in
 */
export function handedOn(answer: Uint8Array, transaction: Y.Transaction): Uint8Array {
  const { ds, structs: decoded } = Y.decodeUpdate(answer);
  const deletions: Deletions = ds.clients;
  const new_ = common(deletions, transaction.deleteSet.clients);
  if (total(new_) === total(deletions)) {
    return answer;
  }
  const fresh = without(new_, gone(decoded));
  const known = write(deletions);
  const structs = answer.subarray(0, answer.length - known.length);
  if (!known.every((byte, at) => byte === answer[structs.length + at])) {
    return answer; // the numbers in it are written longer than need be, as no peer of ours does
  }
  const written = write(fresh);
  const shorter = new Uint8Array(structs.length + written.length);
  shorter.set(structs);
  shorter.set(written, structs.length);
  return shorter;
}

/** Return where an update has structs without content. */
function gone(structs: readonly (Y.Item | Y.GC | Y.Skip)[]): Deletions {
  const ranges = new Map<number, Range[]>();
  for (const struct of structs) {
    if (struct instanceof Y.GC) {
      const { client, clock } = struct.id;
      const known = ranges.get(client) ?? [];
      known.push({ clock, len: struct.length });
      ranges.set(client, known);
    }
  }
  return ranges;
}

/** Return what is in the first and not in the second. */
function without(deletions: Deletions, others: Deletions): Deletions {
  const both = common(deletions, others);
  const left = new Map<number, Range[]>();
  for (const [client, ranges] of deletions) {
    const kept: Range[] = [];
    const taken = [...(both.get(client) ?? [])].sort((one, other) => one.clock - other.clock);
    for (const { clock, len } of ranges) {
      let start = clock;
      for (const each of taken) {
        if (each.clock >= start && each.clock < clock + len) {
          if (each.clock > start) {
            kept.push({ clock: start, len: each.clock - start });
          }
          start = each.clock + each.len;
        }
      }
      if (start < clock + len) {
        kept.push({ clock: start, len: clock + len - start });
      }
    }
    if (kept.length > 0) {
      left.set(client, kept);
    }
  }
  return left;
}

function total(deletions: Deletions): number {
  return [...deletions.values()].flat().reduce((sum, { len }) => sum + len, 0);
}

/** Return what is in both; the ranges of the second are sorted and do not overlap. */
function common(deletions: Deletions, others: Deletions): Deletions {
  const both = new Map<number, Range[]>();
  for (const [client, ranges] of deletions) {
    const sorted = others.get(client) ?? [];
    const shared = ranges.flatMap(({ clock, len }) => overlaps(sorted, clock, clock + len));
    if (shared.length > 0) {
      both.set(client, shared);
    }
  }
  return both;
}

function overlaps(sorted: readonly Range[], start: number, end: number): Range[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { clock, len } = sorted[middle] as Range;
    [low, high] = clock + len <= start ? [middle + 1, high] : [low, middle];
  }
  const found: Range[] = [];
  for (let at = low; at < sorted.length && (sorted[at] as Range).clock < end; at++) {
    const { clock, len } = sorted[at] as Range;
    const first = Math.max(clock, start);
    found.push({ clock: first, len: Math.min(clock + len, end) - first });
  }
  return found;
}

/** Return a delete set's bytes, with clients and ranges in the order given. */
function write(deletions: Deletions): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, deletions.size);
    for (const [client, ranges] of deletions) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, ranges.length);
      for (const { clock, len } of ranges) {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, len);
      }
    }
  });
}
