/**
 * Beside an unmodified TinyBase peer: npm's `createYjsPersister` at the other end.
 */
import { createYjsPersister } from 'tinybase/persisters/persister-yjs';
import { createStore, type Store } from 'tinybase/store';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { eventually } from '../waiting.ts';
import { docContent, randomFrom, settle, storeContent } from './helpers.ts';

interface Peer {
  readonly store: Store;
  readonly doc: Y.Doc;
}

function makeOurs(): Peer {
  const peer = { store: createStore(), doc: new Y.Doc() };
  new StoreBinding(peer.store, peer.doc);
  return peer;
}

async function makeTheirs(doc = new Y.Doc()): Promise<Peer> {
  const peer = { store: createStore(), doc };
  const persister = createYjsPersister(peer.store, peer.doc);
  await persister.startAutoLoad();
  await persister.startAutoSave();
  return peer;
}

function exchange(a: Y.Doc, b: Y.Doc): void {
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
}

async function meet(a: Peer, b: Peer): Promise<void> {
  for (let round = 0; round < 3; round++) {
    exchange(a.doc, b.doc);
    await settle();
  }
}

async function expectSame(a: Peer, b: Peer): Promise<void> {
  await eventually(() => {
    const contents = [a, b].flatMap(({ store, doc }) => [storeContent(store), docContent(doc)]);
    expect(contents).toEqual(contents.map(() => contents[0]));
  });
}

describe("beside npm's createYjsPersister", () => {
  test('it reads what we write, and we what it writes', async () => {
    const ours = makeOurs();
    ours.store
      .setTables({ pets: { fido: { species: 'dog', tags: ['good'], age: null } } })
      .setValue('open', true);
    const theirs = await makeTheirs();
    await meet(ours, theirs);
    await expectSame(ours, theirs);
    theirs.store.setCell('pets', 'fido', 'color', 'brown');
    await settle();
    theirs.store.setRow('pets', 'felix', { species: 'cat', size: { cm: 30 } });
    await settle();
    theirs.store.setValue('employees', 3);
    await settle();
    await meet(ours, theirs);
    expect(ours.store.getTables()).toEqual({
      pets: {
        fido: { species: 'dog', tags: ['good'], age: null, color: 'brown' },
        felix: { species: 'cat', size: { cm: 30 } },
      },
    });
    expect(ours.store.getValues()).toEqual({ open: true, employees: 3 });
    await expectSame(ours, theirs);
  });

  test('two cells of one row changed apart are both kept', async () => {
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    ours.store.setTables({ pets: { fido: { species: 'dog', color: 'brown' } } });
    await meet(ours, theirs);
    ours.store.setCell('pets', 'fido', 'color', 'black');
    theirs.store.setCell('pets', 'fido', 'legs', 4);
    await settle();
    await meet(ours, theirs);
    expect(storeContent(ours.store).t).toEqual({
      pets: { fido: { species: 'dog', color: 'black', legs: 4 } },
    });
    await expectSame(ours, theirs);
  });

  test('one cell changed on both sides goes to the higher client id', async () => {
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    ours.doc.clientID = 1;
    theirs.doc.clientID = 2;
    ours.store.setCell('pets', 'fido', 'color', 'brown');
    await meet(ours, theirs);
    ours.store.setCell('pets', 'fido', 'color', 'black');
    theirs.store.setCell('pets', 'fido', 'color', 'walnut');
    await settle();
    await meet(ours, theirs);
    expect(ours.store.getCell('pets', 'fido', 'color')).toBe('walnut');
    await expectSame(ours, theirs);
  });

  test('rows and cells that it deletes are deleted here', async () => {
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    ours.store.setTables({ t: { a: { x: 1, y: 2 }, b: { x: 3 }, c: { x: 4 } } });
    await meet(ours, theirs);
    theirs.store.delRow('t', 'b');
    await settle();
    theirs.store.delCell('t', 'a', 'y');
    await settle();
    await meet(ours, theirs);
    expect(storeContent(ours.store).t).toEqual({ t: { a: { x: 1 }, c: { x: 4 } } });
  });

  test('rows and cells that we delete are deleted there', async () => {
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    ours.store.setTables({ t: { a: { x: 1, y: 2 }, b: { x: 3 } } }).setValue('v', 1);
    await meet(ours, theirs);
    ours.store.delRow('t', 'b').delCell('t', 'a', 'y').delValue('v');
    await meet(ours, theirs);
    expect(storeContent(theirs.store)).toEqual({ t: { t: { a: { x: 1 } } }, v: {} });
  });

  test('what we had before we met its full document is kept', async () => {
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    theirs.store.setTables({ t: { theirs: { x: 1 } } });
    await settle();
    ours.store.setTables({ t: { ours: { x: 2 } } });
    await meet(ours, theirs);
    expect(storeContent(ours.store).t).toEqual({ t: { theirs: { x: 1 }, ours: { x: 2 } } });
    await expectSame(ours, theirs);
  });

  test.each([1, 2, 3, 4])('random edits in turns end the same (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const [ours, theirs] = [makeOurs(), await makeTheirs()];
    ours.store.setTables({ t: { '0': { a: 0 } } }).setValue('v', 0);
    await meet(ours, theirs);
    for (let turn = 1; turn <= 40; turn++) {
      const { store } = random(2) === 0 ? ours : theirs;
      const row = String(random(4));
      const cell = 'abc'[random(3)] as string;
      if (random(5) === 0) {
        store.setValue(cell, turn);
      } else {
        store.setCell('t', row, cell, turn);
      }
      await settle();
      await meet(ours, theirs);
    }
    await expectSame(ours, theirs);
  });
});
