/**
 * What is seen of an open `*.tinybase.json` file: one of its tables, live, and the strip to choose another; or, where
 * the file is no Store's JSON, what it is and why it can't be shown.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { mountTable, type Status, type TableHandle } from '../table/index.ts';
import css from './document.css';
import type { TinyBaseModel } from './model.ts';
import { DocumentPresence } from './presence.ts';
import { Tables } from './tables.ts';
import { UnreadableNotice } from './unreadable.ts';

/** The table of a document that has none yet. */
const FIRST_TABLE = 'table';
const MIN_HEIGHT = 120;

export interface PanelActions {
  save(): void;
  openAsText(): void;
}

export class TinyBasePanel extends Widget {
  readonly #context: DocumentRegistry.IContext<TinyBaseModel>;
  readonly #actions: PanelActions;
  readonly #place = document.createElement('div');
  readonly #host = document.createElement('div');
  readonly #tables = new Tables({ show: (tableId) => this.showTable(tableId) });
  readonly #notice: UnreadableNotice;
  #table: TableHandle | undefined;
  #tableId: string | undefined;
  #listener: string | undefined;
  #presence: DocumentPresence | undefined;

  constructor(context: DocumentRegistry.IContext<TinyBaseModel>, actions: PanelActions) {
    super();
    this.#context = context;
    this.#actions = actions;
    this.#notice = new UnreadableNotice(() => actions.openAsText());
    this.addClass('tbw-document');
    addStyle();
    this.#place.className = 'tbw-document-place';
    this.#place.append(this.#host);
    this.node.tabIndex = -1;
    this.node.append(this.#notice.element, this.#place, this.#tables.element);
    this.node.addEventListener('keydown', this.#onKey);
    void context.ready.then(() => this.#start());
  }

  override dispose(): void {
    if (this.isDisposed) return;
    const { model } = this.#context;
    model.stateChanged.disconnect(this.#update);
    if (this.#listener !== undefined && !model.sharedModel.isDisposed)
      model.sharedModel.room.store.delListener(this.#listener);
    this.#table?.destroy();
    this.#presence?.leave();
    super.dispose();
  }

  /** Shows one of the document's tables, or one that is yet to be. */
  showTable(tableId: string): void {
    this.#tableId = tableId;
    this.#table?.update({ tableId });
    this.#update();
    this.#table?.focus();
  }

  protected override onActivateRequest(_message: Message): void {
    if (this.#table && !this.#place.hidden) this.#table.focus();
    else this.node.focus();
  }

  protected override onResize(_message: Widget.ResizeMessage): void {
    this.#fit();
  }

  protected override onAfterShow(_message: Message): void {
    this.#fit();
  }

  #start(): void {
    const { model } = this.#context;
    if (this.isDisposed || model.isDisposed) return;
    const { room } = model.sharedModel;
    this.#tableId = room.store.getTableIds()[0] ?? FIRST_TABLE;
    if (model.collaborative) this.#presence = new DocumentPresence(model.sharedModel.awareness);
    this.#table = mountTable(this.#host, {
      store: room.store,
      tableId: this.#tableId,
      newRowId: room.newRowId,
      height: this.#height,
      readOnly: this.#isReadOnly,
      status: this.#status,
      conflicts: room.conflicts,
      history: room,
      ...(this.#presence && { presence: this.#presence }),
    });
    this.#listener = room.store.addTableIdsListener(() => this.#update());
    model.stateChanged.connect(this.#update);
    this.#update();
  }

  readonly #update = (): void => {
    const { sharedModel } = this.#context.model;
    if (sharedModel.isDisposed) return;
    const { unreadable, room } = sharedModel;
    const tableIds = room.store.getTableIds();
    this.#notice.update(unreadable);
    // What was there before the file was broken is still there, to be looked at.
    this.#place.hidden = unreadable !== undefined && tableIds.length === 0;
    this.#tables.element.hidden = this.#place.hidden;
    const shown = this.#tableId ?? FIRST_TABLE;
    const listed = tableIds.includes(shown) ? tableIds : [...tableIds, shown];
    this.#tables.update(listed, shown, this.#isReadOnly);
    this.#table?.update({ readOnly: this.#isReadOnly, status: this.#status });
    this.#fit();
  };

  get #isReadOnly(): boolean {
    const { contentsModel, model } = this.#context;
    return (
      model.readOnly ||
      contentsModel?.writable === false ||
      model.sharedModel.unreadable !== undefined
    );
  }

  get #status(): Status {
    const { dirty, sharedModel } = this.#context.model;
    if (sharedModel.unreadable !== undefined) {
      return { state: 'offline', text: 'Not saved while the file can’t be read' };
    }
    if (this.#context.contentsModel?.writable === false) {
      return { state: 'synced', text: 'The file is read-only' };
    }
    return dirty
      ? { state: 'connecting', text: 'Not saved yet' }
      : { state: 'synced', text: 'Saved' };
  }

  get #height(): number {
    return Math.max(MIN_HEIGHT, this.#place.clientHeight);
  }

  #fit(): void {
    if (this.isVisible) this.#table?.update({ height: this.#height });
  }

  /** The table keeps JupyterLab's shortcuts away from its keys; those of documents are wanted all the same. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const isSave = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isSave && event.key.toLowerCase() === 's') {
      event.preventDefault();
      event.stopPropagation();
      this.#actions.save();
    }
  };
}

function addStyle(): void {
  const mark = 'data-tbw-document';
  if (document.querySelector(`style[${mark}]`)) return;
  const style = document.createElement('style');
  style.setAttribute(mark, '');
  style.textContent = css;
  document.head.append(style);
}
