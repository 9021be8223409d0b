/**
 * An HTTP server in place of an agent: accepts every call after a fixed time, and notes when it came and about what.
 *
 * Forked by start-agent-server with that time in milliseconds; answers the questions `port`, `connections` and `receipts`
 * over the channel. Decides nothing.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const delayMs = Number(process.argv[2] ?? 0);
let connections = 0;
const receipts: { about: string; atMs: number }[] = [];
const answer = JSON.stringify({ success: true, executionId: 'exec-1', message: 'ok', estimatedDuration: '30s' });

async function accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const atMs = Date.now();
  const body = await text(request);
  if (request.method === 'POST') receipts.push({ about: /"resourceName":"([^"]*)"/.exec(body)?.[1] ?? '', atMs });
  if (delayMs > 0) await delay(delayMs);
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
}

// A caller that hangs up is its own affair.
const server = createServer((request, response) => void accept(request, response).catch(() => request.destroy()));
server.on('connection', () => {
  connections += 1;
});
server.listen(0, '127.0.0.1');
const listening = once(server, 'listening');

// The bench may have ended without a word.
process.once('disconnect', () => process.exit());
process.on('message', (question) => {
  void listening.then(() => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.send?.({ port, connections, ...(question === 'receipts' && { receipts }) });
  });
});
