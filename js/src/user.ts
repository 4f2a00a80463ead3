/**
 * Who works on this page, as others see them.
 *
 * A Jupyter server knows: `GET api/me`, which JupyterLab asks too. Its address, and a token if there is
 * one, are in the page's configuration, which JupyterLab, Notebook 7 and their like put into each page.
 * A server without logins makes names up; before such a one goes what the kernel was told, and where
 * there is neither, a name is made up here, for as long as the browser tab is open.
 */
import { colorFrom, nameFrom, type User } from './sync/presence_states.ts';

const KEY = 'tinybase-widget/user';
const TIMEOUT = 5_000; // ms
const ADJECTIVES = 'Brave Bright Calm Clever Gentle Happy Kind Lucky Merry Quick Quiet Sunny'.split(
  ' ',
);
const ANIMALS =
  'Badger Dolphin Falcon Heron Koala Lynx Otter Panda Penguin Puffin Robin Seal'.split(' ');

interface Found {
  readonly user: User;
  readonly isMadeUp: boolean;
}

let found: Promise<Found | undefined> | undefined;

/** Return who works here; `told` is what the kernel was told. */
export async function findUser(told: Partial<User> | null | undefined): Promise<User> {
  found ??= askJupyter();
  const asked = await found;
  const name = nameFrom(told?.name);
  if (name !== '' && asked?.isMadeUp !== false) {
    return { name, color: colorFrom(told?.color, name) };
  }
  return asked?.user ?? madeUp();
}

async function askJupyter(): Promise<Found | undefined> {
  try {
    const config = document.getElementById('jupyter-config-data')?.textContent;
    if (!config) {
      return undefined;
    }
    const { baseUrl, token } = JSON.parse(config) as { baseUrl?: unknown; token?: unknown };
    const base = new URL(typeof baseUrl === 'string' ? baseUrl : '/', location.href);
    if (base.origin !== location.origin) {
      return undefined;
    }
    const response = await fetch(new URL('api/me', base), {
      headers: typeof token === 'string' && token ? { Authorization: `token ${token}` } : {},
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return response.ok ? read(await response.json()) : undefined;
  } catch {
    return undefined; // a page that is no Jupyter server's, or whose server does not know
  }
}

function read(answer: { identity?: Record<string, unknown> }): Found | undefined {
  const { username, name, display_name, color } = answer.identity ?? {};
  const shown = nameFrom(display_name) || nameFrom(name) || nameFrom(username);
  // Without logins the server names its visitors after moons, and gives them a random id.
  const isMadeUp = /^Anonymous \w+$/.test(shown) && /^[0-9a-f]{32}$/.test(String(username));
  return shown ? { user: { name: shown, color: colorFrom(color, shown) }, isMadeUp } : undefined;
}

function madeUp(): User {
  const name = remembered() ?? `${pick(ADJECTIVES)} ${pick(ANIMALS)}`;
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // Some hosts let widgets keep nothing: another name after a reload, then.
  }
  return { name, color: colorFrom(undefined, name) };
}

function remembered(): string | undefined {
  try {
    return nameFrom(sessionStorage.getItem(KEY)) || undefined;
  } catch {
    return undefined;
  }
}

const pick = (words: readonly string[]): string =>
  words[Math.floor(Math.random() * words.length)] as string;
