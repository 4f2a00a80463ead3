/**
 * A page's link to a server of rooms, over a WebSocket; what is said is that of `_server_conversation.py`.
 *
 * Each connection begins with comparing: either side says what it has and is given what it lacks.
 * Before the server has asked, nothing is sent; what changes meanwhile is in the answer. A server that
 * answers a question has taken what came before it, so after answering the server we ask once more, and
 * are `synced` when that has been answered.
 *
 * A server knows nothing of generations, but its document says itself of which it is. So that is looked
 * at when it is first met, and from then on the generation's name is taken off what is sent and put onto
 * what is received.
 *
 * This is in a bundle of its own, which has no Yjs: what needs it the page does (`ServerHost`).
 */
import { decodeFrame, encodeFrame, nameGeneration, partGeneration } from './frames.ts';
import type { Generation } from './generations.ts';
import type { Link, LinkEvents, LinkState, Sender } from './link.ts';
import { DIALECTS, type Dialect, type ServerAddress } from './server_dialects.ts';

const FIRST_PAUSE = 200; // ms
const LONGEST_PAUSE = 30_000; // ms
const OPENS_WITHIN = 10_000; // ms
const MOST_WAITING = 64 << 20; // bytes; a server that is so slow is compared with again
const AWARENESS = 1;
const FORBIDDEN = "the page's Content-Security-Policy does not allow it (connect-src)";
const NOTHING = Uint8Array.of(0); // a state vector

/** What a link needs of its room. */
export interface ServerHost {
  readonly generation: Generation;
  /** Return the frames to greet a peer with. */
  greeting(): readonly Uint8Array[];
  /** Return the generation of the document that an update holds as a whole. */
  generationOf(update: Uint8Array): Generation;
}

export class ServerLink implements Link {
  readonly name: string;
  events: LinkEvents | null = null;
  state: LinkState = 'connecting';
  /** Why it is offline, or why the server takes no edits. */
  error: string | undefined;
  readonly #host: ServerHost;
  readonly #dialect: Dialect;
  readonly #onstate: () => void;
  readonly #secrets: readonly string[];
  readonly #sender: Sender;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = FIRST_PAUSE;
  #isClosed = false;
  /** Whether the page's policy forbids it; a policy is never loosened while a page is open. */
  #isForbidden = false;
  /** That of the server's document, once it has been looked at. */
  #generation: Generation | undefined;
  #hasLooked = false;
  #question: Uint8Array | undefined;
  #hasAnswered = false;
  /** What to do when a question is answered, the oldest first. */
  #asked: (() => void)[] = [];
  /** Who waits until a question can be asked. */
  #toAsk: (() => void)[] = [];

  /**
   * Connect, again and again until it is closed.
   *
   * @param onstate is called when `state` or `error` has changed
   * @throws Error where there is no such protocol.
   */
  constructor(address: ServerAddress, protocol: string, host: ServerHost, onstate: () => void) {
    const dialect = DIALECTS.get(protocol);
    if (dialect === undefined) {
      throw new Error(`this page knows no protocol ${JSON.stringify(protocol)}`);
    }
    this.name = `server ${address.url}`;
    this.#host = host;
    this.#dialect = dialect(address);
    this.#onstate = onstate;
    this.#secrets = [address.token ?? '', ...address.query.map(([, value]) => value)];
    globalThis.document?.addEventListener('securitypolicyviolation', this.#onViolation);
    this.#sender = { name: this.name, send: (frames) => this.#putAll(frames) };
    this.#connect();
  }

  hello(greeting: readonly Uint8Array[]): void {
    if (this.#hasAnswered) {
      this.#putAll(greeting.filter((frame) => frame[0] === AWARENESS));
      this.#ask();
    }
  }

  send(frames: readonly Uint8Array[]): void {
    if (this.#hasAnswered) {
      this.#putAll(frames);
    }
  }

  /** Call back when the server has all that was sent so far. */
  whenTaken(callback: () => void): void {
    if (this.#hasAnswered) {
      this.#ask(callback);
    } else {
      this.#toAsk.push(callback);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    globalThis.document?.removeEventListener('securitypolicyviolation', this.#onViolation);
    this.#socket?.close();
  }

  // --- The connection's life

  #connect(): void {
    this.#setState('connecting', this.error);
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.#dialect.url);
    } catch (error) {
      this.#hasEnded(refusalOf(this.#dialect.url, error), true);
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#generation = undefined;
    this.#hasLooked = this.#hasAnswered = false;
    this.#question = undefined;
    this.#asked = [];
    let reason = "it can't be reached from this page, or does not let it in";
    let isForGood = false;
    let hasEnded = false;
    const ended = (why: string) => {
      clearTimeout(guard);
      if (!hasEnded) {
        hasEnded = true;
        this.#hasEnded(why, isForGood);
      }
    };
    const end = (why: string, forGood = false) => {
      reason = why;
      isForGood = forGood;
      // Of one that was forbidden to open Chromium tells an error, but no close.
      socket.readyState === socket.CLOSED ? ended(why) : socket.close();
    };
    const guard = setTimeout(() => end('it does not answer'), OPENS_WITHIN);
    socket.onopen = () => {
      clearTimeout(guard);
      reason = 'the connection has ended';
      for (const message of this.#dialect.opening) socket.send(own(message));
      this.#ask();
    };
    socket.onmessage = ({ data }) => {
      try {
        this.#read(new Uint8Array(data as ArrayBuffer));
      } catch (error) {
        const isRefused = error instanceof RefusedError;
        isRefused
          ? end(error.message, true)
          : console.warn(`${this.name}: dropped a message`, error);
      }
    };
    socket.onerror = () => undefined; // a close follows, and browsers tell no more by this than by that
    socket.onclose = (event) => ended(event.reason || reason);
  }

  #hasEnded(reason: string, isForGood: boolean): void {
    this.#hasAnswered = false;
    const pause = this.state === 'synced' ? FIRST_PAUSE : this.#pause;
    this.events?.onfailure(new Error(reason));
    this.#setState('offline', this.#isForbidden ? FORBIDDEN : this.#hide(reason));
    if (!this.#isClosed) {
      // What forbids it is a setting somewhere; that may be changed.
      const isLong = isForGood || this.#isForbidden;
      const wait = (isLong ? LONGEST_PAUSE : pause) * (0.5 + Math.random() / 2);
      this.#timer = setTimeout(() => this.#connect(), wait);
      this.#pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** Browsers tell of it before or after the connection has ended. */
  readonly #onViolation = (event: SecurityPolicyViolationEvent) => {
    const isOurs = isOf(event.blockedURI, this.#dialect.url);
    if (isOurs && event.effectiveDirective === 'connect-src') {
      this.#isForbidden = true;
      this.#setState('offline', FORBIDDEN);
    }
  };

  #setState(state: LinkState, error: string | undefined): void {
    const isNew = state !== this.state || error !== this.error;
    this.state = state;
    this.error = error;
    if (isNew && !this.#isClosed) {
      this.#onstate();
    }
  }

  #hide(text: string): string {
    return this.#secrets
      .filter(Boolean)
      .reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
  }

  // --- Sending

  #putAll(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#put(frame);
  }

  /** Send a frame of the server's generation, without its name. */
  #put(frame: Uint8Array): void {
    const { generation, rest } = partGeneration(frame);
    const isOther = rest[0] !== AWARENESS && !isSame(generation, this.#generation);
    if (rest.length === 0 || isOther) {
      return; // of a document that the server does not have
    }
    if (rest[0] !== AWARENESS && decodeFrame(rest).kind === 'step1') {
      this.#asked.push(() => undefined);
    }
    this.#write(rest);
  }

  #write(frame: Uint8Array): void {
    const socket = this.#socket;
    if (socket?.readyState === 1) {
      socket.send(own(this.#dialect.write(frame)));
      if (socket.bufferedAmount > MOST_WAITING) {
        socket.close();
      }
    }
  }

  /** Ask for what we lack; at the first time for everything, to see what it is. */
  #ask(onanswer: () => void = () => undefined): void {
    this.#asked.push(onanswer);
    const hello = this.#hasLooked ? this.#hello() : undefined;
    this.#write(hello ?? encodeFrame('step1', NOTHING));
  }

  /** The room's question, if its document is of the server's generation. */
  #hello(): Uint8Array | undefined {
    this.#check(false);
    const last = this.#host.greeting().at(-1);
    const { generation, rest } = last ? partGeneration(last) : {};
    return isSame(generation, this.#generation) ? rest : undefined;
  }

  // --- Receiving

  #read(bytes: Uint8Array): void {
    const message = this.#dialect.read(bytes);
    if (message?.kind === 'denied') {
      throw new RefusedError(`the server refuses: ${message.reason}`);
    }
    if (message?.kind === 'view') {
      this.#setState(
        this.state,
        this.#hide(`the server takes no edits of ours: ${message.reason}`),
      );
    } else if (message?.kind === 'frame') {
      this.#take(message.frame);
    }
  }

  #take(bytes: Uint8Array): void {
    const { kind, payload } = decodeFrame(bytes);
    if (kind === 'step1') {
      this.#question = bytes;
    } else if (kind === 'step2') {
      this.#takeAnswer(bytes, payload);
    } else if (this.#hasAnswered) {
      this.#handIn(bytes);
    }
    if (this.#hasLooked) {
      this.#answer();
    }
  }

  #takeAnswer(bytes: Uint8Array, update: Uint8Array): void {
    if (!this.#hasLooked) {
      this.#generation = this.#host.generationOf(update);
      const isEmpty = update[0] === 0; // no client has a struct there
      this.#check(isEmpty);
      this.#hasLooked = true;
    }
    this.#handIn(bytes);
    this.#asked.shift()?.();
    if (this.#hasAnswered && this.#asked.length === 0 && this.#question === undefined) {
      const isViewOnly = this.error?.startsWith('the server takes no edits') === true;
      this.#setState('synced', isViewOnly ? this.error : undefined);
    }
  }

  /** See whether the server's document is one from before the room's was compacted. */
  #check(isEmpty: boolean): void {
    const { generation } = this.#host;
    const [ours, theirs] = [generation, this.#generation ?? generation];
    const isOurs = ours.number - theirs.number || ours.id - theirs.id;
    if (isOurs > 0 && !isEmpty) {
      throw new RefusedError(
        "the room's document was compacted, and the server keeps the one from before",
      );
    }
    this.#generation = isOurs > 0 ? ours : theirs;
  }

  /** Tell the server what it lacks; from then on it is told what changes. */
  #answer(): void {
    const question = this.#question;
    if (question === undefined) {
      return;
    }
    this.#question = undefined;
    const isFirst = !this.#hasAnswered;
    this.#hasAnswered = true;
    this.#handIn(question);
    if (isFirst) {
      this.#putAll(this.#host.greeting().filter((frame) => frame[0] === AWARENESS));
      const waiting = this.#toAsk.splice(0);
      this.#ask(() => {
        for (const callback of waiting) callback();
      });
    }
  }

  #handIn(bytes: Uint8Array): void {
    const { number = 0, id = 0 } = this.#generation ?? {};
    const isNamed = (number > 0 || id > 0) && bytes[0] !== AWARENESS;
    const frame = isNamed ? nameGeneration({ number, id }, bytes) : bytes;
    this.events?.onframes([frame], this.#sender);
    this.#check(false);
  }
}

/** The server, or its document, lets us not in. */
class RefusedError extends Error {}

const isSame = (one: Generation | undefined, other: Generation | undefined): boolean =>
  (one?.number ?? 0) === (other?.number ?? 0) && (one?.id ?? 0) === (other?.id ?? 0);

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** Whether the page came by https, or a page that it is a frame of: that has its own address or none. */
function isByHttps(): boolean {
  const { location, document } = globalThis;
  const addresses = [location?.href, document?.baseURI, ...(location?.ancestorOrigins ?? [])];
  return addresses.some((address) => address?.startsWith('https:'));
}

/** Say why a browser makes no connection. */
function refusalOf(url: string, error: unknown): string {
  return isByHttps() && url.startsWith('ws:')
    ? 'this page came by https, and from there browsers connect to wss:// addresses only'
    : `the browser refuses to connect (${(error as Error)?.name ?? error})`;
}

/** Whether what a page's policy has blocked is an address; browsers tell some of it, or its scheme. */
function isOf(blocked: string, url: string): boolean {
  return blocked !== '' && (url.startsWith(blocked) || new URL(url).origin === blocked);
}
