/**
 * What JupyterLab knows of an open `*.tinybase.json` file: whether it has unsaved edits, and how to make them text.
 *
 * An edit of this page makes the document dirty. Saving makes it clean again: here by JupyterLab, and with
 * jupyter-collaboration by the server, a second after the last edit.
 */
import type { DocumentChange } from '@jupyter/ydoc';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { PartialJSONValue } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import type * as Y from 'yjs';
import { ROOT } from '../sync/containers.ts';
import { TinyBaseDocument } from './document.ts';

type StateChange =
  DocumentRegistry.IModel['stateChanged'] extends ISignal<unknown, infer T> ? T : never;

export class TinyBaseModel implements DocumentRegistry.IModel {
  readonly defaultKernelName = '';
  readonly defaultKernelLanguage = '';
  readonly sharedModel: TinyBaseDocument;
  readonly collaborative: boolean;
  readonly contentChanged = new Signal<this, void>(this);
  readonly stateChanged = new Signal<this, StateChange>(this);
  isDisposed = false;
  #readOnly = false;

  constructor({
    sharedModel,
    collaborationEnabled,
  }: DocumentRegistry.IModelOptions<TinyBaseDocument> = {}) {
    this.sharedModel = sharedModel ?? new TinyBaseDocument();
    this.collaborative = collaborationEnabled === true && sharedModel !== undefined;
    this.sharedModel.changed.connect(this.#onShared);
    this.sharedModel.ydoc.on('afterTransaction', this.#onTransaction);
  }

  get dirty(): boolean {
    return this.sharedModel.dirty;
  }

  set dirty(value: boolean) {
    if (value !== this.dirty) {
      this.sharedModel.dirty = value;
    }
  }

  get readOnly(): boolean {
    return this.#readOnly;
  }

  set readOnly(newValue: boolean) {
    const oldValue = this.#readOnly;
    if (newValue !== oldValue) {
      this.#readOnly = newValue;
      this.stateChanged.emit({ name: 'readOnly', oldValue, newValue });
    }
  }

  toString(): string {
    return this.sharedModel.getSource();
  }

  fromString(text: string): void {
    this.sharedModel.setSource(text);
    this.dirty = false;
    this.contentChanged.emit();
  }

  toJSON(): PartialJSONValue {
    return JSON.parse(this.toString() || 'null');
  }

  fromJSON(json: PartialJSONValue): void {
    this.fromString(JSON.stringify(json));
  }

  initialize(): void {
    // Nothing but the file's content is ever there.
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.sharedModel.changed.disconnect(this.#onShared);
      this.sharedModel.ydoc.off('afterTransaction', this.#onTransaction);
      Signal.clearData(this);
    }
  }

  readonly #onShared = (_sender: unknown, { stateChange }: DocumentChange): void => {
    for (const { name, oldValue, newValue } of stateChange ?? []) {
      if (oldValue !== newValue) {
        this.stateChanged.emit({ name, oldValue, newValue });
      }
    }
  };

  readonly #onTransaction = (transaction: Y.Transaction): void => {
    const root = this.sharedModel.ydoc.getMap(ROOT);
    if (!transaction.changedParentTypes.has(root as never)) {
      return;
    }
    const isEdit = transaction.local && !this.sharedModel.isLoading;
    // Not within the transaction, of which others have still to hear.
    queueMicrotask(() => {
      if (!this.isDisposed) {
        if (isEdit) {
          this.dirty = true;
        }
        this.contentChanged.emit();
      }
    });
  };
}

export class TinyBaseModelFactory implements DocumentRegistry.IModelFactory<TinyBaseModel> {
  readonly name = 'tinybase';
  readonly contentType: Contents.ContentType = 'tinybase';
  readonly fileFormat: Contents.FileFormat = 'text';
  readonly collaborative = true;
  isDisposed = false;

  createNew(options?: DocumentRegistry.IModelOptions<TinyBaseDocument>): TinyBaseModel {
    return new TinyBaseModel(options);
  }

  preferredLanguage(): string {
    return '';
  }

  dispose(): void {
    this.isDisposed = true;
  }
}
