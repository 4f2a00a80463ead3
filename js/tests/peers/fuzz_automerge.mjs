// The fuzzer's peers that are npm's TinyBase with its own Automerge persister, on automerge-repo.
//
// Each line on stdin is a request, each line on stdout its answer; as fuzz_host.mjs. A frame is two
// bytes that say what it is, and JSON: the hashes of all changes that a peer has, or changes.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as A from '@automerge/automerge';
import { Repo } from '@automerge/automerge-repo';
import { build } from 'esbuild';
import { createStore } from 'tinybase';
import { createAutomergePersister } from 'tinybase/persisters/persister-automerge';

const [STEP_1, STEP_2, UPDATE] = [0, 1, 2];
const root = fileURLToPath(new URL('../..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['tests/peers/fuzz_peer.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'error',
});
const text = Buffer.from(outputFiles[0].text).toString('base64');
const { edit, fill, listen, storeContent } = await import(`data:text/javascript;base64,${text}`);

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytes = (base) => new Uint8Array(Buffer.from(base, 'base64'));
const frame = (kind, content) =>
  base64(Buffer.concat([Buffer.from([0, kind]), Buffer.from(JSON.stringify(content))]));

const guests = new Map();
const errors = [];
for (const level of ['warn', 'error']) {
  console[level] = (...args) => errors.push(args.map(String).join(' '));
}

const settle = async () => {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
};

class Peer {
  store = createStore();
  moves = 0;
  known = new Set(); // the hashes of all changes
  cameFrom = new Map();

  constructor(start) {
    this.others = start.others;
    const actor = start.clientId.toString(16).padStart(32, '7');
    const repo = new Repo({ network: [] });
    this.handle = repo.create();
    this.handle.update(() =>
      start.saved === null ? A.init({ actor }) : A.load(bytes(start.saved), { actor }),
    );
    fill(this.store, start);
    let rows = 0;
    this.newRowId = () => `added ${start.clientId} ${rows++}`;
  }

  async begin(start) {
    this.persister = createAutomergePersister(this.store, this.handle);
    await this.persister.startAutoLoad();
    await this.persister.startAutoSave();
    this.handle.on('change', () => {
      this.moves += 1;
    });
    await settle();
    this.heads = A.getHeads(this.handle.doc());
    this.note(A.getAllChanges(this.handle.doc()));
    listen(this.store, start);
  }

  note(changes, sender) {
    for (const change of changes) {
      const { hash } = A.decodeChange(change);
      if (sender !== undefined && !this.known.has(hash)) this.cameFrom.set(hash, sender);
      this.known.add(hash);
    }
  }

  async receive([sender, data, isGreeting]) {
    const all = Buffer.from(data, 'base64');
    const content = JSON.parse(all.subarray(2).toString());
    const answers = [];
    let isApplied = true;
    if (all[1] === STEP_1) {
      const has = new Set(content);
      const missing = A.getAllChanges(this.handle.doc()).filter(
        (change) => !has.has(A.decodeChange(change).hash),
      );
      answers.push(frame(STEP_2, missing.map(packed)));
    } else {
      const changes = content.map(([, , change]) => bytes(change));
      const there = new Set(content.map(([hash]) => hash));
      isApplied = content.every(([, deps]) =>
        deps.every((dep) => there.has(dep) || this.known.has(dep)),
      );
      if (isApplied) {
        this.note(changes, sender);
        this.handle.update((doc) => A.applyChanges(doc, changes)[0]);
      } else {
        answers.push(this.hello());
      }
    }
    await settle();
    this.note(A.getChangesSince(this.handle.doc(), this.heads));
    if (isGreeting) answers.push(this.hello());
    return [isApplied, false, answers];
  }

  send() {
    const doc = this.handle.doc();
    const changes = A.getChangesSince(doc, this.heads);
    this.heads = A.getHeads(doc);
    this.note(changes);
    return this.others.flatMap((other) => {
      const some = changes.map(packed).filter(([hash]) => this.cameFrom.get(hash) !== other);
      return some.length > 0 ? [[other, frame(UPDATE, some)]] : [];
    });
  }

  hello() {
    const changes = A.getAllChanges(this.handle.doc());
    return frame(
      STEP_1,
      changes.map((change) => A.decodeChange(change).hash),
    );
  }
}

function packed(change) {
  const { hash, deps } = A.decodeChange(change);
  return [hash, deps, base64(change)];
}

function docContent(doc) {
  const { t = {}, v = {} } = doc.tinybase ?? {};
  const plain = (id) => (id.startsWith('\0') ? id.slice(1) : id);
  const content = [];
  for (const [tableId, table] of Object.entries(t)) {
    for (const [rowId, row] of Object.entries(table)) {
      for (const [cellId, cell] of Object.entries(row)) {
        content.push([[tableId, rowId, cellId].map(plain), cell]);
      }
    }
  }
  for (const [valueId, value] of Object.entries(v)) {
    content.push([[plain(valueId)], value]);
  }
  return content;
}

const requests = {
  async start(_kind, start) {
    await guests.get(start.slot)?.persister.destroy();
    const peer = new Peer(start);
    guests.set(start.slot, peer);
    await peer.begin(start);
  },
  async edit(slot, transactions, isSent) {
    const peer = guests.get(slot);
    const edited = edit(peer, transactions);
    await settle();
    return { ...edited, sent: isSent ? peer.send() : [], moves: peer.moves };
  },
  async receive(slot, arrivals) {
    const peer = guests.get(slot);
    const taken = [];
    for (const arrival of arrivals) {
      taken.push(await peer.receive(arrival));
    }
    return { taken, sent: peer.send(), moves: peer.moves };
  },
  hello: (slot) => guests.get(slot).hello(),
  save: (slot) => base64(A.save(guests.get(slot).handle.doc())),
  content(slot) {
    const { handle, store } = guests.get(slot);
    return { document: docContent(handle.doc()), store: storeContent(store), conflicts: null };
  },
  places: (slot) => storeContent(guests.get(slot).store).map(([place]) => place),
  async end() {
    for (const { persister } of guests.values()) {
      await persister.destroy();
    }
    guests.clear();
    return errors.splice(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let answered;
  try {
    const [name, ...args] = JSON.parse(line);
    answered = { result: (await requests[name](...args)) ?? null };
  } catch (error) {
    answered = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
process.exit();
