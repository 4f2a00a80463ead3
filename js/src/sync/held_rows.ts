/**
 * The rows that are not shown yet while a document arrives in pieces.
 *
 * Of a cell that was overwritten or deleted later, the piece that has it first shows something that is
 * true no more, or nothing. So a row with such a cell waits until all is there. Others may still get
 * cells, but lose none.
 */
import * as Y from 'yjs';
import { TABLES, type YMap } from './containers.ts';
import type { Touched } from './touched.ts';
import type { Range } from './update_bytes.ts';

export class HeldRows {
  readonly #rows: [tableId: string, rowId: string][] = [];
  #deleted = Y.createDeleteSet();
  #areMoreToCome = false;

  /** Hold rows of which something is deleted: `deleted` is what the document has deleted as a whole. */
  add(deleted: ReadonlyMap<number, readonly Range[]>): void {
    const added = Y.createDeleteSet();
    for (const [client, ranges] of deleted) {
      added.clients.set(client, [...ranges]);
    }
    this.#deleted = Y.mergeDeleteSets([this.#deleted, added]);
  }

  /** Also hold rows of which something will be deleted that nobody has told of. */
  expectMore(): void {
    this.#areMoreToCome = true;
  }

  /** Say whether a row that the Store does not have is to wait, and take note of it. */
  holds(tableId: string, rowId: string, row: YMap): boolean {
    if (this.#deleted.clients.size === 0 && !this.#areMoreToCome) {
      return false;
    }
    for (const item of row._map.values()) {
      if (item.deleted || Y.isDeleted(this.#deleted, item.lastId)) {
        this.#rows.push([tableId, rowId]);
        return true;
      }
    }
    return false;
  }

  /** Have all of them read. */
  letGo(touched: Touched): void {
    for (const [tableId, rowId] of this.#rows) {
      touched.add([TABLES, tableId, rowId]);
    }
  }
}
