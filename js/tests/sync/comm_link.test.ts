import { createStore } from 'tinybase/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { decodeNamedFrame, encodeFrame } from '../../src/sync/frames.ts';
import { getPage } from '../../src/sync/page.ts';
import { joinByComm } from '../../src/sync/page_rooms.ts';
import { Room } from '../../src/sync/room.ts';
import { eventually } from '../waiting.ts';
import { FakeModel } from '../widget_fake_model.ts';
import { settle } from './helpers.ts';

const { pageId } = getPage();
let rooms: Room[] = [];

function makeRoom(): Room {
  const room = new Room('zoo');
  rooms.push(room);
  return room;
}

/** A kernel's side of the link, as far as a test needs it. */
class FakeKernel {
  readonly doc = new Y.Doc();
  readonly store = createStore();

  constructor() {
    new StoreBinding(this.store, this.doc);
  }

  /** Answer the messages of a model from now on. */
  serve(model: FakeModel): void {
    model.onsend = ({ content, buffers }) => {
      for (const bytes of buffers) {
        const { frame: { kind, payload } = {} } = decodeNamedFrame(bytes);
        if (payload === undefined) {
          continue;
        }
        if (kind === 'step1') {
          const step2 = encodeFrame('step2', Y.encodeStateAsUpdate(this.doc, payload));
          const step1 = encodeFrame('step1', Y.encodeStateVector(this.doc));
          const answer = { kind: 'frames', v: 1, peer: 'kernel-1', to: content.page };
          queueMicrotask(() => model.receive(answer, step2, step1));
        } else {
          Y.applyUpdate(this.doc, payload);
        }
      }
    };
  }
}

afterEach(() => {
  for (const room of rooms) {
    room.destroy();
  }
  rooms = [];
  vi.restoreAllMocks();
});

describe('the comm link', () => {
  test('says hello when it opens, with page, version, generation and a step 1', () => {
    const model = new FakeModel();
    joinByComm(makeRoom(), 'kernel-1', model.any);
    expect(model.sent[0]?.content).toEqual({
      kind: 'hello',
      page: pageId,
      v: 1,
      parts: true,
      rows: true,
      deleted: true,
    });
    expect(model.sent[0]?.buffers.map(decodeNamedFrame)).toMatchObject([
      { generation: { number: 0, id: 0 }, frame: undefined },
      { generation: undefined, frame: { kind: 'step1' } },
    ]);
  });

  test('page and kernel unite what they had', async () => {
    const [room, model, kernel] = [makeRoom(), new FakeModel(), new FakeKernel()];
    room.store.setCell('t', 'page', 'x', 1);
    kernel.store.setCell('t', 'kernel', 'x', 2);
    kernel.serve(model);
    const { link } = joinByComm(room, 'kernel-1', model.any);
    await settle();
    expect(room.status(link)).toBe('synced');
    expect(room.store.getTables()).toEqual({ t: { page: { x: 1 }, kernel: { x: 2 } } });
    expect(kernel.store.getTables()).toEqual(room.store.getTables());
  });

  test('sends every frame in a buffer of its own size', async () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    joinByComm(room, 'kernel-1', model.any);
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    for (const bytes of model.sent.flatMap(({ buffers }) => buffers)) {
      expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    }
  });

  test('sends what is large in several messages', () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    const { link } = joinByComm(room, 'kernel-1', model.any);
    model.sent.length = 0;
    link.send([3_000_000, 900_000, 900_000, 9_000_000, 1].map((size) => new Uint8Array(size)));
    const sizes = model.sent.map(({ buffers }) => buffers.map(({ length }) => length));
    expect(sizes).toEqual([[3_000_000, 900_000], [900_000], [9_000_000], [1]]);
  });

  test('asks at once for what it missed when the connection to the kernel is back', () => {
    const slots = new Set<(kernel: unknown, status: unknown) => void>();
    const connectionStatusChanged = {
      connect: (slot: (kernel: unknown, status: unknown) => void) => slots.add(slot),
      disconnect: (slot: (kernel: unknown, status: unknown) => void) => slots.delete(slot),
    };
    const widget_manager = { kernel: { connectionStatusChanged } };
    const [first, second] = [new FakeModel(), new FakeModel()];
    const room = makeRoom();
    const seats = [first, second].map((model) =>
      joinByComm(room, 'kernel-1', Object.assign(model, { widget_manager }).any),
    );
    first.sent.length = second.sent.length = 0;
    const tell = (status: string) => {
      for (const slot of slots) slot({}, status);
    };
    tell('connecting');
    expect(first.sent).toEqual([]);
    tell('connected');
    expect(first.sent.map(({ content }) => content.kind)).toEqual(['hello']);
    expect(second.sent).toEqual([]); // they are one link
    for (const seat of seats) seat.leave();
    expect(slots.size).toBe(0);
  });

  test('what is for another page is not read', () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    const { link } = joinByComm(room, 'kernel-1', model.any);
    const step2 = encodeFrame('step2', Y.encodeStateAsUpdate(new Y.Doc()));
    model.receive({ kind: 'frames', v: 1, peer: 'kernel-1', to: 'another' }, step2);
    expect(room.status(link)).toBe('connecting');
    model.receive({ kind: 'frames', v: 1, peer: 'kernel-1' }, step2);
    expect(room.status(link)).toBe('synced');
  });

  test('what this page itself has sent is not read', () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    const { link } = joinByComm(room, 'kernel-1', model.any);
    const page = model.sent[0]?.content.page;
    const step2 = encodeFrame('step2', Y.encodeStateAsUpdate(new Y.Doc()));
    model.receive({ kind: 'frames', v: 1, peer: 'kernel-1', from: page }, step2);
    expect(room.status(link)).toBe('connecting');
    model.receive({ kind: 'frames', v: 1, peer: 'kernel-1', from: 'another' }, step2);
    expect(room.status(link)).toBe('synced');
  });

  test('unknown kinds and versions are ignored with one warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const model = new FakeModel();
    joinByComm(makeRoom(), 'kernel-1', model.any);
    model.receive({ kind: 'later', v: 1 });
    model.receive({ kind: 'frames', v: 2, peer: 'kernel-1' });
    model.receive(null);
    model.receive({ kind: 'runtime', v: 1 });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test.each([
    [
      'at once',
      () => {
        throw new Error('Cannot send');
      },
    ],
    ['later', () => Promise.reject(new Error('Cannot send'))],
  ])('a send that fails %s makes it offline', async (_, onsend) => {
    const [room, model] = [makeRoom(), new FakeModel()];
    const { link } = joinByComm(room, 'kernel-1', model.any);
    model.onsend = onsend;
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    expect(room.status(link)).toBe('offline');
  });

  test('when the comm may be dead it is offline until the kernel answers', async () => {
    const [room, model, kernel] = [makeRoom(), new FakeModel(), new FakeKernel()];
    kernel.serve(model);
    const { link } = joinByComm(room, 'kernel-1', model.any);
    await settle();
    model.emit('comm_live_update');
    expect(room.status(link)).toBe('offline');
    await settle();
    expect(room.status(link)).toBe('synced');
  });

  test('what changed while it was offline arrives afterwards', async () => {
    const [room, model, kernel] = [makeRoom(), new FakeModel(), new FakeKernel()];
    const { link } = joinByComm(room, 'kernel-1', model.any);
    model.onsend = () => Promise.reject(new Error('gone'));
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    room.store.setCell('t', 'r', 'y', 2);
    kernel.serve(model);
    link.events?.ongap();
    await settle();
    expect(kernel.store.getRow('t', 'r')).toEqual({ x: 1, y: 2 });
  });
});

describe('several views of one kernel', () => {
  test('share one link, and only the first speaks', async () => {
    const room = makeRoom();
    const [first, second] = [new FakeModel(), new FakeModel()];
    const seats = [first, second].map((model) => joinByComm(room, 'kernel-1', model.any));
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    expect(seats[0]?.link).toBe(seats[1]?.link);
    expect(second.sent).toEqual([]);
  });

  test('the second takes over with a hello when the first closes, which says bye', () => {
    const room = makeRoom();
    const [first, second] = [new FakeModel(), new FakeModel()];
    const seat = joinByComm(room, 'kernel-1', first.any);
    joinByComm(room, 'kernel-1', second.any);
    first.onsend = ({ content }) => {
      expect(content.kind === 'bye' && second.kinds.includes('hello')).toBe(false);
    };
    seat.leave();
    expect(first.kinds.at(-1)).toBe('bye');
    expect(second.kinds.at(-1)).toBe('hello');
    expect(first.handlerCount).toBe(0);
  });

  test('the second speaks when the first fails', async () => {
    const room = makeRoom();
    const [first, second] = [new FakeModel(), new FakeModel()];
    const { link } = joinByComm(room, 'kernel-1', first.any);
    joinByComm(room, 'kernel-1', second.any);
    first.onsend = () => {
      throw new Error('Cannot send');
    };
    room.store.setCell('t', 'r', 'x', 1);
    await settle();
    expect(second.kinds).toContain('frames');
    expect(room.status(link)).toBe('connecting');
  });

  test('a view that stood by leaves without a word', () => {
    const room = makeRoom();
    const [first, second] = [new FakeModel(), new FakeModel()];
    joinByComm(room, 'kernel-1', first.any);
    joinByComm(room, 'kernel-1', second.any).leave();
    expect(second.sent).toEqual([]);
    expect(room.links).toHaveLength(1);
  });

  test('with the last one the link closes, and the room keeps what it has', () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    room.store.setCell('t', 'r', 'x', 1);
    const seat = joinByComm(room, 'kernel-1', model.any);
    seat.leave();
    seat.leave();
    expect(model.kinds).toEqual(['hello', 'bye']);
    expect(room.links).toEqual([]);
    expect(room.store.getCell('t', 'r', 'x')).toBe(1);
  });

  test('two views may share one model object', () => {
    const [room, model] = [makeRoom(), new FakeModel()];
    const seats = [
      joinByComm(room, 'kernel-1', model.any),
      joinByComm(room, 'kernel-1', model.any),
    ];
    seats[0]?.leave();
    expect(room.links).toHaveLength(1);
    seats[1]?.leave();
    expect(model.handlerCount).toBe(0);
  });

  test('kernels that show one room on one page share it', async () => {
    const room = makeRoom();
    const kernels = ['kernel-1', 'kernel-2'].map((peer) => {
      const [kernel, model] = [new FakeKernel(), new FakeModel({ _peer: peer })];
      kernel.serve(model);
      joinByComm(room, peer, model.any);
      return kernel;
    });
    await settle();
    kernels[0]?.store.setCell('t', 'r', 'x', 1);
    for (const link of room.links) {
      link.hello(room.greeting());
    }
    await eventually(() => expect(kernels[1]?.store.getCell('t', 'r', 'x')).toBe(1));
  });
});
