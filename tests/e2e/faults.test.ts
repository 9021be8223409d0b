import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import type { Server } from '../../deploy/local/servers/start-server.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
const agentRef = { name: 'memory-analyzer' };
const memory = [{ eventType: 'oom-kill', agentRef, prompt: '{{.ResourceName}}: {{.EventMessage}}' }];

afterEach(() => world?.stop());

/** A Pod whose container was OOM-killed just now. */
async function killByMemory(name: string): Promise<void> {
  await world.cluster.createPod(world.namespace, name);
  await world.cluster.setStatus(world.namespace, name, running());
  await world.cluster.setStatus(world.namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
}

async function untilAsked(name: string, timeoutMs = 60_000): Promise<void> {
  await waitFor(`the agent being asked about ${name}`, async () => world.asksAbout(name).length > 0, timeoutMs);
}

/** Everything is over, and each Pod was asked about once: what Temporal knows against what the agent knows. */
async function expectEachAskedOnce(names: string[]): Promise<void> {
  await waitFor('all executions to be resolved', async () => {
    const all = await world.executions();
    return all.length >= names.length && all.every(({ status }) => status === 'COMPLETED');
  });
  expect(await world.executions()).toHaveLength(names.length);
  expect(world.kagent.runs.map(({ prompt }) => prompt.split(':', 1).join('')).toSorted()).toEqual(names.toSorted());
}

const logOf = (server: Server) => readFile(server.logFile, 'utf8');

describe('one process dies, nothing is lost and nothing doubled', () => {
  beforeEach(async () => {
    world = await startWorld();
    await world.cluster.createHook(world.namespace, 'memory', memory);
  });

  it('the worker is killed after the agent has accepted and before that was recorded', async () => {
    const [worker] = await Promise.all([world.start('worker'), world.start('watcher')]);
    world.kagent.script([{ fault: { kind: 'hang-in-body' } }]);
    await killByMemory('kept');
    await untilAsked('kept');
    expect(world.kagent.runs).toHaveLength(1);
    await worker.kill();
    await worker.restart();
    await expectEachAskedOnce(['kept']);
    const keys = world.asksAbout('kept').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it('the worker is killed while the server wants to be left alone, and the next one leaves it alone for the rest', async () => {
    const [worker] = await Promise.all([world.start('worker'), world.start('watcher')]);
    world.kagent.script([{ fault: { kind: 'rate-limit', retryAfter: 6 } }]);
    await killByMemory('limited');
    const [execution] = await waitFor('the execution', async () => {
      const all = await world.executions();
      return all.length === 1 ? all : undefined;
    });
    // What the Web UI shows: a pending activity, why, and when it is tried next.
    const pending = await waitFor('the pause', async () => {
      const { raw } = await world.client.workflow.getHandle(execution?.workflowId ?? '').describe();
      const [activity] = raw.pendingActivities ?? [];
      return activity?.lastFailure?.message?.includes('429') === true ? activity : undefined;
    });
    const nextMs = Number(pending.nextAttemptScheduleTime?.seconds ?? 0) * 1000;
    const askedMs = Date.parse(world.asksAbout('limited')[0]?.at ?? '');
    expect(nextMs - askedMs).toBeGreaterThanOrEqual(5000);
    await worker.kill();
    await worker.restart();
    await expectEachAskedOnce(['limited']);
    const [first, second, ...more] = world.asksAbout('limited').map(({ at }) => Date.parse(at));
    expect(more).toEqual([]);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(6000);
  });

  it('the watcher is killed, and what happens while it is away is found by the next', async () => {
    const [, watcher] = await Promise.all([world.start('worker'), world.start('watcher')]);
    await killByMemory('before');
    await untilAsked('before');
    await watcher.kill();
    await killByMemory('meanwhile');
    await watcher.restart();
    await untilAsked('meanwhile');
    await expectEachAskedOnce(['before', 'meanwhile']);
  });

  it('two watchers see everything, and each incident is asked about once', async () => {
    await Promise.all([world.start('worker'), world.start('watcher'), world.start('watcher')]);
    const names = Array.from({ length: 8 }, (_, n) => `pod-${n}`);
    await Promise.all(names.map(killByMemory));
    await Promise.all(names.map((name) => untilAsked(name)));
    await expectEachAskedOnce(names);
  });

  it('a state that ended while no watcher lived is resolved by the next', async () => {
    const [, watcher] = await Promise.all([world.start('worker'), world.start('watcher')]);
    await world.cluster.createHook(world.namespace, 'probes', [
      { eventType: 'probe-failed', agentRef, prompt: '{{.ResourceName}}: ' },
    ]);
    await world.cluster.createPod(world.namespace, 'flaky', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
    await world.cluster.setStatus(world.namespace, 'flaky', running({ ready: false, since: nowSeconds(-2000) }));
    await untilAsked('flaky');
    await watcher.kill();
    await world.cluster.deletePod(world.namespace, 'flaky');
    await watcher.restart();
    await expectEachAskedOnce(['flaky']);
  });
});

/** The pauses that a process has announced while it waited, in milliseconds, one for each log line. */
async function waitsOf(name: string, what = 'waiting for Temporal at'): Promise<number[]> {
  const [folder = ''] = (await readdir(world.run.folder)).filter((entry) => entry.startsWith(`${name}-`));
  const log = await readFile(join(world.run.folder, folder, `${name}.log`), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes(what));
  return lines.map((line) => Number(/"waitMs":(\d+)/.exec(line)?.[1]));
}

describe('Temporal is away', () => {
  it('the watcher is killed between seeing and starting, and the next one starts what it saw, once', async () => {
    const scratch = await startWorld();
    const path = inject('enginePaths').temporal;
    const temporal = await startTemporal({
      run: scratch.run,
      path,
      dbFilename: join(scratch.run.folder, 'temporal.db'),
    });
    world = await startWorld({ temporalAddress: temporal.address });
    try {
      await world.cluster.createHook(world.namespace, 'memory', memory);
      const [, watcher] = await Promise.all([world.start('worker'), world.start('watcher')]);
      await killByMemory('first');
      await untilAsked('first');
      await temporal.kill();
      await killByMemory('seen');
      await waitFor('the watcher to have seen it', async () => /did not take.*/.test(await logOf(watcher)), 60_000);
      await watcher.kill();
      await temporal.restart();
      await watcher.restart();
      await untilAsked('seen');
      await expectEachAskedOnce(['first', 'seen']);
    } finally {
      await scratch.stop();
    }
  });

  it('at start it is waited for, one log line for each step, and work begins when it comes', async () => {
    const scratch = await startWorld();
    const port = await findFreePort();
    world = await startWorld({ temporalAddress: `127.0.0.1:${port}` });
    await world.cluster.createHook(world.namespace, 'memory', memory);
    try {
      const starting = Promise.all([world.start('worker'), world.start('watcher')]);
      for (const name of ['worker', 'watcher']) {
        const waits = await waitFor(`two waits of the ${name}`, async () => {
          const found = await waitsOf(name);
          return found.length >= 2 && found;
        });
        expect(waits).toEqual(waits.toSorted((a, b) => a - b));
      }
      await startTemporal({ run: scratch.run, path: inject('enginePaths').temporal, port });
      await starting;
      await killByMemory('after');
      await untilAsked('after');
    } finally {
      await scratch.stop();
    }
  });
});

it('an API server that is away at start is waited for, and work begins when it comes', async () => {
  world = await startWorld();
  const port = await findFreePort();
  const kubeconfig = await readFile(kubeconfigPath(), 'utf8');
  const [, real = ''] = /server: https:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig) ?? [];
  const path = join(world.run.folder, 'kubeconfig');
  await writeFile(path, kubeconfig.replace(`127.0.0.1:${real}`, `127.0.0.1:${port}`));
  const starting = world.start('watcher', { KUBECONFIG: path });
  await waitFor('two waits', async () => (await waitsOf('watcher', 'waiting for the API server')).length >= 2);
  const door = createServer((socket) => {
    const behind = connect(Number(real), '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    for (const end of [socket, behind]) end.on('error', () => undefined);
  });
  onTestFinished(() => void door.close());
  await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
  await Promise.all([starting, world.start('worker')]);
  await world.cluster.createHook(world.namespace, 'memory', memory);
  await waitFor('the Hook to be read', async () => (await world.hookStatus('memory')).conditions !== undefined);
  await killByMemory('leaky');
  await untilAsked('leaky');
});

describe('a wrong Hook', () => {
  beforeEach(async () => {
    world = await startWorld();
    await Promise.all([world.start('worker'), world.start('watcher')]);
  });

  it('says where and why on itself, and disturbs no other', async () => {
    await world.cluster.createHook(world.namespace, 'wrong', [
      { eventType: 'oom-kill', agentRef, prompt: 'first line\n  {{.PodName}} died' },
    ]);
    await world.cluster.createHook(world.namespace, 'right', memory);
    const [condition] = await waitFor('the condition', async () => (await world.hookStatus('wrong')).conditions);
    expect(condition).toMatchObject({ type: 'Ready', status: 'False', reason: 'InvalidPrompt' });
    expect(condition?.message).toMatch(/eventConfigurations\[0\].*line 2, column \d+.*PodName/);
    await killByMemory('leaky');
    await untilAsked('leaky');
    expect(await world.kubectl('describe', 'hook', 'wrong', '-n', world.namespace)).toContain('InvalidPrompt');
    expect(world.asks()).toHaveLength(1);
  });

  it('works within seconds of being mended', async () => {
    await world.cluster.createHook(world.namespace, 'memory', [{ ...memory[0], prompt: '{{.Nope}}' }]);
    await waitFor('the refusal', async () => (await world.hookStatus('memory')).conditions?.[0]?.status === 'False');
    const mended = JSON.stringify({ spec: { eventConfigurations: memory } });
    await world.kubectl('patch', 'hook', 'memory', '-n', world.namespace, '--type=merge', '-p', mended);
    await waitFor('the acceptance', async () => (await world.hookStatus('memory')).conditions?.[0]?.status === 'True');
    await killByMemory('leaky');
    await untilAsked('leaky');
  });
});

it('what Kagent refuses for good fails with its reason, shows no key, and Temporal keeps the words of the server', async () => {
  world = await startWorld();
  await Promise.all([world.start('worker', { KAGENT_API_KEY: 'a-wrong-key-nobody-may-see' }), world.start('watcher')]);
  await world.cluster.createHook(world.namespace, 'memory', memory);
  await killByMemory('leaky');
  const failed = await waitFor('the failure', async () =>
    (await world.executions()).find(({ status }) => status === 'FAILED'),
  );
  const history = JSON.stringify(await world.client.workflow.getHandle(failed.workflowId).fetchHistory());
  expect(history).toContain('Unauthorized');
  expect(history).toContain('Invalid API key');
  expect(history).not.toContain('a-wrong-key-nobody-may-see');
  expect(world.asks()).toHaveLength(1);
  await waitFor(
    'the failure in the status',
    async () => (await world.hookStatus('memory')).activeEvents?.[0]?.state === 'failed',
  );
});
