/**
 * A thousand incidents in ten seconds at an agent that works for 20 seconds: until all were asked, until all were answered.
 *
 * Once by the REST API, where the call itself takes so long, and once by A2A, where the run does. Sets no limits.
 */
import { z } from 'zod';
import { type ProductServer, startA2aStandIn } from '../../../deploy/local/start-product.ts';
import { waitFor } from '../../wait-for.ts';
import type { Contestant } from '../contestant.ts';
import { type Lab, openLab } from '../lab.ts';
import { openLoop } from '../latency.ts';
import { startProductIn } from '../product.ts';
import type { Report, Size } from '../report.ts';
import { countUsage, formatUsage, memoryMiB } from '../usage.ts';

const sizes = {
  full: { count: 1000, perSecond: 100, agentSeconds: 20 },
  small: { count: 10, perSecond: 10, agentSeconds: 1 },
} as const;

const patienceMs = 900_000;
const Runs = z.array(z.looseObject({ prompt: z.string(), startedAt: z.string() }));

type Protocol = 'rest' | 'a2a';
/** The state in which an execution rests when its agent has answered. */
const answeredStates: Record<Protocol, string> = { rest: 'asked', a2a: 'answered' };

export async function benchSlowAgents(size: Size): Promise<Report> {
  const rest = await benchProtocol('rest', size);
  const a2a = await benchProtocol('a2a', size);
  return { figures: { ...rest.figures, ...a2a.figures }, data: { rest: rest.data, a2a: a2a.data } };
}

async function benchProtocol(protocol: Protocol, size: Size): Promise<Report> {
  const { count, perSecond, agentSeconds } = sizes[size];
  const lab = await openLab();
  try {
    const product = await (protocol === 'rest'
      ? startProductIn(lab, { agentDelayMs: agentSeconds * 1000, worker: { KAGENT_TIMEOUT: '60s' } })
      : startOnA2a(lab, agentSeconds));
    const names = Array.from({ length: count }, (_, n) => `slow-${n}`);
    await product.prepare(names);
    const usage = await countUsage({ ...product.processes, temporal: lab.temporal.pid });
    const [startMs = 0] = await openLoop({ perSecond, count, fire: (n) => product.fire(names[n] ?? '') });
    await waitFor('all answers', async () => (await answered(lab, protocol)) >= count, patienceMs);
    const answeredAfterMs = Date.now() - startMs;
    const receipts = await product.receipts();
    const askedAfterMs = Math.max(...receipts.map(({ atMs }) => atMs)) - startMs;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const workerMiB = await memoryMiB(product.processes['worker'], 'VmHWM');
    const figures = {
      [`${protocol}: all asked, all answered`]: `${seconds(askedAfterMs)}, ${seconds(answeredAfterMs)}`,
      [`${protocol}: calls`]: `${receipts.length} for ${count} incidents`,
      [`${protocol}: CPU and memory`]: `${formatUsage(await usage())}; worker at most ${workerMiB} MiB`,
    };
    const data = { count, agentSeconds, askedAfterMs, answeredAfterMs, calls: receipts.length, workerMiB };
    await product.stop();
    return { figures, data };
  } finally {
    await lab.close();
  }
}

async function startOnA2a(lab: Lab, agentSeconds: number): Promise<Contestant> {
  const kagent = await startA2aStandIn(lab.run, 'bench', { runSeconds: agentSeconds });
  const product = await startProductIn(lab, { worker: { KAGENT_BASE_URL: kagent.url, KAGENT_PROTOCOL: 'auto' } });
  return { ...product, receipts: () => receiptsAt(kagent) };
}

async function receiptsAt({ url }: ProductServer): Promise<{ about: string; atMs: number }[]> {
  const runs = Runs.parse(await (await fetch(`${url}/_fake/runs`)).json());
  return runs.map(({ prompt, startedAt }) => ({ about: prompt.split(':', 1)[0] ?? '', atMs: Date.parse(startedAt) }));
}

async function answered({ client, installation }: Lab, protocol: Protocol): Promise<number> {
  const query = `Installation='${installation}' AND IncidentState='${answeredStates[protocol]}'`;
  return (await client.workflow.count(query)).count;
}
