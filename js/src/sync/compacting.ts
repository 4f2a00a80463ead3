/**
 * Fresh documents: making one, and the documents that were left for one.
 *
 * `compact()` writes the content of the document into a new one, by the rules that hold for any
 * content (`writing.ts`), with the open records of conflicts, what lost in them, and the document's
 * lineage (`generations.ts`), and goes on with that. Everybody else takes the new document as it is, and what
 * it lacks is carried into it (`carrying.ts`).
 *
 * What changed in one former generation and not since another is written in runs of its own, so that
 * the lineage can say of each former generation which structs stand for it.
 */
import * as Y from 'yjs';
import { idOfLoser } from './carried_ids.ts';
import { deletedStruct, encodeBlocks } from './carried_structs.ts';
import { editsOf, write } from './carrying.ts';
import { readCell } from './cells.ts';
import { decodeRecord, idOf, recordKey } from './conflict_records.ts';
import {
  clocksOf,
  compareGenerations,
  deletedOf,
  type Former,
  type Generation,
  generationAfter,
  highest,
  idsBetween,
  keptFormers,
  Lineage,
} from './generations.ts';
import { naturalOrder } from './order.ts';
import { StructIds } from './struct_ids.ts';
import { contentAt, isCellPath, itemPath, type Path, shownItemAt } from './struct_places.ts';
import type { Edits, Entries } from './writing.ts';

/** The document's size before and after a compaction, in bytes. */
export interface Compacted {
  readonly before: number;
  readonly after: number;
}

/** The document can't be compacted at the moment; the message says why and what to do. */
export class CompactionError extends Error {
  override readonly name = 'CompactionError';
}

/** A document that was left for the one of the next generation. */
export interface Archive {
  readonly generation: Generation;
  readonly update: Uint8Array;
}

/** Return a new document with the content of another, of the generation that follows. */
export function freshDoc(doc: Y.Doc, mapName: string): Y.Doc {
  const old = new Lineage(doc, mapName);
  const formers = old.formers();
  const fresh = new Y.Doc();
  const standing = formers.map(() => new StructIds());
  for (const [outdated, contents] of runs(doc, mapName, formers)) {
    const before = clocksOf(fresh);
    write(fresh, mapName, inOrder(editsOf(contents)));
    const written = idsBetween(before, clocksOf(fresh));
    for (const [at, ids] of standing.entries()) {
      standing[at] = outdated.includes(at) ? ids : ids.union(written);
    }
  }
  const updated = formers.map((former, at) => ({
    ...former,
    standing: standing[at] as StructIds,
  }));
  const { kept, derived } = keptFormers(updated);
  const former: Former = {
    generation: old.generation,
    clocks: clocksOf(doc),
    deleted: deletedOf(doc),
    standing: idsBetween(new Map(), clocksOf(fresh)),
  };
  const records = addLosers(fresh, openRecords(doc, mapName));
  fresh.transact(() => {
    const lineage = new Lineage(fresh, mapName);
    lineage.begin(generationAfter(old.generation), highest(old.derived, derived), [
      ...kept,
      former,
    ]);
    for (const [key, record] of records) {
      fresh.getMap(`${mapName}/conflicts`).set(key, record);
    }
  });
  return fresh;
}

/**
 * Return the documents whose edits another may lack, each one before the next.
 *
 * @param doc the document so far, the last of those returned
 * @param target the document that took its place
 * @param archives the documents that were left before
 */
export function docsBetween(
  doc: Y.Doc,
  target: Y.Doc,
  archives: readonly Archive[],
  mapName: string,
): Y.Doc[] {
  const formers = new Lineage(target, mapName).formers();
  const docs: [Y.Doc, ...Y.Doc[]] = [doc];
  for (;;) {
    const lineage = new Lineage(docs[0], mapName);
    if (formers.some(({ generation }) => isSame(generation, lineage.generation))) {
      return docs;
    }
    const parent = lineage.formers().at(-1)?.generation;
    const archive = archives.find(({ generation }) => parent && isSame(generation, parent));
    if (archive === undefined) {
      return [doc];
    }
    const before = new Y.Doc();
    Y.applyUpdate(before, archive.update);
    docs.unshift(before);
  }
}

function isSame(one: Generation, other: Generation): boolean {
  return compareGenerations(one, other) === 0;
}

type Contents = [path: Path, content: unknown][];

/** Divide a content into what is outdated for the same former generations; those are numbered. */
function runs(
  doc: Y.Doc,
  mapName: string,
  formers: readonly Former[],
): Iterable<[outdated: readonly number[], contents: Contents]> {
  const byOutdated = new Map<string, [number[], Contents]>([['', [[], []]]]);
  for (const structs of doc.store.clients.values()) {
    for (const item of structs) {
      const path = item instanceof Y.Item && !item.deleted ? itemPath(item) : undefined;
      const content = path && isCellPath(mapName, path) ? contentAt(doc, path) : undefined;
      if (path !== undefined && readCell(content) !== undefined) {
        const outdated = [...formers.keys()].filter(
          (at) => formers[at]?.standing.has((item as Y.Item).lastId) === false,
        );
        const key = outdated.join();
        const run = byOutdated.get(key) ?? [outdated, []];
        byOutdated.set(key, run);
        run[1].push([path, content]);
      }
    }
  }
  return byOutdated.values();
}

/** Return edits in the order that Python writes them in, too. */
function inOrder({ cells, values }: Edits): Edits {
  const sorted = new Map<string, Map<string, Entries>>();
  for (const tableId of [...cells.keys()].sort()) {
    const rows = cells.get(tableId) ?? new Map<string, Entries>();
    const ids = naturalOrder(rows.keys());
    sorted.set(tableId, new Map(Array.from(ids, (id) => [id, byId(rows.get(id))] as const)));
  }
  return { cells: sorted, values: byId(values) };
}

function byId(entries: Entries = new Map()): Entries {
  return new Map([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}

interface OpenRecord {
  readonly key: string;
  readonly path: Path;
  readonly text: unknown;
}

function* openRecords(doc: Y.Doc, mapName: string): Generator<OpenRecord> {
  const records = doc.getMap(`${mapName}/conflicts`);
  for (const [key, text] of records.entries()) {
    const record = key.startsWith('!') ? undefined : decodeRecord(key, text);
    if (record !== undefined && !records.has(`!${key}`)) {
      const { tableId, rowId, cellId } = record;
      const path =
        tableId === null || rowId === null
          ? [mapName, 'v', cellId]
          : [mapName, 't', tableId, rowId, cellId];
      if (contentAt(doc, path) !== undefined) {
        yield { key, path, text };
      }
    }
  }
}

/** Add what lost, and return the records under the ids it has: without it they don't count. */
function addLosers(fresh: Y.Doc, records: Iterable<OpenRecord>): Map<string, unknown> {
  const renamed = new Map<string, unknown>();
  const blocks = new Map<number, { clock: number; structs: Uint8Array[] }>();
  for (const { key, path, text } of records) {
    const id = idOf(key);
    const winner = shownItemAt(fresh, path);
    if (id !== undefined && winner !== undefined) {
      const loser = idOfLoser(id, (client) => Y.getState(fresh.store, client) > 0);
      const structs = [deletedStruct({ before: winner.lastId }, 1)];
      blocks.set(loser.client, { clock: loser.clock, structs });
      renamed.set(recordKey(loser), text);
    } else {
      renamed.set(key, text);
    }
  }
  Y.applyUpdate(fresh, encodeBlocks(blocks));
  return renamed;
}
