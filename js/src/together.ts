/**
 * Where the person on this page is, told to a room for all of the page's views of it.
 *
 * A person is in one place: the one in the view where something has happened last. With the last view
 * they leave, and when the page goes.
 */
import type { Presentation, User, Whereabouts } from './sync/presence_states.ts';
import type { Room } from './sync/room.ts';
import type { PresenceSource } from './table/options.ts';
import { findUser } from './user.ts';

interface Visit {
  at: Whereabouts;
  isTyping: boolean;
}

/** A view's part in its room's presence. */
export interface Attendance extends PresenceSource {
  /** The view is no longer there. */
  leave(): void;
}

const visitors = new WeakMap<Room, Visitor>();

/** Take part in a room; `told` is who works here, as the kernel was told. */
export function attend(room: Room, told: () => Partial<User> | null | undefined): Attendance {
  const visitor = visitors.get(room) ?? new Visitor(room);
  visitors.set(room, visitor);
  const visit: Visit = { at: { tableId: '' }, isTyping: false };
  void visitor.call(told());
  return {
    get peers() {
      return room.presence.peers;
    },
    onChange: (listener) => room.presence.onChange(listener),
    show: (at, isTyping) => {
      Object.assign(visit, { at, isTyping });
      visitor.take(visit);
    },
    leave: () => visitor.drop(visit),
  };
}

class Visitor {
  readonly #room: Room;
  /** The latest at the end. */
  #visits: Visit[] = [];
  #user: User | undefined;
  #stop: AbortController | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  async call(told: Partial<User> | null | undefined): Promise<void> {
    this.#user = await findUser(told);
    this.#show();
  }

  take(visit: Visit): void {
    this.#visits = [...this.#visits.filter((other) => other !== visit), visit];
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      const { signal } = this.#stop;
      addEventListener('pagehide', () => this.#room.presence.show(undefined), { signal });
      addEventListener('pageshow', () => this.#show(), { signal });
    }
    this.#show();
  }

  drop(visit: Visit): void {
    this.#visits = this.#visits.filter((other) => other !== visit);
    if (this.#visits.length === 0) {
      this.#stop?.abort();
      this.#stop = undefined;
    }
    this.#show();
  }

  #show(): void {
    // A view in which nothing is selected says less than one where something was.
    const visit =
      this.#visits.filter(({ at }) => at.rowId !== undefined).at(-1) ?? this.#visits.at(-1);
    const own: Presentation | undefined =
      visit && this.#user ? { ...this.#user, at: visit.at, isTyping: visit.isTyping } : undefined;
    this.#room.presence.show(own);
  }
}
