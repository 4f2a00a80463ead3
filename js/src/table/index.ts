/**
 * The table: a TinyBase table on screen, to read, edit and navigate, kept up to date with its Store.
 *
 * `mountTable` is all that the rest of the page uses. Cells are read straight from the Store when they
 * are drawn and written straight to it when they are edited; how they get anywhere else is the Store's
 * business. Only `grid.ts` knows the grid library.
 *
 * Hooks for tests and style sheets: the root is `.tbw-table[data-table]`; a drawn cell has `data-row`,
 * `data-col` and `data-kind`, a row header `data-row` alone and the blank line, `.tbw-blank`, no
 * `data-row`; the open editor is `.tbw-editor-field`, a check box `.tbw-check[aria-checked]`; buttons
 * have `data-action`, the status `data-state`. A cell with a conflict has `data-conflict`, the box that
 * explains it is `.tbw-box`, and what the table has to say is in `.tbw-notice`. A selected cell has `data-range`,
 * one that nobody may write `data-locked`, one of several options `data-options`; over the table lie
 * `.tbw-menu`, `.tbw-list` with its `.tbw-option`s, `.tbw-question` and `.tbw-prompt`. Who else is here is
 * in `.tbw-who`, and the cells where they are have a `.tbw-peer[data-peer]` over them.
 */
import type { TableHandle, TableOptions } from './options.ts';
import { TableView } from './view.ts';

export type { TableHandle, TableOptions } from './options.ts';
export type { TableSchema } from './rules.ts';
export type { Status } from './toolbar.ts';

/** Shows a table in an element, which may be hidden or not be in the page yet. */
export const mountTable = (host: HTMLElement, options: TableOptions): TableHandle => {
  const view = new TableView(host, options);
  let isMounted = true;
  return {
    update: (partial) => view.update(partial),
    destroy: () => {
      if (isMounted) view.destroy();
      isMounted = false;
    },
    focus: () => view.focus(),
    commit: () => view.editing.commit(),
  };
};
