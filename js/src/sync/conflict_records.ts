/**
 * Conflicts as data: the entries of the document's map `<root>/conflicts`.
 *
 *     record       "<client>:<clock>"  the struct that lost, as text:
 *                  [table, row, cell, winner's client, its value, loser's client, its value]
 *                  "k<client>:<n>"     an edit that was kept though its row was deleted:
 *                  [table, row, cell, its client, its value, null]
 *     dismissal    "!" + a record's key: true
 *
 * Values are as they stand in the map of cells; a value of the Store has neither table nor row.
 * This is a wire format, the same in Python.
 */
import type { Cell } from 'tinybase/store';
import * as Y from 'yjs';
import { readCell } from './cells.ts';

/** A cell; a value has neither table nor row. */
export type EditedPlace = readonly [tableId: string | null, rowId: string | null, cellId: string];

/** What is written of a conflict: a loser's client is null where an edit was kept. */
export interface ConflictRecord {
  readonly place: EditedPlace;
  readonly winner: { readonly client: number; readonly value: unknown };
  readonly loser: { readonly client: number; readonly value: unknown } | null;
}

export interface Conflict {
  readonly key: string;
  readonly tableId: string | null;
  readonly rowId: string | null;
  readonly cellId: string;
  readonly winner: { readonly client: number; readonly value: Cell };
  /** What was overwritten; without client and value where an edit survived its row's deletion. */
  readonly loser: { readonly client: number | null; readonly value: Cell | undefined };
}

const DISMISSAL = '!';
const LOST_LENGTH = 7;
const KEPT_LENGTH = 6;

/** Return the key that a struct's loss is recorded under. */
export function recordKey({ client, clock }: Y.ID): string {
  return `${client}:${clock}`;
}

/** Return the struct that a record's key names, `undefined` where it names none. */
export function idOf(key: string): Y.ID | undefined {
  const [client, clock, ...rest] = key.split(':').map(Number);
  const isId = Number.isSafeInteger(client) && Number.isSafeInteger(clock) && rest.length === 0;
  return isId ? Y.createID(client as number, clock as number) : undefined;
}

/** Return the key that dismisses a record. */
export function dismissalKey(key: string): string {
  return DISMISSAL + key;
}

/** Return the key of the record that a key dismisses, `undefined` where it is no dismissal. */
export function dismissedBy(key: string): string | undefined {
  return key.startsWith(DISMISSAL) ? key.slice(DISMISSAL.length) : undefined;
}

/** Return a record's text. */
export function encodeRecord({ place, winner, loser }: ConflictRecord): string {
  const loserParts = loser === null ? [null] : [loser.client, loser.value];
  return JSON.stringify([...place, winner.client, winner.value, ...loserParts]);
}

/** Return the conflict that an entry's text tells of, `undefined` where it makes no sense. */
export function decodeRecord(key: string, text: unknown): Conflict | undefined {
  const parts = parseArray(text);
  if (parts === undefined) {
    return undefined;
  }
  const [tableId, rowId, cellId, winnerClient, winnerValue, loserClient, loserValue] = parts;
  const isCell = typeof tableId === 'string' && typeof rowId === 'string';
  const isValue = tableId === null && rowId === null;
  const isKept = loserClient === null && parts.length === KEPT_LENGTH;
  const isLost = typeof loserClient === 'number' && parts.length === LOST_LENGTH;
  if (
    !(isCell || isValue) ||
    typeof cellId !== 'string' ||
    typeof winnerClient !== 'number' ||
    !(isKept || isLost)
  ) {
    return undefined;
  }
  return readConflict(key, {
    place: [tableId, rowId, cellId] as EditedPlace,
    winner: { client: winnerClient, value: winnerValue },
    loser: isLost ? { client: loserClient, value: loserValue } : null,
  });
}

/** Return a record as the conflict of two cells, `undefined` where one of the values is none. */
export function readConflict(key: string, record: ConflictRecord): Conflict | undefined {
  const [tableId, rowId, cellId] = record.place;
  const won = readCell(record.winner.value);
  const lost = readCell(record.loser?.value);
  if (won === undefined || (record.loser !== null && lost === undefined)) {
    return undefined;
  }
  return {
    key,
    tableId,
    rowId,
    cellId,
    winner: { client: record.winner.client, value: won },
    loser: { client: record.loser?.client ?? null, value: lost },
  };
}

function parseArray(text: unknown): unknown[] | undefined {
  if (typeof text !== 'string') {
    return undefined;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
