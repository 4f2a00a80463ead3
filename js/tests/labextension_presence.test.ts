// @vitest-environment jsdom
/** Who has a file open in JupyterLab, and where they are, by JupyterLab's own awareness. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { DocumentPresence } from '../src/labextension/presence.ts';

let here: Awareness;
let there: Awareness;
let presence: DocumentPresence;

/** A page's awareness, with the user that JupyterLab says. */
function page(user: unknown): Awareness {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState({ user, autosave: true });
  return awareness;
}

const tell = (from: Awareness, to: Awareness) =>
  applyAwarenessUpdate(to, encodeAwarenessUpdate(from, [from.clientID]), 'provider');

beforeEach(() => {
  vi.useFakeTimers();
  here = page({ name: 'Ada', color: '#1c7ed6' });
  there = page({ name: 'Grace', color: 'var(--jp-collaborator-color2)' });
  document.documentElement.style.setProperty('--jp-collaborator-color2', '#ab1234');
  presence = new DocumentPresence(here);
});

afterEach(() => {
  here.destroy();
  there.destroy();
  vi.useRealTimers();
});

describe('who is in a document', () => {
  it('is everybody else, by the name and the colour that JupyterLab gives them', () => {
    tell(there, here);
    expect(presence.peers).toMatchObject([{ name: 'Grace', color: '#ab1234', isKernel: false }]);
  });

  it('is told when they come, move and go', () => {
    const heard = vi.fn();
    const stop = presence.onChange(heard);
    tell(there, here);
    there.setLocalStateField('at', { table: 'pets', row: '0', cell: 'price' });
    tell(there, here);
    expect(presence.peers[0]?.at).toEqual({ tableId: 'pets', rowId: '0', cellId: 'price' });
    there.setLocalState(null);
    tell(there, here);
    expect(presence.peers).toEqual([]);
    expect(heard).toHaveBeenCalledTimes(3);
    stop();
    tell(page({ name: 'Mary' }), here);
    expect(heard).toHaveBeenCalledTimes(3);
  });

  it('hears where we are beside what JupyterLab says of us, a few times a second', () => {
    presence.show({ tableId: 'pets', rowId: '0', cellId: 'price' }, true);
    presence.show({ tableId: 'pets', rowId: '1', cellId: 'price' }, false);
    expect(here.getLocalState()).toMatchObject({
      at: { table: 'pets', row: '0', cell: 'price' },
      typing: true,
    });
    vi.advanceTimersByTime(100);
    expect(here.getLocalState()).toEqual({
      user: { name: 'Ada', color: '#1c7ed6' },
      autosave: true,
      at: { table: 'pets', row: '1', cell: 'price' },
      typing: undefined,
    });
  });

  it('hears no more of where we are when the table is gone, and that we are still there', () => {
    presence.show({ tableId: 'pets' }, false);
    presence.leave();
    vi.advanceTimersByTime(100);
    expect(here.getLocalState()).toMatchObject({ user: { name: 'Ada' }, at: undefined });
  });

  it('says nothing for somebody who has left', () => {
    presence.show({ tableId: 'pets' }, false);
    here.setLocalState(null);
    presence.leave();
    expect(here.getLocalState()).toBeNull();
  });

  it.each([null, 1, { user: null }, { user: 'x' }, { at: [] }, { user: { color: 'var(--x' } }])(
    'may be told nonsense: %j',
    (state) => {
      there.setLocalState(state as never);
      tell(there, here);
      expect(() => presence.peers).not.toThrow();
    },
  );
});
