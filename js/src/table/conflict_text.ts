/** What is said about conflicts, and about undoing beside others. Pure functions. */
import type { Conflict } from '../sync/conflicts.ts';
import type { Place, Undone } from '../sync/undo.ts';
import { displayText, kindOf, type MaybeCell } from './values.ts';

/** Client ids from here on belong to data and not to a replica: all who load the same have the same. */
const DATA_CLIENTS = 2 ** 52;
const MAX_QUOTED = 40;

/** Who made an edit: this page (true), somebody who is here, by name, or nobody who is known. */
export type WhoIs = (client: number) => boolean | string | undefined;

export const KEPT_TEXT =
  'This row was deleted by somebody while this cell was edited; the edit was kept.';

/** Whose an edit is: "Yours", a name, or as much as is known of somebody else. */
export const ownerOf = (client: number, whoIs: WhoIs): string => {
  const who = whoIs(client);
  if (who === true) return 'Yours';
  if (typeof who === 'string') return who;
  if (client >= DATA_CLIENTS) return 'From loaded data';
  return `Another peer (${client.toString(16).padStart(8, '0').slice(0, 4)}…)`;
};

/** A cell in a sentence. */
export const quoted = (cell: MaybeCell): string => {
  const text = displayText(cell);
  if (text === '') return cell === undefined ? 'nothing' : 'an empty text';
  if (kindOf(cell) !== 'string') return shortened(text);
  return `“${shortened(text)}”`;
};

/** A conflict in a sentence or two. */
export const conflictText = ({ winner, loser }: Conflict, whoIs: WhoIs): string => {
  if (loser.client === null) return KEPT_TEXT;
  const won = `${quoted(winner.value)} (${ownerInside(winner.client, whoIs)})`;
  const lost = `${quoted(loser.value)} (${ownerInside(loser.client, whoIs)})`;
  return `Two sides changed this cell: ${won} won over ${lost}.`;
};

/** What an undo or a redo has left as it was, and why; undefined if nothing. */
export const undoneText = (
  undone: Undone,
  word: 'undo' | 'redo',
  tableId: string,
): string | undefined => {
  const { changed, kept, refused, isTooLarge } = undone;
  if (isTooLarge) return `The last edit is too large to ${word}.`;
  if (kept.length + refused.length === 0)
    return changed.length === 0 ? `There is nothing to ${word}.` : undefined;
  const verb = word === 'undo' ? 'undone' : 'redone';
  const rest = changed.length === 0 ? `Nothing was ${verb}` : `Not all was ${verb}`;
  const [first] = kept;
  if (first === undefined) return `${rest}: this table does not take the value.`;
  if (kept.length > 1) return `${rest}: somebody has changed ${kept.length} of the cells since.`;
  const where = placeText(first.place, tableId);
  return first.value === undefined
    ? `${rest}: ${where} was deleted by somebody since.`
    : `${rest}: ${where} is now ${quoted(first.value)}, changed by somebody since.`;
};

/** How a cell is called in a sentence; its table only where that is another one. */
export const placeText = ({ tableId, rowId, cellId }: Place, shownTable: string): string => {
  if (tableId === null || rowId === null) return `the value ${cellId}`;
  const table = tableId === shownTable ? '' : ` of ${tableId}`;
  return `${cellId} in row ${rowId}${table}`;
};

/** The same inside of a sentence. */
const ownerInside = (client: number, whoIs: WhoIs): string => {
  const owner = ownerOf(client, whoIs);
  const isName = typeof whoIs(client) === 'string';
  return isName ? owner : owner.charAt(0).toLowerCase() + owner.slice(1);
};

const shortened = (text: string): string =>
  text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
