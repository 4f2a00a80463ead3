import { expect, test } from 'vitest';
import { Listeners } from '../../src/sync/listeners.ts';

test('all are told, in the order in which they began, until they stop', () => {
  const listeners = new Listeners<[text: string]>();
  const heard: string[] = [];
  const stop = listeners.add((text) => heard.push(`first ${text}`));
  listeners.add((text) => heard.push(`second ${text}`));
  listeners.tell('a');
  stop();
  listeners.tell('b');
  expect(heard).toEqual(['first a', 'second a', 'second b']);
});

test('who stops while others are told is not told any more', () => {
  const listeners = new Listeners();
  const heard: string[] = [];
  listeners.add(() => stop());
  const stop = listeners.add(() => heard.push('stopped'));
  listeners.tell();
  expect(heard).toEqual([]);
});

test('who begins while others are told is told the next time', () => {
  const listeners = new Listeners();
  const heard: string[] = [];
  const begin = () => heard.push('begun');
  listeners.add(() => listeners.add(begin));
  listeners.tell();
  expect(heard).toEqual([]);
  listeners.tell();
  expect(heard).toEqual(['begun']);
});
