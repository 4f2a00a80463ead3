/**
 * The shared document of a `*.tinybase.json` file: its content in TinyBase's layout, in JupyterLab's own Yjs.
 *
 * With jupyter-collaboration the server reads and writes the file (`tinybase_widget/documents/ytinybase.py`), and the
 * document arrives through its provider; otherwise `setSource` and `getSource` are what JupyterLab loads and saves.
 * A text that is no Store's JSON leaves the content as it is, is kept in the document's state for people to see, and
 * is what is saved until the file is mended.
 */
import { type DocumentChange, YDocument } from '@jupyter/ydoc';
import { createStore } from 'tinybase/store';
import { Room } from '../sync/room.ts';
import { readContent, UnreadableError, writeContent } from './content.ts';

const UNREADABLE = 'tinybase/unreadable';

/** A file's text that is no Store's JSON, and why. */
export interface Unreadable {
  readonly text: string;
  readonly reason: string;
}

export class TinyBaseDocument extends YDocument<DocumentChange> {
  readonly version = '1.0.0';
  #room: Room | undefined;
  #isLoading = false;

  /** Whether what is changing is taken from the file. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** The Store and its document; to be asked for when there is content, or there will be none. */
  get room(): Room {
    this.#room ??= new Room('document', this.ydoc);
    return this.#room;
  }

  /** What the file holds, if it is no Store's JSON. */
  get unreadable(): Unreadable | undefined {
    const found = this.ystate.get(UNREADABLE) as Partial<Unreadable> | undefined;
    if (typeof found?.text !== 'string') {
      return undefined;
    }
    return { text: found.text, reason: String(found.reason) };
  }

  getSource(): string {
    return this.unreadable?.text ?? writeContent(this.room.store);
  }

  setSource(text: string): void {
    this.#isLoading = true;
    try {
      const content = readContent(text);
      if (this.#room === undefined) {
        // What is there at the beginning is nothing to be undone.
        this.#room = new Room('document', this.ydoc, createStore().setContent(content));
      } else {
        this.#room.store.setContent(content);
      }
      this.ystate.delete(UNREADABLE);
    } catch (error) {
      if (!(error instanceof UnreadableError)) {
        throw error;
      }
      this.ystate.set(UNREADABLE, { text, reason: error.message });
      // Made here, it is no edit of a person: that would be one to be saved.
      this.#room ??= new Room('document', this.ydoc);
    } finally {
      this.#isLoading = false;
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#room?.destroy();
      super.dispose();
    }
  }
}
