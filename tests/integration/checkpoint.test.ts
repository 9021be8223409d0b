/** The checkpoint in a Lease of the real API server. */
import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiServer, connectApiServer, KubeError } from '../../watcher/kube/api-server.ts';
import { openCheckpoint } from '../../watcher/leading/checkpoint.ts';
import { emptyAccount } from '../../watcher/ledger/account.ts';
import { readEntries, totalOf } from '../../watcher/ledger/entries.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { waitFor } from '../wait-for.ts';

const Lease = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()), resourceVersion: z.string() }),
  spec: z.object({ holderIdentity: z.string(), renewTime: z.string() }),
});

const minutes = 60_000;
let api: ApiServer;
beforeAll(() => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath());
  api = connectApiServer(config, 'kagent-hooks-tests');
});
afterAll(() => api.close());

/** A Lease name that nobody has used. */
const aPlace = (over: Partial<Parameters<typeof openCheckpoint>[0]> = {}) => ({
  api,
  namespace: 'default',
  name: `checkpoint-${randomBytes(4).toString('hex')}`,
  identity: 'watcher-1',
  ...over,
});

type Place = ReturnType<typeof aPlace>;
const pathOf = ({ name }: Place) => `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`;
const read = async (place: Place) => Lease.parse(await api.json({ path: pathOf(place) }));
const annotate = (place: Place, annotations: Record<string, string | null>) =>
  api.json({
    method: 'PATCH',
    path: pathOf(place),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations } },
  });
const iso = (ms: number) => new Date(ms).toISOString();

it('the first open writes when we were installed, and news begin then', async () => {
  const place = aPlace();
  const beforeMs = Date.now();
  const { edgesFromMs } = await openCheckpoint(place);
  const lease = await read(place);
  expect(lease.metadata.annotations).toEqual({ 'kagent.dev/installed-at': iso(edgesFromMs) });
  expect(edgesFromMs).toBeGreaterThanOrEqual(beforeMs);
  expect(lease.spec.holderIdentity).toBe('watcher-1');
});

it('a later open without a checkpoint keeps the time of the installation', async () => {
  const place = aPlace();
  const first = await openCheckpoint(place);
  const second = await openCheckpoint({ ...place, identity: 'watcher-2' });
  expect(second.edgesFromMs).toBe(first.edgesFromMs);
});

it('a later open takes for news what happened up to two minutes before the checkpoint', async () => {
  const place = aPlace();
  await openCheckpoint(place);
  await annotate(place, { 'kagent.dev/installed-at': iso(Date.now() - 60 * minutes) });
  const { advance } = await openCheckpoint(place);
  const checkpointMs = Date.now() - 10 * minutes;
  await advance(checkpointMs);
  const { edgesFromMs } = await openCheckpoint(place);
  expect(edgesFromMs).toBe(checkpointMs - 2 * minutes);
});

it('news never begin before the installation, however early the checkpoint', async () => {
  const place = aPlace();
  const first = await openCheckpoint(place);
  await first.advance(first.edgesFromMs + 1000);
  const second = await openCheckpoint(place);
  expect(second.edgesFromMs).toBe(first.edgesFromMs);
});

it('two that open at the same moment agree on when we were installed', async () => {
  for (let round = 0; round < 5; round += 1) {
    const place = aPlace();
    const opened = await Promise.all(
      ['watcher-1', 'watcher-2', 'watcher-3'].map((identity) => openCheckpoint({ ...place, identity })),
    );
    const { annotations } = (await read(place)).metadata;
    for (const { edgesFromMs } of opened) expect(iso(edgesFromMs)).toBe(annotations['kagent.dev/installed-at']);
  }
});

it('an advance writes, says who holds the Lease and since when, and never goes back', async () => {
  const place = aPlace();
  const { advance } = await openCheckpoint(place);
  const startMs = Date.now();
  await advance(startMs);
  const written = await read(place);
  expect(written.metadata.annotations['kagent.dev/checkpoint']).toBe(iso(startMs));
  expect(Date.parse(written.spec.renewTime)).toBeGreaterThanOrEqual(startMs);
  await advance(startMs - 5000);
  await advance(startMs);
  await advance(0);
  expect(await read(place)).toEqual(written);
  await advance(startMs + 5);
  expect((await read(place)).metadata.annotations['kagent.dev/checkpoint']).toBe(iso(startMs + 5));
});

it('an advance of a new process does not go behind what the one before wrote', async () => {
  const place = aPlace();
  const first = await openCheckpoint(place);
  const checkpointMs = Date.now();
  await first.advance(checkpointMs);
  const second = await openCheckpoint(place);
  await second.advance(checkpointMs - 1000);
  expect((await read(place)).metadata.annotations['kagent.dev/checkpoint']).toBe(iso(checkpointMs));
});

it('what others wrote on the Lease stays', async () => {
  const place = aPlace();
  const { advance } = await openCheckpoint(place);
  await annotate(place, { 'example.com/team': 'platform' });
  await advance(Date.now());
  expect((await read(place)).metadata.annotations['example.com/team']).toBe('platform');
});

it('a Lease that was deleted while we run is made again, with the time of the installation', async () => {
  const place = aPlace();
  const { advance, edgesFromMs } = await openCheckpoint(place);
  await api.json({ method: 'DELETE', path: pathOf(place) });
  const checkpointMs = edgesFromMs + 10 * minutes;
  await advance(checkpointMs);
  expect((await read(place)).metadata.annotations).toMatchObject({
    'kagent.dev/installed-at': iso(edgesFromMs),
    'kagent.dev/checkpoint': iso(checkpointMs),
  });
});

it('a Lease that came without our annotations counts as installed now, and says so from the first advance on', async () => {
  const place = aPlace();
  await openCheckpoint(place);
  await annotate(place, { 'kagent.dev/installed-at': null, 'example.com/team': 'platform' });
  const beforeMs = Date.now();
  const { edgesFromMs, advance } = await openCheckpoint(place);
  expect(edgesFromMs).toBeGreaterThanOrEqual(beforeMs);
  await advance(Date.now());
  expect((await read(place)).metadata.annotations['kagent.dev/installed-at']).toBe(iso(edgesFromMs));
});

it('a checkpoint of the future, of a clock that was wrong once, does not make the present old', async () => {
  const place = aPlace();
  await openCheckpoint(place);
  await annotate(place, {
    'kagent.dev/installed-at': iso(Date.now() - 60 * minutes),
    'kagent.dev/checkpoint': '2099-01-01T00:00:00.000Z',
  });
  const { edgesFromMs, advance } = await openCheckpoint(place);
  expect(edgesFromMs).toBeLessThanOrEqual(Date.now() - 2 * minutes);
  const checkpointMs = Date.now() + 5;
  await advance(checkpointMs);
  expect((await read(place)).metadata.annotations['kagent.dev/checkpoint']).toBe(iso(checkpointMs));
});

it('an advance that is refused is an error, and the next one tries again', async () => {
  const place = aPlace();
  let isRefusing = false;
  const refusing: ApiServer = {
    ...api,
    json: async (request) => {
      if (isRefusing) throw new KubeError('no', 403);
      return api.json(request);
    },
  };
  const { advance } = await openCheckpoint({ ...place, api: refusing });
  const checkpointMs = Date.now();
  isRefusing = true;
  await expect(advance(checkpointMs)).rejects.toThrow('no');
  isRefusing = false;
  await advance(checkpointMs);
  expect((await read(place)).metadata.annotations['kagent.dev/checkpoint']).toBe(iso(checkpointMs));
});

it('the version of the Pods up to which all was handed over stays until there is a later one', async () => {
  const place = aPlace();
  const { advance, lastPodsVersion } = await openCheckpoint(place);
  expect(lastPodsVersion).toBeUndefined();
  await advance(Date.now(), undefined, '41');
  await advance(Date.now() + 5, undefined, undefined); // something waits
  expect((await openCheckpoint(place)).lastPodsVersion).toBe('41');
});

it('of a watcher that was elected is not written once somebody else holds the Lease', async () => {
  const place = { ...aPlace(), isElected: true };
  const { advance } = await openCheckpoint(place);
  await advance(Date.now());
  const other = await openCheckpoint({ ...place, identity: 'watcher-2', isElected: false });
  await other.advance(Date.now() + 5);
  await expect(advance(Date.now() + 10)).rejects.toThrow('Somebody else leads now.');
  expect((await read(place)).spec.holderIdentity).toBe('watcher-2');
});

describe('the ledger on the Lease', () => {
  const counted = (seen: number) => ({ ...emptyAccount, seen, started: seen });
  const total = async (place: Place) => totalOf(readEntries((await read(place)).metadata.annotations));

  it('is written with the checkpoint, also where only the counts have changed', async () => {
    const place = aPlace();
    const { advance } = await openCheckpoint(place);
    const checkpointMs = Date.now();
    await advance(checkpointMs, counted(1));
    await advance(checkpointMs, counted(3));
    expect(await total(place)).toEqual(counted(3));
  });

  it('adds up what several watchers have counted, whoever writes last', async () => {
    const place = aPlace();
    const [one, other] = await Promise.all(['a', 'b'].map((ledgerKey) => openCheckpoint({ ...place, ledgerKey })));
    await one?.advance(Date.now(), counted(2));
    await other?.advance(Date.now(), counted(5));
    await one?.advance(Date.now(), counted(3));
    expect(await total(place)).toEqual(counted(8));
  });

  it('of watchers that write at the same moment loses nothing: who comes too late writes again', async () => {
    const place = aPlace();
    const keys = ['a', 'b', 'c', 'd'];
    const opened = await Promise.all(keys.map((ledgerKey) => openCheckpoint({ ...place, ledgerKey })));
    for (let round = 1; round <= 5; round += 1) {
      await Promise.all(
        opened.map(({ advance }) =>
          waitFor('the write', async () => {
            await advance(Date.now(), counted(round));
            return true;
          }),
        ),
      );
    }
    expect(await total(place)).toEqual(counted(20));
  });

  it('keeps when nobody watched last', async () => {
    const place = aPlace();
    const { advance, noteGap } = await openCheckpoint(place);
    noteGap({ fromMs: 0, toMs: 1000 });
    await advance(Date.now(), counted(1));
    await advance(Date.now(), counted(2));
    expect((await read(place)).metadata.annotations['kagent.dev/last-gap']).toBe(
      '1970-01-01T00:00:00.000Z/1970-01-01T00:00:01.000Z',
    );
  });
});
