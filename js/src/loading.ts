/**
 * A bar below the snapshot while the table's rows are on their way from the kernel.
 *
 * How much is still to come nobody knows before it is there, and a large document is taken in at one go; so it
 * only says that it is loading. It is there at once and comes into sight a moment later, and it moves, by an
 * opacity and a transform: with these a browser goes on while the page is busy taking in the rows.
 */
const DELAY = 250; // ms: what is there sooner needs no bar
const FADE = 100; // ms
const ROUND = 1400; // ms

/** Show the bar, until what this returns is called. */
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
  el.append(bar);
  const isStill = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
  const places = ['translateX(-100%)', 'translateX(333%)'];
  bar.animate?.({ opacity: [0, 1] }, { delay: DELAY, duration: FADE, fill: 'backwards' });
  if (!isStill) mark.animate?.({ transform: places }, { duration: ROUND, iterations: Infinity });
  return () => bar.remove();
}
