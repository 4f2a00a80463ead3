// A peer that is nothing but npm's TinyBase with its own Yjs persister, driven by lines of JSON.
//
// Each line is {"call": name, "args": [...]}; the answer is {"result": ...} or {"error": text}.
// Updates and state vectors travel as base64. Used by tests/interop/yjs.
import { createInterface } from 'node:readline';
import { createStore } from 'tinybase';
import { createYjsPersister } from 'tinybase/persisters/persister-yjs';
import * as Y from 'yjs';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));

let doc;
let store;
let persister;
const errors = [];

const calls = {
  async start(clientId, mapName) {
    await persister?.destroy();
    doc = new Y.Doc();
    if (clientId !== null) doc.clientID = clientId;
    store = createStore();
    errors.length = 0;
    persister = createYjsPersister(store, doc, mapName ?? undefined, (error) =>
      errors.push(String(error)),
    );
    await persister.startAutoLoad();
    await persister.startAutoSave();
  },
  async store(method, ...args) {
    const result = store[method](...args);
    await new Promise((resolve) => setTimeout(resolve));
    return result === store ? null : result;
  },
  async transaction(steps) {
    store.transaction(() => {
      for (const [method, ...args] of steps) store[method](...args);
    });
    await new Promise((resolve) => setTimeout(resolve));
  },
  state: () => base64(Y.encodeStateVector(doc)),
  update: (state) => base64(Y.encodeStateAsUpdate(doc, state ? bytes(state) : undefined)),
  async apply(update) {
    Y.applyUpdate(doc, bytes(update));
    await new Promise((resolve) => setTimeout(resolve));
  },
  doc: () => doc.toJSON(),
  errors: () => errors,
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
