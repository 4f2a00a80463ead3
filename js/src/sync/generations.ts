/**
 * Generations: what a document says of itself and of the documents that it took the place of.
 *
 * `compact()` puts a fresh document in the place of one whose history has grown large. The two share
 * no history, so their updates must never mix. Each document therefore belongs to a *generation*: a
 * number, one higher with each compaction, and a random id. Of two generations the higher (number,
 * id) is the one to follow. A document that says nothing is of the first, (0, 0).
 *
 * The root map `<map>/generation` holds, from generation 1 on:
 *
 *     "generation"       text: [number, id] as JSON
 *     "derived"          state vector: the derived client ids of all former generations
 *     "<number>.<id>"    a former generation: state vector, ids deleted, ids standing
 *
 * It is written once, when the document begins. A former generation's entry is what that had at its
 * end: its structs, and which of them were deleted. The *standing* ids are structs of this document
 * that hold what was to be seen at that end; a cell that has been changed since, in a generation
 * between, has none. Ids are written as Yjs writes a delete set.
 *
 * The format is a wire format, the same in Python.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { YMap } from './containers.ts';
import { type Range, StructIds } from './struct_ids.ts';

/** A former generation is kept for so many compactions, and the first for ever. */
const MAX_FORMER = 8;
const FIRST_DERIVED = 2 ** 51;
const GENERATION = 'generation';
const DERIVED = 'derived';

export type Clocks = ReadonlyMap<number, number>;

export interface Generation {
  readonly number: number;
  readonly id: number;
}

/** The generation of documents that say nothing. */
export const FIRST: Generation = { number: 0, id: 0 };

/** What a document says of a former generation. */
export interface Former {
  readonly generation: Generation;
  /** Its structs, as a state vector. */
  readonly clocks: Clocks;
  /** Those of them that were deleted. */
  readonly deleted: StructIds;
  /** The structs of the later document that hold what was to be seen there. */
  readonly standing: StructIds;
}

/** Return a number below, of or above 0 for a generation before, like or after another. */
export function compareGenerations(one: Generation, other: Generation): number {
  return one.number - other.number || one.id - other.id;
}

export function isFirst(generation: Generation): boolean {
  return compareGenerations(generation, FIRST) === 0;
}

/** Return a generation that follows, which nobody else makes. */
export function generationAfter({ number }: Generation): Generation {
  const [id = 0] = crypto.getRandomValues(new Uint32Array(1));
  return { number: number + 1, id };
}

/** The generation of a document, and what it says of those before. */
export class Lineage {
  readonly map: YMap;

  constructor(doc: Y.Doc, mapName: string) {
    this.map = doc.getMap(`${mapName}/generation`);
  }

  get generation(): Generation {
    try {
      const [number, id] = JSON.parse(String(this.map.get(GENERATION)));
      return Number.isInteger(number) && Number.isInteger(id) ? { number, id } : FIRST;
    } catch {
      return FIRST;
    }
  }

  /** The derived client ids of former generations. */
  get derived(): Clocks {
    try {
      return Y.decodeStateVector(this.map.get(DERIVED) as Uint8Array);
    } catch {
      return new Map();
    }
  }

  /** The former generations, the oldest first. */
  formers(): Former[] {
    const formers: Former[] = [];
    for (const [key, data] of this.map.entries()) {
      const [, number, id] = /^(\d+)\.(\d+)$/.exec(key) ?? [];
      if (number !== undefined && id !== undefined && data instanceof Uint8Array) {
        const former = readFormer({ number: Number(number), id: Number(id) }, data);
        formers.push(...(former === undefined ? [] : [former]));
      }
    }
    return formers.sort((one, other) => compareGenerations(one.generation, other.generation));
  }

  /** Write down a fresh document's generation and those before it, inside a transaction. */
  begin(generation: Generation, derived: Clocks, formers: Iterable<Former>): void {
    this.map.set(GENERATION, JSON.stringify([generation.number, generation.id]));
    this.map.set(
      DERIVED,
      encoding.encode((encoder) => writeClocks(encoder, derived)),
    );
    for (const former of formers) {
      const { number, id } = former.generation;
      this.map.set(`${number}.${id}`, writeFormer(former));
    }
  }
}

/** Return the former generations to keep, and the derived client ids of the others. */
export function keptFormers(formers: readonly Former[]): { kept: Former[]; derived: Clocks } {
  const others = formers.filter(({ generation }) => !isFirst(generation));
  const dropped = new Set(others.slice(0, Math.max(0, others.length - MAX_FORMER + 2)));
  return {
    kept: formers.filter((former) => !dropped.has(former)),
    derived: highest(...Array.from(dropped, ({ clocks }) => onlyDerived(clocks))),
  };
}

/** Say whether structs of a client id are the same everywhere: containers, first and carried cells. */
export function isDerived(client: number): boolean {
  return client >= FIRST_DERIVED;
}

export function onlyDerived(clocks: Clocks): Clocks {
  return new Map([...clocks].filter(([client]) => isDerived(client)));
}

/** Return the state vector of all that any of these have. */
export function highest(...all: Clocks[]): Map<number, number> {
  const clocks = new Map<number, number>();
  for (const each of all) {
    for (const [client, clock] of each) {
      clocks.set(client, Math.max(clock, clocks.get(client) ?? 0));
    }
  }
  return clocks;
}

/** Return a document's state vector. */
export function clocksOf(doc: Y.Doc): Map<number, number> {
  return Y.decodeStateVector(Y.encodeStateVector(doc));
}

/** Return the ids of all structs that are deleted in a document. */
export function deletedOf(doc: Y.Doc): StructIds {
  const { clients } = Y.createDeleteSetFromStructStore(doc.store);
  const ranges: Range[] = [];
  for (const [client, items] of clients) {
    for (const { clock, len } of items) {
      ranges.push([client, clock, clock + len]);
    }
  }
  return new StructIds(ranges);
}

/** Return the ids of a state vector that another one does not have. */
export function idsBetween(before: Clocks, after: Clocks): StructIds {
  return new StructIds(
    Array.from(after, ([client, clock]) => [client, before.get(client) ?? 0, clock] as const),
  );
}

function readFormer(generation: Generation, data: Uint8Array): Former | undefined {
  try {
    const decoder = decoding.createDecoder(data);
    const clocks = new Map<number, number>();
    for (let count = decoding.readVarUint(decoder); count > 0; count -= 1) {
      const client = decoding.readVarUint(decoder);
      clocks.set(client, decoding.readVarUint(decoder));
    }
    const deleted = StructIds.read(decoder);
    return { generation, clocks, deleted, standing: StructIds.read(decoder) };
  } catch {
    return undefined;
  }
}

function writeFormer({ clocks, deleted, standing }: Former): Uint8Array {
  return encoding.encode((encoder) => {
    writeClocks(encoder, clocks);
    deleted.write(encoder);
    standing.write(encoder);
  });
}

function writeClocks(encoder: encoding.Encoder, clocks: Clocks): void {
  encoding.writeVarUint(encoder, clocks.size);
  for (const [client, clock] of clocks) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
  }
}
