/**
 * What a room and its peers say to one another about their documents, frame by frame.
 *
 * A document belongs to a generation, and so does each frame (`generations.ts`). A step 1 of the
 * room's own generation is answered with what its sender lacks, updates are taken over. Frames of an
 * older generation are answered with the name of the room's. Of a newer one the document is asked for
 * as a whole, and the replica moves to it when it is there (`replica.ts`).
 */
import * as Y from 'yjs';
import { isComplete, isKnown, isOutlineComplete } from './completeness.ts';
import {
  decodeNamedFrame,
  encodeFrame,
  type Frame,
  type FrameKind,
  nameGeneration,
} from './frames.ts';
import { clocksOf, compareGenerations, FIRST, type Generation, isFirst } from './generations.ts';
import { handedOn } from './handing_on.ts';
import type { Link, Sender } from './link.ts';
import { type Peer, Peers } from './peers.ts';
import type { Pieces, Replica } from './replica.ts';
import { splitUpdate } from './split_update.ts';
import { deletionsOf } from './update_bytes.ts';

const MAX_UPDATE = 2_000_000; // bytes

/** What came of a frame. */
export interface Taken {
  /** Whether something must come before, and has not. */
  readonly hasGap?: boolean;
  /** Whether it was a peer's answer to a step 1. */
  readonly isAnswer?: boolean;
  /** Whether the replica has moved to a newer document. */
  readonly hasMoved?: boolean;
  /** Who is there, if that is what it was about. */
  readonly presence?: Uint8Array;
}

const TAKEN: Taken = {};

export class Exchange {
  readonly #roomName: string;
  readonly #replica: Replica;
  readonly #peers = new Peers();
  readonly #departingWhole: (link: Link) => (() => void) | undefined;
  /** Whose deletions are still to come. */
  readonly #giving = new Set<Link>();
  #received: Frame = { kind: 'update', payload: new Uint8Array() };
  #receivedFrom: Link | undefined;

  /** @param departingWhole returns what to call when an answer with all there is has arrived */
  constructor(
    roomName: string,
    replica: Replica,
    departingWhole: (link: Link) => (() => void) | undefined = () => undefined,
  ) {
    this.#roomName = roomName;
    this.#replica = replica;
    this.#departingWhole = departingWhole;
  }

  /**
   * Return what goes on to others of the update that is being taken over.
   *
   * That is the update as it came. What it changed here may say more: where the one who sent it knew
   * less than we do, Yjs deleted what lost, and that is nobody's wish.
   */
  handedOn(transaction: Y.Transaction): Uint8Array {
    const { kind, payload } = this.#received;
    return kind === 'step2' ? handedOn(payload, transaction) : payload;
  }

  /** Say whether an origin is the link of which an update is being taken over. */
  isTakingFrom(origin: unknown): boolean {
    return origin !== undefined && origin === this.#receivedFrom;
  }

  /** Say whether anybody has been heard at the end of a link. */
  hasHeard(link: Link): boolean {
    return this.#peers.has(link);
  }

  /** Forget who was at the end of a link. */
  forget(link: Link): void {
    this.#peers.forget(link);
    this.#giving.delete(link);
  }

  /** Return what speaks against a compaction, a sentence each. */
  obstacles(links: Iterable<Link>): string[] {
    return this.#peers.obstacles(links, this.#replica.generation, clocksOf(this.#replica.doc));
  }

  // --- What is said

  /** Return the frames to greet a peer with: the step 1, and the generation if that is mute. */
  greeting(): Uint8Array[] {
    const step1 = this.#frame('step1', Y.encodeStateVector(this.#replica.doc));
    return isFirst(this.#replica.generation) ? [nameGeneration(FIRST), step1] : [step1];
  }

  /** Return an update as frames of moderate size, the last of which has the given kind. */
  updateFrames(kind: 'step2' | 'update', update: Uint8Array): Uint8Array[] {
    const pieces = splitUpdate(update, MAX_UPDATE);
    return pieces.map((piece, at) => this.#frame(at < pieces.length - 1 ? 'update' : kind, piece));
  }

  #frame(kind: FrameKind, payload: Uint8Array): Uint8Array {
    const frame = encodeFrame(kind, payload);
    const { generation } = this.#replica;
    return isFirst(generation) ? frame : nameGeneration(generation, frame);
  }

  // --- What is heard

  /**
   * Take one frame, and answer it. Of a large update, a piece at a time: after each it yields how much
   * of the update that was, in bytes.
   *
   * @throws Error when it can't be read.
   */
  *take(link: Link, bytes: Uint8Array, sender: Sender): Generator<number, Taken> {
    const { generation: named, frame } = decodeNamedFrame(bytes);
    if (frame?.kind === 'awareness') {
      return { presence: frame.payload };
    }
    const generation = named ?? FIRST;
    const peer = sender.isHandingOn ? undefined : this.#peers.at(link, sender.name);
    peer?.hear(generation, named !== undefined);
    const order = compareGenerations(generation, this.#replica.generation);
    if (order > 0) {
      return this.#hearOf(generation, frame, sender);
    }
    if (order === 0 && frame !== undefined) {
      return yield* this.#sync(link, frame, sender, peer);
    }
    if (frame !== undefined && peer !== undefined) {
      this.#tellOfGeneration(frame, sender, peer);
    }
    return TAKEN;
  }

  /**
   * A peer gives its document without what is deleted, which its answer has. Rows of which something
   * is deleted wait for that.
   *
   * @param deleted is what is deleted so far, as Yjs writes it
   * @throws Error when it can't be read.
   */
  holdBack(link: Link, deleted: Uint8Array): void {
    this.#replica.holdBack(deletionsOf(deleted));
    this.#giving.add(link);
  }

  /** A peer's document is there with its deletions: show what was held back, unless more is to come. */
  letGo(link: Link): void {
    this.#giving.delete(link);
    if (this.#giving.size === 0) {
      this.#replica.letGo();
    }
  }

  /** Take over an update that is none of a peer's. */
  takeBack(update: Uint8Array, origin: unknown): void {
    this.#received = { kind: 'update', payload: update };
    this.#replica.take(update, origin);
  }

  *#sync(
    link: Link,
    { kind, payload }: Frame,
    sender: Sender,
    peer: Peer | undefined,
  ): Generator<number, Taken> {
    const { doc, generation } = this.#replica;
    if (kind === 'step1') {
      const whole = this.updateFrames('step2', Y.encodeStateAsUpdate(doc, payload));
      sender.send(whole, sender.isHandingOn ? undefined : this.#departingWhole(link));
      if (peer?.saysItHas(Y.decodeStateVector(payload)) && !isFirst(generation)) {
        sender.send(this.greeting());
      }
      return TAKEN;
    }
    const inPieces = this.#replica.inPieces(payload);
    const isWhole = inPieces
      ? isOutlineComplete(doc, inPieces.outlined)
      : kind !== 'update' || isComplete(doc, payload);
    if (kind === 'update' && !isWhole) {
      peer?.isSentTooSoon();
      return { hasGap: true };
    }
    if (inPieces && kind === 'update' && isKnown(doc, inPieces.outlined)) {
      return TAKEN; // another has brought it
    }
    if (inPieces && isWhole) {
      yield* this.#takePieces(link, kind, inPieces);
    } else {
      this.#taking(link, { kind, payload }, () => this.#replica.take(payload, link));
    }
    if (kind === 'step2') {
      peer?.answers();
      return { isAnswer: true, hasGap: doc.store.pendingStructs !== null };
    }
    return TAKEN;
  }

  *#takePieces(link: Link, kind: FrameKind, { outlined, pieces }: Pieces): Generator<number> {
    let next = pieces.next();
    while (next.done !== true) {
      const payload = next.value;
      next = pieces.next();
      const isLast = next.done === true;
      // Only the last one has deletions, so the others go on like any update.
      this.#taking(link, { kind: isLast ? kind : 'update', payload }, () =>
        this.#replica.takePiece(payload, outlined, isLast, link),
      );
      yield payload.length;
    }
  }

  #taking(link: Link, frame: Frame, take: () => void): void {
    this.#received = frame;
    this.#receivedFrom = link;
    try {
      take();
    } finally {
      this.#receivedFrom = undefined;
    }
  }

  /** Take a frame of a newer generation. */
  #hearOf(generation: Generation, frame: Frame | undefined, sender: Sender): Taken {
    const { doc } = this.#replica;
    const piece = frame === undefined || frame.kind === 'step1' ? undefined : frame.payload;
    this.#replica.hearOf(generation, piece, frame?.kind === 'step2', (state) =>
      sender.send([nameGeneration(generation, encodeFrame('step1', state))]),
    );
    return { hasMoved: this.#replica.doc !== doc };
  }

  /** Answer a frame of an older generation. */
  #tellOfGeneration({ kind }: Frame, sender: Sender, peer: Peer): void {
    const { generation } = this.#replica;
    sender.send(kind === 'step1' ? this.greeting() : [nameGeneration(generation)]);
    if (kind === 'step1' && peer.isToBeWarnedOf()) {
      console.warn(
        `Room "${this.#roomName}": ${sender.name} does not know of compaction and can't take part ` +
          'any more; update it, or let it join a room of another name.',
      );
    }
  }
}
