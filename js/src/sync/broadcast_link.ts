/**
 * The link between tabs of one browser and origin, over a BroadcastChannel for each room.
 *
 *     hello {page} [step 1]           answered by every tab with step 2 and its own step 1
 *     frames {page, to?} [frames…]    with `to`, for that page only
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
  events: LinkEvents | null = null;
  readonly #pageId: string;
  readonly #channel: BroadcastChannel;
  readonly #step1: () => Uint8Array;

  /**
   * @param room The room's name.
   * @param pageId This page.
   * @param step1 Makes a sync step 1 of this page's document: who says hello is asked in return.
   */
  constructor(room: string, pageId: string, step1: () => Uint8Array) {
    this.#pageId = pageId;
    this.#step1 = step1;
    this.#channel = new BroadcastChannel(`tinybase-widget/1/${room}`);
    this.#channel.addEventListener('message', this.#receive);
  }

  hello(step1: Uint8Array): void {
    this.#post({ v: PROTOCOL_VERSION, kind: 'hello', page: this.#pageId, frames: [step1] });
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
      sender.send([this.#step1()]);
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
