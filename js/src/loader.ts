/**
 * What anywidget evaluates for each widget (`_esm`): shows the snapshot, fetches the runtime, hands over.
 *
 * Every widget has a copy of this text, in the page and in saved notebooks, so it is small. The code
 * that draws the live table, the runtime, is requested from a kernel and imported once for a page:
 *
 *     page → kernel   {kind: "runtime?"}
 *     kernel → page   {kind: "runtime", hash} [the bundle's text]
 *
 * A request waits behind a running cell, so silence does not tell a busy kernel from none: a widget
 * goes on asking, more and more slowly, the first answer on the page wins, and until then the
 * snapshot of the first rows is shown. Without a kernel that is all there is to see.
 */
import type { AnyModel } from '@anywidget/types';
import { getPage, type Page, type Runtime } from './sync/page.ts';
import type { RenderProps } from './widget.ts';

const PROTOCOL_VERSION = 1;
const FIRST_DELAY = 1_000; // ms
const MAX_DELAY = 10_000; // ms
const DELAY_AFTER_FAILURE = 60_000; // ms
const CONNECTED_INTERVAL = 250; // ms

interface RuntimeMessage {
  readonly kind?: unknown;
  readonly v?: unknown;
}

function render({ model, el }: RenderProps): () => void {
  const steps: (() => void)[] = [];
  const cleanUp = () => {
    for (const step of steps.splice(0)) {
      step();
    }
  };
  const { showFailure, stop } = showSnapshot(model, el);
  steps.push(stop);
  const whenReady = (runtime: Runtime) => {
    steps.push(
      whenConnected(el, () => {
        steps.push(runtime.renderTable({ model, el }));
      }),
    );
  };
  const page = getPage();
  if (page.runtime === null) {
    steps.push(requestRuntime(page, model, whenReady, showFailure));
  } else {
    whenReady(page.runtime);
  }
  return cleanUp;
}

/** Show the table that Python wrote; `showFailure` says below it why there is no more to see. */
function showSnapshot(
  model: RenderProps['model'],
  el: HTMLElement,
): { showFailure: (error: unknown) => void; stop: () => void } {
  const snapshot = document.createElement('div');
  snapshot.style.overflow = 'auto';
  snapshot.style.maxHeight = `${model.get('height') ?? 400}px`;
  const fill = () => {
    // The one place where text becomes markup: our Python side escapes every cell of it.
    const html = model.get('_snapshot') ?? '';
    const [start, end, text] = model.get('_snapshot_edit') ?? [];
    snapshot.innerHTML = text === undefined ? html : html.slice(0, start) + text + html.slice(end);
    dress(snapshot);
  };
  fill();
  model.on('change:_snapshot', fill);
  model.on('change:_snapshot_edit', fill);
  el.replaceChildren(snapshot);
  el.dataset.tinybaseState = 'snapshot';
  const showFailure = (error: unknown) => {
    el.dataset.tinybaseState = 'failed';
    const note = document.createElement('p');
    note.setAttribute('role', 'alert');
    note.textContent =
      'The live table could not be started, so these are the rows that were saved with it. ' +
      'If this page has a Content-Security-Policy, it must allow "blob:" in script-src. ' +
      `(${error})`;
    el.replaceChildren(snapshot, note);
  };
  const stop = () => {
    model.off('change:_snapshot', fill);
    model.off('change:_snapshot_edit', fill);
  };
  return { showFailure, stop };
}

const NUMBER = /^-?[\d,.]+(e[+-]?\d+)?%?$/;

/** Give the plain tables the look of the live one, roughly: hosts that style tables style none in a widget. */
function dress(snapshot: HTMLElement): void {
  const font = 'var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif))';
  snapshot.style.font = `13px / 1.4 ${font}`;
  for (const table of snapshot.querySelectorAll('table')) {
    Object.assign(table.style, { borderCollapse: 'collapse', whiteSpace: 'nowrap' });
    if (table.caption) {
      Object.assign(table.caption.style, { textAlign: 'start', padding: '4px 10px 6px' });
    }
    const first = [...(table.tBodies[0]?.rows[0]?.cells ?? [])];
    const isNumber = first.map(({ textContent }) => NUMBER.test(textContent ?? ''));
    for (const cell of table.querySelectorAll<HTMLTableCellElement>('th, td')) {
      Object.assign(cell.style, {
        padding: '4px 10px',
        borderBottom: '1px solid rgb(127 127 127 / 30%)',
        fontWeight: cell.scope === 'col' ? '600' : '400',
        textAlign: isNumber[cell.cellIndex] ? 'right' : 'start',
      });
    }
  }
}

/** Call back once, as soon as the element is in the page; returns the function that gives up. */
function whenConnected(el: HTMLElement, callback: () => void): () => void {
  if (el.isConnected) {
    callback();
    return () => undefined;
  }
  const look = () => {
    if (el.isConnected) {
      stop();
      callback();
    }
  };
  // The observer notices at once where the page is shown, the timer also where it is not.
  const timer = setInterval(look, CONNECTED_INTERVAL);
  const observer = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(look);
  observer?.observe(el);
  const stop = () => {
    clearInterval(timer);
    observer?.disconnect();
  };
  return stop;
}

/** Ask this widget's kernel for the runtime until the page has it; returns the function that stops. */
function requestRuntime(
  page: Page,
  model: AnyModel,
  ready: (runtime: Runtime) => void,
  failed: (error: unknown) => void,
): () => void {
  let delay = FIRST_DELAY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    const sinceAsked = Date.now() - page.askedAt;
    if (sinceAsked < FIRST_DELAY) {
      // Another widget of the page has just asked. It may ask in vain, so wait no longer than needed.
      timer = setTimeout(ask, FIRST_DELAY - sinceAsked);
      return;
    }
    if (!page.importing) {
      sendRequest(page, model);
    }
    timer = setTimeout(ask, delay);
    delay = Math.min(delay * 2, MAX_DELAY);
  };
  const onMessage = (message: RuntimeMessage, buffers: readonly BlobPart[]) => {
    const isRuntime = message?.kind === 'runtime' && message.v === PROTOCOL_VERSION;
    if (isRuntime && buffers?.[0] !== undefined) {
      void importRuntime(page, buffers[0]);
    }
  };
  const waiter = {
    ready: (runtime: Runtime) => {
      stop();
      ready(runtime);
    },
    failed: (error: unknown) => {
      clearTimeout(timer);
      timer = setTimeout(ask, DELAY_AFTER_FAILURE);
      failed(error);
    },
  };
  const stop = () => {
    clearTimeout(timer);
    model.off('msg:custom', onMessage);
    page.waiting.delete(waiter);
  };
  page.waiting.add(waiter);
  model.on('msg:custom', onMessage);
  ask();
  return stop;
}

function sendRequest(page: Page, model: AnyModel): void {
  page.askedAt = Date.now();
  const onFailure = () => {
    page.askedAt = 0; // nobody was asked: the next widget need not wait
  };
  try {
    const sent: unknown = model.send({ kind: 'runtime?', v: PROTOCOL_VERSION });
    if (sent instanceof Promise) {
      sent.catch(onFailure);
    }
  } catch {
    onFailure();
  }
}

async function importRuntime(page: Page, bundle: BlobPart): Promise<void> {
  if (page.runtime !== null || page.importing) {
    return;
  }
  page.importing = true;
  const url = URL.createObjectURL(new Blob([bundle], { type: 'text/javascript' }));
  try {
    const runtime: Runtime = await import(url);
    page.runtime = runtime;
    for (const waiter of [...page.waiting]) {
      waiter.ready(runtime);
    }
  } catch (error) {
    for (const waiter of [...page.waiting]) {
      waiter.failed(error);
    }
  } finally {
    page.importing = false;
    URL.revokeObjectURL(url);
  }
}

export default { render };
