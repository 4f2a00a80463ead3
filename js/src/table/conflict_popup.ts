/**
 * When the box beside a cell with a conflict opens and closes, and what its buttons do.
 *
 * It opens when the pointer rests on a marked cell, and stays ("pinned") when it was asked for: by a
 * click on the mark, by F8 or Alt+Enter, or from the toolbar. It follows its cell, and goes when the
 * conflict is settled, whoever did that.
 */
import type { Conflict } from '../sync/conflicts.ts';
import { type BoxContent, ConflictBox } from './conflict_box.ts';
import { boxContent } from './conflict_content.ts';
import type { ConflictMarks, ConflictPlace } from './conflict_marks.ts';
import { NOT_TAKEN } from './editing.ts';
import { type MaybeCell, sameCell } from './values.ts';
import type { TableView } from './view.ts';

const OPEN_AFTER = 350; // ms
const CLOSE_AFTER = 250; // ms
const MARK_SIZE = 14; // pixels, a little more than is drawn

export class ConflictPopup {
  readonly #view: TableView;
  readonly #marks: ConflictMarks;
  readonly #box: ConflictBox;
  #shown: ConflictPlace | undefined;
  #isPinned = false;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    view: TableView,
    marks: ConflictMarks,
    root: HTMLElement,
    grid: HTMLElement,
    signal: AbortSignal,
  ) {
    this.#view = view;
    this.#marks = marks;
    this.#box = new ConflictBox(root, {
      onEscape: () => {
        this.close();
        view.focus();
      },
      onNext: () => marks.next(),
      onPointer: (isInside) => (isInside ? this.#cancelTimers() : this.#closeSoon()),
    });
    this.#listen(root, grid, signal);
  }

  /** Whether a click is one on the mark of a cell. */
  isOnMark(event: MouseEvent): boolean {
    const node = markedNode(event);
    if (!node) return false;
    const { right, top } = node.getBoundingClientRect();
    return event.clientX >= right - MARK_SIZE && event.clientY <= top + MARK_SIZE;
  }

  /** Opens the box of a cell, to stay; false if it has no conflict. */
  open(place: ConflictPlace, { focus = false } = {}): boolean {
    if (this.#marks.at(place).length === 0) return false;
    this.#cancelTimers();
    this.#shown = place;
    this.#isPinned = true;
    this.redraw();
    if (focus) this.#box.focus();
    return this.#box.isOpen;
  }

  close(): void {
    this.#cancelTimers();
    this.#shown = undefined;
    this.#isPinned = false;
    this.#box.hide();
  }

  /** Shows what has become of the cell and its conflicts. */
  redraw(): void {
    const place = this.#shown;
    if (!place) return;
    const conflicts = this.#marks.at(place);
    const node = this.#view.painter.visibleNode(place);
    if (conflicts.length > 0 && node) {
      this.#box.show(this.#content(place, conflicts), node.getBoundingClientRect());
      return;
    }
    const hadFocus = this.#box.hasFocus;
    this.close();
    if (hadFocus) this.#view.focus();
  }

  #content(place: ConflictPlace, conflicts: readonly Conflict[]): BoxContent {
    const { live, rules } = this.#view;
    const isReadOnly = rules.whyReadOnly(place) !== undefined;
    const cell = live.getCell(place.row, place.column);
    const subject = { ...place, cell, conflicts, whoIs: this.#marks.whoIs, isReadOnly };
    return boxContent(subject, {
      putBack: (lost) => this.#settle(place, () => this.#putBack(place, lost)),
      keep: () => this.#settle(place, () => this.#dismiss(place)),
      deleteRow: () =>
        this.#settle(place, () => live.write(() => live.store.delRow(live.tableId, place.row))),
    });
  }

  #settle(place: ConflictPlace, action: () => void): void {
    this.close();
    this.#view.focus();
    this.#view.cursor.activate(place.row, place.column);
    action();
    this.#view.flush();
  }

  #putBack(place: ConflictPlace, cell: MaybeCell): void {
    const { live, editing, notice } = this.#view;
    if (sameCell(cell, live.getCell(place.row, place.column))) {
      this.#dismiss(place); // writing the same would not be a change
      return;
    }
    editing.set(place, cell);
    if (!sameCell(cell, live.getCell(place.row, place.column))) notice.show(NOT_TAKEN);
  }

  #dismiss(place: ConflictPlace): void {
    for (const { key } of this.#marks.at(place)) this.#view.conflictSource?.dismiss(key);
  }

  // Pointer, focus and scrolling.

  #listen(root: HTMLElement, grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('mousemove', (event) => this.#onPointer(event), { signal });
    grid.addEventListener('mouseleave', () => this.#closeSoon(), { signal });
    root.addEventListener('focusout', (event) => this.#onFocusOut(event, root), { signal });
    const onMouseDown = (event: Event): void => {
      if (!event.composedPath().includes(root)) this.close();
    };
    window.addEventListener('mousedown', onMouseDown, { signal, capture: true });
    const follow = (): void => this.#follow();
    window.addEventListener('scroll', follow, { signal, capture: true, passive: true });
    window.addEventListener('resize', follow, { signal });
    signal.addEventListener('abort', () => this.close());
  }

  #onPointer(event: MouseEvent): void {
    const node = markedNode(event);
    const { row, col } = node?.dataset ?? {};
    if (row === undefined || col === undefined) {
      this.#closeSoon();
      return;
    }
    this.#cancelTimers();
    const { place } = this.#view.editing;
    const isEdited = place?.row === row && place.column === col;
    const isShown = this.#shown?.row === row && this.#shown.column === col;
    if (this.#isPinned || isShown || isEdited) return;
    this.#opening = setTimeout(() => {
      this.#shown = { row, column: col };
      this.redraw();
    }, OPEN_AFTER);
  }

  #closeSoon(): void {
    clearTimeout(this.#opening);
    if (this.#shown && !this.#isPinned)
      this.#closing ??= setTimeout(() => this.close(), CLOSE_AFTER);
  }

  #cancelTimers(): void {
    clearTimeout(this.#opening);
    clearTimeout(this.#closing);
    this.#closing = undefined;
  }

  #onFocusOut(event: FocusEvent, root: HTMLElement): void {
    const to = event.relatedTarget;
    const isInTable = to instanceof Node && root.contains(to);
    const leavesBox = this.#box.contains(event.target) && !this.#box.contains(to);
    // Where it goes nowhere, the window has lost the focus and not the table.
    if (to !== null && (leavesBox || !isInTable)) this.close();
  }

  #follow(): void {
    const node = this.#shown && this.#view.painter.visibleNode(this.#shown);
    if (node) this.#box.place(node.getBoundingClientRect());
    else if (this.#shown) this.close();
  }
}

const markedNode = (event: Event): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>('[data-conflict]') : null;
