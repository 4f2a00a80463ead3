/** Links between two rooms of one page: what is sent over one arrives at the other in a moment. */
import type { Link, LinkEvents, Sender } from './link.ts';

export class LocalLink implements Link {
  readonly name: string;
  events: LinkEvents | null = null;
  #other: LocalLink | undefined;
  #underWay = 0;

  private constructor(name: string) {
    this.name = name;
  }

  /** Return both ends; each is named after who is at the other one. */
  static pair(name: string, otherName: string): [LocalLink, LocalLink] {
    const link = new LocalLink(name);
    link.#other = new LocalLink(otherName);
    link.#other.#other = link;
    return [link, link.#other];
  }

  /** Whether everything has arrived that was sent over either end. */
  get isQuiet(): boolean {
    return this.#underWay === 0 && (this.#other === undefined || this.#other.#underWay === 0);
  }

  hello(greeting: readonly Uint8Array[]): void {
    this.send(greeting);
  }

  send(frames: readonly Uint8Array[]): void {
    this.#underWay += 1;
    queueMicrotask(() => {
      this.#underWay -= 1;
      const other = this.#other;
      const sender: Sender = { name: other?.name ?? '', send: (answer) => other?.send(answer) };
      other?.events?.onframes(frames, sender);
    });
  }

  close(): void {
    this.#other = undefined;
  }
}
