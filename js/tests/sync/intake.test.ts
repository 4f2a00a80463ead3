import { describe, expect, test, vi } from 'vitest';
import { Intake } from '../../src/sync/intake.ts';
import { eventually } from '../waiting.ts';

/** Work of so many steps, noted as it is done. */
function* work(name: string, steps: number, done: string[]): Generator<void> {
  for (let step = 1; step <= steps; step++) {
    done.push(`${name}${step}`);
    if (step < steps) yield;
  }
}

describe('work that arrives', () => {
  test('is done at once, if it has no steps', () => {
    const [intake, done] = [new Intake(), [] as string[]];
    intake.add(work('a', 1, done));
    intake.add(work('b', 1, done));
    expect(done).toEqual(['a1', 'b1']);
    expect(intake.isBusy).toBe(false);
  });

  test('waits for what came before it', async () => {
    const [intake, done] = [new Intake(), [] as string[]];
    intake.add(work('a', 3, done));
    intake.add(work('b', 1, done));
    expect(done).toEqual(['a1']);
    await eventually(() => expect(intake.isBusy).toBe(false));
    expect(done).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  test('is done after it when it comes in the middle of it', () => {
    const [intake, done] = [new Intake(), [] as string[]];
    const first = function* (): Generator<void> {
      intake.add(work('b', 1, done));
      yield* work('a', 1, done);
    };
    intake.add(first());
    expect(done).toEqual(['a1', 'b1']);
  });

  test('goes on in a page that is hidden, whose timers wait', async () => {
    vi.stubGlobal('document', { hidden: true });
    const timer = vi.spyOn(globalThis, 'setTimeout');
    const [intake, done] = [new Intake(), [] as string[]];
    intake.add(work('a', 3, done));
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
    await eventually(() => expect(done).toEqual(['a1', 'a2', 'a3']));
    vi.unstubAllGlobals();
  });

  test.each([
    ['is drawn before it goes on', true],
    ['goes on in a page that is out of sight, which draws nothing', false],
  ])('%s', async (_, draws) => {
    const done: string[] = [];
    // However long the steps take, it has drawn just now: it is drawn once.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    vi.resetModules(); // when it has last drawn
    const { Intake } = await import('../../src/sync/intake.ts');
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => {
      if (draws) queueMicrotask(() => [done.push('drawn'), draw()]);
    });
    const intake = new Intake();
    intake.add(work('a', 3, done));
    expect(done).toEqual(['a1']);
    await eventually(() => expect(intake.isBusy).toBe(false));
    expect(done).toEqual(draws ? ['a1', 'drawn', 'a2', 'a3'] : ['a1', 'a2', 'a3']);
    clock.mockRestore();
    vi.unstubAllGlobals();
  });

  test('stops nothing when it fails', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const [intake, done] = [new Intake(), [] as string[]];
    intake.add({
      next: () => {
        throw new Error('broken');
      },
    });
    intake.add(work('b', 1, done));
    expect(done).toEqual(['b1']);
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });

  test('is not done any more once it is stopped', async () => {
    const [intake, done] = [new Intake(), [] as string[]];
    intake.add(work('a', 3, done));
    intake.add(work('b', 1, done));
    intake.stop();
    await eventually(() => expect(intake.isBusy).toBe(false));
    expect(done).toEqual(['a1']);
  });
});
