/** Whether Kagent answers and its agents exist and can work, as each generation says it; what it does not say is Unknown. */
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createChooser } from '../../activities/agents/auto/choose-protocol.ts';
import { createDirectories } from '../../activities/agents/auto/directories.ts';
import type { AgentDirectory } from '../../activities/agents/directory.ts';
import { createWire } from '../../activities/agents/http/exchange.ts';
import { canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import {
  type KagentDouble,
  type KagentDoubleOptions,
  startKagentDouble,
} from '../kagent-double/start-kagent-double.ts';

const good = { namespace: 'kagent', name: 'helper' };
const agents = [
  good,
  { namespace: 'kagent', name: 'refused', accepted: false },
  { namespace: 'kagent', name: 'starting', deploymentReady: false },
];
const calm = () => new AbortController().signal;

function directoryOf(url: string, apiKey?: string): AgentDirectory {
  const { apiKey: _, ...rest } = someCredentials({ baseUrl: url });
  const readCredentials = () => (apiKey === undefined ? rest : { ...rest, apiKey });
  const connecting = { readCredentials, version: '1' };
  const wire = createWire(connecting);
  return createDirectories({ ...connecting, wire, chooser: createChooser({ wire, readCredentials }) });
}

async function aKagent(
  options: KagentDoubleOptions = {},
): Promise<{ double: KagentDouble; directory: AgentDirectory }> {
  const double = await startKagentDouble({ agents, ...options });
  onTestFinished(() => double.stop());
  return { double, directory: directoryOf(double.url) };
}

const find = (directory: AgentDirectory, name: string) => directory.find({ namespace: 'kagent', name }, calm());

describe.each(['0.8.6', '0.9.12', '0.10'] as const)('Kagent %s', (release) => {
  it('says of an agent whether it exists, was accepted and is ready', async () => {
    const { directory } = await aKagent({ release });
    expect(await find(directory, 'helper')).toMatchObject({ verdict: { status: 'True' }, ready: { status: 'True' } });
    expect(await find(directory, 'nobody')).toMatchObject({ verdict: { status: 'False', reason: 'AgentNotFound' } });
    expect(await find(directory, 'refused')).toMatchObject({
      verdict: { status: 'False', reason: 'AgentNotAccepted' },
    });
    const starting = await find(directory, 'starting');
    expect(starting).toMatchObject({
      verdict: { status: 'True' },
      ready: { status: 'False', reason: 'AgentNotReady' },
    });
  });

  it('is reachable only with its database, whatever /health says', async () => {
    const { double, directory } = await aKagent({ release });
    expect(await directory.reach(calm(), [good])).toMatchObject({ status: 'True' });
    double.database.down();
    expect((await fetch(`${double.url}/health`)).status).toBe(200);
    expect(await directory.reach(calm(), [good])).toMatchObject({ status: 'False', reason: 'AgentUnavailable' });
    await double.controller.stop();
    expect(await directory.reach(calm(), [good])).toMatchObject({ status: 'False', reason: 'ConnectionFailed' });
    expect(await find(directory, 'helper')).toMatchObject({
      verdict: { status: 'Unknown', reason: 'ConnectionFailed' },
    });
  });
});

it('Kagent behind a proxy that wants a token leaves agents Unknown, and says Unauthorized', async () => {
  const { directory } = await aKagent({ auth: { mode: 'trusted-proxy' } });
  expect(await find(directory, 'helper')).toMatchObject({ verdict: { status: 'Unknown', reason: 'Unauthorized' } });
  expect(await directory.reach(calm(), [good])).toMatchObject({ status: 'Unknown', reason: 'Unauthorized' });
});

it('Kagent 1.x knows an agent by its card, and says nothing of readiness', async () => {
  const { directory } = await aKagent({ release: '1.0' });
  expect(await directory.reach(calm(), [good])).toMatchObject({ status: 'True' });
  const found = await find(directory, 'helper');
  expect(found).toMatchObject({ verdict: { status: 'True', reason: 'AgentFound' } });
  expect(found.ready).toBeUndefined();
  expect((await find(directory, 'nobody')).verdict.status).not.toBe('True');
});

it('the REST API is asked as before', async () => {
  const fake = await startFakeKagent({ apiKey: canaryKey });
  onTestFinished(() => fake.stop());
  const directory = directoryOf(fake.url, canaryKey);
  expect(await find(directory, 'memory-analyzer')).toMatchObject({ verdict: { status: 'True', reason: 'AgentFound' } });
  expect(await directory.reach(calm())).toMatchObject({ status: 'True', reason: 'Healthy' });
});

it('an endpoint that is nothing of all this is not reachable, and says what was tried', async () => {
  const server = createServer((_, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>no</h1>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const reached = await directoryOf(`http://127.0.0.1:${port}`).reach(calm(), [good]);
  expect(reached).toMatchObject({ status: 'False', reason: 'EndpointNotFound' });
  expect(reached.message).toContain('GET /version → 404');
});
