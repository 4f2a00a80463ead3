/**
 * Rows: begun above, below or at the end, duplicated, deleted.
 *
 * A row without cells is none, so a new row is only on this screen until it has all that it needs: one
 * cell, and those that the schema requires. Left without any, it goes again.
 */
import type { Cell } from 'tinybase';
import { placedId } from './row_places.ts';
import type { TableView } from './view.ts';

export class RowActions {
  readonly #view: TableView;

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Makes the id of a row that comes after all others. */
  lastId(): string {
    const { live, options } = this.#view;
    if (options.named) return options.named.freeName();
    return placedId(live.order.all.ids.at(-1), undefined, options.newRowId());
  }

  /** Goes to the blank line and begins to type there; the row comes into being with its first cell. */
  add(): void {
    if (this.#view.isReadOnly || !this.#view.editing.commit()) return;
    if (this.#view.options.named) this.#view.named.add();
    else this.begin(null);
  }

  /** Begins a row above or below the selection. */
  insert(where: 'above' | 'below'): void {
    const { live, selection, options, editing } = this.#view;
    if (this.#view.isReadOnly || !editing.commit()) return;
    // Its place is among all rows by id, however they are sorted and filtered here.
    const { all } = live.order;
    const { rows } = selection.area(live.order, live.columns);
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) {
      this.add();
      return;
    }
    const at = where === 'above' ? all.indexOf(first) : all.indexOf(last) + 1;
    const row = placedId(all.ids[at - 1], all.ids[at], options.newRowId());
    live.draftRow(row);
    this.#view.redraw();
    this.begin(row);
  }

  /** Copies the selected rows to below the last of them, without what nobody may write. */
  duplicate(): void {
    const { live, selection, options, rules, notice, editing } = this.#view;
    const { rows } = selection.area(live.order, live.columns);
    if (this.#view.isReadOnly || rows.length === 0 || !editing.commit()) return;
    const { all } = live.order;
    const at = all.indexOf(rows.at(-1) as string) + 1;
    const next = all.ids[at];
    let previous = all.ids[at - 1];
    const copies = rows.map((row) => this.#copyOf(row));
    const missing = copies.flatMap((cells) => rules.missing(cells));
    if (missing.length > 0) {
      notice.show(`Not duplicated: every row needs ${missing[0]}, which is read-only.`);
      return;
    }
    const ids = copies.map(() => {
      previous = placedId(previous, next, options.newRowId());
      return previous;
    });
    live.write(() => {
      ids.forEach((id, index) => {
        live.store.setRow(live.tableId, id, copies[index] as Record<string, Cell>);
      });
    });
    this.#view.flush();
    this.#view.focus();
    const column = selection.active?.column ?? live.columns[0];
    const [first] = ids;
    if (column === undefined || first === undefined || !live.order.has(first)) return;
    this.#view.cursor.activate(first, column);
    for (const [index, id] of ids.entries())
      if (ids.length > 1) selection.pick(id, live.order.ids, { toggle: index > 0 });
    this.#view.cursor.show();
    notice.say(ids.length === 1 ? 'Row duplicated.' : `${ids.length} rows duplicated.`);
  }

  delete(): void {
    const { live, selection, editing, rules, notice } = this.#view;
    const { rows } = selection.area(live.order, live.columns);
    if (this.#view.isReadOnly || rows.length === 0) return;
    const kept = rows.map((row) => rules.whyKept(row)).find((why) => why !== undefined);
    if (kept !== undefined) {
      notice.show(kept);
      return;
    }
    editing.cancel();
    live.write(() => {
      for (const row of rows) live.store.delRow(live.tableId, row);
    });
    for (const row of rows) live.dropDraft(row);
    selection.clearRows();
    this.#view.redraw();
    this.#view.focus();
  }

  /** Opens the first cell of a row that takes text. */
  begin(row: string | null): void {
    const { live, rules, cursor } = this.#view;
    const open = live.columns.filter((column) => rules.whyReadOnly({ row, column }) === undefined);
    const column = open.find((id) => live.typeOf(id, row) !== 'boolean') ?? open[0];
    if (column === undefined) return;
    // Before the focus, which would make another row the active one, and by that end an empty one.
    cursor.activate(row, column);
    this.#view.focus();
    if (live.typeOf(column, row) !== 'boolean') this.#view.actions.edit();
  }

  #copyOf(row: string): Record<string, Cell> {
    const { live, rules } = this.#view;
    const cells = live.draftCells(row) ?? live.store.getRow(live.tableId, row);
    const copied = Object.entries(cells).filter(([column]) => !rules.isColumnReadOnly(column));
    return { ...rules.defaults(), ...Object.fromEntries(copied) };
  }
}
