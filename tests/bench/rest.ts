/**
 * Deliveries through the REST adapter to a server that answers at once: how many a second, at what cost, over how many
 * connections, and whether memory grows.
 *
 * Run by the bench. The server is a process of its own, so that its work is not counted.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';

const deliveries = 1000;
const inFlight = 100;
/** Rounds before and after which memory is compared: growth that is no leak has happened by the second. */
const rounds = 5;

export async function benchRest(): Promise<Record<string, string>> {
  const server = fork(fileURLToPath(new URL('instant-server.ts', import.meta.url)));
  try {
    const { port } = await askServer<{ port: number }>(server, 'port');
    const credentials = { apiKey: 'k', baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 10_000, maxAttempts: 3 };
    const agent = createRestAgent({ readCredentials: () => credentials, version: 'bench' });
    const deliver = (n: number) =>
      agent.start(aDelivery(), { idempotencyKey: `key-${n}`, signal: new AbortController().signal });
    await run(deliver);
    const heapBefore = heapBytes();
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    for (let round = 0; round < rounds; round += 1) await run(deliver);
    const elapsedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    const { connections } = await askServer<{ connections: number }>(server, 'connections');
    const calls = deliveries * rounds;
    return {
      deliveries: `${calls}, ${inFlight} in flight`,
      'calls per second': (calls / (elapsedMs / 1000)).toFixed(0),
      'CPU per call': `${((user + system) / calls).toFixed(0)} µs`,
      'connections opened': `${connections} for ${calls + deliveries} calls`,
      'heap growth': `${((heapBytes() - heapBefore) / 1024).toFixed(0)} KiB`,
    };
  } finally {
    server.kill();
  }
}

async function run(deliver: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < deliveries; n = next++) await deliver(n);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** After a collection where node runs with --expose-gc, as `npm run bench` does. */
function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function askServer<T>(server: ChildProcess, question: string): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  server.once('message', resolve);
  server.send(question);
  return promise;
}
