// An automerge-repo sync server: the port (0 for any) and, if it is to store, a folder are given.
//
// Prints the port; ends when stdin does. Used by tests/interop/automerge.
import { Repo } from '@automerge/automerge-repo';
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { WebSocketServer } from 'ws';

const [port, folder] = process.argv.slice(2);
const server = new WebSocketServer({ port: Number(port), host: '127.0.0.1' });
server.on('listening', () => {
  new Repo({
    network: [new WebSocketServerAdapter(server)],
    storage: folder ? new NodeFSStorageAdapter(folder) : undefined,
    sharePolicy: async () => false,
    peerId: `server-${process.pid}`,
  });
  process.stdout.write(`${server.address().port}\n`);
});
process.stdin.on('end', () => process.exit()).resume();
