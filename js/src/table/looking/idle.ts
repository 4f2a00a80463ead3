/** Work for when the page has nothing else to do; some browsers have no word for that. */
const SLICE = 8; // ms

export const whenIdle = (work: (deadline: IdleDeadline) => void): number => {
  if (typeof requestIdleCallback === 'function') return requestIdleCallback(work, { timeout: 500 });
  return Number(
    setTimeout(() => {
      const end = performance.now() + SLICE;
      work({ didTimeout: false, timeRemaining: () => Math.max(0, end - performance.now()) });
    }, SLICE),
  );
};

export const cancelIdle = (handle: number): void => {
  if (typeof cancelIdleCallback === 'function') cancelIdleCallback(handle);
  else clearTimeout(handle);
};
