/**
 * Brings a double into the situations in which the exchanges were recorded: a run that works, an orphan, a pause.
 *
 * Used by the test that holds the double against the recordings. Always speaks 0.3, which every release understands.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { KagentDouble } from '../kagent-double/start-kagent-double.ts';
import { ask, type Ids } from './replay-transcript.ts';

interface Stage {
  double: KagentDouble;
  /** The agent of the recording, in the namespace `kagent`. */
  agent: string;
}

type Situation = (stage: Stage) => Promise<Ids>;

const Sent = z.object({ result: z.object({ id: z.string(), contextId: z.string() }) });

interface Sending {
  prompt?: string;
  parts?: unknown[];
  isBlocking?: boolean;
  into?: Ids;
}

async function send({ double, agent }: Stage, { prompt, parts, isBlocking = true, into }: Sending): Promise<Ids> {
  const { id: taskId, contextId = randomUUID() } = into ?? {};
  const message = {
    kind: 'message',
    role: 'user',
    messageId: randomUUID(),
    contextId,
    ...(taskId !== undefined && { taskId }),
    parts: parts ?? [{ kind: 'text', text: prompt }],
  };
  const params = { message, configuration: { blocking: isBlocking } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: '1', method: 'message/send', params });
  const { text } = await ask(`${double.url}/api/a2a/kagent/${agent}/`, { method: 'POST', headers: {}, body });
  return Sent.parse(JSON.parse(text)).result;
}

const tool = (name: string) => `[[tool=delete_thing:{"name":"${name}"}]]`;
const questions =
  '{"questions":[{"question":"Which node?","choices":["a","b"],"multiple":false},{"question":"Why?","choices":[],"multiple":false}]}';

const run =
  (prompt: string): Situation =>
  (stage) =>
    send(stage, { prompt });

const decided =
  (before: Situation, decision: unknown, words: unknown[] = [{ kind: 'text', text: 'Decided' }]): Situation =>
  async (stage) =>
    send(stage, {
      into: await before(stage),
      parts: [{ kind: 'data', data: decision }, ...words],
    });

const working: Situation = (stage) => send(stage, { prompt: '[[latency=30]] x', isBlocking: false });

const after =
  (before: Situation, change: (stage: Stage, ids: Ids) => unknown): Situation =>
  async (stage) => {
    const ids = await before(stage);
    await change(stage, ids);
    return ids;
  };

const isWorking: Situation = after(working, () => new Promise((resolve) => setTimeout(resolve, 12)));
const orphan: Situation = after(isWorking, ({ double, agent }) => {
  double.agent('kagent', agent).kill();
  double.agent('kagent', agent).start();
});
const paused = run(tool('db-1'));

async function createSession({ double, agent }: Stage): Promise<Ids> {
  const contextId = randomUUID();
  const body = JSON.stringify({ id: contextId, agent_ref: `kagent/${agent}`, name: 'Hook run' });
  await ask(`${double.url}/api/sessions`, { method: 'POST', headers: {}, body });
  return { contextId };
}

export const situations = {
  nothing: () => Promise.resolve({}),
  submitted: working,
  working: isWorking,
  short: after(
    (stage) => send(stage, { prompt: '[[latency=0.5]] x', isBlocking: false }),
    () => new Promise((resolve) => setTimeout(resolve, 12)),
  ),
  completed: run('[[answer=The disk is full.]] hello'),
  'failed 500': run('[[fail=500]] boom'),
  'failed 401': run('[[fail=401]] boom'),
  empty: run('[[empty]]'),
  twice: async (stage) =>
    send(stage, {
      prompt: 'd',
      into: await send(stage, { prompt: 'd' }).then(({ contextId = '' }) => ({ contextId })),
    }),
  cancelled: after(isWorking, ({ double, agent }, { id }) =>
    ask(`${double.url}/api/a2a/kagent/${agent}/`, {
      method: 'POST',
      headers: {},
      body: JSON.stringify({ jsonrpc: '2.0', id: '1', method: 'tasks/cancel', params: { id } }),
    }),
  ),
  orphan,
  down: after(isWorking, ({ double, agent }) => double.agent('kagent', agent).kill()),
  deleted: after(isWorking, ({ double, agent }) => double.agent('kagent', agent).remove()),
  'database down': after(isWorking, ({ double }) => double.database.down()),
  paused,
  'paused elsewhere': async (stage) => ({ id: (await paused(stage)).id ?? '' }),
  'paused for two': run(`${tool('db-1')} delete it ${tool('db-2')}`),
  'paused for a question': run(`[[tool=ask_user:${questions}]] ask`),
  approved: decided(paused, { decision_type: 'approve' }),
  rejected: decided(paused, { decision_type: 'reject', rejection_reason: 'too dangerous' }),
  'approved both': decided(run(`${tool('db-1')} delete it ${tool('db-2')}`), { decision_type: 'approve' }),
  answered: decided(
    run(`[[tool=ask_user:${questions}]] ask`),
    {
      decision_type: 'approve',
      ask_user_answers: [{ answer: ['a'] }, { answer: ['b'] }],
    },
    [],
  ),
  'a session': createSession,
  'a message': () => Promise.resolve({ prompt: '[[message]][[latency=0.01]]' }),
  'a rejection': () => Promise.resolve({ prompt: '[[reject]]' }),
  'a login': () => Promise.resolve({ prompt: '[[authreq]]' }),
} satisfies Record<string, Situation>;
