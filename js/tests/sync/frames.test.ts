import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { decodeFrame, encodeFrame } from '../../src/sync/frames.ts';

function reference(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

describe('frames', () => {
  const doc = new Y.Doc();
  doc.getMap('m').set('k', 'v'.repeat(200));

  test('step 1 has the bytes of y-protocols', () => {
    const ours = encodeFrame('step1', Y.encodeStateVector(doc));
    expect(ours).toEqual(reference((encoder) => sync.writeSyncStep1(encoder, doc)));
  });

  test('step 2 has the bytes of y-protocols', () => {
    const ours = encodeFrame('step2', Y.encodeStateAsUpdate(doc));
    expect(ours).toEqual(reference((encoder) => sync.writeSyncStep2(encoder, doc)));
  });

  test('an update has the bytes of y-protocols', () => {
    const update = Y.encodeStateAsUpdate(doc);
    expect(encodeFrame('update', update)).toEqual(
      reference((encoder) => sync.writeUpdate(encoder, update)),
    );
  });

  test.each(['step1', 'step2', 'update', 'awareness'] as const)('%s survives the way', (kind) => {
    const payload = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
    expect(decodeFrame(encodeFrame(kind, payload))).toEqual({ kind, payload });
  });

  test.each([
    ['nothing', []],
    ['an unknown message', [7, 0, 0]],
    ['an unknown sync message', [0, 9, 0]],
    ['a payload cut short', [0, 2, 5, 1, 2]],
    ['something after the payload', [0, 2, 1, 1, 2]],
    ['a number without an end', [0, 0, 255, 255]],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeFrame(Uint8Array.from(bytes))).toThrow();
  });
});
