/** What a table is told when it is mounted, and later by `update`. */
import type { Cell } from 'tinybase';
import type { PeerState, Whereabouts } from '../sync/presence_states.ts';
import type { RoomConflicts } from '../sync/room_conflicts.ts';
import { MAX_CELLS, type Undone } from '../sync/undo.ts';
import type { TableEvent } from './looking/events.ts';
import type { Looking } from './looking/look.ts';
import type { Selected } from './looking/selecting.ts';
import type { NamedRows } from './named_rows.ts';
import type { ColumnRules } from './renamed.ts';
import type { TableSchema } from './rules.ts';
import type { TableSource } from './source.ts';
import type { Status } from './toolbar.ts';

/** The conflicts of the room that the Store is shared in. */
export type ConflictSource = Pick<RoomConflicts, 'open' | 'at' | 'isOwn' | 'onChange' | 'dismiss'>;

/** How many cells can be undone at once; more are asked about before they are changed. */
export const UNDOABLE = MAX_CELLS;

/** What can be undone of the edits made on this page. */
export interface History {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  undo(): Undone;
  redo(): Undone;
  /** Calls a listener when there is more or less to undo; returns what stops it. */
  onUndoChange(listener: () => void): () => void;
}

/** Who else is in the room. */
export interface PresenceSource {
  readonly peers: readonly PeerState[];
  /** Calls a listener when others come, move or go; returns what stops it. */
  onChange(listener: () => void): () => void;
  /** Says where the person is in this view. */
  show(at: Whereabouts, isTyping: boolean): void;
}

/** How the table is looked at; what is left out stays as it is. */
export type LookingOptions = Partial<Looking>;

export interface TableOptions {
  readonly store: TableSource;
  readonly tableId: string;
  /** Makes the id of a row that is added here. */
  readonly newRowId: () => string;
  /** Which columns to show, in this order; all of them if not given. */
  readonly columns?: readonly string[] | null;
  /** Told what the person has done, after it is done. */
  readonly onEvents?: (events: readonly TableEvent[]) => void;
  /** Told which columns are shown, and in which order, when that is changed here. */
  readonly onColumns?: (columns: readonly string[] | null) => void;
  /** Told which of the options by which people may write name a column by another name now. */
  readonly onRules?: (rules: ColumnRules) => void;
  /** Widths in pixels, by cell id. */
  readonly columnWidths?: Readonly<Record<string, number>>;
  /** Told all widths that were set by hand, whenever one was. */
  readonly onColumnWidths?: (widths: Record<string, number>) => void;
  /** How the rows are sorted, filtered and searched. */
  readonly looking?: LookingOptions;
  /** Told what the person has sorted, filtered or searched. */
  readonly onLooking?: (change: LookingOptions) => void;
  /** What is selected at first; by `update`, later. */
  readonly selection?: Selected;
  /** Told what is selected, whenever that is something else. */
  readonly onSelection?: (selected: Selected) => void;
  /** The most that the table may be high, in pixels, 400 if not given. A short table is less high. */
  readonly height?: number;
  readonly readOnly?: boolean;
  /** Cell ids of columns in which nobody may write, though rows may be added and deleted. */
  readonly readOnlyColumns?: readonly string[];
  /** Row and cell ids of cells in which nobody may write. */
  readonly readOnlyCells?: readonly (readonly [string, string])[];
  /** The only cells to choose from, by cell id. */
  readonly columnOptions?: Readonly<Record<string, readonly Cell[]>>;
  /** The table's schema in the kernel's Store; null if there is none. */
  readonly schema?: TableSchema | null;
  /** Set if rows have names that people give them, and each its own type. Never changed by `update`. */
  readonly named?: NamedRows;
  /** The schema of each row's cell, and the only cells to choose from, where rows are named. */
  readonly rowSchema?: TableSchema | null;
  readonly rowOptions?: Readonly<Record<string, readonly Cell[]>>;
  readonly status?: Status;
  /** Neither this nor what follows can be changed by `update`. */
  readonly conflicts?: ConflictSource;
  readonly history?: History;
  readonly presence?: PresenceSource;
}

export interface TableHandle {
  /** Changes some of the options; the others stay. */
  update(partial: Partial<TableOptions>): void;
  /** Takes the table off the page and stops listening. */
  destroy(): void;
  focus(): void;
  /** Takes what is being typed; false if it cannot be taken, and stays open. */
  commit(): boolean;
}
