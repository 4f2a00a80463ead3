/**
 * What a room knows of a link: where it stands, since when its peer is silent, when to greet it again.
 *
 * A peer that answers no greeting is greeted less and less often, and so is one whose answers do not
 * bring what is missing: more questions would only pile up in front of it.
 */
import type { Link, LinkState, Rows } from './link.ts';
import { Listeners } from './listeners.ts';

/** How long after a greeting the next one is due; a room looks as often. In milliseconds. */
export const GREETING_INTERVAL = 20_000;
const MAX_GREETING_INTERVAL = 80_000; // ms; a busy kernel answers none for as long as a cell runs
const GAP_INTERVAL = 100; // ms
const SILENCE = 2_000; // ms without an answer
const PRESENCE_INTERVAL = 1_000; // ms

/** How far a large document is, that comes over a link. */
export interface Loading {
  /** Whether it is still arriving, or is being taken over. */
  readonly phase: 'arriving' | 'taking';
  /** In bytes, unless it says that these are rows. */
  readonly done: number;
  readonly of: number;
  readonly unit?: 'rows';
}

/** How far some rows are of which a part has been taken. */
const rowsAt = ({ from, to, of }: Rows, part: number): Loading => ({
  phase: 'taking',
  done: Math.floor(from + (to - from) * Math.min(part, 1)),
  of,
  unit: 'rows',
});

/** Who wants to hear how the links of a room are. */
export class LinkListeners {
  readonly status = new Listeners<[link: Link, state: LinkState]>();
  /** Of what a peer has confirmed, and of whether it owes an answer. */
  readonly saving = new Listeners<[link: Link]>();
  readonly loading = new Listeners<[link: Link]>();
}

export class Connection {
  readonly link: Link;
  readonly #listeners: LinkListeners;
  #state: LinkState = 'connecting';
  #loading: Loading | undefined;
  /** How many rows have come, while the peer gives them one after the other. */
  #rows: Loading | undefined;
  #lacksRows = false;
  #greetedAt = 0;
  /** How long after that the next greeting is due. */
  #patience = GREETING_INTERVAL;
  /** The same where something is missing. */
  #gapPatience = GAP_INTERVAL;
  #askedAt: number | undefined;
  #presenceAskedAt = Number.NEGATIVE_INFINITY;

  constructor(link: Link, listeners: LinkListeners) {
    this.link = link;
    this.#listeners = listeners;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What is coming over the link, if that is much. */
  get loading(): Loading | undefined {
    return this.#loading;
  }

  /** Since when the peer has owed an answer; by `performance.now()`. */
  get askedAt(): number | undefined {
    return this.#askedAt;
  }

  /** Whether it has owed one for long. */
  get isSilent(): boolean {
    return this.#askedAt !== undefined && performance.now() - this.#askedAt > SILENCE;
  }

  /**
   * Whether to greet the peer again, for a room that looks at intervals.
   *
   * @param isTaking says that the room has not taken yet all that came
   */
  isDue(isTaking: boolean): boolean {
    // Timers are not exact: half an interval tells "due now" from "due next time".
    const isLongAgo = Date.now() - this.#greetedAt > this.#patience - GREETING_INTERVAL / 2;
    const isStuck = this.#rows !== undefined && !isTaking;
    return isLongAgo && (this.#loading === undefined || isStuck);
  }

  // --- Asking

  /** The peer is greeted now. */
  greet(): void {
    this.#greetedAt = Date.now();
    this.expect();
  }

  /** The peer gets more time until it is greeted once more. */
  giveTime(): void {
    this.#patience = Math.min(this.#patience * 2, MAX_GREETING_INTERVAL);
  }

  /** The peer owes an answer from now on. */
  expect(): void {
    if (this.link.confirms && this.#askedAt === undefined) {
      this.#askedAt = performance.now();
      this.#listeners.saving.tell(this.link);
    }
  }

  /** Whether who is there, which is told now, is to be confirmed; not each time. */
  asksForPresence(): boolean {
    const isToAnswer = performance.now() - this.#presenceAskedAt > PRESENCE_INTERVAL;
    if (isToAnswer) {
      this.#presenceAskedAt = performance.now();
    }
    return isToAnswer;
  }

  // --- Hearing

  /**
   * The peer has said something.
   *
   * @param isDone says that it has confirmed everything, and owes nothing more
   * @returns whether it had been silent
   */
  hear(isDone: boolean): boolean {
    const { isSilent } = this;
    if (this.#askedAt !== undefined) {
      this.#askedAt = isDone ? undefined : performance.now();
      this.#listeners.saving.tell(this.link);
    }
    return isSilent;
  }

  /** The peer has answered a greeting; returns whether all has come that it gave ahead of that. */
  answered(): boolean {
    const isWhole = !this.#lacksRows;
    this.#patience = GREETING_INTERVAL;
    this.#rows = undefined;
    this.#lacksRows = false;
    if (isWhole) {
      this.#setState('synced');
    }
    return isWhole;
  }

  /** Whether the peer gives rows one after the other; when it has, it asks what it lacks itself. */
  get isGivingRows(): boolean {
    return this.#rows !== undefined;
  }

  /** Some of the rows have come that the peer gives one after the other. */
  rowsArrive(): void {
    this.#greetedAt = Date.now();
  }

  /** Such rows are taken now. */
  beginRows(rows: Rows): void {
    const isNext = rows.from === 0 || rows.from === this.#rows?.done;
    this.#lacksRows = !isNext || (this.#lacksRows && rows.from > 0);
    this.#rows = rowsAt(rows, 0);
  }

  /** A part of them, from 0 to 1, has been taken. */
  takeRows(rows: Rows, part: number): void {
    this.#rows &&= rowsAt(rows, part);
    this.setLoading(this.#rows);
  }

  /** What was loading is there, but for rows that are still to come. */
  endLoading(): void {
    this.setLoading(this.#rows);
  }

  /** A part of something large has come. */
  arriving(done: number, of: number): void {
    this.#greetedAt = Date.now();
    this.setLoading({ phase: 'arriving', done, of });
  }

  setLoading(loading: Loading | undefined): void {
    if (this.#loading !== loading) {
      this.#loading = loading;
      this.#listeners.loading.tell(this.link);
    }
  }

  /**
   * Take note of whether something was missing in what came; returns whether to ask for it now. While
   * rows come it may be among these, and is asked for when they are there.
   */
  asksForGap(hasGap: boolean): boolean {
    if (this.#rows !== undefined) {
      this.#lacksRows ||= hasGap;
      return false;
    }
    if (!hasGap) {
      this.#gapPatience = GAP_INTERVAL;
      return false;
    }
    const isDue = Date.now() - this.#greetedAt >= this.#gapPatience;
    if (isDue) {
      this.#gapPatience = Math.min(this.#gapPatience * 2, GREETING_INTERVAL);
    }
    return isDue;
  }

  /** Nothing can be sent; the peer owes nothing any more. */
  fail(): void {
    this.#askedAt = undefined;
    if (this.#loading?.phase === 'arriving') {
      this.setLoading(undefined);
    }
    this.#setState('offline');
  }

  #setState(state: LinkState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#listeners.status.tell(this.link, state);
    }
  }
}
