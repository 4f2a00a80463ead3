/**
 * Frames around the cells in which others are, with their names.
 *
 * They lie over the cells, in what scrolls with them: a cell that is painted again knows nothing of them.
 */
import type { PeerState } from '../../sync/presence_states.ts';
import { part } from '../looking/dom.ts';
import type { TableView } from '../view.ts';
import { setColor } from './colors.ts';

const STILL_AFTER = 4_000; // ms

interface Mark {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  place: string;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Somebody whose cell is in the table. */
export interface Placed {
  readonly peer: PeerState;
  readonly row: string;
  readonly column: string;
}

export class Marks {
  readonly #view: TableView;
  readonly #layer = part('div', 'tbw-peers');
  readonly #marks = new Map<number, Mark>();

  constructor(view: TableView) {
    this.#view = view;
    this.#layer.setAttribute('aria-hidden', 'true');
  }

  /** Draws the frames where the cells are now; those of one cell share a name. */
  show(placed: readonly Placed[]): void {
    const { grid } = this.#view;
    if (!grid) return;
    if (this.#layer.parentNode !== grid.canvas) grid.canvas.append(this.#layer);
    const ids = new Set(placed.map(({ peer }) => peer.id));
    for (const [id, mark] of this.#marks) if (!ids.has(id)) this.#remove(id, mark);
    const names = new Map<string, Mark>();
    for (const { peer, row, column } of placed) {
      const mark = this.#marks.get(peer.id) ?? this.#make(peer.id);
      const place = JSON.stringify([row, column]);
      setColor(mark.element, peer.color);
      mark.element.toggleAttribute('data-typing', peer.isTyping === true);
      this.#put(mark, row, column);
      const text = peer.isTyping ? `${peer.name} is typing` : peer.name;
      const first = names.get(place);
      if (first) first.name.textContent += `, ${text}`;
      else {
        names.set(place, mark);
        setText(mark.name, text);
      }
      mark.name.hidden = first !== undefined;
      if (mark.place !== place) this.#move(mark, place);
    }
  }

  destroy(): void {
    for (const [id, mark] of this.#marks) this.#remove(id, mark);
    this.#layer.remove();
  }

  #put({ element }: Mark, row: string, column: string): void {
    const { grid } = this.#view;
    const index = this.#view.indexOf(row);
    const columnIndex = this.#view.columnIndex(column);
    const box = grid?.boxOf(index, columnIndex);
    element.hidden = box === undefined;
    if (!box || !grid) return;
    const { left, top, width, height } = box;
    const cut = grid.coveredTo(columnIndex) - left;
    Object.assign(element.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`,
      clipPath: cut > 0 ? `inset(-30px -400px -30px ${cut}px)` : '',
    });
    element.hidden = cut >= width;
    // The name is above its cell, where the first row in sight has no place.
    element.toggleAttribute('data-below', index <= grid.anchor.row);
    element.toggleAttribute('data-start', this.#view.live.typeOf(column) === 'number');
  }

  /** The name is written out for a moment, then only shown small. */
  #move(mark: Mark, place: string): void {
    mark.place = place;
    mark.element.removeAttribute('data-still');
    clearTimeout(mark.timer);
    mark.timer = setTimeout(() => mark.element.setAttribute('data-still', ''), STILL_AFTER);
  }

  #make(id: number): Mark {
    const element = part('div', 'tbw-peer');
    const name = part('span', 'tbw-peer-name');
    element.dataset.peer = String(id);
    element.append(name);
    this.#layer.append(element);
    const mark: Mark = { element, name, place: '', timer: undefined };
    this.#marks.set(id, mark);
    return mark;
  }

  #remove(id: number, { element, timer }: Mark): void {
    clearTimeout(timer);
    element.remove();
    this.#marks.delete(id);
  }
}

const setText = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};
