/**
 * A table as plain as can be, to test what is around it: shows the cells, takes the same options.
 */
import type { Store } from 'tinybase';
import type { TableHandle, TableOptions } from '../src/table/index.ts';

export function mountTable(host: HTMLElement, options: TableOptions): TableHandle {
  // Only a whole Store gives a whole table.
  let current = options as TableOptions & { store: Store };
  let listener = '';
  const draw = () => {
    host.dataset.state = current.status?.state ?? '';
    host.textContent = JSON.stringify(current.store.getTable(current.tableId));
  };
  const listen = () => {
    listener = current.store.addTableListener(current.tableId, draw);
    draw();
  };
  listen();
  return {
    update: (partial) => {
      current.store.delListener(listener);
      current = { ...current, ...partial } as typeof current;
      listen();
    },
    destroy: () => {
      current.store.delListener(listener);
      host.textContent = '';
    },
    focus: () => host.focus(),
    commit: () => true,
  };
}
