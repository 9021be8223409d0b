/**
 * A controller of 0.8 to 0.10: which path leads where, and who may go there.
 */
import { answerRest } from './answer-rest.ts';
import { answerRpc } from './answer-rpc.ts';
import type { Controller } from './controller.ts';
import type { Dialect } from './dialects.ts';
import { type Asked, isLetIn, userOf } from './name-user.ts';
import type { Release } from './options.ts';
import { json, pageNotFound, type Reply, text } from './reply.ts';
import { showCard } from './show-agent.ts';

const unauthorized = text(401, 'Unauthorized\n');

export async function answerController(controller: Controller, asked: Asked): Promise<Reply> {
  if (!isLetIn(asked, controller.auth)) return unauthorized;
  const route = `${asked.method} ${asked.path}`;
  if (route === 'GET /health') return json(200, { error: false, data: { status: 'OK' }, message: 'OK' });
  if (route === 'GET /version') return json(200, versionOf(controller.release));
  if (!/^\/api\/(agents|sessions|tasks|me|a2a)(\/|$)/.test(asked.path)) return pageNotFound;
  const user = userOf(asked, controller.auth);
  if (user === undefined) return unauthorized;
  const agent = /^\/api\/a2a\/([^/]+)\/([^/]+)(\/.*)?$/.exec(asked.path);
  if (agent === null) return answerRest({ controller, asked, user });
  const [, namespace = '', name = '', rest = '/'] = agent.map((part) =>
    part === undefined ? undefined : decodeURIComponent(part),
  );
  return answerAgent(controller, asked, { namespace, name, rest, user });
}

function versionOf(release: Release): Record<string, string> {
  const commit = release === '0.10' ? '03e950f6e' : 'none';
  const version = release === '0.10' ? `0.10.0-rc3-${commit}` : release;
  return { kagent_version: version, git_commit: commit, build_date: 'unknown' };
}

interface Route {
  namespace: string;
  name: string;
  /** What follows the agent's name. */
  rest: string;
  user: string;
}

async function answerAgent(controller: Controller, asked: Asked, route: Route): Promise<Reply> {
  const { namespace, name, rest, user } = route;
  const { release } = controller;
  const process = controller.isStarting() ? undefined : controller.agents.find(namespace, name);
  if (process === undefined) return text(404, `Agent ${namespace}/${name} not found\n`);
  const isCard = rest === '/.well-known/agent-card.json' || (release === '0.8.6' && rest === '/.well-known/agent.json');
  if (asked.method === 'GET' && isCard) {
    const url = `${controller.url()}/api/a2a/${namespace}/${name}/`;
    const type = release === '0.8.6' ? 'application/json; charset=utf-8' : 'application/json';
    return json(200, showCard(process.agent, url, release), type);
  }
  const version = asked.headers['a2a-version'];
  const dialect = dialectOf(version, release);
  if (dialect === undefined) return text(400, `unsupported A2A version ${JSON.stringify(version)}\n`);
  return answerRpc({ controller, process, dialect, user, asked });
}

/** 0.8 does not look at the header. */
function dialectOf(version: string | undefined, release: Release): Dialect | undefined {
  if (release === '0.8.6' || version === undefined || version === '0.3') return '0.3';
  return version === '1.0' ? '1.0' : undefined;
}
