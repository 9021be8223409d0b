/** Never two runs for one ask: Kagent 0.x with every fault that leaves it open whether a run was started. */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdapterOptions, anAdapter, theAgent } from '../a2a/an-adapter.ts';
import { type Asked, askUntilItEnds } from '../a2a/an-ask.ts';
import {
  type KagentDouble,
  type KagentDoubleOptions,
  type ScriptStep,
  startKagentDouble,
} from '../kagent-double/start-kagent-double.ts';

type Fault = NonNullable<ScriptStep['fault']>;

const send = { rpc: 'message/send' };
const on = (fault: Fault): ScriptStep[] => [{ on: send, fault }];
const internal = (message: string): Fault => ({ kind: 'rpc-error', code: -32_603, message, isHandled: true });

/** Each is the answer to the first send; what was handled has started a run. */
const doubtful: [what: string, script: ScriptStep[]][] = [
  ['is cut before it is taken', on({ kind: 'cut-before' })],
  ['is taken and cut', on({ kind: 'cut-after' })],
  ['is answered by half', on({ kind: 'cut-mid-reply' })],
  ['is never taken', on({ kind: 'hang' })],
  ['is taken and never answered', on({ kind: 'hang', isHandled: true })],
  ['is taken only after the client has gone', [{ on: send, delayMs: 180 }]],
  ['is masked', on({ kind: 'masked' })],
  ['ends in EOF', on(internal('failed to send HTTP request: Post "http://a.b:8080": EOF'))],
  [
    'meets a database that is away',
    on(internal('failed to get task x: failed to connect: dial tcp 127.0.0.1:5432: connect: connection refused')),
  ],
  ['is turned away by a mesh', on(internal('unexpected HTTP status: 503 Service Unavailable'))],
  ['has the answer of another call', on({ kind: 'wrong-id' })],
  ['is answered with {}', on({ kind: 'empty-object', isHandled: true })],
  ['is answered with nothing', on({ kind: 'empty-200', isHandled: true })],
  ['is answered with a page', on({ kind: 'html', isHandled: true })],
  ['is answered with a page and 502', on({ kind: 'html', status: 502, isHandled: true })],
  ['is answered with half of a JSON', on({ kind: 'answer', body: '{"jsonrpc":"2.0","id":', isHandled: true })],
  ['is answered with 504', on({ kind: 'answer', status: 504, body: 'upstream timed out', isHandled: true })],
  [
    'is answered with a task of no shape',
    on({ kind: 'answer', body: { jsonrpc: '2.0', id: null, result: 7 }, isHandled: true }),
  ],
  ['is limited by rate after it was taken', on(internal('unexpected HTTP status: 429 Too Many Requests'))],
  [
    'is lost twice',
    [...on({ kind: 'cut-after' }), { on: { path: '/tasks' }, times: 2, fault: { kind: 'cut-before' } }],
  ],
  [
    'is lost, and then the session too',
    [...on({ kind: 'cut-after' }), { on: { path: '/api/sessions' }, fault: { kind: 'cut-mid-reply' } }],
  ],
  [
    'is lost, and looks meet errors',
    [
      ...on({ kind: 'cut-after' }),
      {
        on: { path: '/tasks' },
        times: 3,
        fault: { kind: 'answer', status: 500, body: { error: 'Internal server error' } },
      },
    ],
  ],
];

interface Story extends KagentDoubleOptions {
  adapter?: Partial<AdapterOptions>;
  script?: ScriptStep[];
  before?: (double: KagentDouble) => unknown;
  between?: (double: KagentDouble) => unknown;
}

interface Played extends Asked {
  runs: number;
  /** What was asked, as `METHOD /path`. */
  paths: string[];
}

/** Asks until a run is there or nothing helps; gives also what the agents then have run. */
async function play({ adapter, script = [], before, between, ...options }: Story): Promise<Played> {
  const double = await startKagentDouble({ agents: [{ ...theAgent, runtime: 'go' }], ...options });
  try {
    const lateMs = Math.max(0, ...script.map(({ delayMs = 0 }) => delayMs));
    const agent = anAdapter('kagent-0', {
      url: double.url,
      credentials: { timeoutMs: 120 },
      lookAgainAfterMs: lateMs === 0 ? 10 : 100,
      ...adapter,
    });
    double.script(script);
    await before?.(double);
    const asked = await askUntilItEnds({ agent, url: double.url, between: () => between?.(double) });
    await delay(lateMs); // what is late comes after the end, too
    return {
      ...asked,
      runs: double.runs.length,
      paths: double.requests.map(({ method, path }) => `${method} ${path}`),
    };
  } finally {
    await double.stop();
  }
}

const releases = ['0.8.6', '0.9.12', '0.10'] as const;
const kinds = releases.flatMap((release) => (['go', 'python'] as const).map((runtime) => [release, runtime] as const));

describe.each(kinds)('one ask of a %s %s agent makes one run when the send', (release, runtime) => {
  const agents = [{ ...theAgent, runtime }];
  it.concurrent.each(doubtful)('%s', async (_, script) => {
    const { ending, failures, runs } = await play({ release, agents, script });
    expect(ending).toHaveProperty('executionId');
    expect(failures.length).toBeGreaterThan(0);
    expect(runs).toBe(1);
  });

  it.concurrent('finds the database away', async () => {
    const { ending, runs } = await play({
      release,
      agents,
      script: [{ on: send, delayMs: 20 }],
      before: (double) => void setTimeout(double.database.down, 10),
      between: (double) => double.database.up(),
    });
    expect(ending).toHaveProperty('executionId');
    expect(runs).toBe(1);
  });
});

describe('one ask makes one run', () => {
  it.concurrent.each<[what: string, story: Story]>([
    [
      'when the controller is away at first',
      { before: (double) => double.controller.stop(), between: (double) => double.controller.start() },
    ],
    [
      'when the controller goes away during the send',
      {
        script: [{ on: send, delayMs: 60 }],
        before: (double) => void setTimeout(() => void double.controller.stop(), 30),
        between: (double) => double.controller.start(),
      },
    ],
    [
      'when the controller comes back without its agents',
      {
        script: on({ kind: 'cut-before' }),
        between: async (double) => {
          if (double.requests.length > 3) return;
          await double.controller.stop();
          await double.controller.start(150);
        },
      },
    ],
    [
      'when the agent has no process at first',
      {
        before: (double) => double.agent('kagent', 'memory-analyzer').kill(),
        between: (double) => double.agent('kagent', 'memory-analyzer').start(),
      },
    ],
    [
      'when the agent dies after a send whose answer was lost',
      {
        script: on({ kind: 'cut-after' }),
        between: (double) => {
          double.agent('kagent', 'memory-analyzer').kill();
          double.agent('kagent', 'memory-analyzer').start();
        },
      },
    ],
    [
      'when the answer is larger than what is read',
      {
        script: on({ kind: 'big-body', bytes: 33 << 20, isHandled: true }),
        adapter: { credentials: { timeoutMs: 2_000 } },
      },
    ],
  ])('%s', async (_, story) => {
    const { ending, failures, runs } = await play(story);
    expect(ending).toHaveProperty('executionId');
    expect(failures.length).toBeGreaterThan(0);
    expect(runs).toBe(1);
  });

  it('whatever goes wrong one after the other', async () => {
    const [script, kind] = [fc.constantFrom(...doubtful.map(([, steps]) => steps)), fc.constantFrom(...kinds)];
    await fc.assert(
      fc.asyncProperty(fc.array(script, { minLength: 2, maxLength: 4 }), kind, async (scripts, [release, runtime]) => {
        const { ending, runs } = await play({ release, agents: [{ ...theAgent, runtime }], script: scripts.flat() });
        expect({ runs, isStarted: 'executionId' in ending }).toEqual({ runs: 1, isStarted: true });
      }),
      { numRuns: 6 },
    );
  });

  it.concurrent.each(doubtful)('at most of an agent that keeps its own tasks, when the send %s', async (_, script) => {
    const agents = [{ ...theAgent, runtime: 'byo' }] as const;
    const { ending, runs } = await play({ agents, script });
    expect(ending).toHaveProperty('executionId');
    expect(runs).toBeLessThan(2);
  });

  it.concurrent.each<[what: string, step: ScriptStep]>([
    ['is cut off', { on: { path: '/api/sessions' }, fault: { kind: 'cut-after' } }],
    ['does not answer', { on: { path: '/api/sessions' }, fault: { kind: 'hang', isHandled: true } }],
    [
      'has lost its database',
      { on: { path: '/api/sessions' }, fault: { kind: 'answer', status: 500, body: { error: 'x' } } },
    ],
    ['is an empty page', { on: { path: '/api/sessions' }, fault: { kind: 'empty-200' } }],
  ])('and is not looked for when nothing was sent, because the session %s', async (_, step) => {
    const { ending, paths } = await play({ script: [step] });
    expect(ending).toHaveProperty('executionId');
    const [session, send] = ['POST /api/sessions', 'POST /api/a2a/kagent/memory-analyzer/'];
    expect(paths).toEqual([session, session, send]);
  });

  it.concurrent.each<[what: string, fault: Fault, type: string]>([
    ['a redirect', { kind: 'redirect' }, 'Redirected'],
    ['401', { kind: 'answer', status: 401, body: 'Unauthorized\n' }, 'Unauthorized'],
    ['403', { kind: 'answer', status: 403, body: 'no' }, 'Forbidden'],
    ['413', { kind: 'answer', status: 413, body: 'too large' }, 'RequestRejected'],
    ['404 of something else', { kind: 'answer', status: 404, body: '404 page not found\n' }, 'EndpointNotFound'],
  ])('or none at all, and asks no more, after %s', async (_, fault, type) => {
    const { ending, failures, runs } = await play({ script: on(fault) });
    expect({ ending, failures, runs }).toMatchObject({
      ending: { type, nonRetryable: true },
      failures: [type],
      runs: 0,
    });
  });

  it('and its result is the run that an earlier try has started, with its end', async () => {
    const answer = () => 'The disk is full.';
    const { ending } = await play({ script: on({ kind: 'cut-after' }), runMs: 5, answer, between: () => delay(50) });
    expect(ending).toMatchObject({ protocol: 'kagent-0', ending: { outcome: 'AgentRunCompleted', answer: answer() } });
  });
});
