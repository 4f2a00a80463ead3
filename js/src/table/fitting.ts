/**
 * Leaves words out of the toolbar, the least needed ones first, until all of it has room; at last it has
 * more lines.
 *
 * How much room there is depends on the table's width, on its name, on who is there and on what the
 * connection has to say, so it is measured; with the next frame, since others may still be changing it.
 */

/** What is left out, more with each step; the style sheets know these words. */
const STEPS: readonly string[] = [
  '',
  'delete',
  'delete add',
  'delete add words',
  'delete add words search',
  'delete add words search wrap',
];

/** Fits a toolbar into its place from now on, until the signal says that it is gone. */
export function fitToolbar(toolbar: HTMLElement, signal: AbortSignal): void {
  if (typeof ResizeObserver === 'undefined') return;
  let frame = 0;
  const fitSoon = (): void => {
    frame ||= requestAnimationFrame(fit);
  };
  const seen = new Set<Element>();
  const resizes = new ResizeObserver(fitSoon);
  const fit = (): void => {
    frame = 0;
    for (const part of [toolbar, ...toolbar.children]) {
      if (!seen.has(part)) resizes.observe(part);
      seen.add(part);
    }
    for (const step of STEPS) {
      toolbar.dataset.tight = step;
      if (toolbar.scrollWidth <= toolbar.clientWidth) return;
    }
  };
  const additions = new MutationObserver(fitSoon);
  additions.observe(toolbar, { childList: true });
  fitSoon();
  signal.addEventListener('abort', () => {
    cancelAnimationFrame(frame);
    additions.disconnect();
    resizes.disconnect();
  });
}
