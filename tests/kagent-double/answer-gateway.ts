/**
 * The gateway of 1.x: agents below `/agents/`, and an empty 200 for every other path, whatever was meant by it.
 *
 * By reading only: no 1.x could be recorded.
 */
import type { Controller } from './controller.ts';
import { AgentFailure, RpcFailure, writeFailure } from './failures.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { type Asked, isLetIn, userOf } from './name-user.ts';
import { operateGateway } from './operate-gateway.ts';
import { idOf, operationOf, readEnvelope } from './read-call.ts';
import { json, pageNotFound, type Reply, text } from './reply.ts';
import { showCard } from './show-agent.ts';

export function answerGateway(controller: Controller): (asked: Asked) => Promise<Reply> {
  const gateway = createGateway(controller);
  return async (asked) => answer(gateway, asked);
}

async function answer(gateway: Gateway, asked: Asked): Promise<Reply> {
  const { controller } = gateway;
  if (!isLetIn(asked, controller.auth)) return text(401, 'Unauthorized\n');
  if (asked.path === '/mcp') return pageNotFound;
  if (!asked.path.startsWith('/agents/')) return { kind: 'whole', status: 200, headers: {}, body: '' };
  const route = /^\/agents\/([^/]+)\/([^/]+)(\/.*)?$/.exec(asked.path);
  return route === null ? pageNotFound : answerAgent(gateway, asked, route);
}

function answerAgent(gateway: Gateway, asked: Asked, route: RegExpExecArray): Reply | Promise<Reply> {
  const [, namespace = '', name = '', rest = '/'] = route;
  const agent = { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
  if (asked.method === 'GET' && rest === '/.well-known/agent-card.json') return answerCard(gateway.controller, agent);
  return asked.method === 'POST' && rest === '/' ? answerCall(gateway, asked, agent) : pageNotFound;
}

interface Named {
  namespace: string;
  name: string;
}

function answerCard({ agents, url, release }: Controller, { namespace, name }: Named): Reply {
  const process = agents.find(namespace, name);
  if (process === undefined) return text(403, 'Forbidden\n');
  if (!process.agent.accepted) return text(409, 'Agent has no successful revision\n');
  return json(200, showCard(process.agent, `${url()}/agents/${namespace}/${name}`, release));
}

async function answerCall(gateway: Gateway, asked: Asked, { namespace, name }: Named): Promise<Reply> {
  const id = idOf(asked.body);
  try {
    const envelope = readEnvelope(asked.body, '1.0');
    const user = userOf(asked, gateway.controller.auth);
    if (user === undefined) throw new RpcFailure(-31401, 'unauthenticated');
    const process = gateway.controller.agents.find(namespace, name);
    if (process === undefined) throw new RpcFailure(-31403, 'permission denied');
    const operation = operationOf(envelope.method, '1.0') ?? 'get';
    const outcome = await operateGateway({ gateway, process, user, asked, envelope }, operation);
    return 'kind' in outcome ? outcome : json(200, { jsonrpc: '2.0', id, result: outcome.result });
  } catch (failure) {
    return json(200, { jsonrpc: '2.0', id, error: writeFailure(wordsOf(failure)) });
  }
}

function wordsOf(failure: unknown): RpcFailure {
  if (failure instanceof RpcFailure) return failure;
  if (failure instanceof AgentFailure) return new RpcFailure(failure.code, failure.message);
  throw failure;
}
