/** Which cells a column has, and how often, for the list in its menu. */
import { kindOf, type MaybeCell } from '../values.ts';

export interface Facet {
  /** The cell; null stands for a missing one. */
  readonly cell: MaybeCell;
  readonly count: number;
}

export interface Facets {
  /** The most frequent cells; missing ones last. */
  readonly facets: readonly Facet[];
  /** How many other cells there are. */
  readonly others: number;
}

/** Counts a column's cells. */
export const facetsOf = (
  rows: readonly string[],
  cellAt: (row: string) => MaybeCell,
  limit: number,
): Facets => {
  const scalars = new Map<MaybeCell, number>();
  const containers = new Map<string, { cell: MaybeCell; count: number }>();
  let missing = 0;
  for (const row of rows) {
    const cell = cellAt(row);
    const kind = kindOf(cell);
    if (kind === 'absent' || kind === 'null') missing++;
    else if (kind !== 'json') scalars.set(cell, (scalars.get(cell) ?? 0) + 1);
    else {
      const text = JSON.stringify(cell);
      const known = containers.get(text);
      containers.set(text, { cell, count: (known?.count ?? 0) + 1 });
    }
  }
  const all: Facet[] = [
    ...Array.from(scalars, ([cell, count]) => ({ cell, count })),
    ...containers.values(),
  ].sort((a, b) => b.count - a.count);
  const facets = all.slice(0, limit);
  if (missing > 0) facets.push({ cell: null, count: missing });
  return { facets, others: Math.max(0, all.length - limit) };
};
