// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { encodeFrame } from '../src/sync/frames.ts';
import { getPage } from '../src/sync/page.ts';
import type { TableOptions } from '../src/table/index.ts';
import { renderTable } from '../src/widget.ts';
import { eventually } from './waiting.ts';
import { FakeModel } from './widget_fake_model.ts';

const mounted = vi.hoisted(() => [] as unknown[]);

vi.mock('../src/table/index.ts', async () => {
  const standIn = await import('./widget_stand_in_table.ts');
  return {
    mountTable: (host: HTMLElement, options: TableOptions) => {
      mounted.push(options);
      return standIn.mountTable(host, options);
    },
  };
});

const answer = { kind: 'frames', v: 1, peer: 'kernel-1' };
const emptyStep2 = () => encodeFrame('step2', Y.encodeStateAsUpdate(new Y.Doc()));
let el: HTMLElement;
let cleanUps: (() => void)[] = [];

function render(model: FakeModel, into = el): () => void {
  const cleanUp = renderTable({ model: model.any, el: into });
  cleanUps.push(cleanUp);
  return cleanUp;
}

function lastOptions(): TableOptions {
  return mounted.at(-1) as TableOptions;
}

beforeEach(() => {
  el = document.createElement('div');
  el.textContent = 'the snapshot';
  document.body.append(el);
});

afterEach(() => {
  for (const cleanUp of cleanUps) {
    cleanUp();
  }
  cleanUps = [];
  mounted.length = 0;
  const { rooms } = getPage();
  for (const room of rooms.values()) {
    room.destroy();
  }
  rooms.clear();
  el.remove();
});

describe('a live table', () => {
  test('keeps what is shown until the kernel answers', () => {
    const model = new FakeModel();
    render(model);
    expect(el.textContent).toBe('the snapshot');
    expect(el.dataset.tinybaseState).toBe('connecting');
    model.receive(answer, emptyStep2());
    expect(el.textContent).toBe('{}');
    expect(el.dataset.tinybaseState).toBe('synced');
  });

  test('is drawn at once where the page has the table already', () => {
    const first = new FakeModel();
    render(first);
    first.receive(answer, emptyStep2());
    getPage().rooms.get('zoo')?.store.setCell('pets', 'fido', 'legs', 4);
    const other = document.createElement('div');
    render(new FakeModel({ _peer: 'kernel-2' }), other);
    expect(other.textContent).toContain('fido');
    expect(other.dataset.tinybaseState).toBe('connecting');
  });

  test('appears when the table comes from elsewhere before its kernel answers', async () => {
    render(new FakeModel());
    getPage().rooms.get('zoo')?.store.setCell('pets', 'fido', 'legs', 4);
    await eventually(() => expect(el.textContent).toContain('fido'));
  });

  test('gets the room, the traits and the status', () => {
    const model = new FakeModel({ columns: ['a'], read_only: true, _column_widths: { a: 90 } });
    render(model);
    model.receive(answer, emptyStep2());
    const room = getPage().rooms.get('zoo');
    expect(lastOptions()).toMatchObject({
      tableId: 'pets',
      columns: ['a'],
      columnWidths: { a: 90 },
      height: 300,
      readOnly: true,
      status: { state: 'synced' },
    });
    expect(lastOptions().store).toBe(room?.store);
    expect(lastOptions().newRowId()).toContain(`-${room?.doc.clientID.toString(36)}`);
  });

  test('shows what arrives', () => {
    const model = new FakeModel();
    render(model);
    model.receive(answer, emptyStep2());
    getPage().rooms.get('zoo')?.store.setCell('pets', 'fido', 'legs', 4);
    expect(el.textContent).toBe('{"fido":{"legs":4}}');
  });

  test('follows the traits', () => {
    const model = new FakeModel();
    render(model);
    model.receive(answer, emptyStep2());
    getPage().rooms.get('zoo')?.store.setCell('cats', 'felix', 'legs', 4);
    model.set('_table', 'cats');
    expect(el.textContent).toContain('felix');
  });

  test('saves column widths, and survives that it can not', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const model = new FakeModel();
    render(model);
    model.receive(answer, emptyStep2());
    lastOptions().onColumnWidths?.({ legs: 77 });
    expect(model.get('_column_widths')).toEqual({ legs: 77 });
    expect(model.saves).toBe(1);
    model.save_changes = () => {
      throw new Error('no kernel');
    };
    lastOptions().onColumnWidths?.({ legs: 78 });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('is offline when its kernel is gone, and still there', () => {
    const model = new FakeModel();
    render(model);
    model.receive(answer, emptyStep2());
    model.onsend = () => {
      throw new Error('Cannot send');
    };
    model.emit('comm_live_update');
    expect(el.dataset.tinybaseState).toBe('offline');
    expect((el.firstElementChild as HTMLElement).dataset.state).toBe('offline');
  });

  test('says of a server beyond the kernel what the kernel tells, until all is well again', () => {
    const _server = { state: 'offline', text: 'Offline – 3 edits waiting', title: 'why' } as const;
    const model = new FakeModel({ _server });
    render(model);
    model.receive(answer, emptyStep2());
    expect(lastOptions().status).toEqual(_server);
    model.set('_server', null);
    expect((el.firstElementChild as HTMLElement).dataset.state).toBe('synced');
  });

  test('says bye and is taken away, and the room stays', () => {
    const model = new FakeModel();
    const cleanUp = render(model);
    model.receive(answer, emptyStep2());
    cleanUp();
    expect(model.kinds.at(-1)).toBe('bye');
    expect(model.handlerCount).toBe(0);
    expect(el.childElementCount).toBe(0);
    expect(getPage().rooms.has('zoo')).toBe(true);
  });
});
