/**
 * The JupyterLab extension: `*.tinybase.json` files open as live tables, and File > New makes one.
 *
 * With jupyter-collaboration an open file is its server's shared document, for several people; without, it is
 * loaded and saved by JupyterLab. JupyterLab's own Yjs is used here, which the widget's must never meet
 * (`sync/page.ts`): the two share files and rooms through servers only.
 */
import { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ABCWidgetFactory, type DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { TinyBaseDocument } from './document.ts';
import { tableIcon } from './icon.ts';
import { type TinyBaseModel, TinyBaseModelFactory } from './model.ts';
import { TinyBasePanel } from './panel.ts';

const FACTORY = 'TinyBase Table';
const FILE_TYPE = 'tinybase';
const EXTENSION = '.tinybase.json';
const EMPTY = '[{},{}]';
const CREATE = 'tinybase:create-new';

type TinyBaseWidget = DocumentWidget<TinyBasePanel, TinyBaseModel>;

class TinyBaseWidgetFactory extends ABCWidgetFactory<TinyBaseWidget, TinyBaseModel> {
  readonly #commands: JupyterFrontEnd['commands'];

  constructor(
    commands: JupyterFrontEnd['commands'],
    options: DocumentRegistry.IWidgetFactoryOptions<TinyBaseWidget>,
  ) {
    super(options);
    this.#commands = commands;
  }

  protected createNewWidget(context: DocumentRegistry.IContext<TinyBaseModel>): TinyBaseWidget {
    const content = new TinyBasePanel(context, {
      save: () => void this.#commands.execute('docmanager:save'),
      openAsText: () =>
        void this.#commands.execute('docmanager:open', { path: context.path, factory: 'Editor' }),
    });
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = tableIcon;
    widget.toolbar.hide(); // the table has its own
    return widget;
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'tinybase-widget:document',
  description: 'Opens *.tinybase.json files as live tables.',
  autoStart: true,
  optional: [ICollaborativeContentProvider, ILayoutRestorer, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    collaboration: ICollaborativeContentProvider | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
  ) => {
    const { commands, docRegistry, serviceManager } = app;
    docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: 'TinyBase Table',
      extensions: [EXTENSION],
      mimeTypes: ['application/json'],
      contentType: 'file', // what it is to the contents manager; the model's is another
      fileFormat: 'text',
      icon: tableIcon,
    });
    docRegistry.addModelFactory(new TinyBaseModelFactory());
    collaboration?.sharedModelFactory.registerDocumentFactory(
      'tinybase',
      () => new TinyBaseDocument(),
    );
    const factory = new TinyBaseWidgetFactory(commands, {
      name: FACTORY,
      modelName: 'tinybase',
      fileTypes: [FILE_TYPE],
      defaultFor: [FILE_TYPE],
      ...(collaboration && { contentProviderId: 'rtc' }),
    });
    docRegistry.addWidgetFactory(factory);

    const tracker = new WidgetTracker<TinyBaseWidget>({ namespace: 'tinybase' });
    factory.widgetCreated.connect((_sender, widget) => {
      widget.context.pathChanged.connect(() => void tracker.save(widget));
      void tracker.add(widget);
    });
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: ({ context }) => ({ path: context.path, factory: FACTORY }),
      name: ({ context }) => context.path,
    });

    commands.addCommand(CREATE, {
      label: (args) => (args.isPalette ? 'New TinyBase Table' : 'TinyBase Table'),
      caption: 'Create a table for several people, in a file',
      icon: (args) => (args.isPalette ? undefined : tableIcon),
      execute: async (args) => {
        // Asked for only here: on a page without a file browser it would start one in its midst.
        const path =
          typeof args.cwd === 'string'
            ? args.cwd
            : ((await app.resolveOptionalService(IDefaultFileBrowser))?.model.path ?? '');
        const { contents } = serviceManager;
        const file = await contents.newUntitled({ path, type: 'file', ext: EXTENSION });
        await contents.save(file.path, { type: 'file', format: 'text', content: EMPTY });
        return commands.execute('docmanager:open', { path: file.path, factory: FACTORY });
      },
    });
    palette?.addItem({ command: CREATE, category: 'Table', args: { isPalette: true } });
    launcher?.add({ command: CREATE, category: 'Other', rank: 3 });
  },
};

export default plugin;
