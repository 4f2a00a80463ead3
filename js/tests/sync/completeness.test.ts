import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { isComplete } from '../../src/sync/completeness.ts';

/** The updates of one replica, one for each change. */
function updatesOf(...changes: ((map: Y.Map<unknown>) => void)[]): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (const change of changes) {
    doc.transact(() => change(doc.getMap('m')));
  }
  return updates;
}

function documentWith(...updates: (Uint8Array | undefined)[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) {
    Y.applyUpdate(doc, update ?? new Uint8Array());
  }
  return doc;
}

describe('an update is complete', () => {
  const [first, second, deletion, below] = updatesOf(
    (map) => map.set('a', new Y.Map()),
    (map) => map.set('b', 1),
    (map) => map.delete('b'),
    (map) => (map.get('a') as Y.Map<unknown>).set('c', 2),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  test('where all before it is there', () => {
    expect(isComplete(new Y.Doc(), first)).toBe(true);
    expect(isComplete(documentWith(first), second)).toBe(true);
    expect(isComplete(documentWith(first, second), deletion)).toBe(true);
    expect(isComplete(documentWith(first, second, deletion), below)).toBe(true);
  });

  test('when it brings what it needs itself', () => {
    const all = Y.mergeUpdates([first, second, deletion, below]);
    expect(isComplete(new Y.Doc(), all)).toBe(true);
  });

  test('when it repeats what is known', () => {
    const doc = documentWith(first, second, deletion, below);
    for (const update of [first, second, deletion, below]) {
      expect(isComplete(doc, update)).toBe(true);
    }
  });

  test('not where a struct of its author is missing', () => {
    expect(isComplete(new Y.Doc(), second)).toBe(false);
    expect(isComplete(documentWith(first), below)).toBe(false);
  });

  test('not where a struct in its middle is missing', () => {
    const withGap = Y.mergeUpdates([first, below]);
    expect(isComplete(new Y.Doc(), withGap)).toBe(false);
    expect(isComplete(documentWith(first, second), withGap)).toBe(true);
  });

  test('not where the container is missing that another replica made', () => {
    const doc = documentWith(first);
    const known = Y.encodeStateVector(doc);
    (doc.getMap('m').get('a') as Y.Map<unknown>).set('d', 3);
    expect(isComplete(new Y.Doc(), Y.encodeStateAsUpdate(doc, known))).toBe(false);
  });

  test('not where what it deletes is missing', () => {
    expect(isComplete(documentWith(first), deletion)).toBe(false);
  });

  test('and bytes that are no update are refused', () => {
    expect(() => isComplete(new Y.Doc(), Uint8Array.of(3, 1))).toThrow();
  });
});
