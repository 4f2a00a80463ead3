/**
 * What a person can do to the table, and the events that ask for it.
 *
 * Events are taken at the grid's element, which has the focus whatever is drawn inside it.
 */
import { endFlash } from './cells.ts';
import { singleCell, toTsv } from './clipboard.ts';
import { undoneText } from './conflict_text.ts';
import type { EditPlace, OpenOptions } from './editing.ts';
import { type Command, commandFor, type Move } from './keyboard.ts';
import { jumped, moved } from './navigation.ts';
import type { ActiveCell, RowKey } from './selection.ts';
import { copyText, parseText } from './values.ts';
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
    grid.addEventListener('mousedown', (event) => this.#onMouseDown(event), { signal });
    grid.addEventListener('click', (event) => this.#onClick(event), { signal });
    grid.addEventListener('dblclick', (event) => this.#onDoubleClick(event), { signal });
    grid.addEventListener('mouseover', (event) => showTitle(event), { signal });
    grid.addEventListener('copy', (event) => this.#onCopy(event), { signal });
    grid.addEventListener('cut', (event) => this.#onCopy(event, true), { signal });
    grid.addEventListener('paste', (event) => this.#onPaste(event), { signal });
    grid.addEventListener('animationend', (event) => endFlash(event.target as Element), { signal });
    // Keys of the fields and buttons around the grid are not the notebook's either.
    root.addEventListener('keydown', (event) => stopPlainKey(event), { signal });
  }

  /** Goes to the blank line and begins to type there; the row comes into being with its first cell. */
  addRow(): void {
    const { live, editing } = this.#view;
    if (this.#view.isReadOnly || !editing.commit()) return;
    const column = live.columns.find((id) => live.typeOf(id) !== 'boolean') ?? live.columns[0];
    if (column === undefined) return;
    this.#view.focus();
    this.#view.cursor.activate(null, column);
    if (live.typeOf(column) !== 'boolean') this.#edit();
  }

  deleteRows(): void {
    const { live, selection, editing } = this.#view;
    const rows = selection.targets;
    if (this.#view.isReadOnly || rows.length === 0) return;
    editing.cancel();
    live.write(() => {
      for (const row of rows) live.store.delRow(live.tableId, row);
    });
    selection.clearRows();
    this.#view.flush();
    this.#view.focus();
  }

  /** Undoes the last edit made on this page, or redoes it, and shows where. */
  undo(word: 'undo' | 'redo'): void {
    const { live, history, editing, notice, isReadOnly } = this.#view;
    if (!history || isReadOnly || !editing.commit()) return;
    const undone = word === 'undo' ? history.undo() : history.redo();
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
    const { selection, live } = this.#view;
    switch (command.kind) {
      case 'move':
        selection.clearRows();
        return this.#move(command.to) || (command.to !== 'next' && command.to !== 'previous');
      case 'jump':
        selection.clearRows();
        this.#jump(command.to);
        return true;
      case 'type':
        // Not prevented: the key goes on into the editor, which has the focus now.
        this.#edit({ replace: true });
        return this.#view.editing.place === undefined;
      case 'edit':
        if (!this.#toggle()) this.#edit();
        return true;
      case 'toggle':
        if (!this.#toggle()) this.#edit({ replace: true });
        return true;
      case 'clear':
        this.#clear();
        return true;
      case 'select-row':
        if (selection.active?.row != null) this.#pick(selection.active.row, { toggle: true });
        return true;
      case 'select-all':
        selection.selectAll(live.order.ids);
        this.#view.cursor.show();
        return true;
      case 'cancel':
        selection.clearRows();
        this.#view.cursor.show();
        return true;
      case 'undo':
      case 'redo':
        this.undo(command.kind);
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

  #jump(to: Parameters<typeof jumped>[1]): void {
    const place = this.#view.cursor.place;
    if (place) this.#view.cursor.activateAt(jumped(place, to, this.#view.cursor.extent));
  }

  #edit(options?: OpenOptions): void {
    const { active } = this.#view.selection;
    if (!active || this.#view.isReadOnly || (options?.replace && this.#isCheck(active))) return;
    this.#view.cursor.activate(active.row, active.column);
    this.#view.editing.open(active, options);
  }

  /** Turns a check box over; false if the active cell is none. */
  #toggle(): boolean {
    const { active } = this.#view.selection;
    if (!active || !this.#isCheck(active)) return false;
    if (this.#view.isReadOnly) return true;
    const cell =
      active.row === null ? undefined : this.#view.live.getCell(active.row, active.column);
    this.#set(active, cell !== true);
    return true;
  }

  #isCheck({ row, column }: ActiveCell): boolean {
    const { live } = this.#view;
    if (live.typeOf(column) !== 'boolean') return false;
    const cell = row === null ? undefined : live.getCell(row, column);
    return cell === undefined || typeof cell === 'boolean';
  }

  #clear(): void {
    const { active, rows } = this.#view.selection;
    if (rows.size > 0) this.deleteRows();
    else if (active && !this.#view.isReadOnly) this.#set(active, undefined);
  }

  #set(place: ActiveCell, cell: Parameters<TableView['editing']['set']>[1]): void {
    const row = this.#view.editing.set(place, cell);
    this.#view.flush();
    if (place.row === null && row !== undefined) this.#view.cursor.activate(row, place.column);
  }

  #pick(row: string, how: { extend?: boolean; toggle?: boolean }): void {
    this.#view.selection.pick(row, this.#view.live.order.ids, how);
    this.#view.cursor.show();
  }

  #onFocus(): void {
    this.#tabLeaves = false;
    const { selection, live } = this.#view;
    const [column] = live.columns;
    if (!selection.active && column !== undefined)
      this.#view.cursor.select({ row: live.order.ids[0] ?? null, column });
  }

  #onMouseDown(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    if (!place) return;
    if (event.button === 0) event.preventDefault();
    if (!this.#view.editing.commit()) return;
    const { selection, live } = this.#view;
    const row: RowKey = this.#view.rowAt(place.row);
    const column = live.columns[Math.max(0, place.column - 1)];
    if (column === undefined) return;
    if (place.column === 0 && row !== null) {
      this.#pick(row, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey });
      this.#view.cursor.activate(row, selection.active?.column ?? column);
    } else {
      selection.clearRows();
      this.#view.cursor.show();
      this.#view.cursor.activate(row, column);
    }
    this.#view.focus();
    this.#view.conflicts.popup.close();
    if (row !== null && this.#view.conflicts.popup.isOnMark(event))
      this.#view.conflicts.popup.open({ row, column });
  }

  #onClick(event: MouseEvent): void {
    const [target] = event.composedPath();
    if (target instanceof Element && target.classList.contains('tbw-check')) this.#toggle();
  }

  #onDoubleClick(event: MouseEvent): void {
    const place = this.#view.placeOf(event);
    const { active } = this.#view.selection;
    if (place && place.column > 0 && active && !this.#isCheck(active)) this.#edit();
  }

  #onCopy(event: ClipboardEvent, isCut = false): void {
    const { selection, live } = this.#view;
    const { active, rows } = selection;
    if (!event.clipboardData || !active) return;
    const textOf = (row: string, column: string): string => copyText(live.getCell(row, column));
    const selected = live.order.ids.filter((row) => rows.has(row));
    const texts =
      selected.length > 0
        ? selected.map((row) => live.columns.map((column) => textOf(row, column)))
        : [[active.row === null ? '' : textOf(active.row, active.column)]];
    event.clipboardData.setData('text/plain', toTsv(texts));
    event.preventDefault();
    event.stopPropagation();
    if (isCut) this.#clear();
  }

  #onPaste(event: ClipboardEvent): void {
    const { active } = this.#view.selection;
    const pasted = event.clipboardData?.getData('text/plain');
    if (!active || pasted === undefined || this.#view.isReadOnly) return;
    event.preventDefault();
    event.stopPropagation();
    const text = singleCell(pasted);
    const parsed = parseText(text, this.#view.live.typeOf(active.column));
    // What cannot be taken is shown in the editor, with the reason.
    if (parsed.kind === 'invalid') {
      this.#edit({ text });
      this.#view.editing.commit();
    } else this.#set(active, parsed.kind === 'set' ? parsed.cell : undefined);
  }
}

/** Keys without Ctrl or Command end here, so that they run no command of the notebook around. */
const stopPlainKey = (event: KeyboardEvent): void => {
  if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
};

/** A text that is cut off is shown in full while the pointer rests on it. */
const showTitle = (event: MouseEvent): void => {
  const node =
    event.target instanceof Element ? event.target.closest<HTMLElement>('[data-col]') : null;
  if (node && !node.title && node.scrollWidth > node.clientWidth)
    node.title = node.textContent ?? '';
};
