/**
 * Kagent's own REST endpoints of 0.x: agents, sessions, tasks, the user.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Controller } from './controller.ts';
import type { Session } from './database.ts';
import { writeTaskOfRest } from './dialects.ts';
import { type Asked, claimsOf } from './name-user.ts';
import { isScoped } from './options.ts';
import { json, pageNotFound, type Reply } from './reply.ts';
import { agentId } from './runtimes.ts';
import { showAgent } from './show-agent.ts';
import { showEvents } from './show-events.ts';
import type { Task } from './task.ts';

interface Request {
  controller: Controller;
  asked: Asked;
  user: string;
}

type Endpoint = (request: Request, parts: readonly string[]) => Reply;

const endpoints: [route: RegExp, endpoint: Endpoint][] = [
  [/^GET \/api\/me$/, showUser],
  [/^GET \/api\/agents$/, listAgents],
  [/^GET \/api\/agents\/([^/]+)\/([^/]+)$/, readAgent],
  [/^GET \/api\/sessions\/agent\/([^/]+)\/([^/]+)$/, listSessions],
  [/^GET \/api\/sessions$/, listSessions],
  [/^POST \/api\/sessions$/, createSession],
  [/^GET \/api\/sessions\/([^/]+)$/, readSession],
  [/^PUT \/api\/sessions\/([^/]+)$/, renameSession],
  [/^DELETE \/api\/sessions\/([^/]+)$/, deleteSession],
  [/^GET \/api\/sessions\/([^/]+)\/tasks$/, listTasks],
  [/^GET \/api\/tasks\/([^/]+)$/, readTask],
];

export function answerRest(request: Request): Reply {
  const { asked, controller } = request;
  for (const [route, endpoint] of endpoints) {
    const match = route.exec(`${asked.method} ${asked.path}`);
    if (match === null) continue;
    const isStored = /^\/api\/(sessions|tasks)/.test(asked.path);
    if (isStored && controller.database.isDown) return json(500, { error: 'Internal server error' });
    return endpoint(request, match.slice(1).map(decodeURIComponent));
  }
  return pageNotFound;
}

function done(message: string, data?: unknown): Reply {
  return json(200, { error: false, ...(data !== undefined && { data }), message });
}

function showUser({ asked, user, controller }: Request): Reply {
  const claims = controller.auth?.mode === 'trusted-proxy' ? claimsOf(asked.headers['authorization']) : undefined;
  return json(200, claims ?? { sub: user });
}

function listAgents({ controller, asked }: Request): Reply {
  const namespace = asked.query.get('namespace');
  const agents = controller.agents.list().filter(({ agent }) => namespace === null || agent.namespace === namespace);
  const shown = agents.map(({ agent }) => showAgent(agent, controller.release));
  return done('Successfully listed agents', shown);
}

function readAgent({ controller }: Request, [namespace = '', name = '']: readonly string[]): Reply {
  const process = controller.agents.find(namespace, name);
  if (process === undefined) return json(404, { error: `Agent not found: Agent.kagent.dev "${name}" not found` });
  return done('Successfully retrieved agent', showAgent(process.agent, controller.release));
}

function showSession(session: Session, { controller }: Request): Record<string, unknown> {
  return {
    id: session.id,
    name: session.name,
    user_id: session.user,
    created_at: session.createdAt,
    updated_at: session.updatedAt,
    ...(controller.release === '0.8.6' && { deleted_at: null }),
    agent_id: session.agentId,
  };
}

function listSessions(request: Request, [namespace, name]: readonly string[]): Reply {
  const agent = namespace === undefined || name === undefined ? undefined : agentId({ namespace, name });
  const sessions = request.controller.database.sessionsOf(request.user, agent);
  return done(
    'Successfully listed sessions',
    sessions.map((session) => showSession(session, request)),
  );
}

const NewSession = z.object({
  id: z.string().optional(),
  agent_ref: z.string().optional(),
  name: z.string().optional(),
});

function createSession(request: Request): Reply {
  const { controller, asked, user } = request;
  const body = NewSession.safeParse(asked.body);
  if (!body.success) return json(400, { error: 'Invalid request body' });
  const { id = randomUUID(), agent_ref: ref, name } = body.data;
  if (ref === undefined) return json(400, { error: 'agent_ref is required' });
  const [namespace = '', agent = ''] = ref.split('/');
  if (controller.agents.find(namespace, agent) === undefined)
    return refuseAgent(ref, agentId({ namespace, name: agent }));
  const before = controller.database.readSession(id, user);
  const session = { id, user, name: name ?? before?.name ?? '', agentId: agentId({ namespace, name: agent }) };
  const saved = controller.database.saveSession(session);
  return json(201, { error: false, data: showSession(saved, request), message: 'Successfully created session' });
}

function refuseAgent(ref: string, id: string): Reply {
  const why = `failed to get agent ${id}: record not found`;
  return json(400, { error: `Agent ref is invalid, please check the agent ref ${ref}: ${why}` });
}

function sessionNotFound(id: string): Reply {
  return json(404, { error: `Session not found for given ID: failed to get session ${id}: record not found` });
}

function readSession(request: Request, [id = '']: readonly string[]): Reply {
  const { database } = request.controller;
  const session = database.readSession(id, request.user);
  if (session === undefined) return sessionNotFound(id);
  const events = showEvents(session, database.tasksOf(id, request.user));
  return done('Successfully retrieved session', { session: showSession(session, request), events });
}

const Renamed = z.object({ name: z.string() });

/** By its name alone on 0.10 only. */
function renameSession(request: Request, [id = '']: readonly string[]): Reply {
  const { controller, asked, user } = request;
  if (controller.release !== '0.10') return json(400, { error: 'agent_ref is required' });
  const body = Renamed.safeParse(asked.body);
  if (!body.success) return json(400, { error: 'Invalid request body' });
  const session = controller.database.readSession(id, user);
  if (session === undefined) return sessionNotFound(id);
  const saved = controller.database.saveSession({ ...session, name: body.data.name });
  return done('Successfully updated session', showSession(saved, request));
}

function deleteSession({ controller, user }: Request, [id = '']: readonly string[]): Reply {
  controller.database.deleteSession(id, user);
  return done('Session deleted successfully', {});
}

function show(task: Task, { controller, asked }: Request): Record<string, unknown> {
  const isOne = controller.release !== '0.8.6' && asked.headers['a2a-version'] === '1.0';
  return writeTaskOfRest(task, isOne ? '1.0' : '0.3', controller.release !== '0.8.6');
}

/** Without `data` when there are none. */
function listTasks(request: Request, [id = '']: readonly string[]): Reply {
  const { database } = request.controller;
  if (database.readSession(id, request.user) === undefined) return sessionNotFound(id);
  const tasks = database.tasksOf(id, request.user).map((task) => show(task, request));
  return done('Successfully retrieved session tasks', tasks.length === 0 ? undefined : tasks);
}

function readTask(request: Request, [id = '']: readonly string[]): Reply {
  const stored = request.controller.database.readTask(
    id,
    isScoped(request.controller.release) ? request.user : undefined,
  );
  if (stored === undefined) return json(404, { error: `Task not found: failed to get task ${id}: record not found` });
  return done('Successfully retrieved task', show(stored.task, request));
}
