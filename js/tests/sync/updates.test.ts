import { createStore } from 'tinybase/store';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { StoreBinding } from '../../src/sync/binding.ts';
import { splitUpdate } from '../../src/sync/split_update.ts';
import { mergeUpdates } from '../../src/sync/updates.ts';
import { docContent, randomFrom } from './helpers.ts';

/** A document that several replicas have written into and deleted from. */
function makeDocument(seed: number): Y.Doc {
  const random = randomFrom(seed);
  const peers = [1, 2, 3].map(() => {
    const peer = { store: createStore(), doc: new Y.Doc() };
    new StoreBinding(peer.store, peer.doc);
    return peer;
  });
  for (let turn = 0; turn < 400; turn++) {
    const peer = peers[random(3)] as (typeof peers)[number];
    const row = String(random(40));
    if (random(6) === 0) {
      peer.store.delRow('t', row);
    } else {
      peer.store.setCell('t', row, `c${random(5)}`, 'x'.repeat(random(60)));
    }
    if (random(5) === 0) {
      const other = peers[random(3)] as (typeof peers)[number];
      Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(peer.doc, Y.encodeStateVector(other.doc)));
    }
  }
  const all = new Y.Doc();
  for (const { doc } of peers) {
    Y.applyUpdate(all, Y.encodeStateAsUpdate(doc));
  }
  return all;
}

describe('splitting an update', () => {
  test.each([1, 2, 3, 4, 5])(
    'each piece can be applied after those before it (seed %i)',
    (seed) => {
      const doc = makeDocument(seed);
      const pieces = splitUpdate(Y.encodeStateAsUpdate(doc), 500);
      const copy = new Y.Doc();
      for (const piece of pieces) {
        Y.applyUpdate(copy, piece);
        expect(copy.store.pendingStructs).toBeNull();
      }
      expect(copy.store.pendingDs).toBeNull();
      expect(pieces.length).toBeGreaterThan(5);
      expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(doc));
      expect(docContent(copy)).toEqual(docContent(doc));
    },
  );

  test('what a peer lacks is split as well as a whole document', () => {
    const doc = makeDocument(9);
    const copy = new Y.Doc();
    const [first, ...rest] = splitUpdate(Y.encodeStateAsUpdate(doc), 2_000);
    expect(rest.length).toBeGreaterThan(0);
    Y.applyUpdate(copy, first as Uint8Array);
    const lacking = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy));
    for (const piece of splitUpdate(lacking, 700)) {
      Y.applyUpdate(copy, piece);
      expect(copy.store.pendingStructs).toBeNull();
    }
    expect(docContent(copy)).toEqual(docContent(doc));
  });

  test('pieces are hardly larger than asked', () => {
    const pieces = splitUpdate(Y.encodeStateAsUpdate(makeDocument(7)), 1_000);
    for (const piece of pieces.slice(0, -1)) {
      expect(piece.length).toBeLessThan(1_300);
    }
  });

  test('a small one is left as it is', () => {
    const update = Y.encodeStateAsUpdate(makeDocument(1));
    expect(splitUpdate(update, 1_000_000)).toEqual([update]);
  });
});

test('many updates merge into one that says the same', () => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let at = 0; at < 5_000; at++) {
    doc.getMap('m').set(String(at % 70), at);
  }
  const other = new Y.Doc();
  Y.applyUpdate(other, mergeUpdates(updates));
  expect(other.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON());
});
