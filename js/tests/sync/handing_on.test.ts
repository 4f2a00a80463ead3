import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { handedOn } from '../../src/sync/handing_on.ts';

function taken(doc: Y.Doc, answer: Uint8Array): Uint8Array {
  let result: Uint8Array | undefined;
  doc.once('update', (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction) => {
    result = handedOn(answer, transaction);
  });
  Y.applyUpdate(doc, answer);
  return result as Uint8Array;
}

function deletedClocks(update: Uint8Array): number[] {
  const ranges = [...Y.decodeUpdate(update).ds.clients.values()].flat();
  return ranges.flatMap(({ clock, len }) => Array.from({ length: len }, (_, at) => clock + at));
}

function filled(): Y.Doc {
  const doc = new Y.Doc();
  const cells = doc.getMap('cells');
  cells.set('a', 1);
  cells.set('b', 1);
  cells.set('c', 1);
  cells.set('a', 2);
  cells.delete('b');
  return doc;
}

describe('of an answer that is handed on', () => {
  test('nothing is left out where all of it was new', () => {
    const answer = Y.encodeStateAsUpdate(filled());
    expect(taken(new Y.Doc(), answer)).toEqual(answer);
  });

  test('the deletions that were known are left out', () => {
    const one = filled();
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
    one.getMap('cells').set('c', 3);
    const answer = Y.encodeStateAsUpdate(one, Y.encodeStateVector(other));
    const result = taken(other, answer);
    expect(deletedClocks(answer)).toEqual([0, 1, 2]);
    expect(deletedClocks(result)).toEqual([2]); // of what "c" was
    expect(Y.decodeUpdate(result).structs).toEqual(Y.decodeUpdate(answer).structs);
  });

  test('the deletions of what came without content are left out', () => {
    const [one, other, third] = [new Y.Doc(), new Y.Doc(), new Y.Doc()] as const;
    one.getMap('rows').set('row', new Y.Map([['a', 1]]));
    Y.applyUpdate(third, Y.encodeStateAsUpdate(one));
    one.getMap('rows').delete('row');
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
    third.getMap<Y.Map<number>>('rows').get('row')?.set('b', 2);
    Y.applyUpdate(one, Y.encodeStateAsUpdate(third, Y.encodeStateVector(one)));
    const answer = Y.encodeStateAsUpdate(one, Y.encodeStateVector(other));
    expect(Y.decodeUpdate(answer).ds.clients.has(third.clientID)).toBe(true);
    expect(deletedClocks(taken(other, answer))).toEqual([]);
  });

  test('all goes on where its numbers are written at greater length', () => {
    const one = filled();
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
    one.getMap('cells').set('c', 3);
    const answer = [...Y.encodeStateAsUpdate(one, Y.encodeStateVector(other))];
    const last = answer.pop() as number;
    const longer = Uint8Array.from([...answer, last | 0x80, 0]);
    expect(taken(other, longer)).toEqual(longer);
  });
});
