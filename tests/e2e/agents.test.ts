import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { apiKey, startWorld, type World } from './world.ts';

let world: World;
let secret: string;
const hookFor = (name: string) => [{ eventType: 'oom-kill', agentRef: { name }, prompt: '{{.ResourceName}}' }];

beforeAll(async () => {
  world = await startWorld();
  secret = await mkdtemp(join(world.run.folder, 'secret-'));
  await writeFile(join(secret, 'api-key'), 'not-the-key');
  await Promise.all([world.start('worker', { KAGENT_SECRET_DIR: secret }), world.start('watcher')]);
  await world.cluster.createHook(world.namespace, 'known', hookFor('memory-analyzer'));
  await world.cluster.createHook(world.namespace, 'unknown', hookFor('nobody'));
});

afterAll(() => world?.stop());

async function conditionOf(hook: string, type: string) {
  return (await world.hookStatus(hook)).conditions?.find((condition) => condition.type === type);
}

/** Waits for a reason and returns the condition. */
function until(hook: string, type: string, reason: string) {
  return waitFor(`${type} of ${hook} to be ${reason}`, async () => {
    const condition = await conditionOf(hook, type);
    return condition?.reason === reason && condition;
  });
}

it('a key that may not read agents leaves them unknown, and says which permission is missing', async () => {
  const condition = await until('known', 'AgentResolved', 'Unauthorized');
  expect(condition).toMatchObject({ status: 'Unknown', message: expect.stringContaining('agents:read') });
  expect(await until('known', 'AgentReachable', 'Healthy')).toMatchObject({ status: 'True' });
});

it('a rotated key takes effect within seconds, without a restart', async () => {
  await writeFile(join(secret, 'api-key'), `${apiKey}\n`);
  expect(await until('known', 'AgentResolved', 'AgentFound')).toMatchObject({ status: 'True' });
  const missing = await until('unknown', 'AgentResolved', 'AgentNotFound');
  expect(missing).toMatchObject({ status: 'False', message: expect.stringContaining('nobody') });
  const [, row] = (await world.kubectl('get', 'hook', 'unknown', '-n', world.namespace, '-o', 'wide')).split('\n');
  expect(row?.split(/ +/).slice(0, 4)).toEqual(['unknown', 'True', 'Accepted', 'False']);
});

it('a changed Hook is looked up at once', async () => {
  await world.cluster.createHook(world.namespace, 'later', hookFor('incident-responder'));
  await until('later', 'AgentResolved', 'AgentFound');
});

it('what was found out never blocks a delivery', async () => {
  await world.cluster.createPod(world.namespace, 'leaky');
  await world.cluster.setStatus(world.namespace, 'leaky', running());
  await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  const agents = () => world.asksAbout('leaky').map(({ path }) => path.split('/')[3]);
  await waitFor(
    'the missing agent being asked as well',
    async () => agents().includes('nobody') && agents().length === 3,
  );
});
