/**
 * What all widgets of a page share, whichever copy of the code they run.
 *
 * Each widget evaluates its own copy of the loader, and a page may show notebooks of several
 * kernels. They meet at one symbol of `globalThis`: the runtime is imported once, and there is one
 * room object for each name. Rooms live as long as the page: what people edited must survive the
 * moment when a restarted kernel's output is cleared and its new view is not there yet.
 */
import type { RenderTable } from '../widget.ts';
import type { Room } from './room.ts';

/** The exports of the runtime bundle. */
export interface Runtime {
  readonly renderTable: RenderTable;
}

export interface RuntimeWaiter {
  ready(runtime: Runtime): void;
  /** The import failed; it is tried again when a kernel sends the runtime again. */
  failed(error: unknown): void;
}

export interface Page {
  /** Names this page (tab) to kernels and other tabs. */
  readonly pageId: string;
  /** The runtime bundle, once a kernel has sent it. */
  runtime: Runtime | null;
  readonly rooms: Map<string, Room>;
  /** Widgets that wait for the runtime. */
  readonly waiting: Set<RuntimeWaiter>;
  /** Whether a runtime is being imported. */
  importing: boolean;
  /** When a widget last asked its kernel for the runtime: milliseconds since the Unix epoch. */
  askedAt: number;
}

const KEY = Symbol.for('tinybase-widget/1');

/** Return this page's registry; make it where there is none. */
export function getPage(): Page {
  const registry = globalThis as { [KEY]?: Page };
  registry[KEY] ??= {
    pageId: randomId(),
    runtime: null,
    rooms: new Map(),
    waiting: new Set(),
    importing: false,
    askedAt: 0,
  };
  return registry[KEY];
}

/** Return 80 random bits as text. (`crypto.randomUUID` is missing on plain http pages.) */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
