/**
 * Joins rooms on servers for kernels that can't reach them: what the server has goes through the page.
 *
 *     kernel → page   connect {id, url, query, room, token, protocol} [the code], disconnect {id},
 *                     ask {id, number}
 *     page → kernel   connection {page, id, state, error?, answered?}
 *
 * The page's room is linked to both, and hands on what comes from one to the other. The code comes with
 * the wish, since few pages need it; the address with its token is kept nowhere else than here.
 */

import * as Y from 'yjs';
import type { CommLink } from './comm_link.ts';
import { ROOT } from './containers.ts';
import { FIRST, type Generation, Lineage } from './generations.ts';
import type { Link, LinkState } from './link.ts';
import type { Room } from './room.ts';

/** What a kernel wishes; nothing of it is sure. */
export interface Wish {
  readonly kind?: unknown;
  readonly id?: unknown;
  readonly number?: unknown;
  readonly url?: unknown;
  readonly query?: unknown;
  readonly room?: unknown;
  readonly token?: unknown;
  readonly protocol?: unknown;
}

/** A link to a server, as the code that a kernel sends has it. */
interface Server extends Link {
  readonly state: LinkState;
  readonly error: string | undefined;
  whenTaken(callback: () => void): void;
}

interface Code {
  readonly ServerLink: new (
    address: object,
    protocol: unknown,
    host: object,
    onstate: () => void,
  ) => Server;
}

const MARK = `${ROOT}/generation`;

let code: Promise<Code> | undefined;

/** The servers that a page has joined for one kernel's room. */
export class PageServers {
  readonly #room: Room;
  readonly #link: CommLink;
  readonly #servers = new Map<string, Server>();
  /** Those that are wished for. */
  readonly #wished = new Set<string>();

  constructor(room: Room, link: CommLink) {
    this.#room = room;
    this.#link = link;
    link.onwish = (wish, buffers) => {
      if (typeof wish.id === 'string') {
        void this.#hear(wish.id, wish, buffers[0]);
      }
    };
  }

  /** Leave all servers. */
  close(): void {
    this.#link.onwish = undefined;
    for (const id of this.#wished) this.#leave(id);
  }

  async #hear(id: string, wish: Wish, bundle: Uint8Array | undefined): Promise<void> {
    if (wish.kind === 'disconnect') {
      this.#leave(id);
    } else if (wish.kind === 'ask') {
      this.#room.whenTaken(() => {
        this.#room.flush();
        this.#servers.get(id)?.whenTaken(() => this.#tell(id, { answered: wish.number }));
      });
    } else if (this.#wished.has(id)) {
      this.#tell(id);
    } else if (bundle !== undefined) {
      this.#wished.add(id);
      try {
        await this.#join(id, wish, bundle);
      } catch (error) {
        this.#wished.delete(id);
        this.#tell(id, { state: 'offline', error: `the page can't do it: ${error}` });
      }
    }
  }

  async #join(id: string, wish: Wish, bundle: Uint8Array): Promise<void> {
    code ??= importCode(bundle);
    const { ServerLink } = await code.catch((error) => {
      code = undefined;
      throw error;
    });
    if (!this.#wished.has(id)) {
      return;
    }
    const room = this.#room;
    const host = {
      get generation() {
        return room.generation;
      },
      greeting: () => room.greeting(),
      generationOf,
    };
    const { url, query, room: name, token, protocol } = wish;
    const server = new ServerLink({ url, query, room: name, token }, protocol, host, () =>
      this.#tell(id),
    );
    this.#servers.set(id, server);
    room.addLink(server);
    this.#tell(id);
  }

  #leave(id: string): void {
    const server = this.#servers.get(id);
    this.#wished.delete(id);
    this.#servers.delete(id);
    if (server) {
      this.#room.removeLink(server);
    }
  }

  #tell(id: string, more: object = {}): void {
    const { state = 'connecting', error } = this.#servers.get(id) ?? {};
    this.#link.report({ id, state, error, ...more });
  }
}

async function importCode(bundle: Uint8Array): Promise<Code> {
  const url = URL.createObjectURL(new Blob([bundle.slice()], { type: 'text/javascript' }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Return the generation of the document that an update holds as a whole. */
export function generationOf(update: Uint8Array): Generation {
  if (!new TextDecoder('latin1').decode(update).includes(MARK)) {
    return FIRST;
  }
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return new Lineage(doc, ROOT).generation;
}
