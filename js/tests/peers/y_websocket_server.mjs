// npm's y-websocket server, which keeps documents in memory.
//
// A port (0 for any) is given and, if it is to ask for one, a token. Prints the port; ends when stdin
// does. Used by tests/interop/servers and bench.
import http from 'node:http';
import { setupWSConnection } from '@y/websocket-server/utils';
import { WebSocketServer } from 'ws';

const [port, token] = process.argv.slice(2);
const server = http.createServer();
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  const given = new URL(request.url, 'http://localhost').searchParams.get('token');
  if (token && given !== token) {
    socket.end(
      'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 9\r\n\r\nno token!',
    );
    return;
  }
  sockets.handleUpgrade(request, socket, head, (accepted) => setupWSConnection(accepted, request));
});
server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
