/** What a view says of its kernel, from the first word to silence. */
// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SavingState } from '../src/saving.ts';
import type { Loading } from '../src/sync/connection.ts';
import type { Link, LinkState } from '../src/sync/link.ts';
import type { Room, Saving } from '../src/sync/room.ts';

/** The part of a room that is asked. */
class Sides {
  state: LinkState = 'synced';
  saving: Saving = { edits: 0, isDone: true, silentSince: undefined };
  loading: Loading | undefined;
  gaps = 0;
  changes = 0;
  readonly link = { events: { ongap: () => this.gaps++ } } as unknown as Link;
  readonly #listeners = new Set<(link: Link) => void>();
  readonly shown: SavingState;

  constructor(keeping?: { failure: string | undefined }) {
    const listen = (listener: (link: Link) => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    };
    const room = {
      status: () => this.state,
      saving: () => this.saving,
      loading: () => this.loading,
      onStatus: listen,
      onSaving: listen,
    };
    this.shown = new SavingState(room as unknown as Room, this.link, () => this.changes++, keeping);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get text(): string | undefined {
    return this.shown.status.text;
  }

  wait(edits: number, silentSince?: number): void {
    this.saving = { edits, isDone: edits === 0, silentSince };
  }
}

let sides: Sides;
beforeEach(() => {
  vi.useFakeTimers();
  sides = new Sides();
});
afterEach(() => {
  sides.shown.destroy();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the state', () => {
  it('is connecting before the first answer', () => {
    sides.state = 'connecting';
    expect(sides.shown.status).toMatchObject({ state: 'connecting', text: 'Connecting…' });
  });

  it('says how much is there while a large table is loading', () => {
    sides.state = 'connecting';
    sides.loading = { phase: 'arriving', done: 5, of: 10 };
    expect(sides.text).toBe('Loading… 15 %');
    sides.loading = { phase: 'taking', done: 5, of: 10 };
    expect(sides.text).toBe('Loading… 65 %');
    sides.loading = { phase: 'taking', done: 5, of: 10, unit: 'rows' };
    expect(sides.text).toBe('Loading… 50 %');
    sides.state = 'synced';
    expect(sides.text).toBe('Synced');
  });

  it('is synced when everything is confirmed', () => {
    expect(sides.shown.status).toMatchObject({ state: 'synced', text: 'Synced' });
  });

  it('is saving at once, and for long enough to be read', () => {
    sides.wait(2, performance.now());
    expect(sides.shown.status).toMatchObject({
      state: 'saving',
      text: 'Saving…',
      title: '2 edits on the way to the kernel',
    });
    sides.wait(0);
    expect(sides.text).toBe('Saving…');
    vi.advanceTimersByTime(450);
    expect(sides.changes).toBeGreaterThan(0);
    expect(sides.text).toBe('Synced');
  });

  it.each([
    [0, 'Offline'],
    [1, 'Offline – 1 edit waiting'],
    [3, 'Offline – 3 edits waiting'],
    [12_345, 'Offline – 12,345 edits waiting'],
  ])('is offline, with %i edits that wait', (edits, text) => {
    sides.state = 'offline';
    sides.wait(edits);
    expect(sides.text).toBe(text);
  });

  it('says that a kernel does not answer, and no more than that', () => {
    sides.wait(1, performance.now());
    expect(sides.text).toBe('Saving…');
    vi.advanceTimersByTime(5_100);
    expect(sides.changes).toBeGreaterThan(0);
    expect(sides.shown.status).toMatchObject({
      state: 'silent',
      text: 'No answer yet – 1 edit waiting',
    });
  });

  it('waits longer for an answer when nothing depends on it', () => {
    sides.wait(0, performance.now());
    vi.advanceTimersByTime(5_100);
    expect(sides.text).toBe('Synced');
    vi.advanceTimersByTime(5_000);
    expect(sides.text).toBe('No answer yet');
  });

  it('is offline where the browser has no network and the kernel is silent', () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    expect(sides.text).toBe('Synced');
    sides.wait(3, performance.now());
    vi.advanceTimersByTime(1_100);
    expect(sides.text).toBe('Offline – 3 edits waiting');
  });

  it('asks the kernel when the network goes or comes, and stops with the view', () => {
    dispatchEvent(new Event('offline'));
    dispatchEvent(new Event('online'));
    expect(sides.gaps).toBe(2);
    sides.shown.destroy();
    dispatchEvent(new Event('online'));
    expect(sides.gaps).toBe(2);
    expect(sides.listeners).toBe(0);
  });
});

describe('edits that wait', () => {
  it.each([
    [undefined, 'kept in this page until they arrive: do not close it.'],
    [
      { failure: undefined },
      'kept in this browser until they arrive, also when the page is loaded',
    ],
    [{ failure: 'no room' }, 'do not close it. (The browser keeps nothing beyond it: no room.)'],
  ])('are said to be kept where they are: %j', (keeping, title) => {
    sides = new Sides(keeping);
    sides.state = 'offline';
    sides.wait(3);
    expect(sides.shown.status.title).toContain(title);
  });
});
