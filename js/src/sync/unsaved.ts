/**
 * Which of this replica's own changes a link's peer has not confirmed yet.
 *
 * Changes are counted as they are made. A link that confirms (`Link.confirms`) says of each message
 * when the peer has taken it; an answer to a step 1 has all there is, so its confirmation is one of
 * every change made before. What is lost on the way is confirmed by nothing, and stays counted until
 * such an answer has arrived. Not every change is an edit of somebody's: a note of a conflict is none.
 */
import type { Link } from './link.ts';

interface Account {
  /** How many edits were made before the link was there, until its peer has them. */
  before: number;
  /** Later changes that are not confirmed, by number, and whether they are edits. */
  readonly pending: Map<number, boolean>;
  /** How many of those are edits. */
  edits: number;
  /** Numbers of those that go out with the next message. */
  leaving: number[];
}

export class Unsaved {
  readonly #accounts = new Map<Link, Account>();
  /** Of former links, by the peer's name: how many edits it lacked, of how many there were. */
  readonly #former = new Map<string, { readonly lacked: number; readonly of: number }>();
  readonly #onchange: (link: Link) => void;
  #made = 0;
  #edited = 0;

  /** @param onchange is called when more or fewer of the changes are confirmed */
  constructor(onchange: (link: Link) => void) {
    this.#onchange = onchange;
  }

  /** Begin with a link, whose peer knows of what was edited so far what a former link had told it. */
  open(link: Link): void {
    if (link.confirms === true) {
      const { lacked, of } = this.#former.get(link.name) ?? { lacked: 0, of: 0 };
      this.#accounts.set(link, {
        before: lacked + this.#edited - of,
        pending: new Map(),
        edits: 0,
        leaving: [],
      });
    }
  }

  close(link: Link): void {
    if (this.#accounts.has(link)) {
      this.#former.set(link.name, { lacked: this.edits(link), of: this.#edited });
    }
    this.#accounts.delete(link);
  }

  /** How many edits a link's peer has not confirmed. */
  edits(link: Link): number {
    const { before = 0, edits = 0 } = this.#accounts.get(link) ?? {};
    return before + edits;
  }

  /** Whether a link's peer has confirmed everything. */
  isEmpty(link: Link): boolean {
    const { before = 0, pending } = this.#accounts.get(link) ?? {};
    return before === 0 && (pending?.size ?? 0) === 0;
  }

  /** Take note of a change made here. */
  add(isEdit: boolean): void {
    this.#made += 1;
    this.#edited += isEdit ? 1 : 0;
    for (const [link, account] of this.#accounts) {
      account.pending.set(this.#made, isEdit);
      account.edits += isEdit ? 1 : 0;
      this.#onchange(link);
    }
  }

  /** The last change goes out over a link, with its next message. */
  isLeaving(link: Link): void {
    this.#accounts.get(link)?.leaving.push(this.#made);
  }

  /** Nothing goes out over a link. */
  isStaying(link: Link): void {
    this.#accounts.get(link)?.leaving.splice(0);
  }

  /** Return what to call when the message that goes out now is confirmed. */
  departing(link: Link): (() => void) | undefined {
    const account = this.#accounts.get(link);
    const numbers = account?.leaving.splice(0) ?? [];
    return account && numbers.length > 0 ? () => this.#confirm(link, account, numbers) : undefined;
  }

  /** Return what to call when a message is confirmed that has everything there is now. */
  departingWhole(link: Link): (() => void) | undefined {
    const account = this.#accounts.get(link);
    const last = this.#made;
    if (account === undefined) {
      return undefined;
    }
    return () => {
      account.before = 0;
      const numbers = [...account.pending.keys()].filter((number) => number <= last);
      this.#confirm(link, account, numbers);
    };
  }

  #confirm(link: Link, account: Account, numbers: readonly number[]): void {
    for (const number of numbers) {
      account.edits -= account.pending.get(number) === true ? 1 : 0;
      account.pending.delete(number);
    }
    if (this.#accounts.get(link) === account) {
      this.#onchange(link);
    }
  }
}
