/** A page's room on real servers: npm's y-websocket server and Hocuspocus. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket as NodeSocket, WebSocketServer } from 'ws';
import { Lineage } from '../../src/sync/generations.ts';
import { generationOf } from '../../src/sync/page_servers.ts';
import { Room } from '../../src/sync/room.ts';
import type { ServerHost } from '../../src/sync/server_link.ts';
import { ServerLink } from '../../src/sync/server_link.ts';
import { until } from './keeping_world.ts';

type Kind = 'y-websocket' | 'hocuspocus';

const open: { end(): void }[] = [];
const rooms: Room[] = [];

beforeEach(() => {
  globalThis.WebSocket = NodeSocket as unknown as typeof WebSocket;
});

afterEach(() => {
  for (const room of rooms.splice(0)) room.destroy();
  for (const each of open.splice(0)) each.end();
  vi.restoreAllMocks();
});

/** A server in a process of its own, which can be killed and started again on its port. */
class Server {
  #process: ChildProcess | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'server-link-'));
  port = 0;

  constructor(
    readonly kind: Kind,
    readonly token = '',
  ) {
    open.push(this);
  }

  async start(): Promise<this> {
    this.port ||= await freePort();
    const port = String(this.port);
    const file = `tests/peers/${this.kind.replace('-', '_')}_server.mjs`;
    const own = this.kind === 'hocuspocus' ? [this.#folder, this.token] : [this.token];
    const started = spawn('node', [file, port, ...own], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = started;
    await new Promise((resolve) => started.stdout.once('data', resolve));
    return this;
  }

  end(): void {
    this.#process?.kill('SIGKILL');
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const found = createServer().listen(0, '127.0.0.1', () => {
      const { port } = found.address() as { port: number };
      found.close(() => resolve(port));
    });
  });
}

/** A room with a link to a server, as a page has it. */
function join_(server: Server, token: string | null = server.token || null): [Room, ServerLink] {
  const room = new Room('zoo');
  rooms.push(room);
  return [room, link(room, server, token)];
}

function link(room: Room, server: Server, token: string | null = null): ServerLink {
  const host: ServerHost = {
    get generation() {
      return room.generation;
    },
    greeting: () => room.greeting(),
    generationOf,
  };
  const url = `ws://127.0.0.1:${server.port}/zoo`;
  const address = { url, query: [], room: 'zoo', token };
  const made = new ServerLink(address, server.kind, host, () => undefined);
  room.addLink(made);
  return made;
}

const isSynced = (link: ServerLink) => until(() => link.state === 'synced', 'synced');

describe.each<Kind>(['y-websocket', 'hocuspocus'])('on %s', (kind) => {
  test('what each side had and edits reaches the other', async () => {
    const server = await new Server(kind).start();
    const [one, oneLink] = join_(server);
    one.store.setCell('pets', 'fido', 'age', 3);
    const [other, otherLink] = join_(server);
    other.store.setCell('pets', 'felix', 'age', 5);
    await isSynced(oneLink);
    await isSynced(otherLink);
    one.store.setCell('pets', 'fido', 'age', 4);
    const expected = { fido: { age: 4 }, felix: { age: 5 } };
    for (const room of [one, other])
      await until(() => JSON.stringify(sorted(room)) === JSON.stringify(sorted_(expected)));
  });

  test('what is edited while it is away is there when it is back', async () => {
    const server = await new Server(kind).start();
    const [one, oneLink] = join_(server);
    const [other, otherLink] = join_(server);
    await Promise.all([isSynced(oneLink), isSynced(otherLink)]);
    server.end();
    await until(() => oneLink.state === 'offline' && otherLink.state === 'offline');
    one.store.setCell('pets', 'fido', 'age', 3);
    other.store.setCell('pets', 'felix', 'age', 5);
    await server.start();
    for (const room of [one, other])
      await until(() => Object.keys(room.store.getTable('pets')).length === 2);
  });

  test('who asks is told when it has everything', async () => {
    const server = await new Server(kind).start();
    const [one, oneLink] = join_(server);
    one.store.setCell('pets', 'fido', 'age', 3);
    let isTaken = false;
    oneLink.whenTaken(() => {
      isTaken = true;
    });
    await until(() => isTaken, 'taken');
    oneLink.close();
    one.removeLink(oneLink);
    const [other, otherLink] = join_(server);
    await isSynced(otherLink);
    expect(other.store.getCell('pets', 'fido', 'age')).toBe(3);
  });

  test('its token lets in, and is not in what is said', async () => {
    const server = await new Server(kind, 'very secret').start();
    const [, right] = join_(server);
    const [, wrong] = join_(server, 'wrong but secret');
    await isSynced(right);
    await until(() => wrong.state === 'offline' && wrong.error);
    expect(wrong.error).not.toContain('secret');
    expect(right.name).not.toContain('secret');
  });

  test('a compacted document goes to an empty room, and not to one that has the former one', async () => {
    const server = await new Server(kind).start();
    const [one, oneLink] = join_(server);
    one.store.setCell('pets', 'fido', 'age', 3);
    await isSynced(oneLink);
    one.removeLink(oneLink);
    one.compact();
    const again = link(one, server);
    await until(() => again.state === 'offline');
    expect(again.error).toContain('was compacted');
    one.removeLink(again);
    const empty = await new Server(kind).start();
    await isSynced(link(one, empty));
    const [newcomer, newLink] = join_(empty);
    await isSynced(newLink);
    await until(() => newcomer.store.getCell('pets', 'fido', 'age') === 3);
    expect(newcomer.generation).toEqual(one.generation);
    expect(new Lineage(newcomer.doc, 'tinybase').generation.number).toBe(1);
  });
});

test('two rooms that are linked to each other and to a server come to rest', async () => {
  const server = await new Server('y-websocket').start();
  const [one, oneLink] = join_(server);
  const [other, otherLink] = join_(server);
  const { LocalLink } = await import('../../src/sync/local_link.ts');
  const [left, right] = LocalLink.pair('the other', 'the one');
  one.addLink(left);
  other.addLink(right);
  await Promise.all([isSynced(oneLink), isSynced(otherLink)]);
  let updates = 0;
  for (const { doc } of [one, other]) doc.on('update', () => (updates += 1));
  const sent = vi.spyOn(NodeSocket.prototype, 'send');
  for (let age = 0; age < 20; age += 1) {
    one.store.setCell('pets', 'fido', 'age', age);
    other.store.setCell('pets', 'felix', 'age', age);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const isThere = (room: Room) =>
    room.store.getCell('pets', 'fido', 'age') === 19 &&
    room.store.getCell('pets', 'felix', 'age') === 19;
  await until(() => isThere(one) && isThere(other));
  // Each edit is one update to each of the two, whatever ways it came by, and goes to the server at most twice.
  expect(updates).toBeLessThanOrEqual(80 + 8);
  expect(sent.mock.calls.length).toBeLessThanOrEqual(80 + 20);
});

test('a server that can not be reached is said to be, and it goes on trying', async () => {
  const server = new Server('y-websocket');
  server.port = await freePort();
  const [, made] = join_(server);
  await until(() => made.state === 'offline');
  expect(made.error).toContain("can't be reached");
  await server.start();
  await isSynced(made);
  expect(made.error).toBeUndefined();
});

test.each([
  ['page', { href: 'https://host.test/' }, ''],
  ['frame of such a page', { href: 'about:srcdoc' }, 'https://host.test/'],
  ['frame of another site', { href: 'http://a.test/', ancestorOrigins: ['https://b.test'] }, ''],
])(
  'what the browser forbids a %s by https is said with its reason',
  async (_, location, baseURI) => {
    const makes = (name: string) =>
      class {
        constructor() {
          throw new DOMException('not allowed', name);
        }
      } as unknown as typeof WebSocket;
    globalThis.WebSocket = makes('SecurityError');
    vi.stubGlobal('location', location);
    vi.stubGlobal('document', { baseURI, addEventListener() {}, removeEventListener() {} });
    const server = new Server('y-websocket');
    server.port = 9;
    const [, made] = join_(server);
    expect(made.state).toBe('offline');
    expect(made.error).toContain('wss://');
    vi.unstubAllGlobals();
  },
);

test('a server that lets somebody in no further is quoted with its reason', async () => {
  const reason = 'too many connections with this token (500 at most); try again later';
  const server = new Server('y-websocket');
  server.port = await freePort();
  const refusing = new WebSocketServer({ host: '127.0.0.1', port: server.port });
  open.push({ end: () => refusing.close() });
  refusing.on('connection', (socket) => socket.close(1013, reason));
  const [, made] = join_(server);
  await until(() => made.error === reason);
  expect(made.state).not.toBe('synced');
});

test('what may not even open is tried again, though no close is told', () => {
  vi.useFakeTimers();
  let made = 0;
  class Forbidden {
    readonly readyState = 3;
    readonly CLOSED = 3;
    constructor() {
      made += 1;
    }
    close() {} // says nothing: it is closed
  }
  globalThis.WebSocket = Forbidden as unknown as typeof WebSocket;
  const server = new Server('y-websocket');
  server.port = 9;
  const [, link] = join_(server);
  expect(link.state).toBe('connecting');
  vi.advanceTimersByTime(10_000);
  expect([link.state, link.error, made]).toEqual(['offline', 'it does not answer', 1]);
  vi.advanceTimersByTime(60_000);
  expect(made).toBeGreaterThan(1);
  link.close();
  vi.useRealTimers();
});

const sorted_ = (table: object) => Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
const sorted = (room: Room) => sorted_(room.store.getTable('pets'));
