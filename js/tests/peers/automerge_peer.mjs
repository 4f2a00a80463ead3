// A peer that is npm's TinyBase with its own Automerge persister on automerge-repo, driven by lines
// of JSON.
//
// Each line is {"call": name, "args": [...]}; the answer is {"result": ...} or {"error": text}.
// Documents travel as base64. Used by tests/interop/automerge.
import { createInterface } from 'node:readline';
import * as A from '@automerge/automerge';
import { Repo } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { createStore } from 'tinybase';
import { createAutomergePersister } from 'tinybase/persisters/persister-automerge';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));
const turn = () => new Promise((resolve) => setTimeout(resolve));

let repo = new Repo({ network: [] });
let handle;
let store;
let persister;
const errors = [];

const calls = {
  repo(server, folder) {
    repo = new Repo({
      network: server ? [new WebSocketClientAdapter(server, 100)] : [],
      storage: folder ? new NodeFSStorageAdapter(folder) : undefined,
    });
  },
  create() {
    handle = repo.create();
    return handle.url;
  },
  open(data) {
    handle = repo.import(bytes(data));
  },
  async find(url) {
    // A server that has not heard of it yet says so, and sends it later.
    handle = await repo.find(url, { allowableStates: ['ready', 'unavailable'] });
    await handle.whenReady();
  },
  async persist() {
    store = createStore();
    errors.length = 0;
    persister = createAutomergePersister(store, handle, undefined, (error) =>
      errors.push(String(error)),
    );
    await persister.startAutoLoad();
    await persister.startAutoSave();
  },
  async store(method, ...args) {
    const result = store[method](...args);
    await turn();
    return result === store ? null : result;
  },
  async change(path, kind, value) {
    const values = { counter: () => new A.Counter(value), date: () => new Date(value) };
    handle.change((doc) => {
      let found = doc;
      for (const key of path.slice(0, -1)) found = found[key];
      found[path.at(-1)] = (values[kind] ?? (() => value))();
    });
    await turn();
  },
  save: () => base64(A.save(handle.doc())),
  async merge(data) {
    handle.update((doc) => A.merge(doc, A.load(bytes(data))));
    await turn();
  },
  doc: () => handle.doc(),
  flush: () => repo.flush(),
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
process.exit();
