/**
 * The link between tabs of one browser and origin, over a BroadcastChannel for each room.
 *
 *     hello {page} [generation, step 1]   answered by every tab with step 2 and its own greeting
 *     frames {page, to?} [frames…]        with `to`, for that page only
 */
import type { Link, LinkEvents, Sender } from './link.ts';

const PROTOCOL_VERSION = 1;

interface Message {
  readonly v: number;
  readonly kind: 'hello' | 'frames';
  readonly page: string;
  readonly to?: string;
  readonly frames: readonly Uint8Array[];
}

export class BroadcastLink implements Link {
  readonly name = 'other tabs';
  readonly mayBeAlone = true;
  events: LinkEvents | null = null;
  readonly #pageId: string;
  readonly #channel: BroadcastChannel;
  readonly #greeting: () => readonly Uint8Array[];

  /**
   * @param room The room's name.
   * @param pageId This page.
   * @param greeting Makes the frames to greet with: who says hello is asked in return.
   */
  constructor(room: string, pageId: string, greeting: () => readonly Uint8Array[]) {
    this.#pageId = pageId;
    this.#greeting = greeting;
    this.#channel = new BroadcastChannel(`tinybase-widget/1/${room}`);
    this.#channel.addEventListener('message', this.#receive);
  }

  hello(greeting: readonly Uint8Array[]): void {
    this.#post({ v: PROTOCOL_VERSION, kind: 'hello', page: this.#pageId, frames: greeting });
  }

  send(frames: readonly Uint8Array[]): void {
    this.#post({ v: PROTOCOL_VERSION, kind: 'frames', page: this.#pageId, frames });
  }

  close(): void {
    this.#channel.removeEventListener('message', this.#receive);
    this.#channel.close();
  }

  #post(message: Message): void {
    try {
      this.#channel.postMessage(message);
    } catch (error) {
      this.events?.onfailure(error);
    }
  }

  readonly #receive = ({ data }: MessageEvent<Message>): void => {
    const isForUs = data.to === undefined || data.to === this.#pageId;
    if (data.v !== PROTOCOL_VERSION || !isForUs) {
      return;
    }
    const sender = this.#sender(data.page);
    this.events?.onframes(data.frames, sender);
    if (data.kind === 'hello') {
      sender.send(this.#greeting());
    }
  };

  #sender(page: string): Sender {
    return {
      name: `tab ${page}`,
      send: (frames) =>
        this.#post({ v: PROTOCOL_VERSION, kind: 'frames', page: this.#pageId, to: page, frames }),
    };
  }
}
