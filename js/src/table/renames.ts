/**
 * Tells a column that got another name from one that was deleted while another came: it has the same cells.
 *
 * A Store has no columns to rename, only cells that go and others that come, in one transaction. So this
 * works for whoever renames a column, wherever, and for what takes it back.
 */
import { type MaybeCell, sameCell } from './values.ts';

/** So many cells of a column must be the same; looking at all of them would tell no more. */
const SAMPLE = 500;

export class Renames {
  readonly #columns = new Map<string, number>();
  /** What the cells held that went, by column and row. */
  readonly #gone = new Map<string, Map<string, MaybeCell>>();

  /** Notes columns that came, as 1, or went, as -1. */
  noteColumns(changes: Readonly<Record<string, number>>): void {
    for (const [column, change] of Object.entries(changes))
      this.#columns.set(column, (this.#columns.get(column) ?? 0) + change);
  }

  noteGone(row: string, column: string, old: MaybeCell): void {
    const cells = this.#gone.get(column) ?? new Map<string, MaybeCell>();
    if (cells.size < SAMPLE) this.#gone.set(column, cells.set(row, old));
  }

  /** The columns that got another name since this was asked last, each with that name. */
  take(cellAt: (row: string, column: string) => MaybeCell): [string, string][] {
    const gone = new Map(this.#gone);
    const changes = [...this.#columns];
    this.#gone.clear();
    this.#columns.clear();
    const came = new Set(changes.flatMap(([column, change]) => (change > 0 ? [column] : [])));
    return changes.flatMap(([from, change]): [string, string][] => {
      const cells = change < 0 ? [...(gone.get(from) ?? [])] : [];
      if (cells.length === 0) return [];
      const isSame = (to: string): boolean =>
        cells.every(([row, cell]) => sameCell(cellAt(row, to), cell));
      const to = [...came].find(isSame);
      if (to === undefined) return [];
      came.delete(to);
      return [[from, to]];
    });
  }
}
