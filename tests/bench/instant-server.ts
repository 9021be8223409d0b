/**
 * An HTTP server that accepts every delivery at once, and counts its connections.
 *
 * Forked by the bench of the REST adapter; answers the questions `port` and `connections` over the channel.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

let connections = 0;
const answer = JSON.stringify({ success: true, executionId: 'exec-1', message: 'ok', estimatedDuration: '30s' });
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
});
server.on('connection', () => {
  connections += 1;
});
server.listen(0, '127.0.0.1');
const listening = once(server, 'listening');

process.on('message', (question) => {
  void listening.then(() => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.send?.(question === 'port' ? { port } : { connections });
  });
});
