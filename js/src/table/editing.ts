/**
 * One edit at a time: opens the editor over a cell, keeps it in its place, and writes what was typed.
 *
 * An edit belongs to a row id and a cell id. Rows that others add or remove move its editor along; a new
 * value from elsewhere is noted but does not replace what is being typed; if the row itself goes, the
 * editor stays and asks what to do. An edit that changes nothing writes nothing.
 */
import { CellEditor } from './editor.ts';
import type { Box } from './grid.ts';
import type { Move } from './keyboard.ts';
import type { LiveTable } from './live.ts';
import type { Rules } from './rules.ts';
import type { RowKey } from './selection.ts';
import { displayText, editText, editTypeOf, type MaybeCell, sameCell } from './values.ts';

export interface EditPlace {
  readonly row: RowKey;
  readonly column: string;
}

export interface EditingHost {
  readonly live: LiveTable;
  readonly rules: Rules;
  newRowId(): string;
  canvas(): HTMLElement;
  boxOf(place: EditPlace): Box | undefined;
  /** After an edit was taken; with the row's id, new if the blank line was edited. */
  onTaken(place: EditPlace, edited: EditPlace, move: Move | undefined): void;
  onCancelled(): void;
}

export interface OpenOptions {
  /** Begin empty, for the key that is being pressed. */
  readonly replace?: boolean;
  /** Begin with this text instead of the cell's. */
  readonly text?: string;
}

/** A Store may refuse a cell: by its schema, or text that it reserves for itself. */
export const NOT_TAKEN = 'This table does not take this value.';
const ROW_IS_GONE = 'Row deleted elsewhere. Enter brings it back, Escape drops this.';

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
    const cell = this.#cellAt(place);
    const type = editTypeOf(this.#host.live.typeOf(place.column), cell);
    const editor = new CellEditor(this.#host.canvas(), box, {
      type,
      label: `${place.column}, ${place.row === null ? 'new row' : `row ${place.row}`}`,
      text: editText(cell, type),
      placeholder: cell === null ? 'null' : '',
      replace,
      check: (typed) => this.#refusal(place.column, typed, cell),
      onCommit: (typed, move) => this.#take(typed, cell, move),
      onCancel: () => this.cancel(),
    });
    this.#open = { place, editor, began: cell };
    if (text !== undefined) editor.text = text;
  }

  /** Commits an open edit. False if it cannot be taken and stays open. */
  commit(): boolean {
    return this.#open?.editor.commit() ?? true;
  }

  cancel(): void {
    if (!this.#open) return;
    this.#close();
    this.#host.onCancelled();
  }

  /** Sets a cell, or deletes it; returns the row's id, which is new if the blank line was meant. */
  set(place: EditPlace, cell: MaybeCell): string | undefined {
    const { live } = this.#host;
    if (place.row === null)
      return cell === undefined ? undefined : this.#addRow(place.column, cell);
    if (sameCell(cell, this.#cellAt(place))) return place.row;
    const { row, column } = place;
    live.write(() => {
      if (cell === undefined) live.store.delCell(live.tableId, row, column, true);
      else live.store.setCell(live.tableId, row, column, cell);
    });
    return row;
  }

  /** Puts the editor where its cell is now, and tells it what became of the cell. */
  follow(): void {
    if (!this.#open) return;
    const { place, editor, began } = this.#open;
    const box = this.#host.boxOf(place);
    if (box) editor.place(box);
    const isGone = place.row !== null && !this.#host.live.order.has(place.row);
    if (isGone && !editor.isChanged) {
      this.cancel();
      return;
    }
    editor.hold(isGone ? ROW_IS_GONE : undefined);
    const cell = this.#cellAt(place);
    if (!isGone && !sameCell(cell, began))
      editor.notice(`Changed elsewhere: ${displayText(cell) || 'empty'}`);
  }

  destroy(): void {
    if (this.#open) this.#close();
  }

  #cellAt({ row, column }: EditPlace): MaybeCell {
    return row === null ? undefined : this.#host.live.getCell(row, column);
  }

  #refusal(column: string, text: string, cell: MaybeCell): string | undefined {
    const parsed = this.#host.rules.parse(column, text, cell);
    return parsed.kind === 'invalid' ? parsed.message : undefined;
  }

  /** Takes what was typed over a cell that was this one when it began. */
  #take(text: string, began: MaybeCell, move: Move | undefined): string | undefined {
    if (!this.#open) return undefined;
    const { place, editor } = this.#open;
    let row: RowKey = place.row;
    const isEmptyStill = text === '' && this.#cellAt(place) === undefined;
    if (editor.isChanged && !isEmptyStill) {
      const parsed = this.#host.rules.parse(place.column, text, began);
      if (parsed.kind === 'invalid') return parsed.message;
      const cell = parsed.kind === 'set' ? parsed.cell : undefined;
      row = this.set(place, cell) ?? null;
      if (cell !== undefined && !sameCell(cell, this.#cellAt({ row, column: place.column })))
        return NOT_TAKEN;
    }
    this.#close();
    this.#host.onTaken({ row, column: place.column }, place, move);
    return undefined;
  }

  #addRow(column: string, cell: NonNullable<MaybeCell> | null): string {
    const { live } = this.#host;
    const row = this.#host.newRowId();
    live.write(() => live.store.setRow(live.tableId, row, { [column]: cell }));
    return row;
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.editor.close();
  }
}
