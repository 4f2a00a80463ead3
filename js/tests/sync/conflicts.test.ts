import type { Store } from 'tinybase/store';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Conflict } from '../../src/sync/conflicts.ts';
import { meet, Peer, pairOn, peersOn, RECORDS } from './conflict_peers.ts';

describe('two edits of one cell that did not know of each other', () => {
  test('are told on both sides, with the winner and the loser', () => {
    const [low, high] = pairOn();
    low.set('brown');
    high.set('black');
    meet(low, high);
    for (const { value, open, binding } of [low, high]) {
      expect(value).toBe('black');
      expect(open).toEqual([[20, 'black', 10, 'brown']]);
      expect(binding.conflicts.at('t', 'r', 'c')).toHaveLength(1);
      expect(binding.conflicts.at('t', 'r', 'other')).toHaveLength(0);
    }
  });

  test('are recorded under the id of the struct that lost', () => {
    const [low, high] = pairOn();
    low.set({ a: [1] });
    const clock = Y.getState(low.doc.store, 10) - 1;
    high.set(4.5);
    meet(low, high);
    const record = ['t', 'r', 'c', 20, 4.5, 10, '\ufffd{"a":[1]}'];
    expect(low.records).toEqual({ [`10:${clock}`]: JSON.stringify(record) });
    expect(low.open).toEqual([[20, 4.5, 10, { a: [1] }]]);
  });

  test('are told where the cell was new on both sides', () => {
    const [low, high] = pairOn();
    low.store.setCell('t', 'r', 'new', 1);
    high.store.setCell('t', 'r', 'new', 2);
    meet(low, high);
    expect(low.open).toEqual([[20, 2, 10, 1]]);
    expect(high.open).toEqual([[20, 2, 10, 1]]);
  });

  test('are told for a value, which has neither table nor row', () => {
    const [low, high] = pairOn();
    low.store.setValue('season', 1);
    high.store.setValue('season', 2);
    meet(low, high);
    expect(high.open).toEqual([[20, 2, 10, 1]]);
    expect(low.binding.conflicts.at(null, null, 'season')).toHaveLength(1);
  });

  test('are no conflict where both chose the same', () => {
    const [low, high] = pairOn();
    low.set('same');
    high.set('same');
    meet(low, high);
    expect([low.open, high.open, low.records]).toEqual([[], [], {}]);
  });

  test('of three sides leave two that were overwritten', () => {
    const peers = peersOn('start', 10, 20, 30);
    for (const peer of peers) {
      peer.set(`of ${peer.client}`);
    }
    meet(...peers);
    for (const { open } of peers) {
      expect(open.map((conflict) => (conflict as unknown[])[3]).sort()).toEqual(['of 10', 'of 20']);
    }
  });

  test('of which one side made several lose only the last', () => {
    const [low, high] = pairOn();
    low.set(1).set(2).set(3);
    high.set(7).set(8);
    meet(low, high);
    expect([low.open, high.open]).toEqual([[[20, 8, 10, 3]], [[20, 8, 10, 3]]]);
  });

  test('are told once where the loser goes on editing without knowing', () => {
    const [low, high] = pairOn();
    low.set('first');
    high.set('black').receive(low);
    expect(high.open).toEqual([[20, 'black', 10, 'first']]);
    low.set('second');
    meet(low, high);
    expect([low.open, high.open]).toEqual([
      [[20, 'black', 10, 'second']],
      [[20, 'black', 10, 'second']],
    ]);
  });

  test('are known to who joins later, and not told again', () => {
    const [low, high] = pairOn();
    low.set('brown');
    high.set('black');
    meet(low, high);
    const records = low.records;
    const late = new Peer(30).receive(low);
    expect(late.open).toEqual([[20, 'black', 10, 'brown']]);
    expect(late.records).toEqual(records);
    const restored = new Peer(40, low.state);
    expect(restored.open).toEqual([[20, 'black', 10, 'brown']]);
    expect(restored.records).toEqual(records);
  });
});

describe('no conflict is told', () => {
  test('where one edit followed the other', () => {
    const [low, high] = pairOn();
    for (const [from, to] of [
      [low, high],
      [high, low],
    ] as const) {
      from.set(`by ${from.client}`);
      to.receive(from).set(`then ${to.client}`);
      from.receive(to);
    }
    expect([low.open, high.open, low.records]).toEqual([[], [], {}]);
  });

  test('where one side deleted and the other set', () => {
    const [low, high] = pairOn();
    low.store.delCell('t', 'r', 'c');
    high.set('black');
    meet(low, high);
    expect([low.value, low.open, high.open]).toEqual(['black', [], []]);
  });

  test('for different cells of a row', () => {
    const [low, high] = pairOn();
    low.store.setCell('t', 'r', 'a', 1);
    high.store.setCell('t', 'r', 'b', 2);
    meet(low, high);
    expect([low.open, high.open]).toEqual([[], []]);
  });

  test('to a newcomer, of a history of edits that followed one another', () => {
    const [low, high] = pairOn();
    for (let turn = 0; turn < 5; turn += 1) {
      low.set(turn);
      meet(low, high);
      high.set(-turn);
      meet(low, high);
    }
    expect(new Peer(30).receive(low).open).toEqual([]);
  });

  test('about what is no cell', () => {
    const [low, high] = pairOn();
    const row = (doc: Y.Doc) =>
      (doc.getMap('tinybase').get('t') as Y.Map<Y.Map<Y.Map<unknown>>>).get('t')?.get('r');
    row(low.doc)?.set('c', new Y.Map());
    row(high.doc)?.set('c', 'black');
    meet(low, high);
    expect([low.open, high.open]).toEqual([[], []]);
  });
});

describe('a conflict is settled for everybody', () => {
  function conflicting(): [low: Peer, high: Peer, offline: Peer] {
    const [low, high, offline] = peersOn('start', 10, 20, 5) as [Peer, Peer, Peer];
    low.set('brown');
    high.set('black');
    meet(low, high);
    return [low, high, offline];
  }

  test('when somebody edits the cell', () => {
    const [low, high, offline] = conflicting();
    low.set('grey');
    meet(low, high, offline);
    expect([low.open, high.open, offline.open]).toEqual([[], [], []]);
  });

  test('when somebody puts the overwritten value back', () => {
    const [low, high, offline] = conflicting();
    high.set('brown');
    meet(low, high, offline);
    expect([low, high, offline].map(({ value, open }) => [value, open])).toEqual([
      ['brown', []],
      ['brown', []],
      ['brown', []],
    ]);
  });

  test('when somebody dismisses it, and the cell stays as it is', () => {
    const [low, high, offline] = conflicting();
    const [{ key }] = low.binding.conflicts.open() as [Conflict];
    low.binding.conflicts.dismiss(key);
    expect(low.open).toEqual([]);
    meet(low, high, offline);
    expect([high.open, offline.open, high.value]).toEqual([[], [], 'black']);
    expect(high.records).toEqual({ [`!${key}`]: true });
  });

  test('when somebody deletes the row, also if it comes back', () => {
    const [low, high, offline] = conflicting();
    high.store.delRow('t', 'r');
    meet(low, high, offline);
    low.set('again');
    meet(low, high, offline);
    expect([low.open, high.open, offline.open]).toEqual([[], [], []]);
  });

  test('in one update with the edit', () => {
    const [low] = conflicting();
    let updates = 0;
    low.doc.on('update', () => {
      updates += 1;
    });
    low.set('grey');
    expect(updates).toBe(1);
  });

  test('also for one who had not heard of it and still has what lost', () => {
    const [low, high, offline] = peersOn('start', 10, 20, 5) as [Peer, Peer, Peer];
    low.set('brown');
    offline.receive(low);
    high.set('black').receive(low);
    high.set('grey');
    offline.receive(high);
    expect([offline.value, offline.open]).toEqual(['grey', []]);
  });

  test('also where both had chosen the same, and one who has one of them hears of the next', () => {
    const [low, high, offline] = peersOn('start', 10, 20, 5) as [Peer, Peer, Peer];
    low.set('same');
    offline.receive(low);
    high.set('same').receive(low);
    high.set('next');
    offline.receive(high);
    expect([offline.value, offline.open]).toEqual(['next', []]);
  });

  test('also by one who knows the loser, but not its value any more', () => {
    const [low, high, offline] = peersOn('start', 10, 20, 5) as [Peer, Peer, Peer];
    low.set('brown');
    offline.receive(low);
    const plain = new Y.Doc(); // no replica of ours: it records nothing
    for (const { doc } of [high.set('black'), low]) {
      Y.applyUpdate(plain, Y.encodeStateAsUpdate(doc));
    }
    const newcomer = new Peer(30);
    Y.applyUpdate(newcomer.doc, Y.encodeStateAsUpdate(plain));
    expect([newcomer.value, newcomer.open]).toEqual(['black', []]);
    newcomer.set('grey');
    offline.receive(newcomer);
    expect([offline.value, offline.open]).toEqual(['grey', []]);
  });

  test('by an edit in the moment when it is found', () => {
    const [low, high] = pairOn();
    low.set('brown');
    high.set('black');
    low.doc.once('afterTransaction', () => low.set('grey'));
    low.receive(high);
    meet(low, high);
    expect([low.open, high.open, high.value]).toEqual([[], [], 'grey']);
    expect(Object.values(high.records)).toEqual([true]);
  });

  test('but not by an edit of one who did not know of it', () => {
    const [low, high, offline] = conflicting();
    offline.set('white'); // the lowest id: it loses, too
    meet(low, high, offline);
    expect(high.open).toHaveLength(2);
    expect(low.open).toEqual(high.open);
    expect(offline.open).toEqual(high.open);
  });
});

describe('a row that was deleted while a cell of it was edited', () => {
  function rowOf(...cells: string[]): [low: Peer, high: Peer] {
    const [low, high] = pairOn();
    high.store.setRow('t', 'r', Object.fromEntries(cells.map((cell) => [cell, cell])));
    meet(low, high);
    return [low, high];
  }

  test('is told, and the edit is kept', () => {
    const [low, high] = rowOf('c', 'd', 'e');
    low.set('edited');
    high.store.delRow('t', 'r');
    meet(low, high);
    expect(high.store.getRow('t', 'r')).toEqual({ c: 'edited' });
    expect([low.open, high.open]).toEqual([
      [[10, 'edited', null, undefined]],
      [[10, 'edited', null, undefined]],
    ]);
    const [[key, record]] = Object.entries(low.records) as [[string, string]];
    expect(key).toMatch(/^k10:/);
    expect(JSON.parse(record)).toEqual(['t', 'r', 'c', 10, 'edited', null]);
  });

  test('is settled when the row is deleted again', () => {
    const [low, high] = rowOf('c', 'd', 'e');
    low.set('edited');
    high.store.delRow('t', 'r');
    meet(low, high);
    high.store.delRow('t', 'r');
    meet(low, high);
    expect(low.store.hasRow('t', 'r')).toBe(false);
    expect([low.open, high.open]).toEqual([[], []]);
  });

  test('is not told where cells of others are left', () => {
    const [low, high] = rowOf('c', 'd', 'e');
    low.set('edited');
    high.store.delCell('t', 'r', 'd');
    meet(low, high);
    expect([low.open, high.open]).toEqual([[], []]);
  });

  test('is not told where most of the row is left', () => {
    const [low, high] = rowOf('c', 'd', 'e');
    low.store.setPartialRow('t', 'r', { c: 1, d: 2 });
    meet(low, high);
    high.store.delCell('t', 'r', 'e');
    meet(low, high);
    expect(low.store.getRow('t', 'r')).toEqual({ c: 1, d: 2 });
    expect([low.open, high.open]).toEqual([[], []]);
  });

  test('is not told where the deleter knew the cells that are left', () => {
    const [low, high] = rowOf('c');
    low.set('edited');
    low.store.setCell('t', 'r', 'd', 'later');
    meet(low, high);
    high.store.delCell('t', 'r', 'd');
    meet(low, high);
    expect(low.store.getRow('t', 'r')).toEqual({ c: 'edited' });
    expect([low.open, high.open]).toEqual([[], []]);
  });
});

describe('beside others', () => {
  test('records that make no sense are not shown, and what follows is', () => {
    const [low, high] = pairOn();
    const foreign = high.doc.getMap(RECORDS);
    for (const [at, text] of [
      '{',
      '[]',
      'null',
      '["t","r","c",1,2,3]',
      '["t",null,"c",1,2,3,4]',
      '["t","r","c",1,{},3,4]',
      '["t","r","c",1,2,null,4]',
    ].entries()) {
      foreign.set(`1:${at}`, text);
    }
    foreign.set('1:100', 7);
    foreign.set('!', true);
    low.set('brown');
    high.set('black');
    meet(low, high);
    expect([low.open, high.open]).toEqual([
      [[20, 'black', 10, 'brown']],
      [[20, 'black', 10, 'brown']],
    ]);
  });

  test('a record of a cell that is gone is not open', () => {
    const [low, high] = pairOn();
    low.set('brown');
    high.set('black');
    meet(low, high);
    const tables = low.doc.getMap('tinybase').get('t') as Y.Map<Y.Map<Y.Map<unknown>>>;
    tables.get('t')?.get('r')?.delete('c'); // by somebody who knows of no conflicts
    expect(low.open).toEqual([]);
    expect(Object.keys(low.records)).toHaveLength(1);
  });

  test('more than 256 conflicts at once are shown, and no more than these recorded', () => {
    const [low, high] = pairOn();
    const fill = (store: Store, value: string) =>
      store.transaction(() => {
        for (let at = 0; at < 300; at += 1) {
          store.setCell('t', 'r', `c${at}`, value);
        }
      });
    fill(low.store, 'low');
    fill(high.store, 'high');
    low.receive(high);
    expect(low.open).toHaveLength(300);
    expect(Object.keys(low.records)).toHaveLength(256);
  });
});

describe('listeners', () => {
  test('hear of a conflict and of its end, after the Store has the cell', () => {
    const [low, high] = pairOn();
    const heard: unknown[] = [];
    const stop = low.binding.conflicts.onChange(() => heard.push([low.value, low.open.length]));
    low.set('brown');
    high.set('black');
    meet(low, high);
    expect(heard.at(-1)).toEqual(['black', 1]);
    low.set('grey');
    expect(heard.at(-1)).toEqual(['grey', 0]);
    const { length } = heard;
    stop();
    high.set('again');
    low.set('and again');
    meet(low, high);
    expect(heard).toHaveLength(length);
  });

  test('hear nothing of edits elsewhere', () => {
    const [low, high] = pairOn();
    low.set('brown');
    high.set('black');
    meet(low, high);
    let heard = 0;
    low.binding.conflicts.onChange(() => {
      heard += 1;
    });
    high.store.setCell('t', 'r', 'other', 1);
    meet(low, high);
    expect(heard).toBe(0);
  });

  test('a destroyed replica looks no more', () => {
    const [low, high] = pairOn();
    low.binding.destroy();
    (low.doc.getMap('tinybase').get('t') as Y.Map<Y.Map<Y.Map<unknown>>>)
      .get('t')
      ?.get('r')
      ?.set('c', 'brown');
    high.set('black');
    low.receive(high);
    expect(low.records).toEqual({});
  });
});
