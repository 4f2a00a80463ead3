/**
 * A bar below the rows that are there while the others are on their way from the kernel.
 *
 * It says how much has arrived, then how much of it is shown; before the first is known, only that
 * something is on its way. It comes into sight a moment later, and until it knows an amount it moves,
 * by an opacity and a transform: with these a browser goes on while the page is busy.
 */
import type { Loading } from './sync/connection.ts';

const DELAY = 250; // ms: what is there sooner needs no bar
const FADE = 100; // ms
const ROUND = 1400; // ms
/** What part of the time it takes until all has arrived. */
const ARRIVING = 0.3;

export interface LoadingBar {
  readonly element: HTMLElement;
  /** Show how much is there. */
  show(loading: Loading): void;
  stop(): void;
}

/** How much is done of what is loading, from 0 to 1. */
export const progressOf = ({ phase, done, of, unit }: Loading): number => {
  if (unit === 'rows') return done / of;
  return phase === 'arriving' ? (done / of) * ARRIVING : ARRIVING + (done / of) * (1 - ARRIVING);
};

/** Show the bar until it is stopped. */
export function showLoading(el: HTMLElement): LoadingBar {
  const box = document.createElement('div');
  box.dataset.tinybaseLoading = '';
  box.setAttribute('role', 'progressbar');
  box.setAttribute('aria-label', 'Loading the rows from the kernel');
  box.style.cssText =
    'display:flex;align-items:center;gap:8px;margin-top:4px;font-size:12px;font-variant-numeric:tabular-nums';
  const track = document.createElement('div');
  track.style.cssText =
    'flex:1;height:3px;overflow:hidden;border-radius:2px;background:rgb(127 127 127 / 20%);forced-color-adjust:none';
  const mark = document.createElement('div');
  mark.style.cssText =
    'height:100%;width:30%;background:var(--jp-brand-color1, var(--vscode-focusBorder, #2563eb))';
  const text = document.createElement('span');
  track.append(mark);
  box.append(track, text);
  el.append(box);
  const isStill = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
  const places = ['translateX(-100%)', 'translateX(333%)'];
  box.animate?.({ opacity: [0, 1] }, { delay: DELAY, duration: FADE, fill: 'backwards' });
  const moving = isStill
    ? undefined
    : mark.animate?.({ transform: places }, { duration: ROUND, iterations: Infinity });
  return {
    element: box,
    show: (loading) => {
      const { phase } = loading;
      const percent = Math.round(progressOf(loading) * 100);
      moving?.cancel();
      mark.style.width = `${percent}%`;
      text.textContent = `${phase === 'arriving' ? 'Fetched' : 'Loaded'} ${amountOf(loading)}`;
      box.setAttribute('aria-valuenow', String(percent));
      box.setAttribute('aria-valuetext', text.textContent);
    },
    stop: () => box.remove(),
  };
}

const amountOf = ({ done, of, unit }: Loading): string =>
  unit === 'rows'
    ? `${done.toLocaleString('en')} of ${of.toLocaleString('en')} rows`
    : `${megabytes(done)} of ${megabytes(of)} MB`;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
