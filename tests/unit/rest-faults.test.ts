/** Every way in which one try may fail: which reason, how often the server was asked, and that no secret shows. */
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import type { AgentIdForm } from '../../activities/agents/rest/agent-id.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import { deliveryReasons } from '../../workflows/contract/outcome.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { againFaults, type FaultInput, neverFaults } from '../fake-kagent/faults.ts';
import { spoilingKinds } from '../fake-kagent/script.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';

const rows = [
  ...againFaults.map(([what, fault, reason, expected = {}]) => ({ what, fault, reason, expected, kind: 'again' })),
  ...neverFaults.map(([what, fault, reason, expected = {}]) => ({ what, fault, reason, expected, kind: 'never' })),
];

describe('a try that is answered by', () => {
  it.each(rows)('$what fails as $reason, which is of kind $kind', async ({ fault, reason, expected, kind }) => {
    const { ending, requests, runs, url } = await tryAgainst(fault);
    const error = errorIn(ending);
    expect(error.reason).toBe(reason);
    expect(deliveryReasons[reason].kind).toBe(kind);
    expect({ requests, runs }).toEqual({ requests: 1, runs: expected.runs ?? 0 });
    expect(error.retryAfterMs).toBe(expected.retryAfterMs);
    expect(error.message).toMatch(expected.says ?? /./);
    const start = 'Agent "memory-analyzer" could not be asked (POST /v1/agents/memory-analyzer/execute): ';
    expect(error.message.startsWith(start)).toBe(true);
    expect(error.message.endsWith(`. ${deliveryReasons[reason].hint}`)).toBe(true);
    expectNothingShown(error, url);
  });

  it('every kind of fault that the fake knows has its row', () => {
    const kinds = new Set(rows.map(({ fault }) => fault.kind));
    expect([...kinds].sort()).toEqual(['answer', 'echo-key', 'rate-limit', 'text', ...spoilingKinds].sort());
  });

  it('every reason has its row, but for the one that only A2A knows and the one for which nothing is sent', () => {
    const reasons = new Set([...rows.map(({ reason }) => reason), 'AgentNotReady', 'AgentNotAllowed']);
    expect([...reasons].sort()).toEqual(Object.keys(deliveryReasons).sort());
  });
});

describe('an agent that is allowed for the sake of its namespace', () => {
  const bound = { namespace: 'shop', name: 'cluster-admin', boundToNamespace: true } as const;
  const options = { idempotencyKey: 'key', isRepeat: false, signal: new AbortController().signal };

  it('is not asked where the namespace would not be sent, and is where it is', async () => {
    const kagent = await startFakeKagent({ apiKey: canaryKey });
    onTestFinished(kagent.stop);
    const agentWith = (agentId?: AgentIdForm) =>
      createRestAgent({
        readCredentials: () => someCredentials({ baseUrl: kagent.url }),
        version: '1',
        ...(agentId !== undefined && { agentId }),
      });
    for (const form of [undefined, 'name'] as const) {
      const error = await agentWith(form)
        .start({ ...aDelivery(), agent: bound }, options)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'AgentNotAllowed' });
      expect(String(error)).toContain('KAGENT_AGENT_ID=namespace/name');
    }
    expect(kagent.requests).toEqual([]);
    // The fake has no agent of that name; that it was asked for it is enough.
    await agentWith('namespace/name')
      .start({ ...aDelivery(), agent: bound }, options)
      .catch(() => undefined);
    expect(kagent.requests.map(({ path }) => path)).toEqual(['/v1/agents/shop%2Fcluster-admin/execute']);
  });
});

describe('a server that is not there', () => {
  it('is ConnectionFailed when it refuses the connection', async () => {
    const url = `http://user:canary-password@127.0.0.1:${await unusedPort()}`;
    const error = errorIn(await start(url));
    expect(error.reason).toBe('ConnectionFailed');
    expect(error.message).toContain('the connection was refused (ECONNREFUSED)');
    expectNothingShown(error, url);
  });

  it('is ConnectionFailed when its name is not known', async () => {
    const url = 'http://canary-host.invalid';
    const error = errorIn(await start(url));
    expect(error.reason).toBe('ConnectionFailed');
    expect(error.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expectNothingShown(error, url);
  });
});

describe('words of the server', () => {
  const messageFor = async (message: string) =>
    errorIn((await tryAgainst({ kind: 'answer', status: 400, body: { message } })).ending).message;

  it('are one line of at most 300 characters, even when a half character stands at the cut', async () => {
    const message = await messageFor(`a\r\n\tb${'\u{1f525}'.repeat(1_000)}`);
    const quoted = /answered 400 "(.*)"\. /.exec(message)![1]!;
    expect(quoted.startsWith('a b\u{1f525}')).toBe(true);
    expect(quoted).toHaveLength(300);
    expect(quoted.isWellFormed()).toBe(true);
  });

  it('do not show half of the key where they are cut', async () => {
    expect(await messageFor(`${'x'.repeat(295)}${canaryKey}`)).not.toContain('cana');
  });

  it('do not bring the key into the agent run', async () => {
    const { ending, url } = await tryAgainst({ kind: 'echo-key' });
    expect(ending).toEqual({
      executionId: 'exec-000001 you sent Bearer [redacted]',
      message: 'you sent Bearer [redacted]',
      estimatedDuration: 'you sent Bearer [redacted]',
    });
    expectNothingShown(ending, url);
  });
});

function errorIn(ending: unknown): DeliveryError {
  if (ending instanceof DeliveryError) return ending;
  throw new Error(`Expected a DeliveryError, found ${inspect(ending)}.`);
}

async function start(baseUrl: string, timeoutMs = 5_000): Promise<AgentRun | Error> {
  const readCredentials = () => someCredentials({ baseUrl, timeoutMs });
  const agent = createRestAgent({ readCredentials, version: '1', jitter: () => 0 });
  const options = { idempotencyKey: 'k', signal: new AbortController().signal };
  return agent.start(aDelivery(), options).catch((thrown: Error) => thrown);
}

async function tryAgainst(fault: FaultInput) {
  const fake = await startFakeKagent({ apiKey: canaryKey, script: [{ fault }] });
  const url = fake.url.replace('://', '://user:canary-password@');
  // Long enough for a busy machine to connect, short enough to wait for.
  const ending = await start(url, fault.kind.startsWith('hang') ? 300 : 5_000);
  await fake.stop();
  return { ending, requests: fake.requests.length, runs: fake.runs.length, url };
}

/** Neither the key, nor the password, nor the address, in any property, shown or hidden. */
function expectNothingShown(value: unknown, url: string): void {
  const hidden = inspect(value, { depth: null, showHidden: true, getters: true });
  const everything = `${hidden}\n${JSON.stringify(value)}`;
  expect(everything).not.toContain('canary');
  expect(everything).not.toContain(new URL(url).host);
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
