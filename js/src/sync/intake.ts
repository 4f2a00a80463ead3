/**
 * Work that arrives and is done in its order, some of it in steps, between which the page goes on.
 */
export class Intake {
  readonly #waiting: Iterator<unknown>[] = [];
  #isBusy = false;

  /** Whether something is not done yet. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Do some work: at once, as far as nothing came before it, or up to its first step. */
  add(work: Iterator<unknown>): void {
    this.#waiting.push(work);
    if (!this.#isBusy) {
      this.#isBusy = true;
      this.#run();
    }
  }

  /** Do nothing more of what waits. */
  stop(): void {
    this.#waiting.length = 0;
  }

  readonly #run = (): void => {
    for (let work = this.#waiting[0]; work !== undefined; work = this.#waiting[0]) {
      if (!isDone(work)) {
        letThePageGoOn(this.#run);
        return;
      }
      this.#waiting.shift();
    }
    this.#isBusy = false;
  };
}

/** Go on to the next step; what fails is done, and stops nothing that comes after it. */
function isDone(work: Iterator<unknown>): boolean {
  try {
    return work.next().done === true;
  } catch (error) {
    console.error('tinybase-widget: a message could not be taken', error);
    return true;
  }
}

const DRAWS_AFTER = 200; // ms: a frame may cost the work 16 of them
const NEVER_DRAWS_AFTER = 100; // ms: what is out of sight need not be drawn

let drawnAt = Number.NEGATIVE_INFINITY;

/** Call back when the page has had time to draw; what has just come into it is drawn before. */
function letThePageGoOn(then: () => void): void {
  const isInSight = globalThis.document?.hidden !== true;
  const isToDraw = isInSight && performance.now() - drawnAt > DRAWS_AFTER;
  if (isToDraw && typeof requestAnimationFrame === 'function') {
    let isCalled = false;
    const goOn = () => {
      if (!isCalled) then();
      isCalled = true;
    };
    requestAnimationFrame(() => {
      drawnAt = performance.now();
      setTimeout(goOn); // the frame is drawn behind this call
    });
    setTimeout(goOn, NEVER_DRAWS_AFTER);
  } else {
    goOnSoon(then);
  }
}

/** Browsers let timers wait: those that follow one another for some milliseconds, on hidden pages for a second. */
function goOnSoon(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(null);
}
