/** A small form over the table that asks for a name, and says why one cannot be. */
import { Popover } from './popover.ts';

export interface NameRequest {
  /** What gets the name. */
  readonly noun: string;
  readonly label: string;
  readonly button: string;
  readonly name: string;
  /** Why a name cannot be; undefined if it can. */
  check(name: string): string | undefined;
  onName(name: string): void;
  onCancel(): void;
}

export class NamePrompt {
  readonly #popover: Popover;
  readonly #label = document.createElement('label');
  readonly #input = document.createElement('input');
  readonly #button = document.createElement('button');
  readonly #message = document.createElement('div');
  #request: NameRequest | undefined;

  constructor(root: HTMLElement) {
    this.#popover = new Popover(root, 'tbw-prompt', { onLeave: () => this.#cancel() }, 'form');
    this.#input.className = 'tbw-field';
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    this.#button.className = 'tbw-button tbw-strong';
    this.#message.className = 'tbw-prompt-message';
    this.#message.setAttribute('role', 'alert');
    const line = document.createElement('div');
    line.className = 'tbw-prompt-line';
    line.append(this.#input, this.#button);
    const { element } = this.#popover;
    element.append(this.#label, line, this.#message);
    element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    element.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      event.preventDefault();
      this.#cancel();
    });
    this.#input.addEventListener('input', () => this.#show(undefined));
  }

  ask(request: NameRequest, anchor: DOMRect): void {
    this.close();
    this.#request = request;
    this.#label.textContent = request.label;
    this.#input.setAttribute('aria-label', request.label);
    this.#button.textContent = request.button;
    this.#input.value = request.name;
    this.#show(undefined);
    this.#popover.show(anchor);
    this.#input.focus({ preventScroll: true });
    this.#input.select();
  }

  close(): void {
    this.#request = undefined;
    this.#popover.hide();
  }

  #submit(): void {
    const name = this.#input.value.trim();
    const message =
      name === '' ? `A ${this.#request?.noun} needs a name.` : this.#request?.check(name);
    if (message !== undefined) {
      this.#show(message);
      this.#input.focus({ preventScroll: true });
      return;
    }
    const request = this.#request;
    this.close();
    request?.onName(name);
  }

  #cancel(): void {
    const request = this.#request;
    this.close();
    request?.onCancel();
  }

  #show(message: string | undefined): void {
    this.#message.textContent = message ?? '';
    this.#message.hidden = message === undefined;
    this.#input.setAttribute('aria-invalid', String(message !== undefined));
  }
}
