/** Who else is at the table: tells where the person is, and shows where the others are. */
import type { PeerState, Whereabouts } from '../../sync/presence_states.ts';
import type { PresenceSource } from '../options.ts';
import type { Shell } from '../shell.ts';
import type { Status } from '../toolbar.ts';
import type { TableView } from '../view.ts';
import { Marks, type Placed } from './marks.ts';
import { Who } from './who.ts';

/** What begins the id of what is no table of the Store. */
const RESERVED = '\ufffd';

export class Together {
  readonly #view: TableView;
  readonly #source: PresenceSource | undefined;
  readonly #who: Who;
  readonly #marks: Marks;
  #told = '';
  /** Whether what is selected is not what a person has selected. */
  isOverlooking = false;

  constructor(view: TableView, shell: Shell, signal: AbortSignal) {
    this.#view = view;
    this.#source = view.options.presence;
    this.#who = new Who((peer) => this.#goTo(peer));
    this.#marks = new Marks(view);
    if (!this.#source) return;
    shell.root.querySelector('.tbw-status')?.after(this.#who.element);
    const stop = this.#source.onChange(() => view.schedule());
    signal.addEventListener('abort', () => {
      stop();
      this.#marks.destroy();
    });
    // An editor opens and closes by many ways; the focus goes with all of them.
    for (const type of ['focusin', 'focusout', 'input'] as const)
      shell.root.addEventListener(type, () => queueMicrotask(() => this.#tell()), { signal });
  }

  /** Tells where the person is now, and shows where the others are. */
  update(): void {
    if (!this.#source) return;
    this.#tell();
    this.#who.update(this.#source.peers.map((peer) => ({ peer, text: this.#describe(peer) })));
    this.follow();
  }

  /** Where the kernel has put the active cell nobody is. */
  overlook(): void {
    this.isOverlooking = false;
    this.#told = JSON.stringify(this.#now());
  }

  /** Shows the others where their cells are now. */
  follow(): void {
    if (!this.#source) return;
    const { peers } = this.#source;
    const placed = peers.flatMap((peer) => this.#placeOf(peer) ?? []);
    this.#marks.show(placed);
  }

  /** Says when the connection is gone and when it is back; not that each edit is saved. */
  sayState(before: Status | undefined, now: Status | undefined): void {
    if (!now || isAway(now) === isAway(before)) return;
    this.#view.notice.say(isAway(now) ? (now.title ?? now.state) : 'Connected again.');
  }

  #now(): readonly [Whereabouts, boolean] {
    const { live, selection, editing } = this.#view;
    const place = editing?.place ?? selection.active;
    const at: Whereabouts = {
      tableId: live.tableId,
      ...(typeof place?.row === 'string' && { rowId: place.row, cellId: place.column }),
    };
    return [at, at.rowId !== undefined && editing?.place !== undefined];
  }

  #tell(): void {
    if (this.isOverlooking) return;
    const [at, isTyping] = this.#now();
    const told = JSON.stringify([at, isTyping]);
    if (told === this.#told) return;
    const hasMoved = JSON.stringify([at, !isTyping]) !== this.#told;
    this.#told = told;
    this.#source?.show(at, isTyping);
    if (hasMoved) this.#sayWhoIsTypingAt(at);
  }

  /** Others come and go silently; only of somebody who types right here everybody is told. */
  #sayWhoIsTypingAt({ tableId, rowId, cellId }: Whereabouts): void {
    const there = this.#source?.peers.find(
      ({ at, isTyping }) =>
        isTyping && at?.tableId === tableId && at.rowId === rowId && at.cellId === cellId,
    );
    if (there && rowId !== undefined) this.#view.notice.say(`${there.name} is typing here.`);
  }

  #placeOf(peer: PeerState): Placed | undefined {
    const { live } = this.#view;
    const { tableId, rowId, cellId } = peer.at ?? {};
    const isHere = tableId === live.tableId && rowId !== undefined && cellId !== undefined;
    return isHere && live.order.has(rowId) && live.columns.includes(cellId)
      ? { peer, row: rowId, column: cellId }
      : undefined;
  }

  #describe(peer: PeerState): string {
    if (peer.isKernel) return 'a kernel';
    const placed = this.#placeOf(peer);
    const { named } = this.#view.options;
    if (placed) return `${peer.isTyping ? 'typing in' : 'at'} ${this.#view.rules.nameOf(placed)}`;
    const { tableId } = peer.at ?? {};
    if (tableId === undefined || tableId === this.#view.live.tableId)
      return `looking at ${named ? `these ${named.nouns}` : 'this table'}`;
    return `looking at ${tableId.startsWith(RESERVED) ? 'the values' : `the table ${tableId}`}`;
  }

  #goTo(peer: PeerState): void {
    const placed = this.#placeOf(peer);
    if (!placed) {
      this.#view.notice.show(`${peer.name} is ${this.#describe(peer)}.`);
      return;
    }
    if (!this.#view.editing.commit()) return;
    this.#view.focus();
    this.#view.cursor.activate(placed.row, placed.column);
  }
}

const isAway = (status: Status | undefined): boolean =>
  status?.state === 'offline' || status?.state === 'silent';
