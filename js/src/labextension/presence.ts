/**
 * Who else has the file open, and where they are: by the awareness that JupyterLab keeps beside the document.
 *
 * JupyterLab's provider carries it, and says by it who works on this page: name and colour are those of its server.
 * What is said besides, of the place in the table, is what our pages and kernels say (`sync/presence_states.ts`), who
 * hear it by way of the kernels that have joined the file.
 */
import {
  type PeerState,
  readState,
  type Whereabouts,
  writeState,
} from '../sync/presence_states.ts';
import type { PresenceSource } from '../table/options.ts';

const MAX_PEERS = 200;
const INTERVAL = 80; // ms between what is said of one's own moves
const VARIABLE = /^var\((--[\w-]+)\)$/;

/** The part of Yjs' awareness that is used: the class is JupyterLab's own. */
export interface DocumentAwareness {
  readonly clientID: number;
  getStates(): ReadonlyMap<number, unknown>;
  getLocalState(): unknown;
  setLocalStateField(field: string, value: unknown): void;
  on(event: 'change', listener: () => void): void;
  off(event: 'change', listener: () => void): void;
}

export class DocumentPresence implements PresenceSource {
  readonly #awareness: DocumentAwareness;
  #own: { readonly at: Whereabouts; readonly isTyping: boolean } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(awareness: DocumentAwareness) {
    this.#awareness = awareness;
  }

  get peers(): readonly PeerState[] {
    const peers: PeerState[] = [];
    for (const [id, state] of this.#awareness.getStates()) {
      const peer = id === this.#awareness.clientID ? undefined : readState(id, withHex(state));
      if (peer) peers.push(peer);
      if (peers.length === MAX_PEERS) break;
    }
    return peers;
  }

  onChange(listener: () => void): () => void {
    this.#awareness.on('change', listener);
    return () => this.#awareness.off('change', listener);
  }

  show(at: Whereabouts, isTyping: boolean): void {
    const own = { at, isTyping };
    if (JSON.stringify(own) === JSON.stringify(this.#own)) return;
    this.#own = own;
    const left = this.#saidAt + INTERVAL - performance.now();
    if (left <= 0) this.#say();
    else this.#timer ??= setTimeout(() => this.#say(), left);
  }

  /** The table is no longer there. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Without a state of one's own there is nobody to be said to be nowhere.
    if (this.#own !== undefined && this.#awareness.getLocalState() !== null) {
      this.#own = undefined;
      for (const field of ['at', 'typing']) this.#awareness.setLocalStateField(field, undefined);
    }
  }

  #say(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#own === undefined) return;
    this.#saidAt = performance.now();
    const { at, typing } = writeState({ name: '', color: '', ...this.#own });
    this.#awareness.setLocalStateField('typing', typing);
    this.#awareness.setLocalStateField('at', at);
  }
}

/** Return a state with its user's colour as hex, where that is one of JupyterLab's variables. */
function withHex(state: unknown): unknown {
  const { user } = (state ?? {}) as { user?: { color?: unknown } };
  const variable = typeof user?.color === 'string' ? VARIABLE.exec(user.color)?.[1] : undefined;
  if (variable === undefined) return state;
  const color = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  return { ...(state as object), user: { ...user, color } };
}
