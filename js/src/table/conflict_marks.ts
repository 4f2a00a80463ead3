/**
 * The conflicts of the table on screen: which cells are marked, how many they are, what is said of
 * them, and the way from one to the next. The box beside a cell is in `conflict_popup.ts`.
 */
import type { Conflict } from '../sync/conflicts.ts';
import { markConflict } from './cells.ts';
import { ConflictPopup } from './conflict_popup.ts';
import { conflictText, type WhoIs } from './conflict_text.ts';
import type { LiveTable } from './live.ts';
import type { TableView } from './view.ts';

export interface ConflictPlace {
  readonly row: string;
  readonly column: string;
}

const NONE: readonly Conflict[] = [];

export class ConflictMarks {
  readonly popup: ConflictPopup;
  readonly #view: TableView;
  #places: readonly ConflictPlace[] = [];
  #seen: ReadonlySet<string> | undefined;
  #isStale = true;

  constructor(view: TableView, root: HTMLElement, grid: HTMLElement, signal: AbortSignal) {
    this.#view = view;
    this.popup = new ConflictPopup(view, this, root, grid, signal);
    const stop = view.conflictSource?.onChange(() => {
      this.#isStale = true;
      view.schedule();
    });
    signal.addEventListener('abort', () => stop?.());
  }

  /** How many cells of the table have a conflict. */
  get count(): number {
    return this.#places.length;
  }

  at({ row, column }: ConflictPlace): readonly Conflict[] {
    return this.#view.conflictSource?.at(this.#view.live.tableId, row, column) ?? NONE;
  }

  /** Who made an edit, as far as it is known here. */
  readonly whoIs: WhoIs = (client) => {
    const { conflicts, presence } = this.#view.options;
    return conflicts?.isOwn(client) || presence?.peers.find(({ id }) => id === client)?.name;
  };

  /** What is said of a cell's conflicts, undefined if it has none. */
  describe(place: ConflictPlace): string | undefined {
    const conflicts = this.at(place);
    if (conflicts.length === 0) return undefined;
    return `${conflicts.map((conflict) => conflictText(conflict, this.whoIs)).join(' ')} F8 shows what can be done.`;
  }

  /** Begins anew: the view shows another table. */
  restart(): void {
    this.popup.close();
    this.#seen = undefined;
    this.#isStale = true;
  }

  /** Takes what has changed, in the conflicts or in the table: marks, counts, tells. */
  take(hasChanged: boolean): void {
    if (!this.#isStale && !hasChanged) return;
    if (this.#isStale) {
      for (const [node, place] of this.#view.painter.drawnCells())
        markConflict(node, this.describe(place));
    }
    this.#isStale = false;
    const { live, conflictSource } = this.#view;
    const conflicts = (conflictSource?.open() ?? NONE).filter(
      ({ tableId, cellId }) => tableId === live.tableId && live.columns.includes(cellId),
    );
    this.#places = ordered(conflicts, live);
    this.#tell(conflicts);
    this.popup.redraw();
  }

  /** Goes to the next cell with a conflict, and opens its box. */
  next(): void {
    const { live, selection } = this.#view;
    const { active } = selection;
    const isAfter = ({ row, column }: ConflictPlace): boolean => {
      if (!active || active.row === null) return false;
      const rows = live.order.indexOf(row) - live.order.indexOf(active.row);
      return rows > 0 || (rows === 0 && columnsFrom(live, active.column, column) > 0);
    };
    const next = this.#places.find(isAfter) ?? this.#places[0];
    if (!next) {
      this.#view.notice.say('There are no conflicts.');
      return;
    }
    this.popup.close();
    this.#view.focus();
    this.#view.cursor.activate(next.row, next.column);
    this.popup.open(next, { focus: true });
  }

  #tell(conflicts: readonly Conflict[]): void {
    const { notice, rules } = this.#view;
    const seen = this.#seen;
    this.#seen = new Set(conflicts.map(({ key }) => key));
    if (!seen) return;
    const fresh = conflicts.filter(({ key }) => !seen.has(key));
    const [first] = fresh;
    if (fresh.length > 1) {
      notice.say(`${fresh.length} new conflicts. F8 goes from one to the next.`);
    } else if (first) {
      const text = conflictText(first, this.whoIs);
      const name = rules.nameOf({ row: first.rowId, column: first.cellId });
      notice.say(`${name}: ${text} F8 shows what can be done.`);
    } else if (seen.size > 0 && conflicts.length === 0) {
      notice.say('All conflicts are settled.');
    }
  }
}

const columnsFrom = (live: LiveTable, from: string, to: string): number =>
  live.columns.indexOf(to) - live.columns.indexOf(from);

/** The cells that have conflicts, each once, as one reads them. */
const ordered = (conflicts: readonly Conflict[], live: LiveTable): ConflictPlace[] => {
  const places = new Map<string, ConflictPlace>();
  for (const { rowId, cellId } of conflicts) {
    if (rowId !== null && live.order.has(rowId))
      places.set(JSON.stringify([rowId, cellId]), { row: rowId, column: cellId });
  }
  return [...places.values()].sort(
    (a, b) =>
      live.order.indexOf(a.row) - live.order.indexOf(b.row) ||
      columnsFrom(live, b.column, a.column),
  );
};
