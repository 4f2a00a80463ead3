/**
 * Where two sides set one cell without knowing of each other: found, shared, and dismissed for all.
 *
 * A conflict is found by each replica that receives the second of two edits (`meetings.ts`), and
 * becomes a record in the document's map `<root>/conflicts` (`conflict_records.ts`), under the id of
 * the struct that lost: so there is one for everybody, and it outlasts a reload. Records are written
 * when all transactions are through, never while observers run.
 *
 * What makes it exact is that an edit carries its author's knowledge: whoever sets or deletes a cell
 * dismisses, in the same transaction, every conflict there that they know of. That includes those
 * nobody needs to see: two sides that chose the same value, or a loser whose value is gone. A replica
 * that comes back later, still with what lost, finds the dismissal beside the edit and keeps silent.
 *
 * A record may come sooner than the edits that it tells of, or without them where their replica is
 * gone: it counts as soon as the document has the struct that lost, and has it as one that lost.
 */
import * as Y from 'yjs';
import {
  type Conflict,
  type ConflictRecord,
  decodeRecord,
  dismissalKey,
  dismissedBy,
  type EditedPlace,
  encodeRecord,
  idOf,
  readConflict,
  recordKey,
} from './conflict_records.ts';
import type { YMap } from './containers.ts';
import { keptEdits } from './kept_edits.ts';
import { KnownLosers, type Loser } from './known_losers.ts';
import { Listeners } from './listeners.ts';
import {
  containerPlace,
  contentOf,
  hasCellAt,
  isDeleted,
  isFollowed,
  type Meeting,
  meetings,
} from './meetings.ts';

export type { Conflict, EditedPlace } from './conflict_records.ts';

/** More than these in one transaction are known here, and to nobody else. */
const MAX_RECORDS = 256;

export class Conflicts {
  readonly #doc: Y.Doc;
  readonly #root: YMap;
  readonly #records: YMap;
  readonly #isLocal: (transaction: Y.Transaction) => boolean;
  readonly #listeners = new Listeners();
  readonly #known = new KnownLosers();
  /** To be written when all transactions are through. */
  readonly #toRecord = new Map<string, ConflictRecord>();
  readonly #toDismiss = new Set<string>();
  readonly #ownClients = new Set<number>();
  #keptCount = 0;
  #isChanged = false;

  /**
   * @param mapName the root map that has the tables
   * @param isLocal says whether a transaction of the document wrote what the Store had changed
   */
  constructor(doc: Y.Doc, mapName: string, isLocal: (transaction: Y.Transaction) => boolean) {
    this.#doc = doc;
    this.#root = doc.getMap(mapName);
    this.#records = doc.getMap(`${mapName}/conflicts`);
    this.#isLocal = isLocal;
    for (const key of this.#records.keys()) {
      this.#readRecord(key);
    }
    for (const { place, losers } of meetings(this.#root, { beforeState: new Map() })) {
      for (const { id } of losers) {
        this.#learn(recordKey(id), { place, id });
      }
    }
    this.#records.observe(this.#onRecords);
    doc.on('beforeObserverCalls', this.#look);
    doc.on('afterAllTransactions', this.#settle);
  }

  /** Stop looking for conflicts; what is recorded stays. */
  destroy(): void {
    this.#doc.off('afterAllTransactions', this.#settle);
    this.#doc.off('beforeObserverCalls', this.#look);
    this.#records.unobserve(this.#onRecords);
    this.#listeners.clear();
  }

  /** Take note of places that the Store sets or deletes, inside the transaction that does so. */
  editing(places: Iterable<EditedPlace>): void {
    this.#ownClients.add(this.#doc.clientID);
    if (this.#known.isEmpty) {
      return;
    }
    for (const place of places) {
      for (const key of this.#known.at(place)) {
        if (this.#hasCome(key)) {
          this.#dismiss(key);
        }
      }
    }
  }

  /** Say whether this replica's person can have known what lost. */
  #hasCome(key: string): boolean {
    const id = idOf(key);
    return id === undefined || id.clock < Y.getState(this.#doc.store, id.client);
  }

  /** Return the conflicts that nobody has settled, of cells that are there. */
  open(): readonly Conflict[] {
    return this.#openAmong(this.#known.keys());
  }

  /** Return the open conflicts of one cell; of a value where table and row are null. */
  at(tableId: string | null, rowId: string | null, cellId: string): readonly Conflict[] {
    return this.#openAmong(this.#known.at([tableId, rowId, cellId]));
  }

  /** The client ids under which this Store's edits were written. */
  get ownClients(): Set<number> {
    return this.#ownClients;
  }

  /** Call a listener when there may be other open conflicts; returns the function that stops it. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Settle a conflict for everybody, with the cell as it is. */
  dismiss(key: string): void {
    this.#doc.transact(() => this.#dismiss(key), this);
  }

  #dismiss(key: string): void {
    if (!this.#isDismissed(key)) {
      this.#records.set(dismissalKey(key), true);
    }
    if (this.#records.has(key)) {
      this.#records.delete(key);
    }
  }

  #isDismissed(key: string): boolean {
    return this.#records.has(dismissalKey(key));
  }

  #openAmong(keys: Iterable<string>): readonly Conflict[] {
    const conflicts: Conflict[] = [];
    for (const key of keys) {
      const { place, conflict } = this.#known.get(key) as Loser;
      const id = idOf(key);
      const hasLost = id === undefined || isDeleted(this.#doc.store, id);
      if (conflict !== undefined && hasLost && hasCellAt(this.#root, place)) {
        conflicts.push(conflict);
      }
    }
    return conflicts;
  }

  // --- What is known

  #learn(key: string, loser: Loser): void {
    if (!this.#isDismissed(key)) {
      this.#known.add(key, loser);
      this.#isChanged ||= loser.conflict !== undefined;
    }
  }

  readonly #onRecords = ({ keysChanged }: Y.YMapEvent<unknown>): void => {
    for (const key of keysChanged as Set<string>) {
      this.#readRecord(key);
    }
  };

  #readRecord(key: string): void {
    const dismissed = dismissedBy(key);
    if (dismissed !== undefined) {
      const settled = this.#known.delete(dismissed);
      this.#isChanged ||= settled?.conflict !== undefined;
      return;
    }
    const conflict = decodeRecord(key, this.#records.get(key));
    if (conflict !== undefined) {
      const { tableId, rowId, cellId } = conflict;
      const place: EditedPlace = [tableId, rowId, cellId];
      const id = idOf(key);
      this.#learn(key, { place, id, conflict });
      if (id !== undefined && isFollowed(this.#root, place, id)) {
        this.#toDismiss.add(key); // who recorded it had not heard of the later edit
      }
    }
  }

  // --- What is found

  readonly #look = (transaction: Y.Transaction): void => {
    if (this.#isLocal(transaction)) {
      return;
    }
    if (!this.#known.isEmpty) {
      this.#noteChanged(transaction);
    }
    for (const meeting of meetings(this.#root, transaction, (place) => this.#known.idsAt(place))) {
      this.#note(meeting);
    }
    if (!transaction.local) {
      this.#noteKept(transaction);
    }
  };

  /** Look again at what lost a cell that is another now. */
  #noteChanged({ changed }: Y.Transaction): void {
    for (const [map, keys] of changed) {
      const container = containerPlace(this.#root, map);
      for (const key of container === undefined ? [] : keys) {
        const place = [...(container ?? [null, null]), String(key)] as EditedPlace;
        for (const known of [...this.#known.at(place)]) {
          this.#isChanged = true;
          this.#noteAgain(known, map._map.get(String(key)));
        }
      }
    }
  }

  /** A loser nobody had to see has lost to somebody else now, who did not know of it either. */
  #noteAgain(key: string, winner: Y.Item | undefined): void {
    const { place, id, content, conflict } = this.#known.get(key) as Loser;
    if (conflict === undefined && id !== undefined && winner?.deleted === false) {
      this.#learn(key, { place, conflict: this.#toBeRecorded(key, place, winner, id, content) });
    }
  }

  #note({ place, winner, losers, superseded }: Meeting): void {
    for (const { id, item } of losers) {
      const key = recordKey(id);
      const content = contentOf(item);
      const conflict =
        winner === undefined ? undefined : this.#toBeRecorded(key, place, winner, id, content);
      this.#learn(key, { place, id, content, conflict });
    }
    for (const id of superseded) {
      this.#toDismiss.add(recordKey(id));
    }
  }

  #noteKept(transaction: Y.Transaction): void {
    for (const { place, item } of keptEdits(this.#root, transaction, this.#ownClients)) {
      const isKnown = this.at(...place).some(({ loser }) => loser.client === null);
      if (!isKnown) {
        const winner = { client: item.id.client, value: contentOf(item) };
        this.#toRecord.set(this.#newKeptKey(), { place, winner, loser: null });
      }
    }
  }

  #newKeptKey(): string {
    let key: string;
    do {
      key = `k${this.#doc.clientID}:${this.#keptCount++}`;
    } while (this.#records.has(key) || this.#isDismissed(key));
    return key;
  }

  /** Have a record written when the transactions are through; returns its conflict, if it is one. */
  #toBeRecorded(
    key: string,
    place: EditedPlace,
    winner: Y.Item,
    { client }: Y.ID,
    content: unknown,
  ): Conflict | undefined {
    const value = contentOf(winner);
    if (value === content || this.#records.has(key) || this.#isDismissed(key)) {
      return undefined;
    }
    const record = {
      place,
      winner: { client: winner.id.client, value },
      loser: { client, value: content },
    };
    const conflict = readConflict(key, record);
    if (conflict !== undefined) {
      this.#toRecord.set(key, record);
    }
    return conflict;
  }

  // --- After all transactions

  readonly #settle = (): void => {
    if (this.#toRecord.size > 0 || this.#toDismiss.size > 0) {
      this.#doc.transact(() => this.#write(), this);
      return; // and comes back when that is through
    }
    if (this.#isChanged) {
      this.#isChanged = false;
      this.#listeners.tell();
    }
  };

  #write(): void {
    let left = MAX_RECORDS;
    for (const [key, record] of this.#toRecord) {
      if (left > 0 && !this.#records.has(key) && !this.#isDismissed(key)) {
        this.#records.set(key, encodeRecord(record));
        left -= 1;
      }
    }
    this.#toRecord.clear();
    for (const key of this.#toDismiss) {
      if (this.#known.get(key) !== undefined) {
        this.#dismiss(key);
      }
    }
    this.#toDismiss.clear();
  }
}
