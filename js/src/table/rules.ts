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
import type { RowKey } from './selection.ts';
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
  declaredType(column: string, row?: RowKey): ColumnType | undefined {
    const options = this.optionsOf(column, row);
    if (options) return typeOf(options.map(kindOf));
    const types = this.#typesOf(column, row);
    if (!types) return undefined;
    const [type] = types;
    const isPlain = type === 'number' || type === 'boolean' || type === 'string';
    return types.length === 1 && isPlain ? type : 'mixed';
  }

  /** The cells to choose from; undefined where others may be typed. */
  optionsOf(column: string, row?: RowKey): readonly Cell[] | undefined {
    const { columnOptions, rowOptions } = this.#options();
    const given = (row != null && own(rowOptions, row)) || own(columnOptions, column);
    const options = given ?? this.schemaOf(column, row)?.enum;
    return options && options.length > 0 ? options : undefined;
  }

  schemaOf(column: string, row?: RowKey): CellSchema | undefined {
    const { rowSchema, schema } = this.#options();
    return (row != null && own(rowSchema, row)) || own(schema, column);
  }

  /** How a cell is called in a sentence. */
  nameOf({ row, column }: EditPlace): string {
    if (row !== null && this.#options().named) return row;
    return `${column}, ${row === null ? 'new row' : `row ${row}`}`;
  }

  /** What a sentence calls that which has the schema: a column, or a row with a name. */
  #subject(column: string, row?: RowKey): string {
    return row != null && this.#options().named ? row : column;
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

  allowsNull(column: string, row?: RowKey): boolean {
    const schema = this.schemaOf(column, row);
    const options = this.optionsOf(column, row);
    if (schema?.allowNull || options?.includes(null)) return true;
    return schema === undefined && options === undefined && !this.isClosed(column, row);
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

  /** Whether the table's schema knows no such column, or no such row where rows are named. */
  isClosed(column: string, row?: RowKey): boolean {
    const { schema, rowSchema } = this.#options();
    if (row != null && rowSchema != null) return !Object.hasOwn(rowSchema, row);
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
    const isLocked = row !== null && this.#locked.get(row)?.has(column) === true;
    if (!isLocked) return undefined;
    return this.#options().named ? `${row} is read-only.` : 'This cell is read-only.';
  }

  /** Why a row may not be deleted; undefined if it may. */
  whyKept(row: string): string | undefined {
    const [column] = this.#locked.get(row) ?? [];
    if (column !== undefined && this.#options().named) return `${row} is read-only.`;
    return column === undefined ? undefined : `Row ${row} stays: its ${column} is read-only.`;
  }

  /** The text with which an editor begins, which `parse` reads as the same cell. */
  editText({ row, column }: EditPlace, cell: MaybeCell): string {
    if (this.isJson({ row, column }, cell) && typeof cell === 'object' && cell !== null) {
      const line = JSON.stringify(cell);
      return line.length > SHORT_JSON ? JSON.stringify(cell, null, 2) : line;
    }
    const declared = this.declaredType(column, row);
    if (this.optionsOf(column, row) || declared === 'string') return editText(cell, 'string');
    return editText(cell, editTypeOf(this.#live.typeOf(column, row), cell));
  }

  /** Whether a cell is edited as JSON: it is an object or a list, or may be nothing else. */
  isJson({ row, column }: EditPlace, cell: MaybeCell): boolean {
    if (this.optionsOf(column, row)) return false;
    const types = this.#typesOf(column, row);
    return kindOf(cell) === 'json' || types?.every((type) => JSON_TYPES.includes(type)) === true;
  }

  /** Reads a typed text as a cell of this place; `cell` is what is there now. */
  parse(place: EditPlace, text: string, cell: MaybeCell): Parsed {
    return this.#finish(place, this.#read(place, text, cell));
  }

  /** Reads a pasted cell: as it was where it fits the column, else by its text. */
  parsePasted(place: EditPlace, { text, exact }: Pasted, cell: MaybeCell): Parsed {
    if (exact?.length === 0 || (exact === undefined && text === ''))
      return this.#finish(place, { kind: 'delete' });
    if (exact) {
      const [value] = exact as readonly [Cell];
      const kind = kindOf(value);
      const type = this.#live.typeOf(place.column, place.row);
      const fits = type === 'mixed' || kind === 'null' || kind === type;
      if (fits && this.check(place, value) === undefined) return { kind: 'set', cell: value };
    }
    return this.parse(place, text, cell);
  }

  /** Why a place does not take a cell; undefined if it does. */
  check({ row, column }: EditPlace, cell: Cell): string | undefined {
    const subject = this.#subject(column, row);
    if (this.isClosed(column, row)) return `The schema of this table has no ${subject}.`;
    const options = this.optionsOf(column, row);
    if (options && !options.some((option) => sameCell(option, cell)))
      return cell === null && this.allowsNull(column, row)
        ? undefined
        : `Not one of ${listed(options)}.`;
    if (cell === null)
      return this.allowsNull(column, row) ? undefined : `${subject} takes no null.`;
    const types = this.#typesOf(column, row);
    if (!types || types.includes(schemaType(cell))) return undefined;
    return `${subject} takes ${types.map((type) => TYPE_WORDS[type] ?? type).join(' or ')}.`;
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

  #typesOf(column: string, row?: RowKey): readonly string[] | undefined {
    const type = this.schemaOf(column, row)?.type;
    return typeof type === 'string' ? [type] : type;
  }

  #read(place: EditPlace, text: string, cell: MaybeCell): Parsed {
    const { row, column } = place;
    const options = this.optionsOf(column, row);
    if (options) return readOption(text, options, this.allowsNull(column, row));
    const types = this.#typesOf(column, row);
    if (!types) return parseText(text, editTypeOf(this.#live.typeOf(column, row), cell));
    const [only] = types;
    if (types.length === 1 && (only === 'number' || only === 'boolean' || only === 'string'))
      return parseText(text, only);
    if (types.includes('string')) {
      const parsed = parseText(text, 'mixed');
      const isTaken = parsed.kind === 'set' && this.check(place, parsed.cell) === undefined;
      return isTaken || parsed.kind === 'delete' ? parsed : { kind: 'set', cell: text };
    }
    return parseJsonText(text);
  }

  #finish(place: EditPlace, parsed: Parsed): Parsed {
    if (parsed.kind === 'invalid') return parsed;
    if (parsed.kind === 'delete') {
      const { row, column } = place;
      const schema = this.schemaOf(column, row);
      if (schema?.default !== undefined) return { kind: 'set', cell: schema.default };
      return schema?.required
        ? {
            kind: 'invalid',
            message: `${this.#subject(column, row)} is required, and cannot be empty.`,
          }
        : parsed;
    }
    const message = this.check(place, parsed.cell);
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
