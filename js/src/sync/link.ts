/**
 * What a room needs of a way to other replicas: a link moves frames and knows nothing of documents.
 *
 * A link may lose, repeat or delay frames, but what arrives from one sender arrives in its order.
 */

/** Who sent some frames: a name for warnings, and the way back to that peer alone. */
export interface Sender {
  readonly name: string;
  /** Whether the frames are those of others, with no way back to them. */
  readonly isHandingOn?: boolean;
  /** As a link's. */
  send(frames: readonly Uint8Array[], onconfirmed?: () => void): void;
}

/** Which rows frames bring, of those that a peer gives one after the other, and how many there are in all. */
export interface Rows {
  readonly from: number;
  readonly to: number;
  readonly of: number;
  /** What has been deleted of the document, as Yjs writes it; with the first rows, if they don't say. */
  readonly deleted?: Uint8Array | undefined;
}

/** What a link tells its room. The room sets itself when the link is added. */
export interface LinkEvents {
  /** Frames have arrived; `rows` says so of some that bring a document while it is being made. */
  onframes(frames: readonly Uint8Array[], sender: Sender, rows?: Rows): void;
  /** A part of what will be frames has arrived: so many bytes, of so many. */
  onpart?(received: number, of: number): void;
  /** States should be compared again: somebody may have missed something. */
  ongap(): void;
  /** Nothing can be sent at the moment. */
  onfailure(error: unknown): void;
}

export interface Link {
  /** For warnings. */
  readonly name: string;
  /** Whether there may be nobody at the other end, without the link's knowing. */
  readonly mayBeAlone?: boolean;
  /** Whether the peer, which is only one, says what it has taken. */
  readonly confirms?: boolean;
  /** Whom the link reports to, while a room has it. */
  events: LinkEvents | null;
  /** Ask the peers to compare states; the last of the frames is a sync step 1. */
  hello(greeting: readonly Uint8Array[]): void;
  /**
   * Send to all peers. Never throws: failing is reported by `onfailure`.
   *
   * @param onconfirmed is called, if the link confirms, when the peer has taken all of it
   */
  send(frames: readonly Uint8Array[], onconfirmed?: () => void): void;
  close(): void;
}

/** Where a link stands: before the first answer, in step with its peer, or without a way to it. */
export type LinkState = 'connecting' | 'synced' | 'offline';
