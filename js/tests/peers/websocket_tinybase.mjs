// A peer that is nothing but npm's TinyBase with its own Yjs persister, on a server of rooms.
//
// Each line is {"call": name, "args": [...]}; the answer is {"result": ...} or {"error": text}.
// Used by tests/interop/servers.
import { createInterface } from 'node:readline';
import { HocuspocusProvider } from '@hocuspocus/provider';
import { createStore } from 'tinybase';
import { createYjsPersister } from 'tinybase/persisters/persister-yjs';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

globalThis.WebSocket = WebSocket;
let store;

const calls = {
  async join(protocol, server, room, token) {
    const doc = new Y.Doc();
    const synced = new Promise((resolve) => {
      if (protocol === 'hocuspocus') {
        new HocuspocusProvider({
          url: server,
          name: room,
          document: doc,
          token,
          onSynced: resolve,
        });
      } else {
        const provider = new WebsocketProvider(server, room, doc, {
          WebSocketPolyfill: WebSocket,
          params: token ? { token } : {},
          maxBackoffTime: 500,
        });
        provider.once('sync', resolve);
      }
    });
    await synced; // an unmodified persister may replace what it has not seen yet
    store = createStore();
    const persister = createYjsPersister(store, doc);
    await persister.startAutoLoad();
    await persister.startAutoSave();
  },
  async store(method, ...args) {
    const result = store[method](...args);
    await new Promise((resolve) => setTimeout(resolve));
    return result === store ? null : result;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  try {
    const result = await calls[call](...args);
    process.stdout.write(`${JSON.stringify({ result: result ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error?.stack ?? error) })}\n`);
  }
}
process.exit();
