/** Requests to the API server: who asks, over which connections, and what is made of the answers. */
import { getEventListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { type ApiServer, connectApiServer, KubeError } from '../../watcher/kube/api-server.ts';
import { makeCertificate } from '../api-server/certificate.ts';
import { type FakeApiServer, kubeConfigFor, startFakeApiServer, thingsPath, token } from '../api-server/server.ts';
import { waitFor } from '../wait-for.ts';

async function connected(silenceLimitMs = 5000): Promise<{ server: FakeApiServer; api: ApiServer }> {
  const server = await startFakeApiServer();
  const api = connectApiServer(server.kubeConfig, 'tester/1', { silenceLimitMs });
  onTestFinished(async () => {
    api.close();
    await server.stop();
  });
  return { server, api };
}

it('a request carries the token of the kube config, and our own name', async () => {
  const { server, api } = await connected();
  await expect(api.json({ path: '/version' })).resolves.toEqual({ path: '/version' });
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: `Bearer ${token}`,
    'user-agent': 'tester/1',
    accept: 'application/json',
  });
});

it('a server whose certificate is not of the configured CA receives nothing from us, not even the token', async () => {
  const { server } = await connected();
  const cluster = server.kubeConfig.getCurrentCluster();
  const api = connectApiServer(kubeConfigFor(cluster!.server, makeCertificate().cert), 'tester/1');
  await expect(api.json({ path: '/version' })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(server.requests).toEqual([]);
  api.close();
});

it('a query is sent as parameters, and what is in a value stays a value', async () => {
  const { server, api } = await connected();
  await api.json({ path: '/x', query: { fieldSelector: 'a=b&c=d', limit: '5' } });
  expect(Object.fromEntries(server.requests[0]!.query)).toEqual({ fieldSelector: 'a=b&c=d', limit: '5' });
});

it('a body is sent as JSON, or as the type that is named, in full', async () => {
  const { server, api } = await connected();
  const body = { note: 'größer 🙂'.repeat(10_000) };
  await api.json({ method: 'POST', path: '/x', body });
  await api.json({ method: 'PATCH', path: '/x', body, contentType: 'application/merge-patch+json' });
  await api.json({ method: 'DELETE', path: '/x' });
  expect(server.requests.map(({ method, headers }) => [method, headers['content-type']])).toEqual([
    ['POST', 'application/json'],
    ['PATCH', 'application/merge-patch+json'],
    ['DELETE', undefined],
  ]);
  expect(JSON.parse(server.requests[0]!.body)).toEqual(body);
  expect(server.requests[2]?.body).toBe('');
});

it('an empty answer is undefined', async () => {
  const { server, api } = await connected();
  server.faults.push({ on: 'other', does: { status: 200, body: '' } });
  await expect(api.json({ path: '/x' })).resolves.toBeUndefined();
});

it.each([
  ['7', 7000],
  ['0', undefined],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  [undefined, undefined],
])(
  'an error says what was asked, the status, the beginning of the answer, and Retry-After (%s) in milliseconds',
  async (retryAfter, retryAfterMs) => {
    const { server, api } = await connected();
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    server.faults.push({ on: 'other', does: { status: 429, body: `slow down ${'x'.repeat(5000)}`, headers } });
    const error = await api.json({ method: 'POST', path: '/x/y', body: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ status: 429, retryAfterMs });
    const message = error instanceof Error ? error.message : '';
    expect(message).toContain('POST /x/y was answered 429: slow down');
    expect(message.length).toBeLessThan(600);
  },
);

it('an opened request gives the status and leaves the body to the caller, whatever the status', async () => {
  const { server, api } = await connected();
  server.faults.push({ on: 'other', does: { status: 403, body: 'no' } });
  const { status, body } = await api.open({ path: '/x' });
  expect(status).toBe(403);
  await expect(text(body)).resolves.toBe('no');
});

it.each(['hang', 'stall'] as const)('a server that falls silent (%s) is given up after the limit', async (does) => {
  const { server, api } = await connected(100);
  server.faults.push({ on: 'other', does });
  const startedMs = Date.now();
  await expect(api.json({ path: '/x' })).rejects.toThrow(/100 ms/);
  expect(Date.now() - startedMs).toBeLessThan(2000);
  // The next request finds a server that works.
  await expect(api.json({ path: '/x' })).resolves.toEqual({ path: '/x' });
});

it('a connection that is cut is an error, before the answer and within it', async () => {
  const { server, api } = await connected();
  server.faults.push({ on: 'other', does: 'cut' });
  await expect(api.json({ path: '/x' })).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('a hundred requests one after the other use one connection, fifty at once no more than fifty', async () => {
  const { server, api } = await connected();
  for (let n = 0; n < 100; n += 1) await api.json({ path: '/x' });
  expect(server.connections()).toBe(1);
  await Promise.all(Array.from({ length: 50 }, () => api.json({ path: '/x' })));
  expect(server.connections()).toBeLessThanOrEqual(50);
});

it('an error does not cost the connection', async () => {
  const { server, api } = await connected();
  for (let n = 0; n < 10; n += 1) {
    server.faults.push({ on: 'other', does: { status: 500 } });
    await api.json({ path: '/x' }).catch(() => undefined);
  }
  expect(server.connections()).toBe(1);
});

it('requests leave no listener behind on a signal that lives long', async () => {
  const { server, api } = await connected();
  const { signal } = new AbortController();
  for (let n = 0; n < 20; n += 1) {
    if (n % 2 === 0) server.faults.push({ on: 'other', does: { status: 500 } });
    await api.json({ path: '/x', signal }).catch(() => undefined);
  }
  await waitFor('the last listener to go', async () => getEventListeners(signal, 'abort').length === 0);
});

it('an aborted request ends at once, also while its answer is being read', async () => {
  const { server, api } = await connected();
  server.faults.push({ on: 'other', does: 'stall' });
  const caller = new AbortController();
  const asked = api.json({ path: '/x', signal: caller.signal });
  await waitFor('the request', async () => server.requests.length === 1);
  caller.abort();
  await expect(asked).rejects.toThrow(/abort/i);
  await expect(api.json({ path: thingsPath, signal: caller.signal })).rejects.toThrow(/abort/i);
  expect(server.requests).toHaveLength(1);
});

it('a server below a path, as a proxy of many clusters offers it, is asked below that path', async () => {
  const { server } = await connected();
  const { server: url, caData } = server.kubeConfig.getCurrentCluster()!;
  const caPem = Buffer.from(caData ?? '', 'base64').toString();
  const api = connectApiServer(kubeConfigFor(`${url}/k8s/clusters/c-1/`, caPem), 'tester/1');
  await api.json({ path: '/version' });
  expect(server.requests[0]?.path).toBe('/k8s/clusters/c-1/version');
  api.close();
});
