/** What a table has to say: a line over the grid that goes again, and a live region for who can't see it. */
const SHOWN_FOR = 10_000; // ms

export class Notice {
  readonly #live = document.createElement('div');
  readonly #line = document.createElement('div');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#live.className = 'tbw-hidden tbw-live';
    this.#live.setAttribute('role', 'status');
    this.#line.className = 'tbw-notice';
    this.#line.setAttribute('aria-hidden', 'true');
    this.#line.hidden = true;
    this.#line.addEventListener('click', () => this.clear());
  }

  get elements(): readonly HTMLElement[] {
    return [this.#live, this.#line];
  }

  /** Says something to those who don't see the table. */
  say(text: string): void {
    this.#live.textContent = text;
  }

  /** Says something to everybody. */
  show(text: string): void {
    this.clear();
    this.say(text);
    this.#line.textContent = text;
    this.#line.hidden = false;
    this.#timer = setTimeout(() => this.clear(), SHOWN_FOR);
  }

  /** Takes the line away. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#line.hidden = true;
  }
}
