/**
 * What an editor says of its text or of its cell: why the text is not taken, or that somebody else has
 * changed the cell. It lies beside the field, where it is in sight.
 */
const GAP = 3;

export class EditorMessage {
  readonly #editor: HTMLElement;
  readonly #field: HTMLElement;
  readonly #refusal = document.createElement('div');
  readonly #note = document.createElement('div');
  /** Whether it is a line of the editor, and not beside it. */
  readonly #isInline: boolean;

  constructor(editor: HTMLElement, field: HTMLElement, isInline: boolean) {
    this.#editor = editor;
    this.#field = field;
    this.#isInline = isInline;
    this.#refusal.className = 'tbw-editor-message';
    this.#refusal.setAttribute('role', 'alert');
    this.#note.className = 'tbw-editor-note';
    this.#note.setAttribute('role', 'status');
    this.#refusal.hidden = this.#note.hidden = true;
  }

  get elements(): readonly HTMLElement[] {
    return [this.#refusal, this.#note];
  }

  get isRejected(): boolean {
    return this.#field.getAttribute('aria-invalid') === 'true';
  }

  /** Marks the text as one that is not taken, and says why. */
  reject(message: string): void {
    this.#mark(message);
  }

  accept(): void {
    this.#mark(undefined);
  }

  /** Says something that is no fault of the text. */
  note(text: string): void {
    if (this.#note.textContent !== text) this.#note.textContent = text;
    this.#show();
  }

  /** Below the field, or above it, or beside it: where it is in sight. */
  place(): void {
    const area = this.#editor.offsetParent?.parentElement?.getBoundingClientRect();
    const [shown] = this.elements.filter(({ hidden }) => !hidden);
    if (!area || !shown || this.#isInline) return;
    const field = this.#field.getBoundingClientRect();
    const { width, height } = shown.getBoundingClientRect();
    let left = Math.max(area.left, Math.min(field.left, area.right - width - GAP));
    let top = field.bottom + GAP;
    if (top + height > area.bottom) top = field.top - height - GAP;
    if (top < area.top) {
      top = field.top + GAP;
      const isRightFree = field.right + width + GAP <= area.right;
      left = isRightFree ? field.right + GAP : field.left - width - GAP;
    }
    shown.style.left = `${left - field.left}px`;
    shown.style.top = `${top - field.top}px`;
  }

  #mark(message: string | undefined): void {
    this.#field.setAttribute('aria-invalid', String(message !== undefined));
    this.#field.title = message ?? '';
    this.#refusal.textContent = message ?? '';
    this.#show();
  }

  /** A refusal goes before a note. */
  #show(): void {
    this.#refusal.hidden = !this.isRejected;
    this.#note.hidden = this.isRejected || this.#note.textContent === '';
    this.place();
  }
}
