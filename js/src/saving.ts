/**
 * What a view says of its kernel: whether everything is there, is on its way, or waits.
 *
 * "Synced" is said only when the kernel has confirmed every change of this page. A kernel that does not
 * answer may be busy or gone, which nobody can tell from here, so no more is said than that.
 */
import { progressOf } from './loading.ts';
import type { Link } from './sync/link.ts';
import type { Room } from './sync/room.ts';
import type { Status } from './table/toolbar.ts';

const SAVING_AT_LEAST = 400; // ms, so that the word can be read
const PATIENCE = 5_000; // ms until a kernel that owes an answer is said to
const PATIENCE_IDLE = 10_000; // ms, when nothing waits for it
const PATIENCE_OFFLINE = 1_000; // ms, when the browser says that it has no network

/** What keeps edits beyond the page, unless it says why not. */
interface Keeps {
  readonly failure: string | undefined;
}

export class SavingState {
  readonly #room: Room;
  readonly #link: Link;
  readonly #onchange: () => void;
  readonly #keeping: Keeps | undefined;
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #savingUntil = 0;
  #isToTell = false;

  /**
   * @param onchange is called when the status may be another one
   * @param keeping keeps edits beyond the page
   */
  constructor(room: Room, link: Link, onchange: () => void, keeping?: Keeps) {
    this.#room = room;
    this.#link = link;
    this.#onchange = onchange;
    this.#keeping = keeping;
    const { signal } = this.#stop;
    const stops = [
      room.onStatus((changed) => changed === link && onchange()),
      room.onSaving((changed) => changed === link && this.#tellSoon()),
    ];
    signal.addEventListener('abort', () => {
      for (const stop of stops) stop();
      clearTimeout(this.#timer);
    });
    // What the browser knows of the network is a reason to ask, not an answer: the kernel may be here.
    for (const type of ['offline', 'online'])
      addEventListener(type, () => link.events?.ongap(), { signal });
  }

  /** What to show now. */
  get status(): Status {
    clearTimeout(this.#timer);
    const state = this.#room.status(this.#link);
    const { edits, isDone, silentSince } = this.#room.saving(this.#link);
    if (state === 'offline') return offline(edits, this.#keeping);
    const loading = this.#room.loading(this.#link);
    if (loading !== undefined && state === 'connecting')
      return {
        state,
        text: `Loading… ${Math.round(progressOf(loading) * 100)} %`,
        title: 'More rows are on their way from the kernel',
      };
    if (state === 'connecting')
      return { state, text: 'Connecting…', title: 'Waiting for the kernel' };
    const now = performance.now();
    if (silentSince !== undefined) {
      const isOffline = globalThis.navigator?.onLine === false;
      const patience = isOffline ? PATIENCE_OFFLINE : isDone ? PATIENCE_IDLE : PATIENCE;
      const left = silentSince + patience - now;
      if (left <= 0) return (isOffline ? offline : silent)(edits, this.#keeping);
      this.#lookAgainIn(left);
    }
    if (!isDone) this.#savingUntil = Math.max(this.#savingUntil, now + SAVING_AT_LEAST);
    else if (now < this.#savingUntil) this.#lookAgainIn(this.#savingUntil - now);
    else return { state: 'synced', text: 'Synced', title: 'The kernel has all edits' };
    return {
      state: 'saving',
      text: 'Saving…',
      title: edits > 0 ? `${counted(edits)} on the way to the kernel` : 'On the way to the kernel',
    };
  }

  destroy(): void {
    this.#stop.abort();
  }

  /** Not at once: what is counted is in the middle of a transaction. */
  #tellSoon(): void {
    if (this.#isToTell) return;
    this.#isToTell = true;
    queueMicrotask(() => {
      this.#isToTell = false;
      if (!this.#stop.signal.aborted) this.#onchange();
    });
  }

  #lookAgainIn(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onchange(), delay + 1);
  }
}

const counted = (edits: number): string =>
  `${edits.toLocaleString('en')} ${edits === 1 ? 'edit' : 'edits'}`;

const waiting = (word: string, edits: number): string =>
  edits > 0 ? `${word} – ${counted(edits)} waiting` : word;

const offline = (edits: number, keeping?: Keeps): Status => ({
  state: 'offline',
  text: waiting('Offline', edits),
  title: `No connection to the kernel. ${kept(edits, keeping)}`,
});

const silent = (edits: number, keeping?: Keeps): Status => ({
  state: 'silent',
  text: waiting('No answer yet', edits),
  title: `The kernel does not answer: it is busy, or gone. ${kept(edits, keeping)}`,
});

const kept = (edits: number, keeping: Keeps | undefined): string => {
  const isKept = keeping !== undefined && keeping.failure === undefined;
  const where = isKept ? 'browser' : 'page';
  if (edits === 0) return `Edits are kept in this ${where} until they arrive.`;
  const what = `${counted(edits)} of yours ${edits === 1 ? 'is' : 'are'} kept in this ${where}`;
  if (isKept) return `${what} until they arrive, also when the page is loaded again.`;
  const why = keeping ? ` (The browser keeps nothing beyond it: ${keeping.failure}.)` : '';
  return `${what} until they arrive: do not close it.${why}`;
};
