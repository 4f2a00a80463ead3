/** A kernel that may be busy, restarted or gone, and a browser whose pages are loaded again. */
import { CommLink } from '../../src/sync/comm_link.ts';
import { decodeNamedFrame } from '../../src/sync/frames.ts';
import { type Keeping, keep } from '../../src/sync/keeping.ts';
import type { Link, LinkEvents, Sender } from '../../src/sync/link.ts';
import { getPage } from '../../src/sync/page.ts';
import { Room } from '../../src/sync/room.ts';
import { FakeModel } from '../widget_fake_model.ts';

/** Wait until a condition holds. */
export async function until(condition: () => unknown, what = String(condition)): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`it never came to ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A kernel with a room: it takes messages while it is not busy, and says what it has taken. */
export class Kernel implements Link {
  readonly name = 'pages';
  events: LinkEvents | null = null;
  room = new Room('zoo');
  readonly #models = new Set<FakeModel>();
  #isBusy = false;
  #queue: (() => void)[] = [];

  constructor(readonly rows: Record<string, Record<string, string | number>> = {}) {
    this.#runCells();
  }

  #runCells(): void {
    this.room.store.setTable('pets', this.rows);
    this.room.addLink(this);
  }

  /** Be busy, or no longer. */
  set isBusy(isBusy: boolean) {
    this.#isBusy = isBusy;
    for (const take of isBusy ? [] : this.#queue.splice(0)) take();
  }

  /** Start again, and run the cells again. */
  restart(): void {
    this.room.destroy();
    this.#queue = [];
    this.#isBusy = false;
    this.#models.clear();
    this.room = new Room('zoo');
    this.#runCells();
  }

  connect(model: FakeModel): void {
    this.#models.add(model);
    model.onsend = ({ content, buffers }) => {
      const take = () => this.#models.has(model) && this.#take(model, content, buffers);
      this.#isBusy ? this.#queue.push(take) : queueMicrotask(take);
    };
  }

  disconnect(model: FakeModel): void {
    this.#models.delete(model);
  }

  #take(model: FakeModel, content: Record<string, unknown>, frames: readonly Uint8Array[]): void {
    const answer = (answers: readonly Uint8Array[], more = {}) =>
      model.receive({ kind: 'frames', v: 1, peer: 'kernel', ...more }, ...answers);
    const sender: Sender = { name: 'page', send: (answers) => answer(answers) };
    this.events?.onframes(frames, sender);
    const isHello = frames.some((bytes) => decodeNamedFrame(bytes).frame?.kind === 'step1');
    if (isHello) answer(this.room.greeting());
    if (typeof content.seq === 'number') answer([], { got: content.seq });
  }

  hello(greeting: readonly Uint8Array[]): void {
    this.send(greeting);
  }

  send(frames: readonly Uint8Array[]): void {
    for (const model of this.#models)
      model.receive({ kind: 'frames', v: 1, peer: 'kernel' }, ...frames);
  }

  close(): void {}
}

/** A page that shows a kernel's room. */
export class OpenPage {
  readonly room = new Room('zoo');
  readonly model = new FakeModel();
  readonly link: CommLink;
  readonly keeping: Keeping;

  constructor(
    readonly kernel: Kernel,
    place = 'place',
  ) {
    delete (globalThis as Record<symbol, unknown>)[Symbol.for('tinybase-widget/1')];
    this.link = new CommLink('kernel', getPage().pageId);
    this.keeping = keep(this.room, place);
    this.keeping.watch(this.link);
    this.link.attach(this.model.any);
    kernel.connect(this.model);
    this.room.addLink(this.link);
  }

  get table(): unknown {
    return this.room.store.getTable('pets');
  }

  edit(row: string, cell: string, content: string | number): void {
    this.room.store.setCell('pets', row, cell, content);
  }

  async isSynced(): Promise<this> {
    await until(
      () => this.room.status(this.link) === 'synced' && this.room.saving(this.link).isDone,
      'synced',
    );
    return this;
  }

  /** Wait until what was edited is in the browser's database. */
  async hasKept(): Promise<void> {
    await until(async () => (await contents()).changes.some(({ page }) => page), 'kept');
  }

  /** Close the page: nothing more is heard of it. */
  close(): void {
    this.kernel.disconnect(this.model);
    this.model.onsend = () => undefined;
    this.room.destroy();
  }
}

/** Return all that the browser keeps. */
export async function contents(): Promise<{
  changes: { page: string; at: number }[];
  documents: object[];
}> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('tinybase-widget');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    const transaction = db.transaction(['changes', 'documents']);
    const all = (name: string) =>
      // biome-ignore lint/suspicious/noExplicitAny: what is kept has a form of its own
      new Promise<any[]>((resolve) => {
        const request = transaction.objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
      });
    return { changes: await all('changes'), documents: await all('documents') };
  } finally {
    db.close();
  }
}
