import { afterEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { createRestDirectory } from '../../activities/agents/rest/rest-directory.ts';
import { createActivities } from '../../activities/index.ts';
import { firstPromptOf } from '../../watcher/starting/first-prompt.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import { startExecution } from '../../watcher/starting/start-request.ts';
import type { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import { type FakeKagent, startFakeKagent } from '../fake-kagent/server.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';

let kagent: FakeKagent;
let world: WorkflowWorld;

afterEach(async () => {
  await world.close();
  await kagent.stop();
});

type Steps = Parameters<FakeKagent['script']>[0];

/** The real activities against a Kagent that answers as scripted; pauses between tries are 50 ms instead of 2 s. */
async function deliver(steps: Steps, over: Partial<Incident> = {}): Promise<unknown> {
  kagent = await startFakeKagent({ apiKey: 'the-key', script: steps });
  const readCredentials = () => ({ apiKey: 'the-key', baseUrl: kagent.url, timeoutMs: 2000, maxAttempts: 3 });
  const agent = createRestAgent({ readCredentials, version: 'test', jitter: () => 0 });
  const directory = createRestDirectory({ readCredentials, version: 'test' });
  const activities = createActivities({ agent, directory, readCredentials, firstRetryMs: 50 });
  world = await createWorkflowWorld(inject('temporalAddress'), activities, over);
  return world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    const handle = world.client.workflow.getHandle<() => Promise<unknown>>(world.workflowId);
    return handle.result().catch((error: unknown) => error);
  });
}

const asks = () => kagent.requests.filter(({ method }) => method === 'POST');
const keys = () => new Set(asks().map(({ headers }) => headers['idempotency-key']));
const noRedelivery = { timing: { ...anIncident().timing, redeliveryLimitMs: 0 } };
const unavailable = (times: number): Steps => [{ times, fault: { kind: 'answer', status: 503, body: { error: 'x' } } }];

it('two failures of the server are tried again within one delivery, with one key', async () => {
  expect(await deliver(unavailable(2))).toMatchObject({ state: 'resolved' });
  expect(asks()).toHaveLength(3);
  expect(keys().size).toBe(1);
});

it('a server that stays down sees exactly three tries where nothing is delivered again', async () => {
  expect(await deliver(unavailable(50), noRedelivery)).toMatchObject({ cause: { type: 'RedeliveryLimitReached' } });
  expect(asks()).toHaveLength(3);
});

it('a later delivery has three tries of its own, and still the same key', async () => {
  expect(await deliver(unavailable(4))).toMatchObject({ state: 'resolved' });
  expect(asks()).toHaveLength(5);
  expect(keys().size).toBe(1);
  expect(kagent.runs).toHaveLength(1);
});

it('a rate limit is waited out however often it comes, and uses up no try', async () => {
  const steps: Steps = [{ times: 4, fault: { kind: 'rate-limit', retryAfter: 1 } }, ...unavailable(2)];
  expect(await deliver(steps, noRedelivery)).toMatchObject({ state: 'resolved' });
  expect(asks()).toHaveLength(7);
  const [first, second] = asks().map(({ at }) => Date.parse(at));
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1000);
});

it('an answer that was cut after the agent had started is asked for again with the same key, and is one run', async () => {
  expect(await deliver([{ fault: { kind: 'cut-after-accepting' } }])).toMatchObject({ state: 'resolved' });
  expect(asks()).toHaveLength(2);
  expect(kagent.runs).toHaveLength(1);
});

it.each([
  [401, { error: 'unauthorized', message: 'Invalid API key' }, 'Unauthorized'],
  [404, { error: 'agent_not_found', message: 'no such agent' }, 'AgentNotFound'],
  [404, {}, 'EndpointNotFound'],
  [422, { message: 'no' }, 'RequestRejected'],
  [200, { success: false, message: 'agent is paused' }, 'AgentRefused'],
])('status %i with %j is never tried again and fails as %s', async (status, body, type) => {
  expect(await deliver([{ fault: { kind: 'answer', status, body } }])).toMatchObject({ cause: { type } });
  expect(asks()).toHaveLength(1);
});

it('one 429 holds back all other incidents of its agent, which then are asked about once each, one after the other', async () => {
  kagent = await startFakeKagent({ apiKey: 'the-key', script: [{ fault: { kind: 'rate-limit', retryAfter: 8 } }] });
  const readCredentials = () => ({ apiKey: 'the-key', baseUrl: kagent.url, timeoutMs: 2000, maxAttempts: 1 });
  const agent = createRestAgent({ readCredentials, version: 'test', jitter: () => 0 });
  const directory = createRestDirectory({ readCredentials, version: 'test' });
  world = await createWorkflowWorld(inject('temporalAddress'), createActivities({ agent, directory, readCredentials }));
  const { client, incident, workflowId } = world;
  const ids = Array.from({ length: 30 }, (_, n) => `${workflowId}-${n}`);
  const start = (id: string) => startOrJoin(client, { workflowId: id, incident, occurrences: [incident.occurrence] });
  const startedMs = await world.whileWorking(async () => {
    const [first = '', ...others] = ids;
    await start(first);
    await waitFor('the 429', async () => asks().length === 1);
    const atMs = Date.now();
    await Promise.all(others.map(start));
    const pending = async () => {
      const { pendingActivities } = await client.workflow
        .getHandle(others[0] ?? '')
        .describe()
        .then(({ raw }) => raw);
      return pendingActivities?.[0]?.lastFailure?.message ?? '';
    };
    await waitFor('a held incident', async () => (await pending()).includes('Another call was rate-limited'));
    expect(asks()).toHaveLength(1);
    await Promise.all(ids.map((id) => client.workflow.getHandle(id).result()));
    return atMs;
  });
  expect(asks()).toHaveLength(31);
  expect(keys().size).toBe(30);
  const later = asks()
    .slice(1)
    .map(({ at }) => Date.parse(at) - startedMs);
  expect(Math.min(...later)).toBeGreaterThan(7500);
  expect(Math.max(...later) - Math.min(...later)).toBeGreaterThan(700); // thirty turns, 50 ms apart, less what went well
});

it('an agent that wants to be left alone for an hour keeps no other agent from being asked', async () => {
  const busy: Steps = [{ agent: 'memory-analyzer', times: 'always', fault: { kind: 'rate-limit', retryAfter: 3600 } }];
  kagent = await startFakeKagent({ apiKey: 'the-key', script: busy });
  const readCredentials = () => ({ apiKey: 'the-key', baseUrl: kagent.url, timeoutMs: 2000, maxAttempts: 1 });
  const agent = createRestAgent({ readCredentials, version: 'test', jitter: () => 0 });
  const directory = createRestDirectory({ readCredentials, version: 'test' });
  world = await createWorkflowWorld(inject('temporalAddress'), createActivities({ agent, directory, readCredentials }));
  const { client, incident, workflowId } = world;
  const start = (name: string, n: number) => {
    const asked = { ...incident, agent: { namespace: 'shop', name } };
    return startOrJoin(client, { workflowId: `${workflowId}-${name}-${n}`, incident: asked, occurrences: [] });
  };
  await world.whileWorking(async () => {
    await start('memory-analyzer', 0);
    await waitFor('the 429', async () => asks().length === 1);
    await Promise.all(Array.from({ length: 10 }, (_, n) => start('memory-analyzer', n + 1)));
    await start('incident-responder', 0);
    await client.workflow.getHandle(`${workflowId}-incident-responder-0`).result();
  });
  expect(asks().map(({ path }) => path)).toEqual([
    '/v1/agents/memory-analyzer/execute',
    '/v1/agents/incident-responder/execute',
  ]);
});

it('an agent is called by namespace and name where the operator says so, as one part of the path', async () => {
  kagent = await startFakeKagent({ apiKey: 'the-key' });
  const readCredentials = () => ({ apiKey: 'the-key', baseUrl: kagent.url, timeoutMs: 2000, maxAttempts: 1 });
  const rest = { readCredentials, version: 'test', agentId: 'namespace/name' as const };
  const directory = createRestDirectory(rest);
  const activities = createActivities({ agent: createRestAgent(rest), directory, readCredentials });
  world = await createWorkflowWorld(inject('temporalAddress'), activities);
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    await waitFor('the ask', async () => asks().length === 1);
  });
  await directory.find({ namespace: 'shop', name: 'memory-analyzer' }, new AbortController().signal);
  expect(kagent.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/agents/shop%2Fmemory-analyzer/execute',
    'GET /v1/agents/shop%2Fmemory-analyzer',
  ]);
});

describe('the agent is asked', () => {
  const template =
    '{{.Evidence}}\n{{#each Members}}{{.Namespace}}/{{.ResourceName}} on {{.NodeName}} x{{.Count}};{{/each}} {{.Count}} in all';
  const of = (name: string, over: Partial<Occurrence> = {}) =>
    anOccurrence({ id: `${name}/1`, member: name, objectName: name, objectNamespace: 'shop', nodeName: 'n1', ...over });
  const prompts = () => asks().map(({ body }) => z.object({ prompt: z.string() }).parse(body).prompt);

  async function aWorld(over: Partial<Incident>) {
    kagent = await startFakeKagent({ apiKey: 'the-key' });
    const readCredentials = () => ({ apiKey: 'the-key', baseUrl: kagent.url, timeoutMs: 2000, maxAttempts: 3 });
    const agent = createRestAgent({ readCredentials, version: 'test' });
    const directory = createRestDirectory({ readCredentials, version: 'test' });
    const activities = createActivities({ agent, directory, readCredentials });
    world = await createWorkflowWorld(inject('temporalAddress'), activities, { prompt: template, ...over });
    return world;
  }

  it('the evidence and the members that are known when it is asked, each counted once', async () => {
    const { client, incident, workflowId } = await aWorld({});
    const first = of('web-0', { cause: 'oom', evidence: ['exit code 137 (OOMKilled)', 'BackOff x3: restarting\nit'] });
    // Two waited together, and the third joins before any worker is there.
    const start = { workflowId, incident: { ...incident, occurrence: first }, occurrences: [first, of('web-1')] };
    expect(await startOrJoin(client, start)).toMatchObject({ outcome: 'started' });
    expect(await world.handOver(of('web-2', { nodeName: 'n2', times: 4 }))).toMatchObject({ outcome: 'joined' });
    const result = await world.whileWorking(() => client.workflow.getHandle(workflowId).result());
    expect(prompts()).toEqual([
      '> cause: oom\n> exit code 137 (OOMKilled)\n> BackOff x3: restarting it\n' +
        'shop/web-0 on n1 x1;shop/web-1 on n1 x1;shop/web-2 on n2 x4; 6 in all',
    ]);
    expect(result).toMatchObject({ state: 'resolved', occurrences: 6 });
  });

  it('of those that waited with the first, though their signal comes after the prompt was written', async () => {
    const { client, incident, workflowId } = await aWorld({});
    const first = of('web-0');
    await startExecution(client, {
      workflowId,
      requestId: 'r',
      incident: { ...incident, occurrence: first, along: [of('web-1')] },
    });
    await world.whileWorking(() => client.workflow.getHandle(workflowId).result());
    expect(prompts()[0]).toContain('shop/web-0 on n1 x1;shop/web-1 on n1 x1; 2 in all');
  });

  it('without another round for the prompt, where the watcher has written it and nothing has come since', async () => {
    const { client, incident, workflowId } = await aWorld({});
    const occurrence = of('web-0');
    const start = (id: string) => {
      const about = { ...incident, occurrence };
      const firstPrompt = firstPromptOf(about, Date.now());
      return startOrJoin(client, { workflowId: id, incident: about, occurrences: [occurrence], firstPrompt });
    };
    const [alone, joined] = [workflowId, `${workflowId}-joined`];
    await start(joined);
    const more = { workflowId: joined, incident, occurrences: [of('web-1')] };
    expect(await startOrJoin(client, more)).toMatchObject({ outcome: 'joined' });
    await world.whileWorking(async () => {
      await start(alone);
      await Promise.all([alone, joined].map((id) => client.workflow.getHandle(id).result()));
    });
    const markersOf = async (id: string) => {
      const { events } = await client.workflow.getHandle(id).fetchHistory();
      return events?.filter((event) => event.markerRecordedEventAttributes).length;
    };
    expect([await markersOf(alone), await markersOf(joined)]).toEqual([0, 1]);
    const both = prompts().map((prompt) => prompt.split('\n').at(-1) ?? '');
    expect(both.toSorted()).toEqual([
      'shop/web-0 on n1 x1; 1 in all',
      'shop/web-0 on n1 x1;shop/web-1 on n1 x1; 2 in all',
    ]);
    await world.record('prompt-of-start');
  });

  it('again, and then of what has come since, where it still fires', async () => {
    const timing = { ...anIncident().timing, quietWindowMs: 2000, repeatAfterMs: 500 };
    const { client, workflowId } = await aWorld({ timing });
    await world.whileWorking(async () => {
      await world.handOver(of('web-0', { evidence: ['first'] }));
      await waitFor('the first ask', async () => asks().length === 1);
      await world.handOver(of('web-1', { evidence: ['second'] }));
      await client.workflow.getHandle(workflowId).result();
    });
    expect(prompts()).toEqual([
      '> first\nshop/web-0 on n1 x1; 1 in all',
      '> second\nshop/web-0 on n1 x1;shop/web-1 on n1 x1; 2 in all',
    ]);
  });
});
