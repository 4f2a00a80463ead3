/** Who works on a page, by what its host knows. */
// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

type FindUser = typeof import('../src/user.ts').findUser;
let findUser: FindUser;

const JUPYTER =
  '<script id="jupyter-config-data" type="application/json">{"baseUrl": "/hub/"}</script>';
const answer = vi.fn();

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal('fetch', answer);
  sessionStorage.clear();
  document.body.innerHTML = JUPYTER;
  ({ findUser } = await import('../src/user.ts'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  answer.mockReset();
});

const serverSays = (identity: unknown, init?: ResponseInit): void => {
  answer.mockImplementation(async () => new Response(JSON.stringify({ identity }), init));
};
const MADE_UP = { username: 'f'.repeat(32), name: 'Anonymous Io', display_name: 'Anonymous Io' };

it('is whom the server knows, also where the kernel was told another name', async () => {
  serverSays({ username: 'ada', display_name: 'Ada Lovelace', color: '#112233' });
  expect(await findUser({ name: 'Somebody else' })).toEqual({
    name: 'Ada Lovelace',
    color: '#112233',
  });
  expect(String(answer.mock.calls[0]?.[0])).toBe(`${location.origin}/hub/api/me`);
});

it('is asked once a page', async () => {
  serverSays({ username: 'ada' });
  await Promise.all([findUser(null), findUser(null)]);
  await findUser(null);
  expect(answer).toHaveBeenCalledTimes(1);
});

it('is whom the kernel was told before a name that the server made up', async () => {
  serverSays(MADE_UP);
  expect((await findUser({ name: 'Ada' })).name).toBe('Ada');
  expect((await findUser(null)).name).toBe('Anonymous Io');
});

it.each([
  ['refuses', () => serverSays({}, { status: 403 })],
  ['fails', () => answer.mockRejectedValue(new TypeError('no network'))],
  ['says nonsense', () => answer.mockResolvedValue(new Response('<html>'))],
  ['knows no name', () => serverSays({ username: '\u200b' })],
  ['is none', () => (document.body.innerHTML = '')],
])('has a friendly name, the same after a reload, where the server %s', async (_how, prepare) => {
  prepare();
  const { name } = await findUser(null);
  expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  vi.resetModules();
  const again = await import('../src/user.ts');
  expect((await again.findUser(undefined)).name).toBe(name);
});

it('asks no other server than the page’s', async () => {
  document.body.innerHTML = JUPYTER.replace('/hub/', 'https://elsewhere.example/');
  await findUser(null);
  expect(answer).not.toHaveBeenCalled();
});
