/** Large documents: read without making structs of them, and taken over piece by piece. */
import { createStore } from 'tinybase/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { CommLink } from '../../src/sync/comm_link.ts';
import type { Loading } from '../../src/sync/connection.ts';
import { encodeFrame } from '../../src/sync/frames.ts';
import type { LinkEvents, Rows } from '../../src/sync/link.ts';
import { Room } from '../../src/sync/room.ts';
import { outline } from '../../src/sync/update_bytes.ts';
import { eventually } from '../waiting.ts';
import { FakeModel } from '../widget_fake_model.ts';
import { docContent, randomFrom, storeContent } from './helpers.ts';

const ROWS = 8_000;

/** A kernel's document, with a Store to change it by. */
class Source {
  readonly store = createStore();
  readonly doc = new Y.Doc();

  constructor(rows = ROWS, name: (n: number) => string = String) {
    this.store.transaction(() => {
      for (let n = 0; n < rows; n++) {
        this.store.setRow('t', name(n), { n, name: `row ${n}`, even: n % 2 === 0 });
      }
    });
    new StoreBinding(this.store, this.doc);
  }

  get answer(): Uint8Array {
    return encodeFrame('step2', Y.encodeStateAsUpdate(this.doc));
  }
}

/** A page's room, with a link that a test speaks by. */
class Page {
  readonly room = new Room('zoo', undefined, undefined, true);
  readonly sent: Uint8Array[][] = [];
  readonly shown: Loading[] = [];
  hellos = 0;
  readonly link = {
    name: 'kernel',
    events: null as LinkEvents | null,
    hello: () => {
      this.hellos += 1;
    },
    send: (frames: readonly Uint8Array[]) => this.sent.push([...frames]),
    close: () => undefined,
  };

  constructor() {
    this.room.addLink(this.link);
    this.room.onLoading((link) => {
      const loading = this.room.loading(link);
      if (loading) this.shown.push(loading);
    });
  }

  hear(...frames: Uint8Array[]): void {
    this.link.events?.onframes(frames, { name: 'kernel', send: () => undefined });
  }

  /** Hear updates of rows that the kernel gives one after the other. */
  hearRows(rows: Rows, ...frames: Uint8Array[]): void {
    this.link.events?.onframes(frames, { name: 'kernel', send: () => undefined }, rows);
  }

  get rowCount(): number {
    return this.room.store.getRowCount('t');
  }

  async whenSynced(): Promise<void> {
    await eventually(() => expect(this.room.status(this.link)).toBe('synced'));
  }
}

let pages: Page[] = [];
afterEach(() => {
  for (const { room } of pages) room.destroy();
  pages = [];
  vi.restoreAllMocks();
});

function makePage(): Page {
  const page = new Page();
  pages.push(page);
  return page;
}

describe('a large document', () => {
  test.each([
    ['integers', String],
    ['names', (n: number) => `r${n}`],
  ])('comes row by row, and is in step when all is there (%s)', async (_, name) => {
    const [source, page] = [new Source(ROWS, name), makePage()];
    page.hear(source.answer);
    const first = page.rowCount;
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(ROWS / 2);
    expect(page.room.status(page.link)).toBe('connecting');
    await page.whenSynced();
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
    expect(docContent(page.room.doc)).toEqual(docContent(source.doc));
    expect(page.room.loading(page.link)).toBeUndefined();
  });

  test('is taken as a whole before it is said to be', async () => {
    const [source, page] = [new Source(), makePage()];
    page.hear(source.answer);
    const rows = await new Promise<number>((resolve) =>
      page.room.whenTaken(() => resolve(page.rowCount)),
    );
    expect(rows).toBe(ROWS);
  });

  test('begins with the first rows, whatever the order of its bytes', () => {
    const [source, page] = [new Source(30_000), makePage()];
    page.hear(source.answer);
    const ids = page.room.store.getRowIds('t').map(Number);
    expect(ids[0]).toBe(0);
    expect(Math.max(...ids)).toBe(ids.length - 1);
  });

  test('begins with the first rows, where their table was there before', () => {
    const [source, page] = [new Source(1), makePage()];
    page.hear(encodeFrame('update', Y.encodeStateAsUpdate(source.doc)));
    const state = Y.encodeStateVector(source.doc);
    source.store.setTable('t', new Source(30_000).store.getTable('t'));
    page.hear(encodeFrame('update', Y.encodeStateAsUpdate(source.doc, state)));
    const ids = page.room.store.getRowIds('t').map(Number);
    expect(ids.length).toBeGreaterThan(100);
    expect(Math.max(...ids)).toBe(ids.length - 1);
  });

  test('says how much of it is there', async () => {
    const [source, page] = [new Source(), makePage()];
    const { answer } = source;
    page.hear(answer);
    await page.whenSynced();
    const done = page.shown.map((loading) => loading.done);
    expect(page.shown.length).toBeGreaterThan(2);
    expect(page.shown.every(({ phase, of }) => phase === 'taking' && of === answer.length)).toBe(
      true,
    );
    expect(done).toEqual([...done].sort((one, other) => one - other));
    expect(done.at(-1)).toBeGreaterThan(answer.length * 0.9);
  });

  test('what is edited and said meanwhile comes after it, and nothing is lost', async () => {
    const [source, page] = [new Source(), makePage()];
    const { answer } = source;
    const before = Y.encodeStateVector(source.doc);
    source.store.setCell('t', String(ROWS - 1), 'n', -1);
    source.store.setRow('t', 'late', { n: 0 });
    page.hear(answer);
    page.hear(encodeFrame('update', Y.encodeStateAsUpdate(source.doc, before)));
    page.room.store.setCell('t', '5', 'n', -5);
    page.room.store.setCell('t', 'mine', 'n', -6);
    await page.whenSynced();
    await eventually(() => expect(page.room.store.getCell('t', 'late', 'n')).toBe(0));
    Y.applyUpdate(source.doc, Y.encodeStateAsUpdate(page.room.doc));
    expect(source.store.getRow('t', '5')).toMatchObject({ n: -5 });
    expect(source.store.getRow('t', 'mine')).toEqual({ n: -6 });
    expect(source.store.getCell('t', String(ROWS - 1), 'n')).toBe(-1);
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
  });

  test('never shows what was overwritten or deleted', async () => {
    const [source, page] = [new Source(), makePage()];
    for (let n = 0; n < 200; n += 2) source.store.setCell('t', String(n), 'n', -n - 1);
    for (let n = 1; n < 200; n += 20) source.store.delRow('t', String(n));
    const wrong: string[] = [];
    page.room.store.addRowListener('t', null, (store, _, rowId) => {
      const [row, wanted] = [store.getRow('t', rowId), source.store.getRow('t', rowId)];
      if (JSON.stringify(row) !== JSON.stringify(wanted)) wrong.push(rowId);
    });
    page.hear(source.answer);
    expect(page.rowCount).toBeGreaterThan(10);
    await page.whenSynced();
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
    // A row at the border of two pieces may lack cells for a moment.
    expect(wrong.length).toBeLessThan(15);
    expect(wrong.filter((rowId) => Number(rowId) < 200)).toEqual([]);
  });

  test('a table that is filled while the page is open comes in pieces, too', async () => {
    const [source, page] = [new Source(10), makePage()];
    page.hear(source.answer);
    await page.whenSynced();
    const before = Y.encodeStateVector(source.doc);
    source.store.setTable('u', new Source().store.getTable('t'));
    page.hear(encodeFrame('update', Y.encodeStateAsUpdate(source.doc, before)));
    expect(page.room.store.getRowCount('u')).toBeLessThan(ROWS / 2);
    await eventually(() => expect(page.room.store.getRowCount('u')).toBe(ROWS));
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
  });

  test('rows that others have made, too, lose nothing', async () => {
    const [one, other, page] = [new Source(ROWS, (n) => `r${n}`), new Source(0), makePage()];
    other.store.transaction(() => {
      for (let n = 0; n < 900; n++) other.store.setRow('t', `r${n * 3}`, { other: n });
    });
    page.hear(one.answer);
    page.hear(other.answer);
    await page.whenSynced();
    await eventually(() => expect(page.room.store.getCell('t', 'r2697', 'other')).toBe(899));
    expect(page.room.store.getRow('t', 'r3')).toEqual({
      n: 3,
      name: 'row 3',
      even: false,
      other: 1,
    });
  });

  test('brings every kind of cell as it is', async () => {
    const [source, page] = [new Source(), makePage()];
    const texts = [
      '',
      'ü',
      '€',
      '𝄞',
      '\0',
      '\ufffd',
      'x'.repeat(63),
      'x'.repeat(64),
      'x'.repeat(65),
    ];
    const cells = [
      ...texts,
      'y'.repeat(200),
      'é'.repeat(64),
      -0.5,
      1e300,
      2 ** 40,
      true,
      null,
      [1],
      {},
    ];
    source.store.transaction(() => {
      for (let n = 0; n < ROWS; n++) {
        source.store.setCell('u', `ü${n}`, 'cell', cells[n % cells.length] as string);
      }
    });
    page.hear(source.answer);
    await page.whenSynced();
    expect(docContent(page.room.doc)).toEqual(docContent(source.doc));
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
  });

  test('what is not an update is dropped with a warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const page = makePage();
    page.hear(encodeFrame('step2', new Uint8Array(400_000).fill(7)));
    expect(warn).toHaveBeenCalledOnce();
    expect(page.rowCount).toBe(0);
  });
});

describe('rows that come while the kernel is still writing them', () => {
  const COUNT = 3 * ROWS;

  /** The updates of a table that is made in three steps, and the answer that comes after them. */
  function steps(): { source: Source; updates: Uint8Array[]; answer: Uint8Array } {
    const source = new Source(0);
    const updates = [0, 1, 2].map((step) => {
      const before = Y.encodeStateVector(source.doc);
      source.store.transaction(() => {
        for (let n = step * ROWS; n < (step + 1) * ROWS; n++) {
          source.store.setRow('t', String(n), { n, name: `row ${n}`, even: n % 2 === 0 });
        }
      });
      return encodeFrame('update', Y.encodeStateAsUpdate(source.doc, before));
    });
    const state = Y.encodeStateVector(source.doc);
    return {
      source,
      updates,
      answer: encodeFrame('step2', Y.encodeStateAsUpdate(source.doc, state)),
    };
  }
  const rowsOf = (step: number): Rows => ({
    from: step * ROWS,
    to: (step + 1) * ROWS,
    of: COUNT,
  });
  const whenRowsAre = (page: Page, count: number) =>
    eventually(() => expect(page.rowCount).toBe(count));

  test('are there at once, and it is said how many until the answer has come', async () => {
    const [{ source, updates, answer }, page] = [steps(), makePage()];
    page.hearRows(rowsOf(0), updates[0] as Uint8Array);
    expect(page.rowCount).toBeGreaterThan(100);
    expect(page.rowCount).toBeLessThan(ROWS / 2);
    await whenRowsAre(page, ROWS);
    await eventually(() =>
      expect(page.room.loading(page.link)).toEqual({
        phase: 'taking',
        done: ROWS,
        of: COUNT,
        unit: 'rows',
      }),
    );
    expect(page.room.status(page.link)).toBe('connecting');
    page.hear(encodeFrame('awareness', Uint8Array.of(0)));
    expect(page.room.loading(page.link)?.done).toBe(ROWS);
    page.hearRows(rowsOf(1), updates[1] as Uint8Array);
    page.hearRows(rowsOf(2), updates[2] as Uint8Array);
    page.hearRows({ from: COUNT, to: COUNT, of: COUNT }, answer);
    await page.whenSynced();
    expect(page.room.loading(page.link)).toBeUndefined();
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
    expect(page.hellos).toBe(1);
    const done = page.shown.map((loading) => loading.done);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    expect(new Set(page.shown.map(({ of, unit }) => `${of} ${unit}`))).toEqual(
      new Set([`${COUNT} rows`]),
    );
  });

  test('can be edited before the others are there', async () => {
    const [{ source, updates, answer }, page] = [steps(), makePage()];
    page.hearRows(rowsOf(0), updates[0] as Uint8Array);
    page.room.store.setCell('t', '5', 'n', -5);
    page.hearRows(rowsOf(1), updates[1] as Uint8Array);
    page.room.store.delRow('t', '6');
    page.hearRows(rowsOf(2), updates[2] as Uint8Array);
    page.hearRows({ from: COUNT, to: COUNT, of: COUNT }, answer);
    await page.whenSynced();
    Y.applyUpdate(source.doc, Y.encodeStateAsUpdate(page.room.doc));
    expect(source.store.getRow('t', '5')).toMatchObject({ n: -5 });
    expect(source.store.hasRow('t', '6')).toBe(false);
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
  });

  test('are asked for again when some were lost on the way', async () => {
    const [{ source, updates, answer }, page] = [steps(), makePage()];
    page.hearRows(rowsOf(0), updates[0] as Uint8Array);
    page.hearRows(rowsOf(1), updates[1] as Uint8Array);
    page.hearRows({ from: COUNT, to: COUNT, of: COUNT }, answer);
    await eventually(() => expect(page.hellos).toBe(2));
    expect(page.room.status(page.link)).toBe('connecting');
    page.hear(
      encodeFrame('step2', Y.encodeStateAsUpdate(source.doc, Y.encodeStateVector(page.room.doc))),
    );
    await page.whenSynced();
    expect(storeContent(page.room.store)).toEqual(storeContent(source.store));
  });

  test('stay, and it is still said how many, when the kernel is gone', async () => {
    const [{ updates }, page] = [steps(), makePage()];
    page.hearRows(rowsOf(0), updates[0] as Uint8Array);
    await whenRowsAre(page, ROWS);
    page.link.events?.onfailure(new Error('gone'));
    expect(page.room.status(page.link)).toBe('offline');
    expect(page.room.loading(page.link)).toMatchObject({ of: COUNT, unit: 'rows' });
    expect(page.rowCount).toBe(ROWS);
  });

  test('are asked for again when no more of them come', async () => {
    vi.useFakeTimers();
    try {
      const [{ updates }, page] = [steps(), makePage()];
      page.hearRows(rowsOf(0), updates[0] as Uint8Array);
      await whenRowsAre(page, ROWS);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(page.hellos).toBeGreaterThan(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('rows of a document that was there before', () => {
  const STEPS = 3;
  const STEP = ROWS / 2;
  const COUNT = STEPS * STEP;
  const rowsOf = (step: number, deleted?: Uint8Array): Rows => ({
    from: step * STEP,
    to: (step + 1) * STEP,
    of: COUNT,
    deleted,
  });

  /** A kernel's document that was edited, as it is given: what is deleted, the rows, the answer. */
  class Given {
    readonly source = new Source(0);
    readonly deleted: Uint8Array;
    readonly #updates: Uint8Array[];
    readonly #state: Uint8Array;

    constructor() {
      const { store, doc } = this.source;
      this.#updates = Array.from({ length: STEPS }, (_, step) => {
        const before = Y.encodeStateVector(doc);
        store.transaction(() => {
          for (let n = step * STEP; n < (step + 1) * STEP; n++) {
            store.setRow('t', String(n), { n, name: `row ${n}`, even: n % 2 === 0 });
          }
        });
        return encodeFrame('update', Y.encodeStateAsUpdate(doc, before));
      });
      this.#state = Y.encodeStateVector(doc);
      for (let n = 0; n < 100; n += 2) store.setCell('t', String(n), 'n', -n - 1);
      for (let n = 1; n < 100; n += 4) store.delRow('t', String(n));
      store.delCell('t', String(COUNT - 1), 'name');
      this.deleted = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)).subarray(1);
    }

    /** Let a page hear some rows. */
    say(page: Page, step: number): void {
      const rows = rowsOf(step, step === 0 ? this.deleted : undefined);
      page.hearRows(rows, this.#updates[step] as Uint8Array);
    }

    answer(page: Page): void {
      const rest = Y.encodeStateAsUpdate(this.source.doc, this.#state);
      page.hearRows({ from: COUNT, to: COUNT, of: COUNT }, encodeFrame('step2', rest));
    }
  }

  /** Note what a page's Store ever has of rows that was never true since it looked. */
  function watch(page: Page, source: Source): string[] {
    const wrong: string[] = [];
    page.room.store.addCellListener('t', null, null, (store, _, rowId, cellId, cell) => {
      if (cell !== source.store.getCell('t', rowId, cellId)) wrong.push(`${rowId}: ${cell}`);
      if (!source.store.hasRow('t', rowId) && store.hasRow('t', rowId)) wrong.push(rowId);
    });
    return wrong;
  }

  const shown = (page: Page, rowId: string) => page.room.store.hasRow('t', rowId);

  test('are there before the rest, but for those of which something is deleted', async () => {
    const [given, page] = [new Given(), makePage()];
    const wrong = watch(page, given.source);
    given.say(page, 0);
    expect(page.rowCount).toBeGreaterThan(10);
    expect(page.room.status(page.link)).toBe('connecting');
    await vi.waitFor(() => expect(shown(page, String(STEP - 1))).toBe(true), 20_000);
    expect([0, 1, 2].map((n) => shown(page, String(n)))).toEqual([false, false, false]);
    expect(shown(page, '3')).toBe(true);
    for (const step of [1, 2]) given.say(page, step);
    given.answer(page);
    await page.whenSynced();
    expect(wrong).toEqual([]);
    expect(shown(page, '1')).toBe(false);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
    expect(docContent(page.room.doc)).toEqual(docContent(given.source.doc));
    expect(page.hellos).toBe(1);
  });

  test('can be edited meanwhile', async () => {
    const [given, page] = [new Given(), makePage()];
    given.say(page, 0);
    page.room.store.setCell('t', '3', 'n', -3);
    page.room.store.delRow('t', '7');
    for (const step of [1, 2]) given.say(page, step);
    given.answer(page);
    await page.whenSynced();
    Y.applyUpdate(given.source.doc, Y.encodeStateAsUpdate(page.room.doc));
    expect(given.source.store.getCell('t', '3', 'n')).toBe(-3);
    expect(given.source.store.hasRow('t', '7')).toBe(false);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('of which somebody sets and deletes something meanwhile wait, too', async () => {
    const [given, page] = [new Given(), makePage()];
    const wrong = watch(page, given.source);
    given.say(page, 0);
    const last = String(COUNT - 5);
    const before = Y.encodeStateVector(given.source.doc);
    given.source.store.setCell('t', last, 'n', 1);
    page.hear(encodeFrame('update', Y.encodeStateAsUpdate(given.source.doc, before)));
    given.source.store.delRow('t', last);
    // What comes now was made now: what is deleted in it is deleted already.
    const rest = Y.encodeStateAsUpdate(given.source.doc, Y.encodeStateVector(page.room.doc));
    const { blocks, deletionsAt } = outline(rest);
    expect(blocks.length).toBeGreaterThan(0);
    const bare = new Uint8Array(deletionsAt + 1);
    bare.set(rest.subarray(0, deletionsAt));
    page.hearRows({ from: STEP, to: COUNT, of: COUNT }, encodeFrame('update', bare));
    given.answer(page);
    await vi.waitFor(() => expect(page.hellos).toBe(2), 20_000);
    page.hear(given.source.answer);
    await page.whenSynced();
    expect(wrong.filter((each) => each.startsWith(last))).toEqual([]);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('wait until nothing is missing, where some were lost on the way', async () => {
    const [given, page] = [new Given(), makePage()];
    const wrong = watch(page, given.source);
    given.say(page, 0);
    given.say(page, 2);
    given.answer(page);
    await vi.waitFor(() => expect(page.hellos).toBe(2), 20_000);
    expect(page.room.status(page.link)).toBe('connecting');
    page.hear(
      encodeFrame(
        'step2',
        Y.encodeStateAsUpdate(given.source.doc, Y.encodeStateVector(page.room.doc)),
      ),
    );
    await page.whenSynced();
    expect(wrong).toEqual([]);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('that come twice change nothing', async () => {
    const [given, page] = [new Given(), makePage()];
    const wrong = watch(page, given.source);
    for (const step of [0, 0, 1, 2]) given.say(page, step);
    given.answer(page);
    await page.whenSynced();
    expect(wrong).toEqual([]);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('of a kernel that dies stay, and the others come when it is back', async () => {
    const [given, page] = [new Given(), makePage()];
    given.say(page, 0);
    await vi.waitFor(() => expect(shown(page, String(STEP - 1))).toBe(true), 20_000);
    page.link.events?.onfailure(new Error('gone'));
    expect(shown(page, '3')).toBe(true);
    expect(shown(page, '1')).toBe(false);
    page.hear(given.source.answer);
    await page.whenSynced();
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('are as they are though nobody can read what is deleted', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const [given, page] = [new Given(), makePage()];
    page.hearRows(rowsOf(0, Uint8Array.of(1, 200)));
    expect(warn).toHaveBeenCalledOnce();
    for (const step of [0, 1, 2]) given.say(page, step);
    given.answer(page);
    await page.whenSynced();
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
  });

  test('are not sent back to the kernel when another tab has brought them', async () => {
    const [given, page] = [new Given(), makePage()];
    const send = () => undefined;
    const tab = { ...page.link, name: 'tab', events: null as LinkEvents | null, send };
    page.room.addLink(tab);
    given.say(page, 0);
    tab.events?.onframes([given.source.answer], { name: 'tab', send });
    for (const step of [1, 2]) given.say(page, step);
    given.answer(page);
    await page.whenSynced();
    const size = page.sent.flat().reduce((sum, { length }) => sum + length, 0);
    expect(storeContent(page.room.store)).toEqual(storeContent(given.source.store));
    expect(size).toBeLessThan(1000);
  });
});

describe('the outline of an update', () => {
  test('says where everything is, of whatever kind', () => {
    const doc = new Y.Doc();
    const map = doc.getMap<unknown>('m');
    const random = randomFrom(3);
    const contents: (() => unknown)[] = [
      () => random(1e9) - 5e8,
      () => random(1000) / 7,
      () => 'ü€𝄞'.repeat(random(5)),
      () => null,
      () => ({ a: [1, 'x', { b: true }], c: new Uint8Array([1, 2]) }),
      () => new Uint8Array(random(9)),
      () => new Y.Map(),
      () => new Y.Array(),
      () => new Y.Text('ü𝄞 text'),
      () => new Y.XmlElement('p'),
      () => 12345678901234,
    ];
    for (let turn = 0; turn < 400; turn++) {
      map.set(`k${random(40)}`, (contents[random(contents.length)] as () => unknown)());
    }
    const text = doc.getText('text');
    text.insert(0, 'abc𝄞def');
    text.format(1, 3, { bold: true });
    text.insertEmbed(2, { image: 'x' });
    text.delete(0, 2);
    const update = Y.encodeStateAsUpdate(doc);
    const { structs, ds } = Y.decodeUpdate(update);
    const { blocks, deleted } = outline(update);
    const last = structs.at(-1) as Y.Item;
    expect(blocks.map(({ client, clock, end, count }) => [client, clock, end, count])).toEqual([
      [doc.clientID, 0, last.id.clock + last.length, structs.length],
    ]);
    expect(new Map([...deleted].map(([client, ranges]) => [client, ranges.length]))).toEqual(
      new Map([...ds.clients].map(([client, ranges]) => [client, ranges.length])),
    );
  });

  test('of other bytes is refused', () => {
    const update = Y.encodeStateAsUpdate(new Source(20).doc);
    const random = randomFrom(5);
    for (let turn = 0; turn < 300; turn++) {
      const broken = update.slice(0, 1 + random(update.length));
      broken[random(broken.length)] = random(256);
      try {
        outline(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
    expect(() => outline(update.subarray(0, update.length - 1))).toThrow('ends too soon');
  });
});

describe('frames in parts', () => {
  function makeLink(): {
    model: FakeModel;
    link: CommLink;
    heard: number[][];
    parts: number[][];
    gaps: () => number;
  } {
    const [model, link] = [new FakeModel(), new CommLink('kernel-1', 'page-1')];
    const heard: number[][] = [];
    const parts: number[][] = [];
    let gaps = 0;
    link.attach(model.any);
    link.events = {
      onframes: (frames) => heard.push(...frames.map((frame) => [...frame])),
      onpart: (done, of) => parts.push([done, of]),
      ongap: () => (gaps += 1),
      onfailure: () => undefined,
    };
    return { model, link, heard, parts, gaps: () => gaps };
  }
  const part = (at: number, sizes: unknown = [2, 3]) => ({
    kind: 'part',
    v: 1,
    peer: 'kernel-1',
    to: 'page-1',
    at,
    sizes,
  });
  const frames = { kind: 'frames', v: 1, peer: 'kernel-1' };

  test('are put together, and what is said between them comes after', () => {
    const { model, heard, parts, gaps } = makeLink();
    model.receive(part(0), Uint8Array.of(1, 2, 3));
    model.receive(frames, Uint8Array.of(9));
    expect(heard).toEqual([]);
    expect(parts).toEqual([[3, 5]]);
    model.receive(part(3), Uint8Array.of(4, 5));
    expect(heard).toEqual([[1, 2], [3, 4, 5], [9]]);
    expect(gaps()).toBe(0);
  });

  test('are put together before a question is heard that came between them', () => {
    const { model, link, heard } = makeLink();
    link.onwish = ({ number }) => heard.push([number as number]);
    model.receive(part(0), Uint8Array.of(1, 2, 3));
    model.receive({ kind: 'ask', v: 1, to: 'page-1', id: 'a server', number: 7 });
    model.receive(part(3), Uint8Array.of(4, 5));
    expect(heard).toEqual([[1, 2], [3, 4, 5], [7]]);
  });

  test.each([
    ['one is lost', [part(0), part(4)]],
    ['there are more than announced', [part(0), part(3), part(6)]],
  ])('are asked for again when %s', (_, messages) => {
    const { model, heard, gaps } = makeLink();
    for (const [at, message] of messages.entries()) {
      model.receive(message, Uint8Array.of(...(at === 0 ? [1, 2, 3] : [4, 5, 6])));
    }
    model.receive(frames, Uint8Array.of(9));
    expect(heard).toEqual([[9]]);
    expect(gaps()).toBe(1);
  });

  test.each([
    [[5, 7, 9], { from: 5, to: 7, of: 9 }],
    [[7, 5, 9], undefined],
    [[5, 7], undefined],
    [[0, 0, 0], undefined],
    [['0', 7, 9], undefined],
    [undefined, undefined],
  ])('say which rows they bring, if %j can be such', (rows, expected) => {
    const { model, link } = makeLink();
    const said: unknown[] = [];
    const events = link.events as LinkEvents;
    link.events = { ...events, onframes: (_frames, _sender, rowsSaid) => said.push(rowsSaid) };
    model.receive({ ...frames, rows }, Uint8Array.of(9));
    model.receive({ ...part(0, [1]), rows }, Uint8Array.of(9));
    expect(said).toEqual([expected, expected]);
  });

  test.each([[null], [[-1, 3]], [['x']], [[2 ** 40]], [[]]])(
    'of sizes that are none, %j, are ignored',
    (sizes) => {
      const { model, heard, gaps } = makeLink();
      model.receive(part(0, sizes), Uint8Array.of(1, 2, 3));
      model.receive(frames, Uint8Array.of(9));
      expect(heard).toEqual([[9]]);
      expect(gaps()).toBe(0);
    },
  );
});
