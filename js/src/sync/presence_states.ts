/**
 * What a peer says of itself, as it is on the wire, and what is believed of it.
 *
 *     {"user": {"name", "color"}, "kernel"?: true, "typing"?: true,
 *      "at"?: {"table", "row"?, "cell"?}}
 *
 * `user` is what all editors on Yjs' awareness protocol say, the rest is ours. Peers may lie: a name
 * is text of bounded length without characters that turn or hide what stands around it, a colour is
 * one, and an id is only ever compared with those that are there.
 */

/** Who somebody is. */
export interface User {
  readonly name: string;
  /** As `#rrggbb`. */
  readonly color: string;
}

/** Where somebody is: a table, maybe a row of it, maybe a cell. */
export interface Whereabouts {
  readonly tableId: string;
  readonly rowId?: string;
  readonly cellId?: string;
}

/** What one replica tells of who works there. */
export interface Presentation extends User {
  readonly at?: Whereabouts | undefined;
  readonly isTyping?: boolean;
}

/** What is known of a peer. */
export interface PeerState extends Presentation {
  readonly id: number;
  readonly isKernel: boolean;
}

const MAX_NAME = 40; // characters
const MAX_ID = 1000; // UTF-16 code units
const COLOR = /^#[0-9a-f]{6}$/i;
// What controls, turns round or hides text, and what stands for line ends.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu;

/** For those who have no colour: far from each other, and readable after `peer_colors.ts`. */
const COLORS = [
  '#1c7ed6',
  '#e8590c',
  '#2f9e44',
  '#9c36b5',
  '#c2255c',
  '#0c8599',
  '#e67700',
  '#6741d9',
  '#66a80f',
  '#d6336c',
] as const;

/** Of a program that has not been given one. */
const KERNEL_COLOR = '#868e96';

/** Return a name that can be shown; without anything to show, an empty one. */
export function nameFrom(said: unknown): string {
  if (typeof said !== 'string') {
    return '';
  }
  const characters = Array.from(
    said
      .slice(0, 4 * MAX_NAME)
      .replace(UNSEEN, ' ')
      .trim(),
  );
  const name = characters.slice(0, MAX_NAME).join('').replace(/\s+/g, ' ');
  return characters.length > MAX_NAME ? `${name.trimEnd()}…` : name;
}

/** Return a colour; where none was said, one that follows from the name. */
export function colorFrom(said: unknown, name: string): string {
  if (typeof said === 'string' && COLOR.test(said)) {
    return said.toLowerCase();
  }
  let hash = 0;
  for (const character of name) {
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) as number)) >>> 0;
  }
  return COLORS[hash % COLORS.length] as string;
}

/** Return what goes on the wire. */
export function writeState({ name, color, at, isTyping }: Presentation): Record<string, unknown> {
  return {
    user: { name, color },
    ...(at && { at: { table: at.tableId, row: at.rowId, cell: at.cellId } }),
    ...(isTyping && { typing: true }),
  };
}

/** Return what is believed of a state; undefined where nobody is to be shown. */
export function readState(id: number, said: unknown): PeerState | undefined {
  const { user, kernel, typing, at } = fieldsOf(said);
  const isKernel = kernel === true;
  const { name: saidName, color } = fieldsOf(user);
  const name = nameFrom(saidName);
  if (user === undefined) {
    return undefined; // a peer that has nothing to say yet, as most editors begin
  }
  return {
    id,
    name: name || (isKernel ? 'Kernel' : 'Somebody'),
    color: isKernel && color === undefined ? KERNEL_COLOR : colorFrom(color, name || String(id)),
    isKernel,
    at: placeFrom(at),
    isTyping: typing === true,
  };
}

function placeFrom(said: unknown): Whereabouts | undefined {
  const { table, row, cell } = fieldsOf(said);
  if (!isId(table)) {
    return undefined;
  }
  return {
    tableId: table,
    ...(isId(row) && { rowId: row, ...(isId(cell) && { cellId: cell }) }),
  };
}

const isId = (said: unknown): said is string => typeof said === 'string' && said.length <= MAX_ID;

function fieldsOf(said: unknown): Readonly<Record<string, unknown>> {
  return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
}
