/** What lies over the table now and then: its menu, a question, a request for a name. */
import { ContextMenu } from './context_menu.ts';
import { NamePrompt, type NameRequest } from './name_prompt.ts';
import { Question, type QuestionContent } from './question.ts';
import type { TableView } from './view.ts';

export class Overlays {
  readonly #view: TableView;
  readonly #grid: HTMLElement;
  readonly #question: Question;
  readonly #prompt: NamePrompt;
  readonly menu: ContextMenu;

  constructor(view: TableView, root: HTMLElement, grid: HTMLElement, signal: AbortSignal) {
    this.#view = view;
    this.#grid = grid;
    this.#question = new Question(root);
    this.#prompt = new NamePrompt(root);
    this.menu = new ContextMenu(view, root);
    this.menu.listen(grid, signal);
    signal.addEventListener('abort', () => {
      this.#question.close();
      this.#prompt.close();
    });
  }

  /** Asks something at the active cell. */
  ask(content: QuestionContent): void {
    this.#question.ask(content, this.activeBox());
  }

  /** Asks for a name below the header of a column, or at the active cell. */
  askName(request: NameRequest, column: string | undefined): void {
    const index = column === undefined ? 0 : this.#view.columnIndex(column);
    const header = index > 0 ? this.#view.grid?.headerNode(index) : undefined;
    this.#prompt.ask(request, header ? header.getBoundingClientRect() : this.activeBox());
  }

  /** Where the active cell is on the page; where the table is, if that is out of sight. */
  activeBox(): DOMRect {
    const { active } = this.#view.selection;
    const node = active && this.#view.painter.visibleNode(active);
    return (node ?? this.#grid).getBoundingClientRect();
  }
}
