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
  let frame = 0;
  const fit = (): void => {
    frame = 0;
    for (const step of STEPS) {
      toolbar.dataset.tight = step;
      if (toolbar.scrollWidth <= toolbar.clientWidth) return;
    }
  };
  const fitSoon = (): void => {
    frame ||= requestAnimationFrame(fit);
  };
  const mutations = new MutationObserver(fitSoon);
  mutations.observe(toolbar, {
    attributeFilter: ['hidden', 'data-state'],
    characterData: true,
    childList: true,
    subtree: true,
  });
  const resizes = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(fitSoon);
  resizes?.observe(toolbar);
  signal.addEventListener('abort', () => {
    cancelAnimationFrame(frame);
    mutations.disconnect();
    resizes?.disconnect();
  });
}
