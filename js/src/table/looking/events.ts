/** What the person did to the table, as events for the kernel: cells edited, rows added and deleted. */
import type { MaybeCell } from '../values.ts';

/** A cell or row; `value` and `old` are left out where there is no cell. */
export interface TableEvent {
  readonly event: 'edit' | 'add' | 'delete' | 'click';
  readonly row: string;
  readonly column?: string;
  readonly value?: MaybeCell;
  readonly old?: MaybeCell;
}

type Cells = Map<string, { readonly old: MaybeCell; value: MaybeCell }>;

/** Collects what was written here. */
export class OwnChanges {
  readonly #cells = new Map<string, Cells>();
  /** 1 for added rows, -1 for deleted ones, 0 for rows that came and went. */
  readonly #rows = new Map<string, number>();

  cell(row: string, column: string, value: MaybeCell, old: MaybeCell): void {
    let cells = this.#cells.get(row);
    if (!cells) {
      cells = new Map();
      this.#cells.set(row, cells);
    }
    const known = cells.get(column);
    if (known) known.value = value;
    else cells.set(column, { old, value });
  }

  row(row: string, change: number): void {
    this.#rows.set(row, (this.#rows.get(row) ?? 0) + change);
  }

  /** What there was since the last time; of a row that is new or gone only that. */
  take(): TableEvent[] {
    if (this.#cells.size === 0) return [];
    const events: TableEvent[] = [];
    for (const [row, cells] of this.#cells) {
      const change = this.#rows.get(row) ?? 0;
      if (change !== 0) {
        events.push(rowEvent(row, change > 0, cells));
        continue;
      }
      for (const [column, { old, value }] of cells)
        events.push(without({ event: 'edit', row, column, value, old }));
    }
    this.#cells.clear();
    this.#rows.clear();
    return events;
  }
}

const rowEvent = (row: string, isNew: boolean, cells: Cells): TableEvent => {
  const all = [...cells].map(([column, { old, value }]) => [column, isNew ? value : old]);
  const present = Object.fromEntries(all.filter(([, cell]) => cell !== undefined));
  return isNew ? { event: 'add', row, value: present } : { event: 'delete', row, old: present };
};

const without = (event: TableEvent): TableEvent =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as never;
