/**
 * The conflicts of a room, whichever document the room has: listeners stay when it gets another one.
 */
import { authorOf } from './carried_ids.ts';
import type { Conflict, Conflicts } from './conflicts.ts';
import { Listeners } from './listeners.ts';

export class RoomConflicts {
  #current: Conflicts;
  #stop: () => void;
  readonly #listeners = new Listeners();
  /** The client ids of this page's edits in the documents that the room had before. */
  readonly #formerClients = new Set<number>();

  constructor(current: Conflicts) {
    this.#current = current;
    this.#stop = current.onChange(this.#tell);
  }

  /** Go on with the conflicts of the room's new document. */
  follow(current: Conflicts): void {
    this.#stop();
    for (const client of this.#current.ownClients) {
      this.#formerClients.add(client);
    }
    this.#current = current;
    this.#stop = current.onChange(this.#tell);
    this.#tell();
  }

  /** Return the conflicts that nobody has settled, of cells that are there. */
  open(): readonly Conflict[] {
    return this.#current.open();
  }

  /** Return the open conflicts of one cell; of a value where table and row are null. */
  at(tableId: string | null, rowId: string | null, cellId: string): readonly Conflict[] {
    return this.#current.at(tableId, rowId, cellId);
  }

  /** Say whether what was written under a client id are edits made on this page. */
  isOwn(client: number): boolean {
    return this.#current.ownClients.has(client) || this.#formerClients.has(authorOf(client));
  }

  /** Edits under these client ids were made by this page's person too, before it was loaded. */
  adopt(clients: Iterable<number>): void {
    for (const client of clients) {
      this.#current.ownClients.add(client);
    }
  }

  /** Call a listener when there may be other open conflicts; returns the function that stops it. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Settle a conflict for everybody, with the cell as it is. */
  dismiss(key: string): void {
    this.#current.dismiss(key);
  }

  readonly #tell = (): void => {
    this.#listeners.tell();
  };
}
