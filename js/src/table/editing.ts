/**
 * One edit at a time: opens the editor over a cell, keeps it in its place, and writes what was typed.
 *
 * An edit belongs to a row id and a cell id. Rows that others add or remove move its editor along; a new
 * value from elsewhere is noted but does not replace what is being typed; if the row itself goes, the
 * editor stays and asks what to do. An edit that changes nothing writes nothing.
 */
import type { Cell } from 'tinybase';
import { CellEditor, type EditorKind } from './editor.ts';
import type { Box } from './grid.ts';
import type { Move } from './keyboard.ts';
import type { LiveTable } from './live.ts';
import type { Rules } from './rules.ts';
import type { RowKey } from './selection.ts';
import { type ColumnType, displayText, type MaybeCell, sameCell } from './values.ts';

export interface EditPlace {
  readonly row: RowKey;
  readonly column: string;
}

export interface EditingHost {
  readonly live: LiveTable;
  readonly rules: Rules;
  newRowId(): string;
  /** The table's own element, which has what lies over the page. */
  root(): HTMLElement;
  canvas(): HTMLElement;
  boxOf(place: EditPlace): Box | undefined;
  /** After an edit was taken; with the row's id, new if the blank line was edited. */
  onTaken(place: EditPlace, edited: EditPlace, move: Move | undefined): void;
  /** After an edit was taken by leaving, where somebody had changed the cell to `theirs` meanwhile. */
  onReplaced(place: EditPlace, theirs: string): void;
  /** A new row is kept here for as long as it lacks these columns. */
  onIncomplete(missing: readonly string[]): void;
  onCancelled(): void;
}

export interface OpenOptions {
  /** Begin empty, for the key that is being pressed. */
  readonly replace?: boolean;
  /** Begin with this text instead of the cell's. */
  readonly text?: string;
}

/** An edit that is not finished. */
export interface Draft {
  readonly place: EditPlace;
  readonly text: string;
}

/** A Store may refuse a cell: text that it reserves for itself. */
export const NOT_TAKEN = 'This table does not take this value.';
const LONG_TEXT = 80;

export class Editing {
  readonly #host: EditingHost;
  #open:
    | { readonly place: EditPlace; readonly editor: CellEditor; readonly began: MaybeCell }
    | undefined;

  constructor(host: EditingHost) {
    this.#host = host;
  }

  get place(): EditPlace | undefined {
    return this.#open?.place;
  }

  open(place: EditPlace, { replace = false, text }: OpenOptions = {}): void {
    const box = this.#host.boxOf(place);
    if (!box || !this.commit()) return;
    const { live, rules } = this.#host;
    const cell = this.#cellAt(place);
    const options = rules.optionsOf(place.column, place.row);
    const began = rules.editText(place, cell);
    const editor = new CellEditor(this.#host.root(), this.#host.canvas(), box, {
      kind: options
        ? 'options'
        : editorKind(live.typeOf(place.column, place.row), rules.isJson(place, cell), began),
      label: rules.nameOf(place),
      text: began,
      placeholder: cell === null ? 'null' : '',
      replace,
      options: options?.map(displayText) ?? [],
      check: (typed) => this.#refusal(this.place ?? place, typed, cell),
      onCommit: (typed, move) => this.#take(typed, move),
      onCancel: () => this.cancel(),
    });
    this.#open = { place, editor, began: cell };
    if (text !== undefined) editor.text = text;
  }

  /** Commits an open edit. False if it cannot be taken, or not without being asked for, and stays open. */
  commit(): boolean {
    const { editor } = this.#open ?? {};
    if (editor?.isHeld) {
      editor.focus();
      return false;
    }
    return editor?.commit() ?? true;
  }

  cancel(): void {
    if (!this.#open) return;
    this.#close();
    this.#host.onCancelled();
  }

  /** A column has another name now: what is typed in it goes with it. */
  renameColumn(from: string, to: string): void {
    if (this.#open?.place.column !== from) return;
    this.#open = { ...this.#open, place: { row: this.#open.place.row, column: to } };
  }

  /** Takes the editor away before its place goes; what could not be saved is given back. */
  suspend(): Draft | undefined {
    if (!this.#open) return undefined;
    const { place, editor } = this.#open;
    const draft = editor.isChanged ? { place, text: editor.text } : undefined;
    this.#close();
    return draft;
  }

  /** Goes on with an edit. */
  resume({ place, text }: Draft): void {
    this.open(place, { text });
  }

  /** Ends for good: what was typed is saved if it can be, else given back. */
  end(): Draft | undefined {
    if (!this.#open) return undefined;
    const { place, editor, began } = this.#open;
    const isFree = editor.isChanged && !editor.isHeld;
    if (isFree && this.#refusal(place, editor.text, began) === undefined)
      this.#take(editor.text, undefined);
    return this.suspend();
  }

  /** Sets a cell, or deletes it; returns the row's id, which is new if the blank line was meant. */
  set(place: EditPlace, cell: MaybeCell): string | undefined {
    const { live } = this.#host;
    if (place.row === null)
      return cell === undefined ? undefined : this.#addRow(place.column, cell);
    if (sameCell(cell, this.#cellAt(place))) return place.row;
    const { row, column } = place;
    const draft = live.draftCells(row);
    if (draft) {
      this.#setInDraft(row, withCell(draft, column, cell));
      return row;
    }
    live.write(() => {
      if (cell === undefined) live.store.delCell(live.tableId, row, column, true);
      else live.store.setCell(live.tableId, row, column, cell);
    });
    return row;
  }

  /** Puts the editor where its cell is now, and tells it what became of the cell. */
  follow(): void {
    if (!this.#open) return;
    const { place, editor } = this.#open;
    const box = this.#host.boxOf(place);
    if (box) editor.place(box);
    const trouble = this.#trouble(place);
    if (trouble !== undefined && !editor.isChanged) {
      this.cancel();
      return;
    }
    editor.hold(trouble);
    const changed = this.#changedTo();
    if (changed !== undefined)
      editor.note(`Changed elsewhere: ${changed}. Enter replaces it, Escape keeps it.`);
  }

  destroy(): void {
    if (this.#open) this.#close();
  }

  /** Why an edit cannot be taken without being asked for. */
  #trouble(place: EditPlace): string | undefined {
    const { live, rules } = this.#host;
    const locked = rules.whyReadOnly(place);
    if (locked !== undefined) return `${locked} Escape drops what was typed.`;
    const isRowGone = place.row !== null && !live.order.has(place.row);
    const what = isRowGone ? 'Row' : live.columns.includes(place.column) ? undefined : 'Column';
    return what && `${what} deleted elsewhere. Enter brings it back, Escape drops this.`;
  }

  /** What the cell shows now, if that is not what it did when the edit began. */
  #changedTo(): string | undefined {
    if (!this.#open) return undefined;
    const { place, began } = this.#open;
    const cell = this.#cellAt(place);
    const isGone = place.row !== null && !this.#host.live.order.has(place.row);
    return isGone || sameCell(cell, began) ? undefined : `“${displayText(cell).slice(0, 80)}”`;
  }

  #cellAt({ row, column }: EditPlace): MaybeCell {
    return row === null ? undefined : this.#host.live.getCell(row, column);
  }

  #refusal(place: EditPlace, text: string, cell: MaybeCell): string | undefined {
    const parsed = this.#host.rules.parse(place, text, cell);
    return parsed.kind === 'invalid' ? parsed.message : undefined;
  }

  #take(text: string, move: Move | undefined): string | undefined {
    if (!this.#open) return undefined;
    const { place, editor, began } = this.#open;
    const { rules } = this.#host;
    const replaced = this.#changedTo();
    let row: RowKey = place.row;
    const isEmptyStill = text === '' && this.#cellAt(place) === undefined;
    if (editor.isChanged && !isEmptyStill) {
      const locked = rules.whyReadOnly(place);
      if (locked !== undefined) return locked;
      const parsed = rules.parse(place, text, began);
      if (parsed.kind === 'invalid') return parsed.message;
      const cell = parsed.kind === 'set' ? parsed.cell : undefined;
      row = this.set(place, cell) ?? null;
      if (cell !== undefined && !sameCell(cell, this.#cellAt({ row, column: place.column })))
        return NOT_TAKEN;
      if (replaced !== undefined && move === undefined) this.#host.onReplaced(place, replaced);
    }
    this.#close();
    this.#host.onTaken({ row, column: place.column }, place, move);
    return undefined;
  }

  #addRow(column: string, cell: Cell): string {
    const { live } = this.#host;
    const row = this.#host.newRowId();
    live.draftRow(row);
    this.#setInDraft(row, withCell({}, column, cell));
    return row;
  }

  /** Gives a row that is not in the Store yet its cells, and adds it if they are all that it needs. */
  #setInDraft(row: string, cells: Record<string, Cell>): void {
    const { live, rules } = this.#host;
    live.setDraftCells(row, cells);
    if (Object.keys(cells).length === 0) return;
    const whole = { ...rules.defaults(), ...cells };
    const missing = rules.missing(whole);
    if (missing.length > 0) this.#host.onIncomplete(missing);
    else live.write(() => live.store.setRow(live.tableId, row, whole));
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.editor.close();
  }
}

const editorKind = (type: ColumnType, isJson: boolean, text: string): EditorKind => {
  if (isJson) return 'json';
  if (type === 'number') return 'number';
  return text.length > LONG_TEXT || text.includes('\n') ? 'long' : 'text';
};

/** The cells with one of them set, or taken out; its name may be `__proto__`. */
const withCell = (
  cells: Readonly<Record<string, Cell>>,
  column: string,
  cell: MaybeCell,
): Record<string, Cell> =>
  Object.fromEntries([
    ...Object.entries(cells).filter(([id]) => id !== column),
    ...(cell === undefined ? [] : [[column, cell] as const]),
  ]);
