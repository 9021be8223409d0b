/** What both processes count, end to end: a real cluster, a real Temporal, and an agent platform that fails at first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { answersOk } from '../../deploy/local/servers/ask-server.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { type Server, startServer } from '../../deploy/local/servers/start-server.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { samplesOf } from '../samples-of.ts';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, running } from './cluster-actions.ts';
import { apiKey, startWorld, type World } from './world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const urlOf = (server: Server) => z.object({ url: z.string() }).parse(server).url;
const read = async (url: string) => (await fetch(`${url}/metrics`)).text();

const wrongKey = { kind: 'echo-key', status: 401 } as const;

describe('one incident that the agent fails to take twice', () => {
  it('is seen in the metrics and logs of both processes, and the key in none of them', async () => {
    world = await startWorld();
    const { cluster, namespace, kagent } = world;
    const agentRef = { name: 'memory-analyzer' };
    await cluster.createHook(namespace, 'memory', [
      { eventType: 'oom-kill', agentRef, prompt: 'a-prompt-of-its-own {{.ResourceName}}' },
    ]);
    const [worker, watcher] = await Promise.all([world.start('worker'), world.start('watcher')]);
    kagent.script([
      { fault: { kind: 'echo-key', status: 500 } },
      { fault: { kind: 'cut' } },
      { fault: { kind: 'echo-key' } },
    ]);
    await cluster.createPod(namespace, 'web-0');
    await cluster.setStatus(namespace, 'web-0', running());
    await cluster.setStatus(namespace, 'web-0', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));

    const ofWorker = async (name: string) => samplesOf(await read(urlOf(worker)), name);
    const ofWatcher = async (name: string) => samplesOf(await read(urlOf(watcher)), name);
    await waitFor(
      'a call that succeeds',
      async () => (await ofWorker('kagent_hooks_event_to_agent_seconds_count'))[''] === 1,
    );
    expect(await ofWorker('kagent_api_calls_total')).toEqual({
      'agent_id="memory-analyzer",status="error"': 2,
      'agent_id="memory-analyzer",status="success"': 1,
    });
    expect(await ofWorker('kagent_api_call_duration_seconds_count')).toEqual({ 'agent_id="memory-analyzer"': 3 });
    expect(await ofWorker('kagent_api_errors_total')).toMatchObject({
      'error_type="server"': 1,
      'error_type="network"': 1,
    });
    const latency = (await ofWorker('kagent_hooks_event_to_agent_seconds_sum'))[''];
    expect(latency).toBeGreaterThan(5); // the pauses of 2 s and 4 s between the three attempts
    expect(latency).toBeLessThan(60);
    expect(Object.values(await ofWorker('temporal_workflow_task_queue_poll_succeed_total'))[0]).toBeGreaterThan(0);

    await waitFor(
      'the end of it',
      async () => (await ofWatcher('kagent_hooks_incidents_total'))['outcome="resolved",type="oom-kill"'] === 1,
    );
    expect(await ofWatcher('kagent_hooks_open_executions')).toEqual({});
    expect(await ofWatcher('kagent_hooks_occurrences_total')).toMatchObject({
      'ending="started"': 1,
      'ending="refused"': 0,
    });
    expect(await ofWatcher('kagent_hooks_queue_depth')).toEqual({ '': 0 });
    const ages = await ofWatcher('kagent_hooks_watch_last_seen_age_seconds');
    const watches = ['owners-replicasets', 'owners-jobs', 'hooks', 'pods', 'events'];
    expect(Object.keys(ages)).toEqual(watches.map((name) => `watch="${name}"`));
    for (const age of Object.values(ages)) expect(age).toBeLessThan(120);

    const printed = await Promise.all([
      read(urlOf(worker)),
      read(urlOf(watcher)),
      readFile(worker.logFile, 'utf8'),
      readFile(watcher.logFile, 'utf8'),
    ]);
    const [, , workerLog] = printed;
    const calls = workerLog.split('\n').filter((line) => line.includes('kagent-api') && line.includes('"POST"'));
    expect(calls).toHaveLength(6);
    expect(calls[1]).toMatch(/"attempt":1.*"status":500/);
    expect(calls[5]).toMatch(/"attempt":3.*"status":200.*"executionId":/);
    expect(calls.join('')).not.toContain('a-prompt-of-its-own');
    for (const text of printed) expect(text).not.toContain(apiKey);
  });
});

it('an incident that fails for good counts as failed, and an open one as open', async () => {
  world = await startWorld();
  const { cluster, namespace, kagent } = world;
  const agentRef = { name: 'incident-responder' };
  await cluster.createHook(namespace, 'probes', [{ eventType: 'probe-failed', agentRef, prompt: 'look at it' }]);
  const [, watcher] = await Promise.all([world.start('worker'), world.start('watcher')]);
  const ofWatcher = async (name: string) => samplesOf(await read(urlOf(watcher)), name);
  const failProbe = async (name: string) => {
    const readinessProbe = { httpGet: { path: '/', port: 80 } };
    await cluster.createPod(namespace, name, { readinessProbe });
    await cluster.setStatus(namespace, name, running({ ready: false, since: nowSeconds() }));
  };
  kagent.script([{ fault: wrongKey }]);
  await failProbe('failing');
  await waitFor(
    'the failure',
    async () => (await ofWatcher('kagent_hooks_incidents_total'))['outcome="failed",type="probe-failed"'] === 1,
  );
  await failProbe('firing');
  await waitFor(
    'the open one',
    async () => (await ofWatcher('kagent_hooks_open_executions'))['type="probe-failed"'] === 1,
  );
});

it('a worker that had to wait for Temporal shows the metrics of the SDK as well', async () => {
  const run = await openRun(readSettings());
  onTestFinished(() => run.close());
  const [port, temporalPort] = [await findFreePort(), await findFreePort()];
  const url = `http://127.0.0.1:${port}`;
  const worker = await startServer({
    name: 'worker',
    path: process.execPath,
    args: [fileURLToPath(new URL('../../workers/main.ts', import.meta.url))],
    logFile: join(run.folder, 'worker.log'),
    run: {
      ...run,
      environment: {
        ...run.environment,
        INSTALLATION: 'late',
        HEALTH_PORT: String(port),
        TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
        KAGENT_API_KEY: apiKey,
        KAGENT_BASE_URL: 'http://127.0.0.1:1',
      },
    },
    isReady: () => answersOk(`${url}/livez`),
  });
  await waitFor('a failed connection', async () =>
    (await readFile(worker.logFile, 'utf8')).includes('waiting for Temporal'),
  );
  expect(samplesOf(await read(url), 'process_cpu_seconds_total')).not.toEqual({});
  await startTemporal({ run, path: inject('enginePaths').temporal, port: temporalPort });
  await waitFor('work', () => answersOk(`${url}/readyz`));
  await waitFor(
    'the metrics of the SDK',
    async () => Object.keys(samplesOf(await read(url), 'temporal_num_pollers')).length > 0,
  );
});
