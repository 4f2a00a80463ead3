/**
 * Cells on their way: copied, cut, pasted, filled down or to the right, cleared.
 *
 * What does not fit is never dropped in silence: columns beyond the last and cells that their column does
 * not take are asked about before anything is written. Rows beyond the last are added.
 */
import {
  countNotTaken,
  type Plan,
  planChanges,
  type Refusal,
  type Target,
  writePlan,
} from './changes.ts';
import { type Pasted, readCells, writeCells } from './clipboard.ts';
import { NOT_TAKEN } from './editing.ts';
import { UNDOABLE } from './options.ts';
import type { Area, Extents } from './selection.ts';
import { copyText, displayText, type MaybeCell } from './values.ts';
import type { TableView } from './view.ts';

const MAX_LINES = 4;

export class Transfer {
  readonly #view: TableView;

  constructor(view: TableView) {
    this.#view = view;
  }

  listen(grid: HTMLElement, signal: AbortSignal): void {
    grid.addEventListener('copy', (event) => this.#onCopy(event), { signal });
    grid.addEventListener('cut', (event) => this.#onCopy(event, true), { signal });
    grid.addEventListener('paste', (event) => this.#onPaste(event), { signal });
  }

  /** Copies or cuts without a key; false where the page may not. */
  copy(command: 'copy' | 'cut'): boolean {
    // In a shadow root the event that the command makes would miss the grid.
    const listener = (event: ClipboardEvent): void => this.#onCopy(event, command === 'cut');
    document.addEventListener(command, listener, { capture: true });
    try {
      return document.execCommand?.(command) === true;
    } finally {
      document.removeEventListener(command, listener, { capture: true });
    }
  }

  #onCopy(event: ClipboardEvent, isCut = false): void {
    const { selection, live, notice } = this.#view;
    if (!event.clipboardData || !selection.active) return;
    const { rows, columns } = this.#area;
    const cells = rows.map((row) => columns.map((column) => live.getCell(row, column)));
    writeCells(event.clipboardData, cells.length > 0 ? cells : [[undefined]]);
    event.preventDefault();
    event.stopPropagation();
    if (isCut) this.clear();
    else if (rows.length * columns.length > 1)
      notice.say(`${counted(rows.length * columns.length, 'cell')} copied.`);
  }

  #onPaste(event: ClipboardEvent): void {
    const pasted = event.clipboardData && readCells(event.clipboardData);
    if (!pasted || !this.#view.selection.active) return;
    event.preventDefault();
    event.stopPropagation();
    this.paste(pasted);
  }

  /** Pastes at the selection: over all of it where that comes out even, else from its first cell. */
  paste(pasted: readonly (readonly Pasted[])[]): void {
    const { live, selection, rules, notice, isReadOnly } = this.#view;
    if (isReadOnly) {
      notice.show('This table is read-only.');
      return;
    }
    if (!selection.active || !this.#view.editing.commit()) return;
    const height = pasted.length;
    const width = pasted[0]?.length ?? 0;
    if (height === 1 && width === 1 && selection.isSingle) {
      this.#view.actions.pasteOne(pasted[0]?.[0] as Pasted);
      return;
    }
    const area = this.#area;
    const isTiled = area.rows.length % height === 0 && area.columns.length % width === 0;
    const rowCount = isTiled ? Math.max(area.rows.length, height) : height;
    const columnCount = isTiled ? Math.max(area.columns.length, width) : width;
    const first = this.#view.indexOf(area.rows[0] ?? null);
    const left = live.columns.indexOf(area.columns[0] as string);
    const known = live.order.ids.slice(first, first + rowCount);
    const rows = [...known, ...Array.from({ length: rowCount - known.length }, () => null)];
    const columns = live.columns.slice(left, left + columnCount);
    const beyond = columnCount - columns.length;
    const at = (row: number, column: number): Pasted =>
      pasted[row % height]?.[column % width] as Pasted;
    if (beyond === 0) this.#write({ rows, columns }, at, 'pasted');
    else if (this.#view.columns.whyFixed !== undefined) {
      const title = rules.hasSchema
        ? `${counted(beyond, 'column')} beyond the last, and the schema has no more.`
        : `${counted(beyond, 'column')} too many: ${this.#view.columns.whyFixed}`;
      this.#ask(
        title,
        [],
        [['leave-out', 'Leave them out', () => this.#write({ rows, columns }, at, 'pasted')]],
      );
    } else {
      const names = freeNames(live.columns, beyond);
      const title = `${counted(beyond, 'pasted column')} beyond the last one.`;
      const withNew = { rows, columns: [...columns, ...names] };
      this.#ask(
        title,
        [],
        [
          [
            'add-columns',
            `Add ${counted(beyond, 'column')}`,
            () => {
              this.#view.columns.addLast(names);
              this.#write(withNew, at, 'pasted');
            },
          ],
          ['leave-out', 'Leave them out', () => this.#write({ rows, columns }, at, 'pasted')],
        ],
      );
    }
  }

  /** Fills the range from its first row or column; a single cell from the one above or to the left. */
  fill(to: 'down' | 'right'): boolean {
    const { live } = this.#view;
    const { rows, columns } = this.#area;
    const [row] = rows;
    const [column] = columns;
    if (row === undefined || column === undefined || this.#view.isReadOnly) return to === 'down';
    const isRange = to === 'down' ? rows.length > 1 : columns.length > 1;
    // Ctrl+R is the browser's own, unless there plainly is something to fill.
    if (!isRange && to === 'right') return false;
    const above = live.order.ids[this.#view.indexOf(row) - 1];
    const source = isRange ? row : above;
    if (source === undefined) return true;
    const target = {
      rows: isRange && to === 'down' ? rows.slice(1) : rows,
      columns: to === 'right' ? columns.slice(1) : columns,
    };
    this.#write(
      target,
      (rowIndex, columnIndex) => {
        const from: [string, string] =
          to === 'down'
            ? [source, target.columns[columnIndex] as string]
            : [target.rows[rowIndex] as string, column];
        return exactly(live.getCell(...from));
      },
      'filled',
    );
    return true;
  }

  /** Fills the cells beside a range, out to where it was drawn, with those of the range, again and again. */
  spread(from: Extents, to: Extents): void {
    const { live, cursor } = this.#view;
    const rows = live.order.ids.slice(to.top, to.bottom + 1);
    const columns = live.columns.slice(to.left, to.right + 1);
    const [top, left] = [from.top - to.top, from.left - to.left];
    const height = from.bottom - from.top + 1;
    const width = from.right - from.left + 1;
    const isDown = rows.length > height;
    const isNew = (at: number, start: number, size: number): boolean =>
      at < start || at >= start + size;
    const targetRows = rows.flatMap((_, at) => (!isDown || isNew(at, top, height) ? [at] : []));
    const targetColumns = columns.flatMap((_, at) =>
      isDown || isNew(at, left, width) ? [at] : [],
    );
    const ends = [rows[0], rows.at(-1), columns[0], columns.at(-1)];
    if (!ends.every((id) => id !== undefined)) return;
    cursor.selectRange(ends as [string, string, string, string]);
    this.#write(
      {
        rows: targetRows.map((at) => rows[at] as string),
        columns: targetColumns.map((at) => columns[at] as string),
      },
      (row, column) => {
        const source = rows[top + around((targetRows[row] as number) - top, height)] as string;
        const by = columns[
          left + around((targetColumns[column] as number) - left, width)
        ] as string;
        return exactly(live.getCell(source, by));
      },
      'filled',
    );
  }

  /** Deletes the selected rows, or the cells of the selection. */
  clear(): void {
    const { selection, isReadOnly, notice } = this.#view;
    if (isReadOnly) notice.show('This table is read-only.');
    else if (selection.rows.size > 0) this.#view.rows.delete();
    else this.#write(this.#area, () => exactly(undefined), 'cleared');
  }

  /** Sets the cells of the selection to null. */
  setNull(): void {
    this.#write(this.#area, () => exactly(null), 'set to null');
  }

  get #area(): Area {
    const { selection, live } = this.#view;
    return selection.area(live.order, live.columns);
  }

  #write(target: Target, at: (row: number, column: number) => Pasted, done: string): void {
    const { live, rules } = this.#view;
    const plan = planChanges(target, at, live, rules);
    const { length } = plan.refused;
    if (length === 0) {
      this.#carryOutIfMeant(plan, target, done);
      return;
    }
    if (plan.size === 1) {
      const [{ row, column, message }] = plan.refused as [Refusal];
      this.#view.notice.show(`${rules.nameOf({ row, column })}: ${message}`);
      return;
    }
    const rest = plan.changes.length + plan.newRows.length;
    this.#ask(
      `${length.toLocaleString('en')} of ${counted(plan.size, 'cell')} cannot be taken.`,
      refusedLines(plan.refused),
      rest === 0
        ? []
        : [['take-rest', 'Take the others', () => this.#carryOutIfMeant(plan, target, done)]],
    );
  }

  /** Asks before what cannot be undone. */
  #carryOutIfMeant(plan: Plan, target: Target, done: string): void {
    const count = plan.changes.length + plan.newRows.length * target.columns.length;
    if (count <= UNDOABLE || !this.#view.history) this.#carryOut(plan, target, done);
    else {
      const title = `${counted(count, 'cell')} at once are too many to undo.`;
      this.#ask(title, [], [['go-on', 'Go on', () => this.#carryOut(plan, target, done)]]);
    }
  }

  #carryOut(plan: Plan, { rows, columns }: Target, done: string): void {
    const { live, notice, cursor } = this.#view;
    const before = live.store.getRowCount(live.tableId);
    const ids = writePlan(plan, live, () => this.#view.rows.lastId());
    this.#view.flush();
    const all = [...rows.filter((row): row is string => row !== null), ...ids];
    const corners = [all[0], all.at(-1), columns[0], columns.at(-1)] as const;
    this.#view.focus();
    const areThere = live.order.has(corners[0] ?? '') && live.order.has(corners[1] ?? '');
    if (areThere && done === 'pasted')
      cursor.selectRange(corners as [string, string, string, string]);
    const added = ids.length > 0 ? `${counted(ids.length, 'row')} added.` : '';
    const gone = before + ids.length - live.store.getRowCount(live.tableId);
    const lost = gone > 0 ? `${counted(gone, 'row')} went with the last cell.` : '';
    const refused = countNotTaken(plan, live) > 0 ? NOT_TAKEN : '';
    const text = [`${counted(plan.size, 'cell')} ${done}.`, added, lost, refused];
    const message = text.filter((each) => each !== '').join(' ');
    if (added || lost || refused) notice.show(message);
    else notice.say(message);
  }

  #ask(
    title: string,
    lines: readonly string[],
    answers: readonly (readonly [string, string, () => void])[],
  ): void {
    this.#view.overlays.ask({
      title,
      lines,
      answers: answers.map(([action, label, run]) => ({ action, label, run })),
      cancelLabel: answers.length === 0 ? 'Close' : 'Cancel',
      onCancel: () => {
        this.#view.focus();
        this.#view.notice.say('Nothing was changed.');
      },
    });
  }
}

const exactly = (cell: MaybeCell): Pasted => ({
  text: copyText(cell),
  exact: cell === undefined ? [] : [cell],
});

/** A place in a pattern of some length that is repeated both ways. */
const around = (at: number, length: number): number => ((at % length) + length) % length;

const counted = (count: number, word: string): string =>
  `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

const refusedLines = (refused: readonly Refusal[]): string[] => {
  const lines = refused.slice(0, MAX_LINES).map(({ row, column, text, message }) => {
    const where = `${column}, ${row === null ? 'new row' : `row ${row}`}`;
    const what = text === '' ? '' : ` “${displayText(text).slice(0, 60)}” –`;
    return `${where}:${what} ${message}`;
  });
  const more = refused.length - lines.length;
  return more > 0 ? [...lines, `… and ${more.toLocaleString('en')} more`] : lines;
};

/** Names for new columns, none of them taken. */
export const freeNames = (taken: readonly string[], count: number): string[] => {
  const names: string[] = [];
  for (let n = taken.length + 1; names.length < count; n++) {
    const name = `Column ${n}`;
    if (!taken.includes(name)) names.push(name);
  }
  return names;
};
