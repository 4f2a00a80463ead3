// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import loader from '../src/loader.ts';
import { getPage } from '../src/sync/page.ts';
import { eventually } from './waiting.ts';
import { FakeModel } from './widget_fake_model.ts';

const runtime = { kind: 'runtime', v: 1, hash: 'abc' };
const renderTable = vi.fn();
const goodBundle = 'data:text/javascript,export const renderTable = globalThis.fakeRenderTable;';
let bundle = goodBundle;
let elements: HTMLElement[] = [];
let cleanUps: (() => void)[] = [];

function render(model: FakeModel, isConnected = true): HTMLElement {
  const el = document.createElement('div');
  elements.push(el);
  if (isConnected) {
    document.body.append(el);
  }
  cleanUps.push(loader.render({ model: model.any, el }));
  return el;
}

function sendRuntime(model: FakeModel): void {
  model.receive(runtime, new TextEncoder().encode('the bundle'));
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  (globalThis as { fakeRenderTable?: unknown }).fakeRenderTable = renderTable;
  renderTable.mockReset().mockReturnValue(() => undefined);
  URL.createObjectURL = () => bundle;
  URL.revokeObjectURL = () => undefined;
  bundle = goodBundle;
  Object.assign(getPage(), { runtime: null, importing: false, askedAt: 0 });
  getPage().waiting.clear();
});

afterEach(() => {
  for (const cleanUp of cleanUps) {
    cleanUp();
  }
  for (const el of elements) {
    el.remove();
  }
  cleanUps = [];
  elements = [];
  vi.useRealTimers();
});

describe('the loader', () => {
  test('shows the snapshot, and follows it', () => {
    const model = new FakeModel();
    const el = render(model);
    expect(el.querySelector('td')?.textContent).toBe('saved');
    expect(el.dataset.tinybaseState).toBe('snapshot');
    model.set('_snapshot', '<table><tr><td>newer</td></tr></table>');
    expect(el.querySelector('td')?.textContent).toBe('newer');
    model.set('_snapshot_edit', [15, 20, 'edited']);
    expect(el.querySelector('td')?.textContent).toBe('edited');
  });

  test('gives the snapshot the look of a table, with numbers at the right', () => {
    const cells = '<th scope="row">0</th><td>Adelie</td><td>1,234.5</td>';
    const html = `<table><caption>pets: 1 row</caption><thead><tr><th scope="col"></th>
      <th scope="col">species</th><th scope="col">mass</th></tr></thead>
      <tbody><tr>${cells}</tr></tbody></table>`;
    const el = render(new FakeModel({ _snapshot: html }));
    const aligned = [...el.querySelectorAll<HTMLElement>('th, td')].map(
      ({ style }) => style.textAlign,
    );
    expect(aligned).toEqual(['right', 'start', 'right', 'right', 'start', 'right']);
    expect(el.querySelector('table')?.style.borderCollapse).toBe('collapse');
  });

  test('asks at once, after a second, and then less and less often', () => {
    const model = new FakeModel();
    render(model);
    expect(model.sent.map(({ content }) => content)).toEqual([{ kind: 'runtime?', v: 1 }]);
    const counts = [1, 2, 4, 8, 10, 10].map((seconds) => {
      vi.advanceTimersByTime(seconds * 1000);
      return model.sent.length;
    });
    expect(counts).toEqual([2, 3, 4, 5, 6, 7]);
  });

  test('hands over when the runtime comes', async () => {
    const model = new FakeModel();
    const el = render(model);
    sendRuntime(model);
    await eventually(() => expect(renderTable).toHaveBeenCalledWith({ model: model.any, el }));
    vi.advanceTimersByTime(60_000);
    expect(model.kinds).toEqual(['runtime?']);
  });

  test('several widgets share one runtime, whichever kernel sends it', async () => {
    const models = [new FakeModel(), new FakeModel(), new FakeModel()];
    for (const model of models) {
      render(model);
    }
    expect(models.map(({ kinds }) => kinds.length)).toEqual([1, 0, 0]);
    sendRuntime(models[1] as FakeModel);
    await eventually(() => expect(renderTable).toHaveBeenCalledTimes(3));
    render(new FakeModel());
    expect(renderTable).toHaveBeenCalledTimes(4);
  });

  test('a widget whose kernel is dead does not keep the others from asking', () => {
    const [dead, alive] = [new FakeModel(), new FakeModel()];
    dead.onsend = () => {
      throw new Error('Cannot send');
    };
    render(dead);
    render(alive);
    expect(alive.kinds).toEqual(['runtime?']);
  });

  test('a widget whose kernel is silent does not keep the others from asking for long', () => {
    const [silent, alive] = [new FakeModel(), new FakeModel()];
    render(silent);
    render(alive);
    vi.advanceTimersByTime(5_000);
    expect(alive.kinds.length).toBeGreaterThan(0);
  });

  test('says so where the code can not be loaded, keeps the snapshot, and tries again', async () => {
    bundle = 'data:text/javascript,throw new Error("blocked")';
    const model = new FakeModel();
    const el = render(model);
    sendRuntime(model);
    await eventually(() => expect(el.dataset.tinybaseState).toBe('failed'));
    expect(el.querySelector('td')?.textContent).toBe('saved');
    expect(el.querySelector('[role=alert]')?.textContent).toContain('blocked');
    bundle = goodBundle;
    vi.advanceTimersByTime(60_000);
    expect(model.kinds.length).toBeGreaterThan(1);
    sendRuntime(model);
    await eventually(() => expect(renderTable).toHaveBeenCalledTimes(1));
  });

  test('in an element outside the page it waits until it is inside', () => {
    getPage().runtime = { renderTable };
    const el = render(new FakeModel(), false);
    vi.advanceTimersByTime(1_000);
    expect(renderTable).not.toHaveBeenCalled();
    document.body.append(el);
    vi.advanceTimersByTime(1_000);
    expect(renderTable).toHaveBeenCalledTimes(1);
  });

  test('cleans up what it has mounted', () => {
    const unmount = vi.fn();
    renderTable.mockReturnValue(unmount);
    getPage().runtime = { renderTable };
    render(new FakeModel());
    cleanUps.pop()?.();
    expect(unmount).toHaveBeenCalledTimes(1);
  });

  test('a widget that is closed before the runtime comes asks no more', () => {
    const model = new FakeModel();
    render(model);
    cleanUps.pop()?.();
    vi.advanceTimersByTime(60_000);
    expect(model.sent).toHaveLength(1);
    expect(getPage().waiting.size).toBe(0);
  });
});
