/** The activity followRun on a double of Kagent, in Temporal's own test environment for activities. */
import { setTimeout as delay } from 'node:timers/promises';
import { ActivityCancellationDetails } from '@temporalio/common';
import { v4 as uuidv4 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import type { AgentPort, Liveness, RunReading } from '../../activities/agents/port.ts';
import type { AgentRun, Following } from '../../workflows/contract/agent-run.ts';
import { aDouble } from '../a2a/a-double.ts';
import { follow } from '../a2a/a-follower.ts';
import { anAdapter, theAgent } from '../a2a/an-adapter.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import type { KagentDouble, KagentDoubleOptions } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

interface Started {
  double: KagentDouble;
  port: AgentPort;
  run: AgentRun;
}

async function aRun(prompt: string, options: KagentDoubleOptions = {}): Promise<Started> {
  const double = await aDouble({ submittedMs: 0, ...options });
  const port = anAdapter('kagent-0', { url: double.url, credentials: { timeoutMs: 500 } });
  const signal = new AbortController().signal;
  return { double, port, run: await port.start(aDelivery({ prompt }), { idempotencyKey: uuidv4(), signal }) };
}

const go = { agents: [{ ...theAgent, runtime: 'go' }] } as const;
const python = { agents: [{ ...theAgent, runtime: 'python' }] } as const;
const ofAgent = ({ double }: Started) => double.agent('kagent', 'memory-analyzer');
const isDone = async (promise: Promise<unknown>) => (await Promise.race([promise, delay(5)])) !== undefined;

describe('a run is followed until', () => {
  it.each<[what: string, prompt: string, options: KagentDoubleOptions, expected: object]>([
    [
      'it has completed',
      '[[answer=The disk is full.]]',
      go,
      { outcome: 'AgentRunCompleted', answer: 'The disk is full.' },
    ],
    ['it has completed without a word', '[[empty]]', go, { outcome: 'AgentRunCompleted' }],
    [
      'it has failed',
      '[[fail=500]]',
      python,
      { outcome: 'AgentRunFailed', why: expect.stringMatching(/^Error code: 500/) as unknown },
    ],
    ['it has lost its way in a model that answers nothing', '[[empty]]', python, { outcome: 'AgentLostRun' }],
  ])('%s', async (_, prompt, options, expected) => {
    const { port, run } = await aRun(prompt, options);
    const { followed, observed, heartbeats } = follow({ agent: port }, { run });
    const reading = await followed;
    expect(reading).toMatchObject({ state: 'ended', ending: expected });
    expect(observed[0]).toBe('begun');
    expect(observed.slice(-2)).toEqual([
      `kagent/memory-analyzer ${reading.state === 'ended' && reading.ending.outcome}`,
      'left',
    ]);
    expect(heartbeats.length).toBeGreaterThan(0);
  });

  it.each([
    ['killed', go, false],
    ['killed', python, false],
    ['killed and started', go, true],
    ['killed and started', python, true],
  ] as const)('its agent was %s: %j', async (_, options, isStarted) => {
    const started = await aRun('[[latency=20]]', options);
    const { followed } = follow({ agent: started.port }, { run: started.run });
    ofAgent(started).kill();
    if (isStarted) ofAgent(started).start();
    expect(await followed).toMatchObject({ state: 'ended', ending: { outcome: 'AgentLostRun' } });
  });

  it('its end, although the controller was away meanwhile', async () => {
    const { double, port, run } = await aRun('[[latency=0.6]]', go);
    const { followed, heartbeats } = follow({ agent: port }, { run });
    await double.controller.stop();
    await waitFor('a word of it', async () =>
      heartbeats.some((beat) => JSON.stringify(beat).includes('could not be asked')),
    );
    await double.controller.start(30);
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });

  it('it is known to be lost because it ended while the controller was away', async () => {
    const { double, port, run } = await aRun('[[latency=0.5]]', go);
    const { followed } = follow({ agent: port }, { run });
    await double.controller.stop();
    await waitFor('its end', async () => double.runs[0]?.state === 'completed');
    await double.controller.start();
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentLostRun' } });
  });

  it('its end, although the database was away meanwhile', async () => {
    const { double, port, run } = await aRun('[[latency=0.6]]', go);
    const { followed, observed } = follow({ agent: port }, { run });
    double.database.down();
    await waitFor('a failed look', async () => observed.includes('failed'));
    double.database.up();
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });

  it('its end, although its agent was deleted', async () => {
    const started = await aRun('[[latency=0.15]]', go);
    const { followed } = follow({ agent: started.port }, { run: started.run });
    ofAgent(started).remove();
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });

  it('its end, although a neighbour replica does not know it', async () => {
    const { port, run } = await aRun('[[latency=0.3]]', { agents: [{ ...theAgent, replicas: 2 }] });
    const found: Liveness[] = [];
    const probe: AgentPort['probe'] = async (of) => {
      const liveness = await port.probe(of);
      found.push(liveness);
      return liveness;
    };
    const { followed } = follow({ agent: { ...port, probe } }, { run });
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    expect(found).toContain('unclear');
  });

  it('nobody has known it for a while', async () => {
    const { port, run } = await aRun('x', go);
    const { followed, observed } = follow({ agent: port }, { run: { ...run, executionId: uuidv4() } });
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunUnknown' } });
    expect(observed.filter((word) => word === 'missing').length).toBeGreaterThan(2);
  });
});

describe('a run that waits for a person', () => {
  const ask = '[[tool=delete_thing:{"name":"db-1"}]][[latency=0.02]]';

  async function aPause(): Promise<Started & { pauseId: string }> {
    const started = await aRun(ask, go);
    const paused = await follow({ agent: started.port }, { run: started.run }).followed;
    expect(paused).toMatchObject({ state: 'paused', pause: { kind: 'approval', tools: [{ name: 'delete_thing' }] } });
    return { ...started, pauseId: paused.state === 'paused' ? paused.pause.id : '' };
  }

  it('is reported once, and then waited for, even without its process', async () => {
    const started = await aPause();
    ofAgent(started).kill();
    const { followed, environment } = follow({ agent: started.port }, started);
    await delay(250);
    expect(await isDone(followed)).toBe(false);
    environment.cancel();
    await expect(followed).rejects.toMatchObject({ name: 'CancelledFailure' });
  });

  it('is left when it goes on, and can then be followed to its end', async () => {
    const { double, port, run, pauseId } = await aPause();
    const { followed } = follow({ agent: port }, { run, pauseId });
    await decide(double, run);
    expect(await followed).toEqual({ state: 'working' });
    expect(await follow({ agent: port }, { run }).followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });

  it('is ended when it was cancelled in Kagent', async () => {
    const { port, run, pauseId } = await aPause();
    const { followed } = follow({ agent: port }, { run, pauseId });
    await port.cancel({ agent: theAgent, run, signal: new AbortController().signal });
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunCancelled' } });
  });

  async function decide({ url }: KagentDouble, { executionId: taskId, contextId }: AgentRun): Promise<void> {
    const decision = { kind: 'data', data: { decision_type: 'approve' } };
    const parts = [decision, { kind: 'text', text: '[[latency=0.1]]' }];
    const message = { kind: 'message', role: 'user', messageId: uuidv4(), taskId, contextId, parts };
    const params = { message, configuration: { blocking: false } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: '1', method: 'message/send', params });
    const reply = await fetch(`${url}/api/a2a/kagent/memory-analyzer/`, { method: 'POST', body });
    expect(await reply.json()).toHaveProperty('result');
  }
});

describe('a run that has had its time', () => {
  it.each([
    ['a Go', go, 'the agent cancelled its run'],
    ['a Python', python, 'could not be cancelled'],
  ] as const)('of %s agent is cancelled if it can be', async (_, options, said) => {
    const { port, run, double } = await aRun('[[latency=20]]', options);
    const { followed } = follow({ agent: port }, { run, deadlineMs: Date.now() });
    const why = expect.stringContaining(said) as unknown;
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunTimedOut', why } });
    expect(double.runs[0]?.state).toBe(options === go ? 'canceled' : 'working');
  });

  it('is timed out also where nobody could be asked, and says so', async () => {
    const { port, run, double } = await aRun('[[latency=20]]', go);
    await double.controller.stop();
    const why = expect.stringMatching(/could not be asked last: .*connection was refused/) as unknown;
    const { followed } = follow({ agent: port }, { run, deadlineMs: Date.now() });
    expect(await followed).toMatchObject({ ending: { outcome: 'AgentRunTimedOut', why } });
  });

  it('is completed if it has just completed', async () => {
    const completed: RunReading = { state: 'ended', ending: { outcome: 'AgentRunCompleted', answer: 'in time' } };
    const looks: RunReading[] = [{ state: 'working', mark: 'm' }, completed];
    const { followed, cancels } = followFake({ look: async () => looks.shift() ?? completed }, { deadlineMs: 0 });
    expect(await followed).toEqual(completed);
    expect(cancels()).toBe(0);
  });
});

describe('an attempt', () => {
  it('of a worker that stops ends retryably, and the next one goes on', async () => {
    const { port, run } = await aRun('[[latency=0.1]]', go);
    const { environment, followed, observed } = follow({ agent: port }, { run });
    environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    await expect(followed).rejects.toMatchObject({ type: 'WorkerShutdown', nonRetryable: false });
    expect(observed.at(-1)).toBe('left');
    expect(await follow({ agent: port }, { run }).followed).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });

  it('that is cancelled ends so, leaves the run alone and beats no more', async () => {
    const { double, port, run } = await aRun('[[latency=20]]', go);
    const { environment, followed, heartbeats, observed } = follow({ agent: port }, { run });
    await delay(20);
    environment.cancel();
    await expect(followed).rejects.toMatchObject({ name: 'CancelledFailure' });
    const beats = heartbeats.length;
    await delay(50);
    expect(heartbeats).toHaveLength(beats);
    expect(observed.filter((word) => word === 'begun' || word === 'left')).toEqual(['begun', 'left']);
    expect(double.runs[0]?.state).toBe('working');
  });

  it.each<[what: string, probe: AgentPort['probe']]>([
    ['is unclear', async () => 'unclear'],
    ['finds it alive', async () => 'alive'],
    ['fails', () => Promise.reject(new DeliveryError('ConnectionFailed', 'away'))],
  ])('loses no run whose probe %s', async (_, probe) => {
    let probed = 0;
    const { followed, environment } = followFake({ probe: (of) => ((probed += 1), probe(of)) });
    await waitFor('some probes', async () => probed > 2);
    expect(await isDone(followed)).toBe(false);
    environment.cancel();
    await expect(followed).rejects.toThrow();
  });

  it('loses no run that has moved since its second probe found nobody', async () => {
    const found: Liveness[] = [];
    const look = async (): Promise<RunReading> => ({
      state: 'working',
      mark: `after ${Math.floor(found.length / 2)}`,
    });
    const probe = async (): Promise<Liveness> => (found.push('gone'), 'gone');
    const { followed, environment } = followFake({ look, probe });
    await waitFor('some probes', async () => found.length > 3);
    expect(await isDone(followed)).toBe(false);
    environment.cancel();
    await expect(followed).rejects.toThrow();
  });

  it('does not hide a fault of this program', async () => {
    const { followed } = followFake({ look: () => Promise.reject(new TypeError('a bug')) });
    await expect(followed).rejects.toThrow('a bug');
  });
});

/** Follows a run of an agent that is made up. */
function followFake(agent: Partial<AgentPort>, following: Partial<Following> = {}) {
  let cancelled = 0;
  const follower = follow(
    {
      agent: {
        look: async () => ({ state: 'working', mark: 'm' }),
        probe: async () => 'alive',
        cancel: async () => ((cancelled += 1), { isCancelled: true, said: 'it is' }),
        ...agent,
      },
    },
    { run: { executionId: 'x' }, ...following },
  );
  return { ...follower, cancels: () => cancelled };
}
