/** How long an answer of the API server may take, and how large it may be; a watch is no answer that ends. */
import { expect, it, onTestFinished } from 'vitest';
import { connectApiServer } from '../../watcher/kube/api-server.ts';
import { listPages } from '../../watcher/kube/list-pages.ts';
import { startFakeApiServer, thingsPath } from '../api-server/server.ts';

async function connected(limits: { deadlineMs?: number; bodyLimit?: number }) {
  const server = await startFakeApiServer();
  const api = connectApiServer(server.kubeConfig, 'tester/1', { silenceLimitMs: 20_000, ...limits });
  onTestFinished(async () => {
    api.close();
    await server.stop();
  });
  return { server, api };
}

it('an answer that does not come to its end is given up, though its server is not silent for long', async () => {
  const { server, api } = await connected({ deadlineMs: 100 });
  server.faults.push({ on: 'other', does: 'stall' });
  await expect(api.json({ path: '/version' })).rejects.toThrow('not complete after 100 ms');
  await expect(api.json({ path: '/version' })).resolves.toEqual({ path: '/version' });
});

it('an answer that is too large is not read to its end', async () => {
  const { server, api } = await connected({ bodyLimit: 1000 });
  server.faults.push({ on: 'other', does: { status: 200, body: JSON.stringify('x'.repeat(1000)) } });
  await expect(api.json({ path: '/version' })).rejects.toMatchObject({ name: 'BodyTooLargeError' });
  server.faults.push({ on: 'other', does: { status: 200, body: JSON.stringify('x'.repeat(998)) } });
  await expect(api.json({ path: '/version' })).resolves.toHaveLength(998);
});

it('objects of which a page is too large are listed in smaller pages, each of them once', async () => {
  const { server, api } = await connected({ bodyLimit: 20_000 });
  for (let index = 0; index < 100; index += 1) server.put(`thing-${index}`, { note: 'x'.repeat(1000) });
  const uids: string[] = [];
  for await (const { items } of listPages({ api, path: thingsPath, signal: new AbortController().signal }))
    uids.push(...items.map((item) => JSON.stringify(item)));
  expect(uids).toHaveLength(100);
  expect(new Set(uids).size).toBe(100);
});

it('one object that is too large by itself is an error, and no endless list', async () => {
  const { server, api } = await connected({ bodyLimit: 500 });
  server.put('thing', { note: 'x'.repeat(1000) });
  const pages = listPages({ api, path: thingsPath, signal: new AbortController().signal });
  await expect(pages.next()).rejects.toMatchObject({ name: 'BodyTooLargeError' });
});
