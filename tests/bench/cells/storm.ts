/**
 * A storm: 5,000 Events and 400 failing Pods of 40 workloads in ten seconds, then one Pod that is OOM-killed every second.
 *
 * Counts what it costs Temporal and the API server, and the memory of the processes. Sets no limits.
 */
import { z } from 'zod';
import { oomKilled } from '../../e2e/cluster-actions.ts';
import { waitFor } from '../../wait-for.ts';
import { countRequests, type Requests } from '../count-requests.ts';
import { type Lab, openLab } from '../lab.ts';
import { openLoop } from '../latency.ts';
import { preparePods, startProductIn } from '../product.ts';
import type { Report, Size } from '../report.ts';
import { memoryMiB } from '../usage.ts';

const sizes = {
  full: { workloads: 40, podsEach: 10, events: 5000, seconds: 10, flapSeconds: 300 },
  small: { workloads: 2, podsEach: 2, events: 20, seconds: 1, flapSeconds: 3 },
} as const;

const patienceMs = 120_000;
const PodList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

export async function benchStorm(size: Size): Promise<Report> {
  const lab = await openLab();
  try {
    return await measure(lab, size);
  } finally {
    await lab.close();
  }
}

async function measure(lab: Lab, size: Size): Promise<Report> {
  const { workloads, podsEach, events, seconds, flapSeconds } = sizes[size];
  const product = await startProductIn(lab);
  const pods = await makeWorkloads(lab, workloads, podsEach);
  await preparePods(lab, ['flapping']);
  const requestsSince = await countRequests(lab);

  const startMs = Date.now();
  await Promise.all([
    openLoop({ perSecond: pods.length / seconds, count: pods.length, fire: (n) => product.fire(pods[n] ?? '') }),
    openLoop({ perSecond: events / seconds, count: events, fire: (n) => writeEvent(lab, n) }),
  ]);
  const stormSeconds = (Date.now() - startMs) / 1000;
  await waitFor('all workloads', async () => (await executions(lab)) >= workloads, patienceMs);
  const ofStorm = await requestsSince();
  const memory = async () =>
    `watcher ${await memoryMiB(product.processes['watcher'], 'VmHWM')} MiB, worker ${await memoryMiB(product.processes['worker'], 'VmHWM')} MiB`;
  const stormMemory = await memory();

  const flapSince = await countRequests(lab);
  await openLoop({ perSecond: 1, count: flapSeconds, fire: (n) => flap(lab, n) });
  const ofFlap = await flapSince();
  const signals = ({ temporal }: Requests) => temporal.get('SignalWorkflowExecution') ?? 0;
  const statusWrites = ({ api }: Requests) => api('resource="hooks",scope="resource",subresource="status",verb="');
  const figures = {
    storm: `${events} Events and ${pods.length} Pods of ${workloads} workloads, written within ${stormSeconds.toFixed(0)} s`,
    'storm: executions': `${(await executions(lab)) - 1}`,
    'storm: signals, status writes': `${signals(ofStorm)}, ${statusWrites(ofStorm)}`,
    'storm: at most': stormMemory,
    [`a Pod that flaps for ${flapSeconds} s`]: `${signals(ofFlap)} signals, ${statusWrites(ofFlap)} status writes`,
    'afterwards: at most': await memory(),
    'calls to the agent': `${(await product.receipts()).length}`,
  };
  await product.stop();
  return { figures, data: figures };
}

/** Deployments whose Pods are on a node already; resolves with the names of the Pods. */
async function makeWorkloads({ actions, installation }: Lab, workloads: number, replicas: number): Promise<string[]> {
  const path = `/apis/apps/v1/namespaces/${installation}/deployments`;
  for (let n = 0; n < workloads; n += 1) {
    const labels = { app: `w-${n}` };
    const containers = [{ name: 'app', image: 'registry.example/app:1' }];
    const template = { metadata: { labels }, spec: { nodeName: 'node-a', containers } };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    await actions.api.json({ method: 'POST', path, body: { metadata: { name: `w-${n}` }, spec } });
  }
  const read = async () => {
    const list = PodList.parse(await actions.api.json({ path: `/api/v1/namespaces/${installation}/pods` }));
    return list.items.length >= workloads * replicas && list.items.map(({ metadata }) => metadata.name);
  };
  return waitFor('the Pods of all workloads', read, patienceMs);
}

function writeEvent({ actions, installation }: Lab, n: number): Promise<unknown> {
  const now = new Date().toISOString();
  return actions.api.json({
    method: 'POST',
    path: `/api/v1/namespaces/${installation}/events`,
    body: {
      metadata: { name: `storm-${n}` },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: installation, name: 'flapping' },
      reason: 'BackOff',
      message: `Back-off restarting failed container, number ${n}`,
      type: 'Warning',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  });
}

function flap({ actions, installation }: Lab, n: number): Promise<void> {
  const status = oomKilled({ killed: `flap-${n}`, now: `flap-${n + 1}`, restartCount: n + 1 });
  return actions.setStatus(installation, 'flapping', status);
}

async function executions({ client, installation }: Lab): Promise<number> {
  return (await client.workflow.count(`Installation='${installation}' AND WorkflowType='handleIncident'`)).count;
}
