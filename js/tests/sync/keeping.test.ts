/** Edits that a kernel has not confirmed outlive their page. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { contents, Kernel, OpenPage, until } from './keeping_world.ts';

const PETS = { fido: { age: 3, name: 'Fido' }, felix: { age: 5, name: 'Felix' } };

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A page with edits that its kernel has not heard, and is now closed. */
async function leave(kernel: Kernel, edit: (page: OpenPage) => void): Promise<void> {
  const page = await new OpenPage(kernel).isSynced();
  kernel.isBusy = true;
  edit(page);
  await page.hasKept();
  page.close();
}

async function hasKeptDocument(): Promise<void> {
  await until(async () => (await contents()).documents.length > 0, 'a kept document');
}

async function isEmpty(): Promise<void> {
  const isEmptied = async () => {
    const { changes, documents } = await contents();
    return changes.length + documents.length === 0;
  };
  const end = performance.now() + 30_000;
  while (!(await isEmptied())) {
    if (performance.now() > end) throw new Error('something is still kept');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('an edit that the kernel has not confirmed', () => {
  test('is there after the page was loaded again, once, and is then kept no longer', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => {
      page.edit('fido', 'age', 4);
      page.edit('rex', 'age', 1);
    });
    const page = new OpenPage(kernel);
    kernel.isBusy = false;
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await page.isSynced();
    const expected = { ...PETS, fido: { age: 4, name: 'Fido' }, rex: { age: 1 } };
    expect(page.table).toEqual(expected);
    expect(kernel.room.store.getTable('pets')).toEqual(expected);
    expect(kernel.room.conflicts.open()).toEqual([]);
    await isEmpty();
  });

  test('counts as waiting until the kernel has it', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    kernel.isBusy = false;
    const page = new OpenPage(kernel);
    const waiting: number[] = [];
    page.room.onSaving((link) => waiting.push(page.room.saving(link).edits));
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await page.isSynced();
    expect(Math.max(...waiting)).toBe(1);
  });

  test('is kept over two reloads, with what was edited between them', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    const second = new OpenPage(kernel);
    second.edit('rex', 'age', 1);
    await until(async () => (await contents()).changes.length === 2, 'both kept');
    second.close();
    kernel.isBusy = false;
    const third = await new OpenPage(kernel).isSynced();
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await until(() => kernel.room.store.hasRow('pets', 'rex'));
    const expected = { ...PETS, fido: { age: 4, name: 'Fido' }, rex: { age: 1 } };
    expect(third.table).toEqual(expected);
    await isEmpty();
  });

  test('is there after the kernel was started again, too', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    kernel.restart();
    const page = new OpenPage(kernel);
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await page.isSynced();
    expect(kernel.room.store.getTable('pets')).toEqual({ ...PETS, fido: { age: 4, name: 'Fido' } });
  });

  test('is there though the kernel has forgotten what it was made on', async () => {
    const kernel = new Kernel(PETS);
    kernel.room.store.setCell('pets', 'fido', 'age', 10); // by hand: no cell of the notebook does so
    kernel.room.store.setRow('pets', kernel.room.newRowId(), { name: 'Rex' });
    const [rex = ''] = kernel.room.store.getRowIds('pets').slice(2);
    await leave(kernel, (page) => {
      page.edit('fido', 'age', 11);
      page.edit(rex, 'age', 1);
    });
    await hasKeptDocument();
    kernel.restart();
    const page = new OpenPage(kernel);
    await until(() => kernel.room.store.hasRow('pets', rex));
    await page.isSynced();
    expect(kernel.room.store.getTable('pets')).toEqual({
      ...PETS,
      fido: { age: 11, name: 'Fido' },
      [rex]: { name: 'Rex', age: 1 },
    });
    await isEmpty();
  });

  test('meets what the kernel has set meanwhile as a conflict', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    kernel.room.store.setCell('pets', 'fido', 'age', 9);
    kernel.isBusy = false;
    const page = new OpenPage(kernel);
    await until(() => kernel.room.conflicts.open().length > 0);
    await page.isSynced();
    const [conflict] = kernel.room.conflicts.open();
    expect(kernel.room.conflicts.open()).toHaveLength(1);
    expect(page.room.conflicts.open()).toEqual([conflict]);
    expect([4, 9]).toContain(kernel.room.store.getCell('pets', 'fido', 'age'));
  });

  test('outlives the deletion of its row, which everybody is told of', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    await hasKeptDocument();
    kernel.isBusy = false;
    kernel.room.store.delRow('pets', 'fido');
    const page = new OpenPage(kernel);
    await until(() => kernel.room.store.hasRow('pets', 'fido'));
    await page.isSynced();
    expect(kernel.room.store.getRow('pets', 'fido')).toEqual({ age: 4 });
    await until(() => kernel.room.conflicts.at('pets', 'fido', 'age').length === 1);
    expect(page.room.conflicts.open()).toEqual(kernel.room.conflicts.open());
    await isEmpty();
  });

  test('stays as it is when its person edits the cell again before it is taken back', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    kernel.isBusy = false;
    const page = new OpenPage(kernel);
    await until(() => page.room.store.getCell('pets', 'fido', 'age') === 4);
    page.edit('fido', 'age', 5);
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 5);
    await page.isSynced();
    expect(kernel.room.conflicts.open()).toEqual([]);
    await isEmpty();
  });

  test('is a deletion that is made, and not taken back', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.room.store.delRow('pets', 'felix'));
    kernel.isBusy = false;
    const page = await new OpenPage(kernel).isSynced();
    await until(() => !kernel.room.store.hasRow('pets', 'felix'));
    await until(() => !page.room.store.hasRow('pets', 'felix'));
    await isEmpty();
  });
});

describe('beside a compaction', () => {
  test('an edit of the former document is carried, and nothing comes back or is there twice', async () => {
    const kernel = new Kernel(PETS);
    const rex = kernel.room.newRowId();
    kernel.room.store.setRow('pets', rex, { name: 'Rex' });
    await leave(kernel, (page) => {
      page.edit('fido', 'age', 4);
      page.edit(rex, 'age', 1);
    });
    await hasKeptDocument();
    kernel.isBusy = false;
    kernel.room.store.delRow('pets', 'felix');
    kernel.room.compact();
    const page = new OpenPage(kernel);
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await page.isSynced();
    const expected = { fido: { age: 4, name: 'Fido' }, [rex]: { name: 'Rex', age: 1 } };
    await until(() => kernel.room.store.getCell('pets', rex, 'age') === 1);
    expect(kernel.room.store.getTable('pets')).toEqual(expected);
    expect(page.table).toEqual(expected);
    expect(page.room.generation).toEqual(kernel.room.generation);
    await isEmpty();
  });

  test('a page that has followed it keeps what it edits after', async () => {
    const kernel = new Kernel(PETS);
    const first = await new OpenPage(kernel).isSynced();
    kernel.room.compact();
    await until(() => first.room.generation.number === 1);
    await first.isSynced();
    kernel.isBusy = true;
    first.edit('fido', 'age', 4);
    await first.hasKept();
    first.close();
    kernel.isBusy = false;
    const page = new OpenPage(kernel);
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await page.isSynced();
    expect(page.table).toEqual({ ...PETS, fido: { age: 4, name: 'Fido' } });
  });
});

describe('two pages with one database', () => {
  test('leave each what it has edited, and one that comes takes back both', async () => {
    const kernel = new Kernel(PETS);
    const [one, other] = [
      await new OpenPage(kernel).isSynced(),
      await new OpenPage(kernel).isSynced(),
    ];
    kernel.isBusy = true;
    one.edit('fido', 'age', 4);
    other.edit('felix', 'age', 6);
    await until(async () => (await contents()).changes.length === 2, 'both kept');
    one.close();
    other.close();
    kernel.isBusy = false;
    await new OpenPage(kernel).isSynced();
    await until(() => kernel.room.store.getCell('pets', 'fido', 'age') === 4);
    await until(() => kernel.room.store.getCell('pets', 'felix', 'age') === 6);
    await isEmpty();
  });

  test('take nothing from one another that is not confirmed, though one is still open', async () => {
    const kernel = new Kernel(PETS);
    const open = await new OpenPage(kernel).isSynced();
    kernel.isBusy = true;
    open.edit('fido', 'age', 4);
    await open.hasKept();
    const newcomer = new OpenPage(kernel);
    kernel.isBusy = false;
    await newcomer.isSynced();
    await open.isSynced();
    await until(() => newcomer.room.store.getCell('pets', 'fido', 'age') === 4);
    expect(kernel.room.store.getTable('pets')).toEqual({ ...PETS, fido: { age: 4, name: 'Fido' } });
    await isEmpty();
  });
});

describe('what is kept', () => {
  test('is nothing where the kernel confirms', async () => {
    const kernel = new Kernel(PETS);
    const page = await new OpenPage(kernel).isSynced();
    for (let age = 0; age < 50; age += 1) page.edit('fido', 'age', age);
    await page.isSynced();
    await isEmpty();
  });

  test('is not for a room of the same name elsewhere', async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    const copy = new Kernel(PETS);
    const page = await new OpenPage(copy, 'another place').isSynced();
    page.edit('felix', 'age', 6);
    await page.isSynced();
    expect(copy.room.store.getTable('pets')).toEqual({ ...PETS, felix: { age: 6, name: 'Felix' } });
    expect((await contents()).changes).toHaveLength(1);
  });

  test('is forgotten after a month', async () => {
    const kernel = new Kernel(PETS);
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now - 31 * 24 * 3600_000);
    kernel.isBusy = true;
    const page = new OpenPage(kernel);
    page.edit('fido', 'age', 4);
    await page.hasKept();
    clock.mockRestore();
    page.close();
    new OpenPage(kernel, 'another place');
    await isEmpty();
  });

  test("is left where it can't be read, and said, and all else goes on", async () => {
    const kernel = new Kernel(PETS);
    await leave(kernel, (page) => page.edit('fido', 'age', 4));
    await spoil();
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    kernel.isBusy = false;
    const page = await new OpenPage(kernel).isSynced();
    await until(() => warn.mock.calls.length > 0);
    page.edit('felix', 'age', 6);
    await page.isSynced();
    expect(kernel.room.store.getTable('pets')).toEqual({
      ...PETS,
      felix: { age: 6, name: 'Felix' },
    });
    expect(String(warn.mock.calls[0])).toContain('edits that this browser has kept');
  });
});

test('a browser that refuses a database is said to, and the room works without', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  });
  const kernel = new Kernel(PETS);
  const page = await new OpenPage(kernel).isSynced();
  page.edit('fido', 'age', 4);
  await page.isSynced();
  expect(kernel.room.store.getCell('pets', 'fido', 'age')).toBe(4);
  expect(page.keeping.failure).toBe('The operation is insecure.');
  expect(warn).toHaveBeenCalledOnce();
});

/** Damage what is kept. */
async function spoil(): Promise<void> {
  const { changes } = await contents();
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('tinybase-widget');
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = db.transaction('changes', 'readwrite');
  for (const change of changes)
    transaction.objectStore('changes').put({ ...change, update: Uint8Array.of(9, 9, 9) });
  await new Promise((resolve) => {
    transaction.oncomplete = resolve;
  });
  db.close();
}
