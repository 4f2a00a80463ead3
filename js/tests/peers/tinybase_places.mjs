// npm's TinyBase with persisters of files and SQLite databases, driven by lines of JSON.
import { createInterface } from 'node:readline';
import { createClient } from '@libsql/client';
import { createStore } from 'tinybase';
import { createCustomPersister } from 'tinybase/persisters';
import { createFilePersister } from 'tinybase/persisters/persister-file';
import { createLibSqlPersister } from 'tinybase/persisters/persister-libsql';

let store;
let persister;
let client;
let errors = [];

const place = { content: undefined, listener: undefined, fails: false };
const mayFail = () => {
  if (place.fails) throw new Error('no such place');
};

const create = {
  file: (path) => createFilePersister(store, path, onIgnoredError),
  sqlite: (path, config) => {
    client = createClient({ url: `file:${path}`, timeout: 10_000 });
    return createLibSqlPersister(store, client, config ?? undefined, undefined, onIgnoredError);
  },
  custom: () => {
    Object.assign(place, { content: undefined, listener: undefined, fails: false });
    return createCustomPersister(
      store,
      async () => {
        mayFail();
        return place.content;
      },
      async (getContent) => {
        mayFail();
        place.content = structuredClone(getContent());
      },
      (listener) => {
        place.listener = listener;
        return 1;
      },
      () => {
        place.listener = undefined;
      },
      onIgnoredError,
    );
  },
};

const onIgnoredError = (error) => errors.push(error.message);

const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const calls = {
  async start(kind, ...args) {
    await persister?.destroy();
    client?.close();
    client = undefined;
    errors = [];
    store = createStore();
    persister = create[kind](...args);
  },
  async stop() {
    await persister?.destroy();
    client?.close();
    persister = client = undefined;
  },
  schema: (tables, values) => void store.setTablesSchema(tables).setValuesSchema(values),
  async persister(method, ...args) {
    const answer = await persister[method](...args);
    return answer === persister ? null : answer;
  },
  store: (method, ...args) => {
    const answer = store[method](...args);
    return answer === store ? null : answer;
  },
  errors: () => errors.splice(0),
  settle: () => until(() => persister.getStatus() === 0),
  cellIs: (table, row, cell, value) => until(() => store.getCell(table, row, cell) === value),
  valueIs: (id, value) => until(() => store.getValue(id) === value),
  putContent(content) {
    place.content = content ?? undefined;
  },
  placeContent: () => place.content ?? null,
  fail(fails) {
    place.fails = fails;
  },
  tell: async (content, changes) => {
    await place.listener?.(content ?? undefined, changes ?? undefined);
  },
  watchStatus: () => void persister.addStatusListener((_, status) => errors.push(status)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await calls[call](...args)) ?? null };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
