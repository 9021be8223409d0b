/**
 * Deliveries through the REST adapter to a server that answers at once: how many a second, at what cost, over how many
 * connections, and whether memory grows.
 *
 * The server is a process of its own, so that its work is not counted.
 */
import { createRestAgent } from '../../../activities/agents/rest/rest.ts';
import { aDelivery } from '../../fake-kagent/a-delivery.ts';
import { heapBytes } from '../heap.ts';
import { closedLoop } from '../latency.ts';
import { startAgentServer } from '../start-agent-server.ts';

const deliveries = 1000;
const inFlight = 100;
/** Rounds before and after which memory is compared: growth that is no leak has happened by the second. */
const rounds = 5;

export async function benchRest(): Promise<Record<string, string>> {
  const server = await startAgentServer();
  try {
    const credentials = { apiKey: 'k', baseUrl: server.url, timeoutMs: 10_000, maxAttempts: 3 };
    const agent = createRestAgent({ readCredentials: () => credentials, version: 'bench' });
    const fire = (n: number) =>
      agent.start(aDelivery(), { idempotencyKey: `key-${n}`, signal: new AbortController().signal });
    const run = () => closedLoop({ count: deliveries, fire }, inFlight);
    await run();
    const heapBefore = heapBytes();
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    for (let round = 0; round < rounds; round += 1) await run();
    const elapsedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    const calls = deliveries * rounds;
    return {
      deliveries: `${calls}, ${inFlight} in flight`,
      'calls per second': (calls / (elapsedMs / 1000)).toFixed(0),
      'CPU per call': `${((user + system) / calls).toFixed(0)} µs`,
      'connections opened': `${await server.connections()} for ${calls + deliveries} calls`,
      'heap growth': `${((heapBytes() - heapBefore) / 1024).toFixed(0)} KiB`,
    };
  } finally {
    server.stop();
  }
}
