/** As much trouble at once as one namespace can make, and a neighbour whose agent must be asked meanwhile. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { z } from 'zod';
import { uidOf } from '../../../watcher/kube/uid-of.ts';
import type { IncidentMemo } from '../../../workflows/contract/outcome.ts';
import { handleIncidentType } from '../../../workflows/contract/plain/names.ts';
import { oomKilled, running } from '../../e2e/cluster-actions.ts';
import { aMemo } from '../../make.ts';
import { waitFor } from '../../wait-for.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { container, core, inParallel, podSpec, type Troubled } from '../troubled.ts';
import { expectWell, untilLoopsSucceed, untilReportedFailing } from '../watcher-health.ts';

const agentRef = { name: 'incident-responder' };
const limitMs = 5000;
const pods = `${core}/pods`;

const rolloutPods = 1600;

/** Its controller counts Pods that are there as its own, and cannot make more: their ServiceAccount is missing. */
async function createWorkload(noisy: Troubled): Promise<{ labels: object; ownerReferences: object[] }> {
  const labels = { app: 'large' };
  const spec = { containers: [container], serviceAccountName: 'missing' };
  const uid = await noisy.create('/apis/apps/v1/replicasets', {
    metadata: { name: 'large' },
    spec: { replicas: rolloutPods, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'large', uid, controller: true };
  return { labels, ownerReferences: [reference] };
}

async function killRollout(stage: Stage) {
  const { world, expected } = stage;
  const noisy = await stage.troubled();
  await noisy.createHook('rollout', [{ eventType: 'oom-kill', agentRef, prompt: 'rollout: {{.OwnerName}}' }]);
  const workload = await createWorkload(noisy);
  const { watcher } = await stage.startBoth();
  const names = Array.from({ length: rolloutPods }, (_, n) => `large-${n}`);
  await inParallel(names, (name) => noisy.create(pods, { metadata: { name, ...workload }, spec: podSpec }));
  expected.set('rollout', 1);
  const status = oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 });
  let done = 0;
  const killing = inParallel(names, async (name) => {
    await world.cluster.setStatus(noisy.namespace, name, status);
    done += 1;
  });
  for (const part of [0.25, 0.5, 1]) {
    await waitFor('a part of the Pods to be killed', async () => done >= part * rolloutPods, 120_000);
    await stage.neighbour.isAskedWithin(limitMs);
  }
  await killing;
  await expectWell(watcher);
  await waitFor('the status of its Hook to count all', async () => {
    const { activeEvents = [] } = await noisy.hookStatus('rollout');
    return activeEvents.some(({ count }) => count === rolloutPods);
  });
  return [watcher];
}

const many = { incidents: 1000, podsOfEach: 20 } as const;
/** Nobody takes their tasks: what they would do is no part of this. */
const idleQueue = 'nobody';

const ownSearchAttributes = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  }));

/** What an execution shows after 20 Pods with long names, and an agent with much to say. */
function largeMemo(place: { clusterUid: string; hookUid: string }): IncidentMemo {
  const member = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}/app`;
  const known = Array.from({ length: many.podsOfEach }, (_, n) => [
    member(n),
    { id: `${member(n)}/containerd://${'a'.repeat(64)}`, order: 1, name: `${'recommendation-service-'.repeat(8)}${n}` },
  ]);
  const at = new Date().toISOString();
  const transitions = Array.from({ length: 5 }, () => ({ state: 'delivering' as const, at }));
  return aMemo({ ...place, known: Object.fromEntries(known), answer: 'x'.repeat(1024), transitions });
}

async function startMany({ world }: Stage, noisy: Troubled, hookUid: string): Promise<string[]> {
  const { client, cluster, installation } = world;
  const clusterUid = uidOf(await cluster.api.json({ path: `${core}/namespaces/kube-system` })) ?? '';
  const memo = { incident: largeMemo({ clusterUid, hookUid }) };
  const ids = Array.from({ length: many.incidents }, (_, n) => `${installation}/${noisy.namespace}/many/${n}`);
  await inParallel(ids, (workflowId) =>
    client.workflow.start(handleIncidentType, {
      workflowId,
      taskQueue: idleQueue,
      memo,
      typedSearchAttributes: ownSearchAttributes({
        Installation: installation,
        Hook: 'many',
        HookNamespace: noisy.namespace,
        IncidentType: 'oom-kill',
        ResourceNamespace: noisy.namespace,
        ResourceName: workflowId,
        Agent: `${noisy.namespace}/${agentRef.name}`,
        IncidentState: 'delivering',
      }),
    }),
  );
  return ids;
}

const Events = z.object({
  items: z.array(z.object({ regarding: z.object({ kind: z.string(), name: z.string() }), note: z.string() })),
});

/** The status and the Events of the Hook have come to this incident. */
async function untilCounted({ world }: Stage, pod: string): Promise<void> {
  const path = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`;
  await waitFor(`status and Event about ${pod}`, async () => {
    const { activeEvents = [] } = await world.hookStatus('memory');
    const { items } = Events.parse(await world.cluster.api.json({ path }));
    const isEvent = items.some(({ regarding, note }) => regarding.kind === 'Hook' && note.includes(pod));
    return isEvent && activeEvents.some(({ resourceName }) => resourceName === pod);
  });
}

const loops = ['reconcile', 'reading changed executions', 'writing Hook status'];

async function manyIncidents(stage: Stage) {
  const { client } = stage.world;
  const noisy = await stage.troubled();
  const hookUid = await noisy.createHook('many', [
    { eventType: 'oom-kill', agentRef, prompt: 'many: {{.ResourceName}}' },
  ]);
  const { watcher } = await stage.startBoth();
  const starting = startMany(stage, noisy, hookUid);
  await stage.neighbour.isAskedWithin(limitMs);
  const ids = await starting;
  const manyMs = Date.now();
  await untilCounted(stage, await stage.neighbour.isAskedWithin(limitMs));
  await untilLoopsSucceed(watcher, loops, manyMs);
  await expectWell(watcher);
  stage.temporalDoor.shut();
  await untilReportedFailing(watcher, ['reconcile', 'reading changed executions']);
  await stage.kill('meanwhile');
  stage.temporalDoor.open();
  await stage.untilAsked('meanwhile');
  await untilLoopsSucceed(watcher, loops, Date.now());
  await inParallel(ids, (id) => client.workflow.getHandle(id).terminate('The scenario is over.'));
  return [watcher];
}

const crowd = { hooks: 10, podsOfEach: 30, slowMs: 2500, retryAfterSeconds: 3600 } as const;

/** All their Pods are unready all the time, so that every Hook wants its agent asked about each of them, again and again. */
async function createCrowd({ world }: Stage, noisy: Troubled): Promise<void> {
  const numbers = Array.from({ length: crowd.hooks }, (_, n) => n);
  await inParallel(numbers, (n) =>
    noisy.createHook(`crowd-${n}`, [
      {
        eventType: 'probe-failed',
        agentRef: { name: n === 0 ? 'limited' : `slow-${n}` },
        prompt: 'crowd: {{.ResourceName}}',
        repeatAfter: '1s',
      },
    ]),
  );
  const readinessProbe = { httpGet: { path: '/', port: 80 } };
  const names = Array.from({ length: crowd.podsOfEach }, (_, n) => `crowd-${n}`);
  await inParallel(names, async (name) => {
    await noisy.create(pods, {
      metadata: { name },
      spec: { ...podSpec, containers: [{ ...container, readinessProbe }] },
    });
    await world.cluster.setStatus(noisy.namespace, name, running({ ready: false }));
  });
}

async function slowAgents(stage: Stage) {
  const { world, uncounted } = stage;
  const { kagent } = world;
  const noisy = await stage.troubled();
  const slow = Array.from({ length: crowd.hooks }, (_, n) => ({ agent: `slow-${n}`, delayMs: crowd.slowMs }));
  kagent.script([
    { agent: 'limited', fault: { kind: 'rate-limit', retryAfter: crowd.retryAfterSeconds }, times: 'always' },
    ...slow.map((step) => ({ ...step, times: 'always' as const })),
  ]);
  uncounted.add('crowd');
  const { watcher } = await stage.startBoth();
  await createCrowd(stage, noisy);
  const isAsked = (agent: string) => world.asks().some(({ path }) => path.startsWith(`/v1/agents/${agent}`));
  await waitFor('the crowd to ask', async () => isAsked('limited') && isAsked('slow-'), 60_000);
  for (let n = 0; n < 3; n += 1) await stage.neighbour.isAskedWithin(limitMs);
  await expectWell(watcher);
  await waitFor('the status of the Hook of the limited agent', async () => {
    const { active = 0, activeEvents = [] } = await noisy.hookStatus('crowd-0');
    return active === crowd.podsOfEach && activeEvents.every(({ state }) => state === 'delivering');
  });
  kagent.script([]);
  await world.cluster.deleteHooks(noisy.namespace);
  return [watcher];
}

export const loadScenarios: readonly Scenario[] = [
  { name: 'neighbour of a workload of 1,600 Pods, all killed at once', run: killRollout, needsWholeMachine: true },
  { name: 'neighbour of 1,000 incidents of 20 Pods each', run: manyIncidents, mostMiB: 600, needsWholeMachine: true },
  {
    name: 'neighbour of ten Hooks that ask slow agents again and again',
    run: slowAgents,
    mostMiB: 500,
    needsWholeMachine: true,
  },
];
