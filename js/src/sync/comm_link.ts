/**
 * The link between a page's room and a kernel's, over the messages of anywidget models.
 *
 * One kernel may show a room in several views. They share one link: the first of its models speaks,
 * the others stand by and take over with a new hello when it closes or fails. All of them listen;
 * to hear something twice costs nothing but the reading.
 *
 *     page → kernel   hello {page} [generation, step 1] · frames {page, seq?} [frames…] · bye {page}
 *     kernel → page   frames {peer, to?, from?} [frames…]; with `to`, for that page only; with
 *                     `from`, what that page has sent, for all others
 *                     frames {peer, to, got} []; the message with that `seq` has been taken
 *                     part {peer, to, at, sizes} [bytes]; some of the bytes of frames of these sizes
 *
 * A hello says with `parts` that much may come in parts. What is said between these waits for the last.
 * It says with `rows` that frames may bring the rows of a document while the kernel is still making it:
 * their `rows` are from which, to which, and of how many. The answer follows the last of them.
 * With `deleted` it asks for a document that was there before to come so, too. What was deleted of that
 * comes ahead of the first frames, with `deleted` again: the frames have no deletions, the answer has.
 *
 * What a kernel wishes of a page beside that, `page_servers.ts` does.
 */
import type { AnyModel } from '@anywidget/types';
import { ownBuffer, viewBytes } from './bytes.ts';
import type { Link, LinkEvents, Rows, Sender } from './link.ts';
import type { Wish } from './page_servers.ts';
import { Parts } from './parts.ts';

const PROTOCOL_VERSION = 1;
const FOR_THE_LOADER = 'runtime';
const WISHES: readonly unknown[] = ['connect', 'disconnect', 'ask'];
const MAX_MESSAGE = 4_000_000; // bytes; one of over about 10 MB ends the connection to the kernel

/** The part of an anywidget model that a link uses. */
export type CommModel = Pick<AnyModel, 'on' | 'off' | 'send'> & {
  readonly widget_manager?: unknown;
};

type StatusSlot = (kernel: unknown, status: unknown) => void;

/** JupyterLab's manager knows the connection to the kernel; others have no such thing. */
interface ManagerOfKernel {
  readonly kernel?: {
    readonly connectionStatusChanged?: {
      connect(slot: StatusSlot): unknown;
      disconnect(slot: StatusSlot): unknown;
    };
  };
}

interface Message {
  readonly kind?: unknown;
  readonly v?: unknown;
  readonly to?: unknown;
  readonly from?: unknown;
  readonly got?: unknown;
  readonly at?: unknown;
  readonly sizes?: unknown;
  readonly rows?: unknown;
  readonly deleted?: unknown;
}

interface Seat {
  readonly model: CommModel;
  readonly stopListening: () => void;
}

export class CommLink implements Link {
  readonly name: string;
  readonly confirms = true;
  events: LinkEvents | null = null;
  /** Told what the kernel wishes of the page. */
  onwish: ((wish: Wish, buffers: readonly Uint8Array[]) => void) | undefined;
  /** The kernel's replica. */
  readonly peer: string;
  readonly #pageId: string;
  /** The first one speaks. */
  readonly #seats: Seat[] = [];
  #hasWarned = false;
  /** What to call when a message is confirmed, by its number. */
  readonly #unconfirmed = new Map<number, () => void>();
  #sequence = 0;
  /** What has come in parts so far, and what was said meanwhile. */
  #parts: Parts | undefined;
  #waiting: (() => void)[] = [];

  constructor(peer: string, pageId: string) {
    this.name = `kernel ${peer}`;
    this.peer = peer;
    this.#pageId = pageId;
  }

  /** Let the link use one more model; returns the function that takes it away again. */
  attach(model: CommModel): () => void {
    const onMessage = (message: Message, buffers: readonly DataView[]) =>
      this.#receive(message, buffers);
    // JupyterLab says so when a kernel restarts, and not whether the comm is dead: an answer tells.
    const onCommLive = () => {
      this.#fail(new Error('the connection to the kernel was interrupted'));
      this.events?.ongap();
    };
    // What the kernel said while the connection was cut is lost; nobody else would ask for it soon.
    const onStatus: StatusSlot = (_, status) => {
      if (status === 'connected' && this.#seats[0] === seat) {
        this.events?.ongap();
      }
    };
    const connection = (model.widget_manager as ManagerOfKernel | undefined)?.kernel
      ?.connectionStatusChanged;
    model.on('msg:custom', onMessage);
    model.on('comm_live_update', onCommLive);
    connection?.connect(onStatus);
    const stopListening = () => {
      model.off('msg:custom', onMessage);
      model.off('comm_live_update', onCommLive);
      connection?.disconnect(onStatus);
    };
    const seat: Seat = { model, stopListening };
    this.#seats.push(seat);
    return () => this.#detach(seat);
  }

  /** Whether any model is attached. */
  get isOpen(): boolean {
    return this.#seats.length > 0;
  }

  hello(greeting: readonly Uint8Array[]): void {
    this.#post('hello', greeting, { parts: true, rows: true, deleted: true });
  }

  send(frames: readonly Uint8Array[], onconfirmed?: () => void): void {
    const all = batches(frames, MAX_MESSAGE);
    let left = all.length;
    for (const batch of all) {
      if (onconfirmed === undefined) {
        this.#post('frames', batch);
        continue;
      }
      this.#sequence += 1;
      this.#unconfirmed.set(this.#sequence, () => {
        left -= 1;
        if (left === 0) {
          onconfirmed();
        }
      });
      this.#post('frames', batch, { seq: this.#sequence });
    }
  }

  /** Tell the kernel how it is with a server. */
  report(content: object): void {
    this.#post('connection', [], content);
  }

  close(): void {
    for (const seat of this.#seats.splice(0)) {
      seat.stopListening();
    }
  }

  #detach(seat: Seat): void {
    const at = this.#seats.indexOf(seat);
    if (at < 0) {
      return;
    }
    this.#seats.splice(at, 1);
    seat.stopListening();
    if (at === 0) {
      this.#sendBye(seat.model);
      if (this.isOpen) {
        this.events?.ongap();
      }
    }
  }

  #sendBye(model: CommModel): void {
    try {
      const sent: unknown = model.send(this.#content('bye'));
      if (sent instanceof Promise) {
        sent.catch(() => undefined);
      }
    } catch {
      // The kernel is gone, and with it whoever would have cared.
    }
  }

  /** What is on its way may be lost: an answer to the next hello of the kernel's has it all. */
  #fail(error: unknown): void {
    this.#unconfirmed.clear();
    this.#parts = undefined;
    this.#tellWaiting();
    this.events?.onfailure(error);
  }

  #post(kind: string, frames: readonly Uint8Array[], more: object = {}): void {
    const buffers = frames.map(ownBuffer) as Uint8Array<ArrayBuffer>[];
    let error: unknown = new Error('no view of this kernel is open');
    for (const seat of [...this.#seats]) {
      try {
        const sent: unknown = seat.model.send(
          { ...this.#content(kind), ...more },
          undefined,
          buffers,
        );
        if (sent instanceof Promise) {
          sent.catch((reason) => this.#fail(reason));
        }
        return;
      } catch (reason) {
        error = reason;
        this.#seats.push(...this.#seats.splice(this.#seats.indexOf(seat), 1));
      }
    }
    this.#fail(error);
  }

  #content(kind: string): { kind: string; page: string; v: number } {
    return { kind, page: this.#pageId, v: PROTOCOL_VERSION };
  }

  #receive(message: Message, buffers: readonly (DataView | ArrayBuffer)[] = []): void {
    const { kind, v, to, from, got } = message ?? {};
    if (kind === FOR_THE_LOADER) {
      return;
    }
    const isForUs = to === undefined || to === null || to === this.#pageId;
    if (v === PROTOCOL_VERSION && WISHES.includes(kind)) {
      if (isForUs) {
        const views = buffers.map(viewBytes);
        this.#inOrder(() => this.onwish?.(message as Wish, views));
      }
      return;
    }
    if ((kind !== 'frames' && kind !== 'part') || v !== PROTOCOL_VERSION) {
      this.#warn(kind, v);
      return;
    }
    if (isForUs && from !== this.#pageId) {
      const sender = typeof from === 'string' ? this.#handingOn(from) : this;
      if (typeof got === 'number') {
        this.#confirm(got);
      }
      const frames = buffers.map(viewBytes);
      if (kind === 'part') {
        this.#takePart(message, frames[0]);
      } else {
        this.#inOrder(() => this.events?.onframes(frames, sender, rowsOf(message, frames)));
      }
    }
  }

  /** Do something when all has come that the kernel said before. */
  #inOrder(action: () => void): void {
    if (this.#parts === undefined) {
      action();
    } else {
      this.#waiting.push(action);
    }
  }

  #takePart(message: Message, bytes: Uint8Array = new Uint8Array()): void {
    const { at, sizes } = message;
    if (at === 0) {
      this.#parts = Parts.of(sizes);
    }
    const hasFollowed = this.#parts?.add(at, bytes) === true;
    if (this.#parts !== undefined && hasFollowed && !this.#parts.isWhole) {
      this.events?.onpart?.(this.#parts.received, this.#parts.size);
      return;
    }
    const frames = hasFollowed ? this.#parts?.frames() : undefined;
    const isLost = this.#parts !== undefined && !hasFollowed;
    this.#parts = undefined;
    if (frames !== undefined) {
      this.events?.onframes(frames, this, rowsOf(message));
    }
    this.#tellWaiting();
    if (isLost) {
      this.events?.ongap();
    }
  }

  #tellWaiting(): void {
    for (const action of this.#waiting.splice(0)) {
      action();
    }
  }

  #confirm(sequence: number): void {
    const onconfirmed = this.#unconfirmed.get(sequence);
    this.#unconfirmed.delete(sequence);
    onconfirmed?.();
  }

  /** What another page has sent, and the kernel hands on; what answers it goes to the kernel. */
  #handingOn(page: string): Sender {
    const send = (frames: readonly Uint8Array[]) => this.send(frames);
    return { name: `page ${page} by way of ${this.name}`, isHandingOn: true, send };
  }

  #warn(kind: unknown, version: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      console.warn(
        `tinybase-widget: ignored a message of kind ${JSON.stringify(kind)}, version ` +
          `${JSON.stringify(version)}, from ${this.name}. Reload the page if the package was updated.`,
      );
    }
  }
}

/** Return the rows that frames are; what else is said of them is taken out of the frames. */
function rowsOf({ rows, deleted }: Message, frames: Uint8Array[] = []): Rows | undefined {
  const said = deleted === true ? frames.shift() : undefined;
  if (!Array.isArray(rows) || !rows.every((count) => Number.isInteger(count))) {
    return undefined;
  }
  const [from, to, of] = rows as number[];
  const isRange = from !== undefined && to !== undefined && of !== undefined;
  return isRange && of > 0 && from >= 0 && from <= to && to <= of
    ? { from, to, of, deleted: said }
    : undefined;
}

/** Divide frames into runs of at most so many bytes each; a larger frame is a run of its own. */
function batches(frames: readonly Uint8Array[], maxBytes: number): Uint8Array[][] {
  const runs: Uint8Array[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const frame of frames) {
    if (size + frame.length > maxBytes) {
      runs.push([]);
      size = 0;
    }
    runs.at(-1)?.push(frame);
    size += frame.length;
  }
  return runs;
}
