/**
 * A big cluster in which nothing happens: 20,000 Pods that run well, 1,000 Hooks, 5,000 open executions.
 *
 * Measures how long a start takes until a new incident is asked about, and what idling costs. Sets no limits.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { uidOf } from '../../../watcher/kube/uid-of.ts';
import { startOrJoin } from '../../../watcher/starting/start.ts';
import { oomKilled } from '../../e2e/cluster-actions.ts';
import { anIncident, anOccurrence } from '../../make.ts';
import { waitFor } from '../../wait-for.ts';
import { countRequests, type Requests } from '../count-requests.ts';
import { type Lab, openLab } from '../lab.ts';
import { closedLoop } from '../latency.ts';
import { preparePods } from '../product.ts';
import type { Report, Size } from '../report.ts';
import { type AgentServer, startAgentServer } from '../start-agent-server.ts';
import { countUsage, formatUsage, memoryMiB, type Processes } from '../usage.ts';

const sizes = {
  full: { pods: 20_000, hooks: 1000, executions: 5000, idleSeconds: 60 },
  small: { pods: 20, hooks: 5, executions: 5, idleSeconds: 2 },
} as const;

const atOnce = 20;
const patienceMs = 120_000;

export async function benchQuietScale(size: Size): Promise<Report> {
  const lab = await openLab();
  const agent = await startAgentServer();
  try {
    return await measure(lab, agent, size);
  } finally {
    agent.stop();
    await lab.close();
  }
}

async function measure(lab: Lab, agent: AgentServer, size: Size): Promise<Report> {
  const { pods, hooks, executions, idleSeconds } = sizes[size];
  const worker = await lab.startWorker({
    KAGENT_BASE_URL: agent.url,
    KAGENT_API_KEY: 'bench',
    KAGENT_PROTOCOL: 'rest',
  });
  const idle = await lab.startWatcher();
  const idleMiB = await memoryMiB(idle.pid, 'VmRSS');
  await idle.stop();
  await preparePods(
    lab,
    Array.from({ length: pods }, (_, n) => `quiet-${n}`),
  );
  await makeHooks(lab, hooks);
  await openExecutions(lab, executions);
  await waitFor('all executions to rest', async () => (await askedCount(lab)) >= executions, 600_000);

  const startMs = Date.now();
  const watcher = await lab.startWatcher();
  const readyMs = Date.now() - startMs;
  const status = oomKilled({ killed: 'first', now: 'second', restartCount: 1 });
  const last = `quiet-${pods - 1}`; // about which no execution is open
  await lab.actions.setStatus(lab.installation, last, status);
  const isReceived = async () => (await agent.receipts()).find(({ about }) => about === last);
  const first = await waitFor('the first new incident', isReceived, patienceMs);

  const processes = { watcher: watcher.pid, worker: worker.pid, temporal: lab.temporal.pid };
  const early = await idleFor(lab, processes, idleSeconds);
  const later = await idleFor(lab, processes, idleSeconds);
  const watcherMiB = await memoryMiB(watcher.pid, 'VmHWM');
  const detectedMs = first.atMs - startMs;
  return {
    figures: {
      cluster: `${pods} Pods, ${hooks} Hooks, ${executions} open executions`,
      'start until ready': `${(readyMs / 1000).toFixed(1)} s`,
      'start until a new incident is asked': `${(detectedMs / 1000).toFixed(1)} s`,
      'idle, first minute': formatUsage(early.usage),
      'idle, second minute': formatUsage(later.usage),
      'watcher memory': `${idleMiB} MiB with an empty cluster, at most ${watcherMiB} MiB with this one`,
      'requests in the first minute': early.requests,
      'requests in the second minute': later.requests,
    },
    data: { pods, hooks, executions, readyMs, detectedMs, early, later, idleMiB, watcherMiB },
  };
}

/** What the processes use while nothing happens, and what they ask. */
async function idleFor(lab: Lab, processes: Processes, seconds: number) {
  const requestsSince = await countRequests(lab);
  const usageSince = await countUsage(processes);
  await delay(seconds * 1000);
  const usage = await usageSince();
  return { usage, requests: perMinute(await requestsSince(), seconds) };
}

async function makeHooks({ actions, installation }: Lab, count: number): Promise<void> {
  const prompt = '{{.ResourceName}}: {{.EventMessage}}';
  await actions.createHook(installation, 'memory', [{ eventType: 'oom-kill', agentRef: { name: 'analyzer' }, prompt }]);
  const names = ['nothing-*'];
  const others = { eventType: 'pod-restart', agentRef: { name: 'analyzer' }, match: { names }, prompt };
  await closedLoop({ count: count - 1, fire: (n) => actions.createHook(installation, `other-${n}`, [others]) }, atOnce);
}

/** Executions of which each is about a Pod of the cluster, so that the watcher finds nothing to end. */
async function openExecutions({ client, actions, installation }: Lab, count: number): Promise<void> {
  const timing = { ...anIncident().timing, quietWindowMs: 24 * 3_600_000 };
  const fire = async (n: number): Promise<void> => {
    const name = `quiet-${n}`;
    const uid = uidOf(await actions.api.json({ path: `/api/v1/namespaces/${installation}/pods/${name}` })) ?? '';
    const subject = { kind: 'Pod', namespace: installation, name, uid };
    const occurrence = anOccurrence({ id: `${uid}/app/x`, member: `${uid}/app`, objectName: name });
    const incident = anIncident({ installation, subject, occurrence, timing, prompt: '{{.ResourceName}}' });
    await startOrJoin(client, { workflowId: `${installation}/${name}/open`, incident, occurrences: [occurrence] });
  };
  await closedLoop({ count, fire }, atOnce);
}

async function askedCount({ client, installation }: Lab): Promise<number> {
  return (await client.workflow.count(`Installation='${installation}' AND IncidentState='asked'`)).count;
}

function perMinute({ api, temporal }: Requests, seconds: number): string {
  const minute = (count: number) => Math.round((count * 60) / seconds);
  const calls = [...temporal].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a);
  const perOperation = calls.map(([name, count]) => `${name} ${minute(count)}`).join(', ');
  return `API server ${minute(api('resource="hooks"') + api('resource="pods"') + api('resource="leases"'))}; Temporal ${perOperation}`;
}
