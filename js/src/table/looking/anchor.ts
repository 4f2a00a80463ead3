/** Keeps the rows that are being looked at in their place while others come, go and move. */
import type { Grid } from '../grid.ts';
import type { LiveChanges, LiveTable } from '../live.ts';

export class Anchor {
  readonly #grid: Grid;
  readonly #rows: readonly string[];
  readonly #offset: number;

  constructor(grid: Grid, live: LiveTable) {
    this.#grid = grid;
    const { row, offset } = grid.anchor;
    this.#rows = live.order.ids.slice(row, row + grid.pageSize + 1);
    this.#offset = offset;
  }

  /** Scrolls to where the first of them is that stayed; to the top where the table is sorted anew. */
  restore(live: LiveTable, { look, moved }: LiveChanges): void {
    if (look) {
      this.#grid.anchor = { row: 0, offset: 0 };
      return;
    }
    const at = this.#rows.findIndex((row) => !moved?.has(row) && live.order.has(row));
    if (at < 0) return;
    const row = live.order.indexOf(this.#rows[at] as string) - at;
    this.#grid.anchor = { row: Math.max(0, row), offset: row < 0 ? 0 : this.#offset };
  }
}
