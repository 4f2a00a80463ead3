/**
 * A question about something that was about to happen, with a button for each answer.
 *
 * It has the focus until it is answered; Escape, or a press elsewhere, is the answer "no".
 */
import { Popover } from './popover.ts';

export interface Answer {
  /** Names the button to style sheets and tests. */
  readonly action: string;
  readonly label: string;
  run(): void;
}

export interface QuestionContent {
  readonly title: string;
  readonly lines: readonly string[];
  /** The first one is what most people want. */
  readonly answers: readonly Answer[];
  readonly cancelLabel: string;
  onCancel(): void;
}

export class Question {
  readonly #popover: Popover;
  #content: QuestionContent | undefined;

  constructor(root: HTMLElement) {
    this.#popover = new Popover(root, 'tbw-question', { onLeave: () => this.#cancel() });
    const { element } = this.#popover;
    element.setAttribute('role', 'alertdialog');
    element.setAttribute('aria-modal', 'true');
    element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  ask(content: QuestionContent, anchor: DOMRect): void {
    this.close();
    this.#content = content;
    const title = part('div', 'tbw-question-title', content.title);
    const list = part('ul', 'tbw-question-lines');
    list.append(...content.lines.map((line) => part('li', '', line)));
    list.hidden = content.lines.length === 0;
    const buttons = part('div', 'tbw-question-answers');
    content.answers.forEach(({ action, label, run }, index) => {
      buttons.append(button(action, label, index === 0, () => this.#answer(run)));
    });
    buttons.append(button('cancel', content.cancelLabel, false, () => this.#cancel()));
    this.#popover.element.setAttribute('aria-label', [content.title, ...content.lines].join(' '));
    this.#popover.element.replaceChildren(title, list, buttons);
    this.#popover.show(anchor);
    this.#buttons()[0]?.focus({ preventScroll: true });
  }

  /** Takes the question away without an answer. */
  close(): void {
    this.#content = undefined;
    this.#popover.hide();
  }

  #answer(run: () => void): void {
    this.close();
    run();
  }

  #cancel(): void {
    const content = this.#content;
    this.close();
    content?.onCancel();
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#popover.element.querySelectorAll('button')];
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const buttons = this.#buttons();
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };
    const step = event.key === 'Tab' ? (event.shiftKey ? -1 : 1) : steps[event.key];
    if (event.key === 'Escape') this.#cancel();
    else if (step !== undefined)
      buttons[(at + step + buttons.length) % buttons.length]?.focus({ preventScroll: true });
    else return;
    event.preventDefault();
  }
}

const button = (
  action: string,
  label: string,
  isPrimary: boolean,
  onClick: () => void,
): HTMLButtonElement => {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = `tbw-button ${isPrimary ? 'tbw-strong' : 'tbw-primary'}`;
  element.dataset.action = action;
  element.textContent = label;
  element.addEventListener('click', onClick);
  return element;
};

const part = (tag: string, className: string, text = ''): HTMLElement => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
