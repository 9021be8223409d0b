/**
 * Kagent's sessions (0.8 to 0.10): made before the run with our id and a name for people, asked for what was started in them.
 *
 * Kagent's own REST API, not A2A: `POST /api/sessions`, `GET /api/sessions/{id}/tasks`, `GET /api/tasks/{id}`,
 * `GET /api/agents/{namespace}/{name}`. Transcripts 03, 14, 27, 45.
 */
import { z } from 'zod';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import { replyError } from '../a2a/call-rpc.ts';
import { agentPath, encodePart, nameOf } from '../http/agent-path.ts';
import type { Reply, Wire } from '../http/exchange.ts';
import { Task } from '../runs/task.ts';

export interface Asking {
  wire: Wire;
  agent: AskedAgent;
  signal: AbortSignal;
}

const ErrorBody = z.looseObject({ error: z.string() });
const Session = z.looseObject({ error: z.literal(false), data: z.looseObject({ id: z.string() }) });

const Deployed = z
  .looseObject({ deployment: z.looseObject({ replicas: z.int().catch(1) }) })
  .optional()
  .catch(undefined);

/** What Kagent says of an agent. Its object is a `kagent.dev/v1alpha2` Agent. */
export const KagentAgent = z.looseObject({
  accepted: z.boolean().optional().catch(undefined),
  deploymentReady: z.boolean().optional().catch(undefined),
  agent: z
    .looseObject({
      spec: z.looseObject({ type: z.string().optional().catch(undefined), declarative: Deployed, byo: Deployed }),
    })
    .optional()
    .catch(undefined),
});
type KagentAgent = z.infer<typeof KagentAgent>;

// Shapes are made once: making one costs more than reading with it.
const Envelope = z.looseObject({ error: z.literal(false), data: z.unknown().optional() });
const Tasks = z.array(Task).catch([]);
const AnyAgent = KagentAgent.catch({});

const sessionNameChars = 120;

/** Makes the session, or finds it made: repeatable. Throws `AgentNotFound` where Kagent says that it has no such agent. */
export async function makeSession(asking: Asking, { id, name }: { id: string; name: string }): Promise<void> {
  const agentRef = nameOf(asking.agent);
  const body = { id, agent_ref: agentRef, name: inertLine(name, sessionNameChars) };
  const reply = await ask(asking, { method: 'POST', path: '/api/sessions', body });
  if (reply.status >= 200 && reply.status < 300 && Session.safeParse(reply.json).success) return;
  const isAgentMissing = reply.status === 400 && isErrorBody(reply) && /agent/i.test(reply.text);
  if (!isAgentMissing) throw unlike(reply);
  throw replyError(reply, '', { reason: await reasonForMissing(asking), mayHaveStarted: false });
}

/** The tasks of a session; undefined where Kagent knows no such session. */
export async function tasksOf(asking: Asking, contextId: string): Promise<Task[] | undefined> {
  return read(asking, `/api/sessions/${encodePart(contextId)}/tasks`, (data) => Tasks.parse(data));
}

/** One task from Kagent's database; undefined where it is not there, or belongs to another user. */
export async function readTask(asking: Asking, taskId: string): Promise<Task | undefined> {
  return read(asking, `/api/tasks/${encodePart(taskId)}`, (data) => {
    const task = Task.safeParse(data).data;
    return task?.id === taskId ? task : undefined;
  });
}

/** What Kagent knows of an agent; undefined where it knows none of this name. */
export async function readAgent(asking: Asking): Promise<KagentAgent | undefined> {
  return read(asking, agentPath('/api/agents', asking.agent), (data) => AnyAgent.parse(data));
}

/**
 * What is in Kagent's envelope; undefined where Kagent says that it is not there. `find` gives undefined for what is not as
 * Kagent answers.
 */
async function read<T>(asking: Asking, path: string, find: (data: unknown) => T | undefined): Promise<T | undefined> {
  const reply = await ask(asking, { method: 'GET', path });
  const envelope = Envelope.safeParse(reply.json);
  const found = reply.status === 200 && envelope.success ? find(envelope.data.data) : undefined;
  if (found !== undefined) return found;
  if (reply.status === 404 && isErrorBody(reply)) return undefined;
  throw unlike(reply);
}

export function replicasOf(known: KagentAgent | undefined): number {
  const { declarative, byo } = known?.agent?.spec ?? {};
  return Math.max(declarative?.deployment.replicas ?? 1, byo?.deployment.replicas ?? 1);
}

/** Whether the agent brings its own image, and so may keep its tasks to itself. */
export function bringsOwnImage(known: KagentAgent | undefined): boolean {
  return known?.agent?.spec.type === 'BYO';
}

/**
 * The reason for an agent that was said to be missing. A controller that has just started says so of agents that it has
 * (transcript 44); `GET /api/agents/…`, which Kagent reads from Kubernetes, shows the difference.
 */
export async function reasonForMissing(asking: Asking): Promise<'AgentNotFound' | 'AgentNotReady'> {
  return (await readAgent(asking)) === undefined ? 'AgentNotFound' : 'AgentNotReady';
}

/** A reply that is none of this API's; a body of Kagent's own is quoted in its words. */
function unlike(reply: Reply): Error {
  return replyError(reply, 'not as Kagent answers');
}

async function ask(
  { wire, agent, signal }: Asking,
  request: { method: 'GET' | 'POST'; path: string; body?: object },
): Promise<Reply> {
  return wire.call({ agent: nameOf(agent), signal, ...request });
}

function isErrorBody({ json }: Reply): boolean {
  return ErrorBody.safeParse(json).success;
}
