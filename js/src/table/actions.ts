/**
 * What the keys and the buttons do to the table.
 *
 * Keys are taken at the grid's element, which has the focus whatever is drawn inside it.
 */
import { endFlash } from './cells.ts';
import type { Pasted } from './clipboard.ts';
import { undoneText } from './conflict_text.ts';
import type { EditPlace, OpenOptions } from './editing.ts';
import { type Command, commandFor, type Jump, type Move } from './keyboard.ts';
import { isMove, jumped, moved } from './navigation.ts';
import type { ActiveCell } from './selection.ts';
import type { MaybeCell } from './values.ts';
import type { TableView } from './view.ts';

export class Actions {
  readonly #view: TableView;
  /** After Escape, Tab leaves the table: the keyboard must not be a trap. */
  #tabLeaves = false;

  constructor(view: TableView) {
    this.#view = view;
  }

  listen(root: HTMLElement, grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    grid.addEventListener('focus', () => this.#onFocus(), { signal });
    grid.addEventListener('animationend', (event) => endFlash(event.target as Element), { signal });
    // Keys of the fields and buttons around the grid are not the notebook's either.
    root.addEventListener('keydown', (event) => stopPlainKey(event), { signal });
  }

  /** Undoes the last edit made on this page, or redoes it, and shows where. */
  undo(word: 'undo' | 'redo'): void {
    const { live, history, editing, notice, isReadOnly } = this.#view;
    if (!history || isReadOnly || !editing.commit()) return;
    const undone = live.asOwn(() => (word === 'undo' ? history.undo() : history.redo()));
    this.#view.focus();
    this.#view.flush();
    const places = [...undone.changed, ...[...undone.kept, ...undone.refused].map((k) => k.place)];
    const shown = places.find(
      ({ tableId, rowId, cellId }) =>
        tableId === live.tableId && live.order.has(rowId ?? '') && live.columns.includes(cellId),
    );
    if (shown) this.#view.cursor.activate(shown.rowId, shown.cellId);
    const text = undoneText(undone, word, live.tableId);
    if (text !== undefined) notice.show(text);
    else notice.say(word === 'undo' ? 'Undone.' : 'Redone.');
  }

  /** After an edit was taken: the row may be new. */
  onTaken(place: EditPlace, edited: EditPlace, move: Move | undefined): void {
    this.#view.flush();
    if (move === undefined) {
      if (this.#view.selection.isActive(edited.row, edited.column)) this.#view.cursor.select(place);
      return;
    }
    this.#view.focus();
    // The row went with its last cell; the active cell is where it was.
    if (place.row !== null && !this.#view.live.order.has(place.row)) return;
    // Enter in the blank line goes on to the next blank line, wherever the new row was sorted to.
    if (edited.row === null && move === 'down') this.#view.cursor.activate(null, edited.column);
    else {
      this.#view.cursor.activate(place.row, place.column);
      this.#move(move);
    }
  }

  /** Opens the editor of the active cell. */
  edit(options?: OpenOptions): void {
    const { selection, rules, notice, cursor, editing } = this.#view;
    const { active } = selection;
    if (!active || (options?.replace && this.isCheck(active))) return;
    const locked = rules.whyReadOnly(active);
    if (locked !== undefined) {
      notice.show(locked);
      return;
    }
    cursor.activate(active.row, active.column);
    editing.open(active, options);
  }

  /** Turns a check box over; false if the active cell is none. */
  toggle(): boolean {
    const { active } = this.#view.selection;
    if (!active || !this.isCheck(active)) return false;
    this.#set(active, this.#cellAt(active) !== true);
    return true;
  }

  isCheck(place: ActiveCell): boolean {
    if (this.#view.live.typeOf(place.column, place.row) !== 'boolean') return false;
    const cell = this.#cellAt(place);
    return cell === undefined || typeof cell === 'boolean';
  }

  /** Pastes into the active cell; what it does not take is shown in the editor, with the reason. */
  pasteOne(pasted: Pasted): void {
    const { selection, rules } = this.#view;
    const { active } = selection;
    if (!active) return;
    const parsed = rules.parsePasted(active, pasted, this.#cellAt(active));
    if (parsed.kind !== 'invalid')
      this.#set(active, parsed.kind === 'set' ? parsed.cell : undefined);
    else {
      this.edit({ text: pasted.text });
      this.#view.editing.commit();
    }
  }

  #onKey(event: KeyboardEvent): void {
    const command = commandFor(event);
    if (!command) return;
    const tabLeaves = this.#tabLeaves;
    this.#tabLeaves = command.kind === 'cancel';
    if (event.key === 'Tab' && tabLeaves) return;
    this.#view.flush();
    this.#view.notice.clear();
    if (command.kind !== 'conflict') this.#view.conflicts.popup.close();
    if (this.#run(command)) event.preventDefault();
    event.stopPropagation();
  }

  /** Carries out a command; true if the browser shall do nothing more. */
  #run(command: Command): boolean {
    const { selection, live, cursor, transfer } = this.#view;
    switch (command.kind) {
      case 'move':
        selection.clearRows();
        return this.#move(command.to) || (command.to !== 'next' && command.to !== 'previous');
      case 'jump':
        selection.clearRows();
        this.#jump(command.to);
        return true;
      case 'extend':
        this.#extend(command.to);
        return true;
      case 'type':
        // Not prevented: the key goes on into the editor, which has the focus now.
        this.edit({ replace: true });
        return this.#view.editing.place === undefined;
      case 'edit':
        if (!this.toggle()) this.edit();
        return true;
      case 'toggle':
        if (!this.toggle()) this.edit({ replace: true });
        return true;
      case 'clear':
        transfer.clear();
        return true;
      case 'fill-down':
        return transfer.fill('down');
      case 'fill-right':
        return transfer.fill('right');
      case 'select-row':
        if (selection.active?.row != null) {
          selection.pick(selection.active.row, live.order.ids, { toggle: true });
          cursor.show();
        }
        return true;
      case 'select-column':
        this.#selectColumn();
        return true;
      case 'select-all':
        selection.selectAll(live.order.ids);
        cursor.show();
        return true;
      case 'cancel':
        selection.clearRows();
        selection.endRange();
        cursor.show();
        return true;
      case 'undo':
      case 'redo':
        this.undo(command.kind);
        return true;
      case 'menu':
        this.#view.overlays.menu.open();
        return true;
      case 'conflict':
        this.#openConflict();
        return true;
    }
  }

  /** Opens the box of the active cell; if it has none, goes to the next cell that has one. */
  #openConflict(): void {
    const { row, column } = this.#view.selection.active ?? {};
    const { conflicts } = this.#view;
    if (
      row == null ||
      column === undefined ||
      !conflicts.popup.open({ row, column }, { focus: true })
    )
      conflicts.next();
  }

  #move(to: Move): boolean {
    const place = this.#view.cursor.place;
    const next = place && moved(place, to, this.#view.cursor.extent);
    if (next) this.#view.cursor.activateAt(next);
    return next !== undefined;
  }

  #jump(to: Jump): void {
    const place = this.#view.cursor.place;
    if (place) this.#view.cursor.activateAt(jumped(place, to, this.#view.cursor.extent));
  }

  #extend(to: Move | Jump): void {
    const { cursor } = this.#view;
    const { headPlace, extent } = cursor;
    if (!headPlace) return;
    const next = isMove(to) ? moved(headPlace, to, extent) : jumped(headPlace, to, extent);
    if (next) cursor.extend({ ...next, row: Math.min(next.row, extent.filledRows - 1) });
  }

  #selectColumn(): void {
    const { selection, live, cursor } = this.#view;
    const { ids } = live.order;
    const { column } = selection.active ?? {};
    if (ids.length === 0 || column === undefined) return;
    const { row } = selection.active as ActiveCell;
    selection.active = { row: ids[0] as string, column };
    selection.extendTo(ids.at(-1) as string, column);
    if (row !== null) cursor.show();
    cursor.tellRange();
  }

  #set(place: ActiveCell, cell: MaybeCell): void {
    const { rules, notice, editing, cursor } = this.#view;
    const locked = rules.whyReadOnly(place);
    if (locked !== undefined) {
      notice.show(locked);
      return;
    }
    const row = editing.set(place, cell);
    this.#view.flush();
    if (place.row === null && row !== undefined) cursor.activate(row, place.column);
  }

  #cellAt({ row, column }: ActiveCell): MaybeCell {
    return row === null ? undefined : this.#view.live.getCell(row, column);
  }

  #onFocus(): void {
    this.#tabLeaves = false;
    const { selection, live } = this.#view;
    const [column] = live.columns;
    if (!selection.active && column !== undefined)
      this.#view.cursor.select({ row: live.order.ids[0] ?? null, column });
  }
}

/** Keys without Ctrl or Command end here, so that they run no command of the notebook around. */
const stopPlainKey = (event: KeyboardEvent): void => {
  if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
};
