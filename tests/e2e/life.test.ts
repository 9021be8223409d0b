import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, running } from './cluster-actions.ts';
import { apiKey, startWorld, type World } from './world.ts';

let world: World;
let secret: string;
const hookFor = (name: string, prompt = 'first') => [{ eventType: 'oom-kill', agentRef: { name }, prompt }];

beforeEach(async () => {
  world = await startWorld();
  secret = await mkdtemp(join(world.run.folder, 'secret-'));
  await writeFile(join(secret, 'api-key'), apiKey);
});
afterEach(() => world?.stop());

const start = () => Promise.all([world.start('worker', { KAGENT_SECRET_DIR: secret }), world.start('watcher')]);

async function killByMemory(name: string): Promise<void> {
  await world.cluster.createPod(world.namespace, name);
  await world.cluster.setStatus(world.namespace, name, running());
  await world.cluster.setStatus(world.namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
}

const withStatus = async (status: string) => (await world.executions()).filter((one) => one.status === status);
const untilStatus = (status: string, count = 1) =>
  waitFor(`${count} × ${status}`, async () => {
    const found = await withStatus(status);
    return found.length === count && found;
  });

function edit(hook: string, configurations: unknown[]): Promise<string> {
  const patch = JSON.stringify({ spec: { eventConfigurations: configurations } });
  return world.kubectl('patch', 'hook', hook, '-n', world.namespace, '--type=merge', '-p', patch);
}

describe('an incident that failed for good', () => {
  it('is asked about again, once for each edit, when its Hook is edited, though its edge never comes back', async () => {
    await start();
    await world.cluster.createHook(world.namespace, 'memory', hookFor('nobody'));
    await killByMemory('leaky');
    await untilStatus('FAILED');
    expect(world.asksAbout('leaky')).toHaveLength(1);
    await edit('memory', hookFor('nobody-either', 'second'));
    await untilStatus('FAILED', 2);
    await edit('memory', hookFor('memory-analyzer', 'third'));
    await untilStatus('COMPLETED');
    const asked = world.asksAbout('leaky').map(({ path, body }) => [path.split('/')[3], body]);
    expect(asked).toMatchObject([
      ['nobody', { prompt: 'first' }],
      ['nobody-either', { prompt: 'second' }],
      ['memory-analyzer', { prompt: 'third' }],
    ]);
    expect(await world.executions()).toHaveLength(3);
  });

  it('because of its key is asked about again when the key is mended', async () => {
    await writeFile(join(secret, 'api-key'), 'not-the-key');
    await start();
    await world.cluster.createHook(world.namespace, 'memory', hookFor('memory-analyzer'));
    await killByMemory('leaky');
    await untilStatus('FAILED');
    await writeFile(join(secret, 'api-key'), apiKey);
    await untilStatus('COMPLETED');
    expect(world.kagent.runs).toHaveLength(1);
    expect(await world.executions()).toHaveLength(2);
  });

  it('is left alone by a Hook that no longer has the configuration', async () => {
    await start();
    await world.cluster.createHook(world.namespace, 'memory', hookFor('nobody'));
    await killByMemory('leaky');
    await untilStatus('FAILED');
    await edit('memory', [{ ...hookFor('memory-analyzer')[0], name: 'renamed' }]);
    await waitFor('the edit to be read', async () => (await world.hookStatus('memory')).observedGeneration === 2);
    await killByMemory('later');
    await untilStatus('COMPLETED'); // a quiet window later, and several rounds of reconciliation
    expect(world.asksAbout('leaky')).toHaveLength(1);
  });
});

it('deleting a Hook cancels what is open, says why, and asks nobody any more', async () => {
  await start();
  await world.cluster.createHook(world.namespace, 'probes', [
    { eventType: 'probe-failed', agentRef: { name: 'incident-responder' }, prompt: 'x' },
  ]);
  await world.cluster.createHook(world.namespace, 'memory', hookFor('memory-analyzer'));
  await world.cluster.createPod(world.namespace, 'flaky', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await world.cluster.setStatus(world.namespace, 'flaky', running({ ready: false, since: nowSeconds(-2000) }));
  await waitFor('the ask', async () => world.asksAbout('flaky').length === 1);
  world.kagent.script([{ fault: { kind: 'answer', status: 503 }, times: 1000 }]);
  await killByMemory('leaky');
  await waitFor('a try', async () => world.asksAbout('leaky').length > 0);
  await world.kubectl('delete', 'hook', 'probes', 'memory', '-n', world.namespace);
  const [one] = await untilStatus('CANCELLED', 2);
  const { events } = await world.client.workflow.getHandle(one?.workflowId ?? '').fetchHistory();
  const request = events?.find((event) => event.workflowExecutionCancelRequestedEventAttributes);
  expect(request?.workflowExecutionCancelRequestedEventAttributes?.cause).toMatch(/The Hook .* was deleted\./);
  const [asked, nowIs] = [world.asks().length, nowSeconds()];
  // The cluster's times are whole seconds: what was killed in the second in which a Hook was made counts as news for it.
  await waitFor('the next second', async () => nowSeconds() > nowIs);
  await world.cluster.createHook(world.namespace, 'memory', hookFor('memory-analyzer'));
  world.kagent.script([]);
  await killByMemory('later');
  await waitFor('the new Hook to work', async () => world.asksAbout('later').length === 1);
  const askedSince = world.asks().slice(asked);
  expect(askedSince).toEqual(world.asksAbout('later'));
});
