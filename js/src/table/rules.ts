/**
 * What each column takes, and where nobody may write.
 *
 * A column's rule comes from the table's schema in the kernel's Store, from the options that the view
 * was given for it, or else from the cells that it has. The page's own Store has no schema: it holds
 * whatever the document holds. So it is here that an edit is refused, with the reason, before it is made.
 */
import type { Cell } from 'tinybase';
import type { Pasted } from './clipboard.ts';
import type { EditPlace } from './editing.ts';
import type { LiveTable } from './live.ts';
import type { TableOptions } from './options.ts';
import {
  type ColumnType,
  displayText,
  editText,
  editTypeOf,
  kindOf,
  type MaybeCell,
  type Parsed,
  parseJsonText,
  parseText,
  sameCell,
  typeOf,
} from './values.ts';

/** A cell's schema, as TinyBase writes it. */
export interface CellSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Cell[];
  readonly default?: Cell;
  readonly allowNull?: boolean;
  readonly required?: boolean;
}

export type TableSchema = Readonly<Record<string, CellSchema>>;

const MAX_NAMED_OPTIONS = 8;
const SHORT_JSON = 40;
const JSON_TYPES: readonly string[] = ['object', 'array'];

export class Rules {
  readonly #live: LiveTable;
  readonly #options: () => TableOptions;
  #lockedFrom: TableOptions['readOnlyCells'];
  #lockedCells = new Map<string, Set<string>>();

  constructor(live: LiveTable, options: () => TableOptions) {
    this.#live = live;
    this.#options = options;
  }

  /** The type that the schema or the options say; undefined where only the cells can tell. */
  declaredType(column: string): ColumnType | undefined {
    const options = this.optionsOf(column);
    if (options) return typeOf(options.map(kindOf));
    const types = this.#typesOf(column);
    if (!types) return undefined;
    const [type] = types;
    const isPlain = type === 'number' || type === 'boolean' || type === 'string';
    return types.length === 1 && isPlain ? type : 'mixed';
  }

  /** The cells to choose from; undefined where others may be typed. */
  optionsOf(column: string): readonly Cell[] | undefined {
    const options = own(this.#options().columnOptions, column) ?? this.schemaOf(column)?.enum;
    return options && options.length > 0 ? options : undefined;
  }

  schemaOf(column: string): CellSchema | undefined {
    return own(this.#options().schema, column);
  }

  /** What a new row begins with. */
  defaults(): Record<string, Cell> {
    const entries = Object.entries(this.#options().schema ?? {});
    return Object.fromEntries(
      entries.flatMap(([id, schema]) =>
        schema.default === undefined ? [] : [[id, schema.default]],
      ),
    );
  }

  /** The columns that a row lacks to be one. */
  missing(cells: Readonly<Record<string, Cell>>): string[] {
    return Object.entries(this.#options().schema ?? {})
      .filter(
        ([id, { required, default: given }]) =>
          required && given === undefined && !Object.hasOwn(cells, id),
      )
      .map(([id]) => id);
  }

  allowsNull(column: string): boolean {
    const schema = this.schemaOf(column);
    const options = this.optionsOf(column);
    if (schema?.allowNull || options?.includes(null)) return true;
    return schema === undefined && options === undefined && !this.isClosed(column);
  }

  get hasSchema(): boolean {
    return this.#options().schema != null;
  }

  /** The columns that the schema names. */
  get schemaColumns(): string[] {
    return Object.keys(this.#options().schema ?? {});
  }

  hasLockedCells(column: string): boolean {
    return [...this.#locked.values()].some((columns) => columns.has(column));
  }

  /** Whether the table's schema knows no such column. */
  isClosed(column: string): boolean {
    const { schema } = this.#options();
    return schema != null && !Object.hasOwn(schema, column);
  }

  /** Whether nobody may write in a column of a table that is not read-only as a whole. */
  isColumnReadOnly(column: string): boolean {
    const { readOnly, readOnlyColumns } = this.#options();
    return !readOnly && readOnlyColumns?.includes(column) === true;
  }

  /** Why nobody may write here; undefined if anybody may. */
  whyReadOnly({ row, column }: EditPlace): string | undefined {
    const { readOnly, readOnlyColumns } = this.#options();
    if (readOnly) return 'This table is read-only.';
    if (readOnlyColumns?.includes(column)) return `${column} is read-only.`;
    return row !== null && this.#locked.get(row)?.has(column)
      ? 'This cell is read-only.'
      : undefined;
  }

  /** Why a row may not be deleted; undefined if it may. */
  whyKept(row: string): string | undefined {
    const [column] = this.#locked.get(row) ?? [];
    return column === undefined ? undefined : `Row ${row} stays: its ${column} is read-only.`;
  }

  /** The text with which an editor begins, which `parse` reads as the same cell. */
  editText(column: string, cell: MaybeCell): string {
    if (this.isJson(column, cell) && typeof cell === 'object' && cell !== null) {
      const line = JSON.stringify(cell);
      return line.length > SHORT_JSON ? JSON.stringify(cell, null, 2) : line;
    }
    const declared = this.declaredType(column);
    if (this.optionsOf(column) || declared === 'string') return editText(cell, 'string');
    return editText(cell, editTypeOf(this.#live.typeOf(column), cell));
  }

  /** Whether a cell is edited as JSON: it is an object or a list, or may be nothing else. */
  isJson(column: string, cell: MaybeCell): boolean {
    if (this.optionsOf(column)) return false;
    const types = this.#typesOf(column);
    return kindOf(cell) === 'json' || types?.every((type) => JSON_TYPES.includes(type)) === true;
  }

  /** Reads a typed text as a cell of this column; `cell` is what is there now. */
  parse(column: string, text: string, cell: MaybeCell): Parsed {
    return this.#finish(column, this.#read(column, text, cell));
  }

  /** Reads a pasted cell: as it was where it fits the column, else by its text. */
  parsePasted(column: string, { text, exact }: Pasted, cell: MaybeCell): Parsed {
    if (exact?.length === 0 || (exact === undefined && text === ''))
      return this.#finish(column, { kind: 'delete' });
    if (exact) {
      const [value] = exact as readonly [Cell];
      const kind = kindOf(value);
      const type = this.#live.typeOf(column);
      const fits = type === 'mixed' || kind === 'null' || kind === type;
      if (fits && this.check(column, value) === undefined) return { kind: 'set', cell: value };
    }
    return this.parse(column, text, cell);
  }

  /** Why a column does not take a cell; undefined if it does. */
  check(column: string, cell: Cell): string | undefined {
    if (this.isClosed(column)) return `The schema of this table has no ${column}.`;
    const options = this.optionsOf(column);
    if (options && !options.some((option) => sameCell(option, cell)))
      return cell === null && this.allowsNull(column)
        ? undefined
        : `Not one of ${listed(options)}.`;
    if (cell === null) return this.allowsNull(column) ? undefined : `${column} takes no null.`;
    const types = this.#typesOf(column);
    if (!types || types.includes(schemaType(cell))) return undefined;
    return `${column} takes ${types.map((type) => TYPE_WORDS[type] ?? type).join(' or ')}.`;
  }

  /** Cell ids of read-only cells by row id. */
  get #locked(): ReadonlyMap<string, ReadonlySet<string>> {
    const { readOnlyCells } = this.#options();
    if (readOnlyCells !== this.#lockedFrom) {
      this.#lockedFrom = readOnlyCells;
      this.#lockedCells = new Map();
      for (const [row, column] of readOnlyCells ?? []) {
        const columns = this.#lockedCells.get(row) ?? new Set();
        this.#lockedCells.set(row, columns.add(column));
      }
    }
    return this.#lockedCells;
  }

  #typesOf(column: string): readonly string[] | undefined {
    const type = this.schemaOf(column)?.type;
    return typeof type === 'string' ? [type] : type;
  }

  #read(column: string, text: string, cell: MaybeCell): Parsed {
    const options = this.optionsOf(column);
    if (options) return readOption(text, options, this.allowsNull(column));
    const types = this.#typesOf(column);
    if (!types) return parseText(text, editTypeOf(this.#live.typeOf(column), cell));
    const [only] = types;
    if (types.length === 1 && (only === 'number' || only === 'boolean' || only === 'string'))
      return parseText(text, only);
    if (types.includes('string')) {
      const parsed = parseText(text, 'mixed');
      const isTaken = parsed.kind === 'set' && this.check(column, parsed.cell) === undefined;
      return isTaken || parsed.kind === 'delete' ? parsed : { kind: 'set', cell: text };
    }
    return parseJsonText(text);
  }

  #finish(column: string, parsed: Parsed): Parsed {
    if (parsed.kind === 'invalid') return parsed;
    if (parsed.kind === 'delete') {
      const schema = this.schemaOf(column);
      if (schema?.default !== undefined) return { kind: 'set', cell: schema.default };
      return schema?.required
        ? { kind: 'invalid', message: `${column} is required, and cannot be empty.` }
        : parsed;
    }
    const message = this.check(column, parsed.cell);
    return message === undefined ? parsed : { kind: 'invalid', message };
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: 'numbers',
  boolean: 'true or false',
  string: 'text',
  object: 'an object, such as {"a": 1}',
  array: 'a list, such as [1, 2]',
};

const schemaType = (cell: Cell): string => (Array.isArray(cell) ? 'array' : typeof cell);

const listed = (options: readonly Cell[]): string => {
  const names = options.slice(0, MAX_NAMED_OPTIONS).map(displayText);
  const more = options.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} others` : names.join(', ');
};

/** An option by its text; where none has just this one, without regard to case. */
const readOption = (text: string, options: readonly Cell[], allowsNull: boolean): Parsed => {
  const texts = options.map(displayText);
  const trimmed = text.trim();
  let index = texts.indexOf(text);
  if (index < 0) index = texts.findIndex((each) => each.toLowerCase() === trimmed.toLowerCase());
  if (index >= 0) return { kind: 'set', cell: options[index] as Cell };
  if (trimmed === '') return { kind: 'delete' };
  if (allowsNull && trimmed === 'null') return { kind: 'set', cell: null };
  return { kind: 'invalid', message: `Not one of ${listed(options)}.` };
};

const own = <T>(
  record: Readonly<Record<string, T>> | null | undefined,
  key: string,
): T | undefined => (record && Object.hasOwn(record, key) ? record[key] : undefined);
