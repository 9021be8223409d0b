/**
 * A fake Kagent on a real HTTP server: answers like the specification, or as its script says, and remembers everything.
 *
 * Listens on the loopback address only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { answerAdmin } from './admin.ts';
import { agentOf, createKagent, type KagentOptions, type Run } from './kagent.ts';
import { misbehave } from './misbehave.ts';
import { type RecordedRequest, recordRequest } from './record-request.ts';
import { createScript, type StepInput } from './script.ts';

export interface FakeKagentOptions extends KagentOptions {
  /** 0 or left out: any free port. */
  port?: number;
  script?: readonly StepInput[];
  /** Path below which the API is served, such as `/api`. */
  basePath?: string;
  /** Serves HTTPS with this key and certificate (PEM). */
  tls?: { key: string; cert: string };
}

export interface FakeKagent {
  /** Base URL, with the base path and no slash at the end. */
  url: string;
  /** Every request, in order of arrival, except those to the admin endpoints. */
  requests: readonly RecordedRequest[];
  /** The distinct agent runs that were started. */
  runs: readonly Run[];
  /** Says how the next requests are answered, instead of what was said before. */
  script: (steps: readonly StepInput[]) => void;
  /** Closes all connections, also those that hang. */
  stop: () => Promise<void>;
}

export async function startFakeKagent(options: FakeKagentOptions = {}): Promise<FakeKagent> {
  const { port = 0, basePath = '', tls } = options;
  const script = createScript(options.script);
  const kagent = createKagent(options);
  const requests: RecordedRequest[] = [];
  const stopped = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = await recordRequest(request);
    if (record.path.startsWith('/_fake/')) {
      answerAdmin(record, response, { requests, runs: kagent.runs, setScript: script.set });
      return;
    }
    requests.push(record);
    const path = record.path.startsWith(basePath) ? record.path.slice(basePath.length) : 'outside the base path';
    const step = script.next(record.method, agentOf(path)?.agent ?? '');
    if (step.delayMs > 0) await delay(step.delayMs, undefined, { signal: stopped.signal });
    const goodAnswer = () => kagent.answer({ ...record, path });
    record.answered = misbehave(step.fault, { request, response, goodAnswer });
  }

  // A request that ends midway (a client that gave up, a stop) is normal life here: its connection is gone, no more.
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => request.socket.destroy());
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const url = await listen(server, port, tls === undefined ? 'http' : 'https');

  return {
    url: `${url}${basePath}`,
    requests,
    runs: kagent.runs,
    script: script.set,
    async stop() {
      stopped.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number, scheme: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fake Kagent listens on no port.');
  return `${scheme}://127.0.0.1:${address.port}`;
}
