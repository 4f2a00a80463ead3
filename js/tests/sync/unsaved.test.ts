/** What a kernel has confirmed of the edits of a page: exactly that many wait. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { CommLink } from '../../src/sync/comm_link.ts';
import { decodeNamedFrame, encodeFrame } from '../../src/sync/frames.ts';
import { Room } from '../../src/sync/room.ts';
import { FakeModel } from '../widget_fake_model.ts';
import { settle } from './helpers.ts';

/** A kernel that takes messages when it is told to, and confirms them. */
class SlowKernel {
  readonly doc = new Y.Doc();
  readonly model = new FakeModel();
  readonly room = new Room('zoo');
  readonly link = new CommLink('kernel-1', 'page');
  waiting: { content: Record<string, unknown>; buffers: readonly Uint8Array[] }[] = [];

  constructor() {
    this.model.onsend = ({ content, buffers }) =>
      this.waiting.push({ content: content as Record<string, unknown>, buffers });
    this.link.attach(this.model.any);
    this.room.addLink(this.link);
  }

  edit(...cells: string[]): void {
    for (const cell of cells) this.room.store.setCell('t', 'r', cell, 1);
    this.room.flush();
  }

  get edits(): number {
    return this.room.saving(this.link).edits;
  }

  /** Lose what waits. */
  lose(): void {
    this.waiting = [];
  }

  /** Take the first of what waits, or all, and what comes of it. */
  async take(count = Number.POSITIVE_INFINITY): Promise<void> {
    for (let at = 0; at < count && this.waiting.length > 0; at++) {
      const { content, buffers } = this.waiting.shift() as (typeof this.waiting)[number];
      const frames: Uint8Array[] = [];
      for (const bytes of buffers) {
        const { frame } = decodeNamedFrame(bytes);
        if (frame?.kind === 'step1') {
          const answer = Y.encodeStateAsUpdate(this.doc, frame.payload);
          frames.push(encodeFrame('step2', answer));
          frames.push(encodeFrame('step1', Y.encodeStateVector(this.doc)));
        } else if (frame && frame.kind !== 'awareness') Y.applyUpdate(this.doc, frame.payload);
      }
      const answer = { kind: 'frames', v: 1, peer: 'kernel-1', to: 'page', got: content.seq };
      this.model.receive(answer, ...frames);
      await settle();
    }
  }
}

let kernel: SlowKernel;
const begin = async (): Promise<void> => {
  kernel = new SlowKernel();
  await kernel.take();
};
afterEach(() => {
  kernel.room.destroy();
  vi.restoreAllMocks();
});

describe('the edits that wait', () => {
  test('are none before there is one', async () => {
    await begin();
    expect(kernel.room.saving(kernel.link)).toEqual({
      edits: 0,
      isDone: true,
      silentSince: undefined,
    });
  });

  test('are counted from the moment they are made until they are confirmed', async () => {
    await begin();
    kernel.edit('a');
    kernel.edit('b', 'c');
    expect(kernel.edits).toBe(3);
    await kernel.take(1);
    expect(kernel.edits).toBe(2);
    await kernel.take();
    expect(kernel.room.saving(kernel.link).isDone).toBe(true);
  });

  test('a transaction of many cells is one, and so are its undo and redo', async () => {
    await begin();
    kernel.room.store.transaction(() => {
      for (const cell of 'abcdef') kernel.room.store.setCell('t', 'r', cell, 1);
    });
    expect(kernel.edits).toBe(1);
    kernel.room.undo();
    expect(kernel.edits).toBe(2);
    kernel.room.redo();
    expect(kernel.edits).toBe(3);
  });

  test('a deletion is one, which no state vector would tell', async () => {
    await begin();
    kernel.edit('a');
    await kernel.take();
    kernel.room.store.delRow('t', 'r');
    kernel.room.flush();
    expect(kernel.edits).toBe(1);
    await kernel.take();
    expect(kernel.edits).toBe(0);
  });

  test('stay counted when they are lost, until all has been compared', async () => {
    await begin();
    kernel.edit('a', 'b');
    kernel.lose();
    kernel.edit('c');
    await kernel.take();
    expect(kernel.edits).toBe(2);
    kernel.link.hello(kernel.room.greeting());
    await kernel.take();
    expect(kernel.edits).toBe(0);
    expect(kernel.doc.getMap('tinybase').toJSON()).toMatchObject({ t: { t: { r: { a: 1 } } } });
  });

  test('are counted while the link is offline, and until the kernel has them', async () => {
    await begin();
    kernel.edit('a');
    kernel.lose();
    kernel.link.events?.onfailure(new Error('gone'));
    kernel.edit('b', 'c');
    expect(kernel.waiting).toEqual([]);
    expect(kernel.edits).toBe(3);
    kernel.link.events?.ongap();
    await kernel.take(1);
    expect(kernel.room.status(kernel.link)).toBe('synced');
    expect(kernel.edits).toBe(3);
    await kernel.take();
    expect(kernel.edits).toBe(0);
  });

  test('an edit made while all is compared waits for its own message', async () => {
    await begin();
    kernel.edit('a');
    kernel.lose();
    kernel.link.hello(kernel.room.greeting());
    await kernel.take(1);
    kernel.edit('b');
    expect(kernel.edits).toBe(2);
    await kernel.take(1);
    expect(kernel.edits).toBe(1);
    await kernel.take();
    expect(kernel.edits).toBe(0);
  });

  test('those made before a kernel came wait until it has all', async () => {
    kernel = new SlowKernel();
    kernel.edit('a', 'b');
    const other = new CommLink('kernel-2', 'page');
    kernel.room.addLink(other);
    expect(kernel.room.saving(other).edits).toBe(2);
    await kernel.take();
    expect(kernel.edits).toBe(0);
  });

  test('a kernel that is linked anew is known to have what it had', async () => {
    await begin();
    kernel.edit('a', 'b');
    await kernel.take();
    kernel.edit('c');
    kernel.lose();
    kernel.room.removeLink(kernel.link);
    kernel.edit('d');
    const again = new CommLink('kernel-1', 'page');
    kernel.room.addLink(again);
    expect(kernel.room.saving(again).edits).toBe(2);
  });

  test('what others edited is none', async () => {
    await begin();
    const theirs = new Room('zoo');
    theirs.store.setCell('t', 'r', 'a', 1);
    const update = encodeFrame('update', Y.encodeStateAsUpdate(theirs.doc));
    kernel.model.receive({ kind: 'frames', v: 1, peer: 'kernel-1', from: 'p' }, update);
    theirs.destroy();
    expect(kernel.room.store.getCell('t', 'r', 'a')).toBe(1);
    expect(kernel.edits).toBe(0);
  });

  test('a confirmation of a message that never was changes nothing', async () => {
    await begin();
    kernel.edit('a');
    for (const got of [999, '1', null, -1])
      kernel.model.receive({ kind: 'frames', v: 1, peer: 'kernel-1', to: 'page', got });
    expect(kernel.edits).toBe(1);
  });

  test('a kernel that owes an answer is silent since then, and any word ends it', async () => {
    await begin();
    kernel.edit('a');
    const { silentSince } = kernel.room.saving(kernel.link);
    expect(silentSince).toBeLessThanOrEqual(performance.now());
    await kernel.take();
    expect(kernel.room.saving(kernel.link).silentSince).toBeUndefined();
  });

  test('who listens is told of each change', async () => {
    await begin();
    const seen: number[] = [];
    kernel.room.onSaving(() => seen.push(kernel.edits));
    kernel.edit('a');
    await kernel.take();
    expect(seen.at(0)).toBe(1);
    expect(seen.at(-1)).toBe(0);
  });
});
