/** Who else is here: a row of initials in the toolbar. A click goes to where they are. */
import type { PeerState } from '../../sync/presence_states.ts';
import { part } from '../looking/dom.ts';
import { setColor } from './colors.ts';

const MAX_SHOWN = 5;

export interface WhoContent {
  readonly peer: PeerState;
  /** What the peer does, as the end of a sentence. */
  readonly text: string;
}

export class Who {
  readonly element = part('div', 'tbw-who');
  readonly #goTo: (peer: PeerState) => void;
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #more = part('span', 'tbw-who-more');

  constructor(goTo: (peer: PeerState) => void) {
    this.#goTo = goTo;
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', 'Also here');
    this.element.hidden = true;
  }

  update(everybody: readonly WhoContent[]): void {
    const shown = everybody.slice(0, MAX_SHOWN);
    const others = everybody.slice(MAX_SHOWN);
    const ids = new Set(shown.map(({ peer }) => peer.id));
    for (const [id, button] of this.#buttons) {
      if (!ids.has(id)) {
        button.remove();
        this.#buttons.delete(id);
      }
    }
    for (const content of shown) this.#show(content);
    this.#more.textContent = `+${others.length}`;
    this.#more.title = others.map(({ peer }) => peer.name).join('\n');
    if (others.length > 0) this.element.append(this.#more);
    else this.#more.remove();
    this.element.hidden = everybody.length === 0;
  }

  #show({ peer, text }: WhoContent): void {
    const button = this.#buttons.get(peer.id) ?? this.#make(peer.id);
    const label = `${peer.name}, ${text}`;
    button.onclick = () => this.#goTo(peer);
    if (button.title !== label) {
      button.title = label;
      button.setAttribute('aria-label', label);
    }
    const initials = peer.isKernel ? '>_' : initialsOf(peer.name);
    if (button.textContent !== initials) button.textContent = initials;
    button.dataset.kind = peer.isKernel ? 'kernel' : 'page';
    button.toggleAttribute('data-typing', peer.isTyping === true);
    setColor(button, peer.color);
  }

  #make(id: number): HTMLButtonElement {
    const button = part('button', 'tbw-avatar') as HTMLButtonElement;
    button.type = 'button';
    button.dataset.peer = String(id);
    // Keeps the focus, and with it an open editor, until the click says what to do.
    button.addEventListener('mousedown', (event) => event.preventDefault());
    this.#buttons.set(id, button);
    this.element.append(button);
    return button;
  }
}

/** The first letters of the first and the last word of a name. */
export const initialsOf = (name: string): string => {
  const words = name.split(' ');
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => (Array.from(word ?? '')[0] ?? '').toLocaleUpperCase()).join('');
};
