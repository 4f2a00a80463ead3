/**
 * What a search looks into: of each row its id and the text of its cells in the columns that are shown.
 *
 * The texts are made once and kept, so that each further key in the search box takes milliseconds.
 */
import type { MaybeCell } from '../values.ts';
import { cancelIdle, whenIdle } from './idle.ts';
import { cellText, fold } from './text.ts';

/** Stands between cells, so that nothing is found across two. */
const BETWEEN = '\0';

export class SearchTexts {
  readonly #cellAt: (row: string, column: string) => MaybeCell;
  readonly #texts = new Map<string, string>();
  #columns: readonly string[] = [];
  #warming: number | undefined;

  constructor(cellAt: (row: string, column: string) => MaybeCell) {
    this.#cellAt = cellAt;
  }

  /** Looks into these columns; true if they are others than before. */
  lookInto(columns: readonly string[]): boolean {
    const before = this.#columns;
    if (before.length === columns.length && before.every((id, i) => id === columns[i]))
      return false;
    this.#columns = columns;
    this.clear();
    return true;
  }

  readonly of = (row: string): string => {
    let text = this.#texts.get(row);
    if (text === undefined) {
      text = fold(searchText(row, this.#columns, this.#cellAt));
      this.#texts.set(row, text);
    }
    return text;
  };

  /** A row has changed. */
  forget(row: string): void {
    this.#texts.delete(row);
  }

  /** Makes the texts of rows ahead, whenever the page is idle. */
  warm(rows: readonly string[]): void {
    if (this.#warming !== undefined || this.#texts.size >= rows.length) return;
    let next = 0;
    const work = (deadline: IdleDeadline): void => {
      this.#warming = undefined;
      while (next < rows.length && deadline.timeRemaining() > 1)
        for (const end = next + 100; next < Math.min(end, rows.length); next++)
          this.of(rows[next] as string);
      if (next < rows.length) this.#warming = whenIdle(work);
    };
    this.#warming = whenIdle(work);
  }

  clear(): void {
    if (this.#warming !== undefined) cancelIdle(this.#warming);
    this.#warming = undefined;
    this.#texts.clear();
  }
}

const searchText = (
  row: string,
  columns: readonly string[],
  cellAt: (row: string, column: string) => MaybeCell,
): string => {
  const parts = [row];
  for (const column of columns) {
    const text = cellText(cellAt(row, column));
    if (text !== undefined) parts.push(text);
  }
  return parts.join(BETWEEN);
};
