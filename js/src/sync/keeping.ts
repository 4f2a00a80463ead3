/**
 * Keeps what a page has changed and its kernel has not confirmed, so that a reload does not lose it.
 *
 * Each change is written to the browser's database (`kept_store.ts`) as it is made, and forgotten with all
 * others when the kernel has everything: mostly a moment later. Where it has not by then, the document
 * goes there too, since a kernel that starts again may not have what the changes were made on. Nothing
 * is written while nobody edits, and nothing waits for it.
 *
 * What another page has left is taken back (`taking_back.ts`) when the kernel's document is there, and
 * forgotten when the kernel has it. To take something back twice, or what a page that is still open has
 * made, is to repeat it.
 *
 * A *place* tells rooms apart that have the same name: the kernel says what it is (`sync/_place.py`).
 */
import * as Y from 'yjs';
import { type Kept, KeptStore } from './kept_store.ts';
import type { Link } from './link.ts';
import { getPage } from './page.ts';
import type { Room } from './room.ts';
import { takeBack } from './taking_back.ts';
import { mergeUpdates } from './updates.ts';

const DOCUMENT_DELAY = 300; // ms
const LARGE_DOCUMENT_DELAY = 3_000; // ms; to write a large one down holds up the page
const LARGE = 50_000; // structs
const LOOK_INTERVAL = 100; // ms

const keepings = new WeakMap<Room, Map<string, Keeping>>();

/** Keep what is changed in a room for the kernels of a place; returns what does. */
export function keep(room: Room, place: string): Keeping {
  const ofRoom = keepings.get(room) ?? new Map<string, Keeping>();
  keepings.set(room, ofRoom);
  const keeping = ofRoom.get(place) ?? new Keeping(room, place);
  ofRoom.set(place, keeping);
  return keeping;
}

export class Keeping {
  readonly #room: Room;
  readonly #place: string;
  readonly #page = getPage().pageId;
  readonly #links = new Set<Link>();
  #store: KeptStore | undefined;
  #failure: string | undefined;
  /** The number of the change that was written last, and of the last one that was forgotten. */
  #written = 0;
  #forgotten = 0;
  #waiting: Uint8Array[] = [];
  #waitingEdits = 0;
  #hasDocument = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was taken back, by page: the number of its last change. */
  #takenBack = new Map<string, number>();
  #isTakingBack = true;

  constructor(room: Room, place: string) {
    this.#room = room;
    this.#place = place;
    room.onChange((update, isEdit) => this.#note(update, isEdit));
    room.onSaving(() => this.#forget());
    globalThis.addEventListener?.('pagehide', () => this.#write());
    void this.#begin();
  }

  /** Why nothing is kept beyond the page; undefined if it is. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** What is kept is for whoever is at the end of this link. */
  watch(link: Link): void {
    this.#links.add(link);
  }

  // --- Keeping

  /** Whether those that it is kept for have confirmed everything. */
  get #isDone(): boolean {
    const open = this.#room.links.filter((link) => this.#links.has(link));
    return (
      open.length > 0 &&
      open.every((link) => this.#room.status(link) === 'synced' && this.#room.saving(link).isDone)
    );
  }

  #note(update: Uint8Array | undefined, isEdit: boolean): void {
    if (update === undefined) {
      this.#hasDocument = false; // what is changed next may follow on this
      return;
    }
    this.#waitingEdits += isEdit ? 1 : 0;
    if (this.#waiting.push(update) === 1) {
      queueMicrotask(() => this.#write());
    }
  }

  #write(): void {
    if (this.#waiting.length === 0 || this.#store === undefined) {
      return;
    }
    const [updates, edits] = [this.#waiting, this.#waitingEdits];
    [this.#waiting, this.#waitingEdits] = [[], 0];
    if (!this.#isDone) {
      this.#written += 1;
      this.#store.addChange(this.#kept(mergeUpdates(updates), edits));
      if (!this.#hasDocument) {
        const isLarge = structCount(this.#room.doc) > LARGE;
        const delay = isLarge ? LARGE_DOCUMENT_DELAY : DOCUMENT_DELAY;
        this.#timer ??= setTimeout(() => this.#writeDocument(), delay);
      }
    }
  }

  #writeDocument(): void {
    this.#timer = undefined;
    if (this.#written > this.#forgotten) {
      this.#store?.setDocument(this.#kept(Y.encodeStateAsUpdate(this.#room.doc), 0));
      this.#hasDocument = true;
    }
  }

  #kept(update: Uint8Array, edits: number): Kept {
    const { doc, generation } = this.#room;
    return {
      place: this.#place,
      page: this.#page,
      number: this.#written,
      generation: [generation.number, generation.id],
      client: doc.clientID,
      edits,
      at: Date.now(),
      update,
    };
  }

  #forget(): void {
    const isNothing = this.#written === this.#forgotten && this.#takenBack.size === 0;
    if (isNothing || this.#isTakingBack || !this.#isDone) {
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hasDocument = false;
    this.#forgotten = this.#written;
    for (const [page, number] of [...this.#takenBack, [this.#page, this.#written] as const]) {
      this.#store?.forget(this.#place, page, number);
    }
    this.#takenBack.clear();
  }

  // --- Taking back

  async #begin(): Promise<void> {
    try {
      this.#store = await KeptStore.open((error) => this.#fail(error));
      this.#write();
      await this.#takeBackAll(this.#store);
    } catch (error) {
      this.#fail(error);
    }
    this.#isTakingBack = false;
    this.#forget();
  }

  #fail(error: unknown): void {
    if (this.#failure === undefined) {
      this.#failure = String((error as Error | null)?.message || error || 'it was aborted');
      console.warn(
        `tinybase-widget: this browser does not keep edits beyond the page (${this.#failure}).`,
      );
    }
  }

  async #takeBackAll(store: KeptStore): Promise<void> {
    const pages = new Map<string, Kept[]>();
    for (const change of await store.changes(this.#place)) {
      pages.set(change.page, [...(pages.get(change.page) ?? []), change]);
    }
    pages.delete(this.#page);
    for (const [page, left] of pages) {
      await this.#until(() => this.#isAnswered);
      try {
        await takeBack(this.#room, left, () => store.document(this.#place, page));
        this.#takenBack.set(page, left.at(-1)?.number ?? 0);
        this.#room.recall(left.reduce((sum, { edits }) => sum + edits, 0));
      } catch (error) {
        console.warn(`Room "${this.#room.name}": edits that this browser has kept`, error);
      }
    }
  }

  /** Whether one of those that it is kept for has given what this page lacked. */
  get #isAnswered(): boolean {
    return this.#room.links.some(
      (link) => this.#links.has(link) && this.#room.status(link) === 'synced',
    );
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    }
  }
}

function structCount(doc: Y.Doc): number {
  let count = 0;
  for (const structs of doc.store.clients.values()) {
    count += structs.length;
  }
  return count;
}
