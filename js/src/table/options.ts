/** What a table is told when it is mounted, and later by `update`. */
import type { Store } from 'tinybase';
import type { Status } from './toolbar.ts';

export interface TableOptions {
  readonly store: Store;
  readonly tableId: string;
  /** Makes the id of a row that is added here. */
  readonly newRowId: () => string;
  /** Which columns to show, in this order; all of them if not given. */
  readonly columns?: readonly string[] | null;
  /** Widths in pixels, by cell id. */
  readonly columnWidths?: Readonly<Record<string, number>>;
  /** Told all widths that were set by hand, whenever one was. */
  readonly onColumnWidths?: (widths: Record<string, number>) => void;
  /** The most that the table may be high, in pixels, 400 if not given. A short table is less high. */
  readonly height?: number;
  readonly readOnly?: boolean;
  readonly status?: Status;
}

export interface TableHandle {
  /** Changes some of the options; the others stay. */
  update(partial: Partial<TableOptions>): void;
  /** Takes the table off the page and stops listening. */
  destroy(): void;
  focus(): void;
}
