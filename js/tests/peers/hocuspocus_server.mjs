// A Hocuspocus server that stores documents in a folder through its Database extension, or in a
// database through its SQLite extension; several of them meet through a Redis.
//
// A port and a folder, or a file *.sqlite, are given. If it is to ask for one, a token: with "view:"
// before it one may only look. If there is one, the port of a Redis. Prints the port; ends when
// stdin does. Used by tests/interop/servers and bench.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from '@hocuspocus/extension-database';
import { Redis } from '@hocuspocus/extension-redis';
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';

const [port, folder, token, redis] = process.argv.slice(2);
const place = (name) => join(folder, `${encodeURIComponent(name)}.ydoc`);

function storage() {
  if (!folder) return [];
  if (folder.endsWith('.sqlite')) return [new SQLite({ database: folder })];
  return [
    new Database({
      fetch: ({ documentName }) => readFile(place(documentName)).catch(() => null),
      async store({ documentName, state }) {
        await writeFile(`${place(documentName)}.new`, state);
        await rename(`${place(documentName)}.new`, place(documentName));
      },
    }),
  ];
}

const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  debounce: 100,
  async onAuthenticate({ token: given, connectionConfig }) {
    if (!token) return;
    if (given === `view:${token}`) connectionConfig.readOnly = true;
    else if (given !== token) throw new Error('wrong token');
  },
  extensions: [
    ...(redis ? [new Redis({ host: '127.0.0.1', port: Number(redis) })] : []),
    ...storage(),
  ],
});
await server.listen();
console.log(server.address.port);
process.stdin.on('end', () => process.exit()).resume();
