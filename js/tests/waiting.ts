/** Waiting for a condition, and never for a time. */
import { vi } from 'vitest';

const LONG = 30_000; // ms; vitest's own second passes where other suites are at work beside this one

/** Wait until a check passes; fail as it does after a long while. */
export const eventually = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: LONG, interval: 5 });
