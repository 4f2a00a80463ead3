/**
 * What a browser keeps of rooms beyond a page, in IndexedDB.
 *
 *     changes    [place, page, number]   what a page has changed, in its order
 *     documents  [place, page]           the document that it changed, for those who don't have it any more
 *
 * `place` tells rooms apart (`keeping.ts`). A transaction is committed where it is begun, and not left
 * to the event loop: then what a page writes as it goes away arrives.
 */
import { openDB, rtop } from 'lib0/indexeddb';

const NAME = 'tinybase-widget';
const STORES = ['changes', 'documents'];
const FORGOTTEN_AFTER = 30 * 24 * 3600_000; // ms

type Key = (string | number)[];

/** An update of a document, and of which generation that was. */
export interface Kept {
  readonly place: string;
  /** The page that made it. */
  readonly page: string;
  readonly number: number;
  readonly generation: readonly [number: number, id: number];
  /** Under which client id the page writes. */
  readonly client: number;
  /** How many edits there are in it. */
  readonly edits: number;
  /** When it was kept: milliseconds since the Unix epoch. */
  readonly at: number;
  readonly update: Uint8Array;
}

export class KeptStore {
  readonly #db: IDBDatabase;
  /** Called with what could not be written, when that is known. */
  readonly #onfailure: (error: unknown) => void;

  private constructor(db: IDBDatabase, onfailure: (error: unknown) => void) {
    this.#db = db;
    this.#onfailure = onfailure;
  }

  /**
   * Open the browser's database, and forget there what is so old that nobody comes back for it.
   *
   * @throws Error where the browser has none, or refuses it.
   */
  static async open(onfailure: (error: unknown) => void): Promise<KeptStore> {
    const db: IDBDatabase = await openDB(NAME, (fresh) => {
      for (const name of STORES) {
        const keyPath = name === 'changes' ? ['place', 'page', 'number'] : ['place', 'page'];
        fresh.createObjectStore(name, { keyPath }).createIndex('at', 'at');
      }
    });
    const store = new KeptStore(db, onfailure);
    await store.#forgetBefore(Date.now() - FORGOTTEN_AFTER);
    return store;
  }

  async #forgetBefore(time: number): Promise<void> {
    const [changes, documents] = this.#begin('readwrite');
    for (const each of [changes, documents]) {
      for (const key of await rtop(each.index('at').getAllKeys(IDBKeyRange.upperBound(time)))) {
        each.delete(key);
      }
    }
  }

  /** Return all changes of a place, those of each page in their order. */
  async changes(place: string): Promise<Kept[]> {
    return rtop(this.#begin('readonly')[0].getAll(below([place])));
  }

  /** Return the document that a page changed, if it was kept. */
  async document(place: string, page: string): Promise<Kept | undefined> {
    return rtop(this.#begin('readonly')[1].get([place, page]));
  }

  addChange(change: Kept): void {
    this.#write(([changes]) => void changes.put(change));
  }

  setDocument(document: Kept): void {
    this.#write(([, documents]) => void documents.put(document));
  }

  /** Forget what a page has changed up to a number, and its document. */
  forget(place: string, page: string, number: number): void {
    this.#write(([changes, documents]) => {
      changes.delete(IDBKeyRange.bound([place, page, 0], [place, page, number]));
      documents.delete([place, page]);
    });
  }

  #begin(mode: IDBTransactionMode): [IDBObjectStore, IDBObjectStore] {
    const transaction = this.#db.transaction(STORES, mode, { durability: 'relaxed' });
    return [transaction.objectStore('changes'), transaction.objectStore('documents')];
  }

  #write(write: (stores: [IDBObjectStore, IDBObjectStore]) => void): void {
    try {
      const stores = this.#begin('readwrite');
      const { transaction } = stores[0];
      transaction.onabort = () => this.#onfailure(transaction.error);
      write(stores);
      transaction.commit();
    } catch (error) {
      this.#onfailure(error);
    }
  }
}

/** All keys that begin so. */
const below = (key: Key): IDBKeyRange => IDBKeyRange.bound(key, [...key, []]);
