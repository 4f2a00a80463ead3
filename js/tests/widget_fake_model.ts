/**
 * An anywidget model without a kernel: records what is sent, and says what a test has it say.
 */
import type { AnyModel } from '@anywidget/types';
import type { TableTraits } from '../src/widget.ts';

export interface Sent {
  // biome-ignore lint/suspicious/noExplicitAny: contents are JSON of any form
  readonly content: any;
  readonly buffers: readonly Uint8Array[];
}

type Handler = (...args: unknown[]) => void;

export class FakeModel {
  readonly sent: Sent[] = [];
  /** What `send` does after recording; throws or rejects where a kernel is gone. */
  onsend: (sent: Sent) => unknown = () => undefined;
  saves = 0;
  readonly #handlers = new Map<string, Set<Handler>>();
  readonly #traits: TableTraits;

  constructor(traits: Partial<TableTraits> = {}) {
    this.#traits = {
      _room: 'zoo',
      _table: 'pets',
      _peer: 'kernel-1',
      _place: '',
      _column_widths: {},
      columns: null,
      column_options: {},
      sort: [],
      filters: {},
      search: '',
      pinned: [],
      formats: {},
      row_numbers: false,
      summary: false,
      _selected_by: '',
      selection: { rows: [], cell: null },
      height: 300,
      read_only: false,
      read_only_cells: [],
      read_only_columns: [],
      _schema: null,
      _user: null,
      _snapshot_edit: [],
      _snapshot: '<table><tr><td>saved</td></tr></table>',
      ...traits,
    };
  }

  /** The model as the code under test takes it. */
  get any(): AnyModel<TableTraits> {
    return this as unknown as AnyModel<TableTraits>;
  }

  get kinds(): string[] {
    return this.sent.map(({ content }) => content.kind);
  }

  get handlerCount(): number {
    return [...this.#handlers.values()].reduce((total, { size }) => total + size, 0);
  }

  get<K extends keyof TableTraits>(name: K): TableTraits[K] {
    return this.#traits[name];
  }

  set<K extends keyof TableTraits>(name: K, value: TableTraits[K]): void {
    this.#traits[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes(): void {
    this.saves += 1;
  }

  on(event: string, handler: Handler): void {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
  }

  off(event: string, handler: Handler): void {
    this.#handlers.get(event)?.delete(handler);
  }

  send(content: unknown, _callbacks?: unknown, buffers: readonly Uint8Array[] = []): unknown {
    const sent = { content, buffers };
    this.sent.push(sent);
    return this.onsend(sent);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) {
      handler(...args);
    }
  }

  /** Deliver a message of the kernel, its buffers as Jupyter does: views into something larger. */
  receive(content: unknown, ...buffers: Uint8Array[]): void {
    const views = buffers.map((bytes) => {
      const larger = new Uint8Array(bytes.length + 16);
      larger.set(bytes, 8);
      return new DataView(larger.buffer, 8, bytes.length);
    });
    this.emit('msg:custom', content, views);
  }
}
