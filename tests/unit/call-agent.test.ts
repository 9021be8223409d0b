/** The activity callAgent against a real server, in Temporal's own test environment for activities. */
import { CancelledFailure } from '@temporalio/common';
import { validate, version } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import type { AgentPort } from '../../activities/agents/port.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { idempotencyKey } from '../../activities/call-agent.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { anAttempt, untilItEnds } from '../fake-kagent/an-attempt.ts';
import type { StepInput } from '../fake-kagent/script.ts';
import { type FakeKagent, startFakeKagent } from '../fake-kagent/server.ts';

const fakes: FakeKagent[] = [];
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

async function aFake(script: StepInput[] = []): Promise<FakeKagent> {
  const fake = await startFakeKagent({ apiKey: canaryKey, script });
  fakes.push(fake);
  return fake;
}

const always = (fault: NonNullable<StepInput['fault']>): StepInput => ({ times: 'always', fault });

describe('a delivery', () => {
  it('returns the agent run, without a heartbeat where the agent answers soon', async () => {
    const fake = await aFake();
    const { run, heartbeats } = anAttempt({ fake });
    expect(await run()).toMatchObject({ executionId: 'exec-000001' });
    expect(heartbeats).toEqual([]);
    expect(fake.runs[0]!.idempotencyKey).toBe(idempotencyKey('test', aDelivery().askRun));
  });

  it.each<[string, StepInput, { type: string; requests: number; delaysMs: number[] }]>([
    [
      'a server that is down',
      always({ kind: 'answer', status: 500 }),
      { type: 'DeliveryExhausted', requests: 3, delaysMs: [2_000, 4_000] },
    ],
    ['a cut connection', always({ kind: 'cut' }), { type: 'DeliveryExhausted', requests: 3, delaysMs: [2_000, 4_000] }],
    ['a bare 200', always({ kind: 'answer' }), { type: 'DeliveryExhausted', requests: 3, delaysMs: [2_000, 4_000] }],
    ['a wrong key', always({ kind: 'answer', status: 401 }), { type: 'Unauthorized', requests: 1, delaysMs: [] }],
    [
      'a missing endpoint',
      always({ kind: 'answer', status: 404 }),
      { type: 'EndpointNotFound', requests: 1, delaysMs: [] },
    ],
    [
      'a refusal',
      always({ kind: 'answer', body: { success: false } }),
      { type: 'AgentRefused', requests: 1, delaysMs: [] },
    ],
  ])('to %s ends after the attempts of the specification', async (_, step, expected) => {
    const fake = await aFake([step]);
    const { ending, delaysMs } = await untilItEnds({ fake });
    expect(ending).toMatchObject({ type: expected.type, nonRetryable: true });
    expect({ requests: fake.requests.length, delaysMs }).toEqual({
      requests: expected.requests,
      delaysMs: expected.delaysMs,
    });
  });

  it('has as many attempts as are configured', async () => {
    const fake = await aFake([always({ kind: 'answer', status: 500 })]);
    const { ending } = await untilItEnds({ fake, credentials: { maxAttempts: 1 } });
    expect(ending).toMatchObject({ type: 'DeliveryExhausted', details: [{ reason: 'AgentUnavailable' }] });
    expect(fake.requests).toHaveLength(1);
  });

  it('waits out any number of rate limits without using up an attempt', async () => {
    const limited: StepInput = { times: 5, fault: { kind: 'rate-limit', retryAfter: 60 } };
    const down: StepInput = { times: 2, fault: { kind: 'answer', status: 503 } };
    const fake = await aFake([limited, down, limited]);
    const { ending, delaysMs } = await untilItEnds({ fake });
    expect(ending).toMatchObject({ executionId: 'exec-000001' });
    const fiveMinutes = [60_000, 60_000, 60_000, 60_000, 60_000];
    expect(delaysMs).toEqual([...fiveMinutes, 2_000, 4_000, ...fiveMinutes]);
    expect(fake.requests).toHaveLength(13);
  });

  it('makes one agent run of many tries whose answers were lost', async () => {
    const fake = await aFake([{ times: 1, fault: { kind: 'cut-after-accepting' } }, { fault: { kind: 'cut-body' } }]);
    const { ending } = await untilItEnds({ fake });
    expect(ending).toMatchObject({ executionId: 'exec-000001' });
    expect({ requests: fake.requests.length, runs: fake.runs.length }).toEqual({ requests: 3, runs: 1 });
  });

  it('goes on with a key that was rotated between two attempts', async () => {
    const fake = await aFake([{ fault: { kind: 'answer', status: 500 } }]);
    const readCredentials = () =>
      someCredentials({ baseUrl: fake.url, apiKey: fake.requests.length === 0 ? 'old-key' : canaryKey });
    const { ending } = await untilItEnds({ fake, agent: createRestAgent({ readCredentials, version: '1' }) });
    expect(ending).toMatchObject({ executionId: 'exec-000001' });
    expect(fake.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer old-key',
      `Bearer ${canaryKey}`,
    ]);
  });
});

describe('an attempt', () => {
  it('after one that left no heartbeat counts as the second, before its request is sent, and repeats it', async () => {
    const fake = await aFake();
    const repeats: unknown[] = [];
    const agent: Pick<AgentPort, 'start'> = {
      start: async (_, { isRepeat }) => {
        repeats.push(isRepeat);
        return { executionId: 'exec-1' };
      },
    };
    for (const attempt of [1, 2]) {
      const { run, heartbeats } = anAttempt({ fake, agent, attempt });
      await run();
      expect(heartbeats).toEqual(attempt === 1 ? [] : [{ attempts: 2, throttled: 0, notBeforeMs: 0 }]);
    }
    expect(repeats).toEqual([false, true]);
  });

  it('that comes before its wait is over asks nobody and waits for the rest', async () => {
    const fake = await aFake();
    const heartbeatDetails = {
      attempts: 1,
      throttled: 2,
      notBeforeMs: 10_000,
      last: { reason: 'RateLimited', message: 'Too many.' },
    };
    const { run, heartbeats } = anAttempt({ fake, heartbeatDetails, nowMs: () => 4_000 });
    await expect(run()).rejects.toMatchObject({ type: 'RateLimited', nextRetryDelay: 6_000, nonRetryable: false });
    expect(fake.requests).toHaveLength(0);
    expect(heartbeats).toEqual([heartbeatDetails]);
  });

  it('after a worker was killed during the last one asks nobody', async () => {
    const fake = await aFake();
    const { run } = anAttempt({ fake, heartbeatDetails: { attempts: 3, throttled: 0, notBeforeMs: 0 } });
    await expect(run()).rejects.toMatchObject({ type: 'DeliveryExhausted', nonRetryable: true });
    expect(fake.requests).toHaveLength(0);
  });

  it('with details that nobody can read starts with a full budget', async () => {
    const fake = await aFake();
    expect(await anAttempt({ fake, heartbeatDetails: 'from an older version' }).run()).toHaveProperty('executionId');
  });

  it('heartbeats as long as the agent takes, and not after', async () => {
    const fake = await aFake([{ delayMs: 200 }]);
    const { run, heartbeats } = anAttempt({ fake, heartbeatEveryMs: 20 });
    await run();
    const count = heartbeats.length;
    expect(count).toBeGreaterThan(3);
    expect(new Set(heartbeats.map((details) => JSON.stringify(details))).size).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60)); // three beats of silence
    expect(heartbeats).toHaveLength(count);
  });

  it.each(['CANCELLED', 'WORKER_SHUTDOWN'] as const)(
    'that is ended by %s gives up its request and says so',
    async (reason) => {
      const fake = await aFake([{ fault: { kind: 'hang' } }]);
      const { environment, heartbeats, run } = anAttempt({ fake });
      const ending = run().catch((error: unknown) => error);
      await vi.waitFor(() => expect(fake.requests[0]?.answered).toBe('hang'));
      environment.cancel(reason);
      expect(await ending).toBeInstanceOf(CancelledFailure);
      expect(heartbeats).toEqual([]); // the next attempt counts this one, because it left none
      expect(fake.requests).toHaveLength(1);
    },
  );

  it('that is cancelled says so, whatever its adapter makes of that', async () => {
    const fake = await aFake();
    const agent: Pick<AgentPort, 'start'> = {
      start: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new DeliveryError('AgentUnavailable', 'Cut off.')));
        }),
    };
    const { environment, run } = anAttempt({ fake, agent });
    const ending = run().catch((error: unknown) => error);
    environment.cancel('CANCELLED');
    expect(await ending).toBeInstanceOf(CancelledFailure);
  });

  it('passes on a mistake in an adapter as it is, and has counted the attempts', async () => {
    const fake = await aFake();
    const agent = { start: () => Promise.reject(new TypeError('a mistake in an adapter')) };
    const { run, heartbeats } = anAttempt({ fake, agent, attempt: 2 });
    await expect(run()).rejects.toThrow('a mistake in an adapter');
    expect(heartbeats.at(-1)).toMatchObject({ attempts: 2 });
  });
});

describe('idempotencyKey', () => {
  it('is a UUIDv5 that changes with the workflow and with the ask run, and with nothing else', () => {
    const key = idempotencyKey('w', 'r');
    expect(validate(key) && version(key) === 5).toBe(true);
    expect(key).toBe('2ec26577-ca4d-5f52-a6b1-412ca9771fa0');
    expect(new Set([key, idempotencyKey('w', 'r2'), idempotencyKey('w2', 'r')]).size).toBe(3);
  });
});
