/** Leader election by a Lease of the real API server. */
import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ApiServer, connectApiServer } from '../../watcher/kube/api-server.ts';
import { type LeadTiming, lead } from '../../watcher/leading/lead.ts';
import { holdLease, patchLease, readLease } from '../../watcher/leading/lease.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { waitFor } from '../wait-for.ts';

let api: ApiServer;
beforeAll(() => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath());
  api = connectApiServer(config, 'kagent-hooks-tests');
});
afterAll(() => api.close());

const quick: LeadTiming = { leaseMs: 1500, renewEveryMs: 200, lookEveryMs: 50 };

function aLease() {
  const place = { api, namespace: 'default', name: `lead-${randomBytes(4).toString('hex')}` };
  const holder = async () => (await readLease({ ...place, identity: '' }))?.holder;
  const elect = (identity: string, over: { api?: ApiServer; timing?: LeadTiming } = {}) => {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const standby: string[] = [];
    const lease = { ...place, identity, ...(over.api !== undefined && { api: over.api }) };
    const log = pino({ level: 'silent' });
    const onStandby = (leader: string) => void standby.push(leader);
    const elected = lead({ lease, log, signal: stop.signal, onStandby, timing: over.timing ?? quick });
    return { elected, standby, stop: () => stop.abort() };
  };
  return { place, holder, elect };
}

it('one leads, and the other stands by and says who does', async () => {
  const { elect, holder } = aLease();
  const one = elect('one');
  await one.elected;
  const other = elect('other');
  await waitFor('the other to stand by', async () => other.standby.includes('one'));
  expect(await holder()).toBe('one');
  other.stop();
  expect(await other.elected).toBeUndefined();
});

it('of several that begin at once exactly one leads', async () => {
  const { elect } = aLease();
  const all = ['a', 'b', 'c', 'd'].map((identity) => elect(identity));
  await Promise.race(all.map(({ elected }) => elected));
  await waitFor('the others to stand by', async () => all.filter(({ standby }) => standby.length > 1).length === 3);
});

it('the next takes over at once from one that gives up, and after the lease of one that died', async () => {
  const { elect, holder } = aLease();
  const first = await elect('first').elected;
  const second = elect('second');
  await waitFor('the second to stand by', async () => second.standby.length > 0);
  await first?.giveUp();
  await second.elected;
  expect(await holder()).toBe('second');
  // One that died renews no more; another process with a longer patience would be the same.
  const dead = aLease();
  await dead.elect('dead', { timing: { ...quick, renewEveryMs: 60_000 } }).elected;
  const heir = dead.elect('heir');
  const startMs = performance.now();
  await heir.elected;
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(quick.leaseMs);
  expect(await dead.holder()).toBe('heir');
});

it('one that slept past its lease finds that another leads, and has lost', async () => {
  const { elect, place } = aLease();
  const sleeper = await elect('sleeper').elected;
  const found = await readLease({ ...place, identity: '' });
  await holdLease({ ...place, identity: 'other' }, found?.resourceVersion ?? '').catch(async () => {
    const again = await readLease({ ...place, identity: '' });
    await holdLease({ ...place, identity: 'other' }, again?.resourceVersion ?? '');
  });
  await waitFor('the loss', async () => sleeper?.lost.aborted === true);
});

it('one that cannot renew in time has lost, and does not take the Lease from who leads then when it gives up', async () => {
  const { elect, holder } = aLease();
  let isAway = false;
  const away: ApiServer = {
    ...api,
    json: async (request) => {
      if (isAway) throw new Error('away');
      return api.json(request);
    },
  };
  const one = await elect('one', { api: away }).elected;
  isAway = true;
  await waitFor('the loss', async () => one?.lost.aborted === true);
  await elect('other').elected;
  isAway = false;
  await one?.giveUp();
  expect(await holder()).toBe('other');
});

it('the checkpoint of the leader and its renewing do not take each other for somebody else', async () => {
  const { elect, place } = aLease();
  const one = await elect('one', { timing: { ...quick, renewEveryMs: 10 } }).elected;
  for (let n = 0; n < 50; n += 1) {
    const lease = { ...place, identity: 'one' };
    const found = await readLease(lease);
    await patchLease(lease, found?.resourceVersion ?? '', { 'example.com/n': String(n) }).catch(() => undefined);
  }
  expect(one?.lost.aborted).toBe(false);
  await one?.giveUp();
});
