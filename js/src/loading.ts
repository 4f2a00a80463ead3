/**
 * A bar below the snapshot while the table's rows are on their way from the kernel.
 *
 * How much is still to come nobody knows before it is there, and a large document is taken in at one go; so it
 * only says that it is loading. It moves by a transform, which a browser goes on with while the page is busy.
 */
const DELAY = 250; // ms: what is there sooner needs no bar
const ROUND = 1400; // ms

/** Show the bar soon, until what this returns is called. */
export function showLoading(el: HTMLElement): () => void {
  const bar = document.createElement('div');
  bar.dataset.tinybaseLoading = '';
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-label', 'Loading the rows from the kernel');
  bar.style.cssText =
    'height:3px;overflow:hidden;border-radius:2px;background:rgb(127 127 127 / 20%)';
  const mark = document.createElement('div');
  mark.style.cssText =
    'height:100%;width:30%;background:var(--jp-brand-color1, var(--vscode-focusBorder, #2563eb))';
  bar.append(mark);
  const timer = setTimeout(() => {
    el.append(bar);
    const isStill = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
    const places = ['translateX(-100%)', 'translateX(333%)'];
    if (!isStill) mark.animate?.({ transform: places }, { duration: ROUND, iterations: Infinity });
  }, DELAY);
  return () => {
    clearTimeout(timer);
    bar.remove();
  };
}
