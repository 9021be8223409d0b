/**
 * The admin endpoints of the double, for tests and demos in which it runs as a process of its own.
 *
 * Served on the controller's port below `/_fake/`, and on a port of their own that outlives a stop of the controller.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { RecordedRequest } from '../fake-kagent/record-request.ts';
import type { KagentDouble } from './double.ts';
import { json, type WholeReply, writeReply } from './reply.ts';
import { ScriptStep } from './script.ts';

type Administered = Omit<KagentDouble, 'stop'>;

export async function answerAdmin(
  double: Administered,
  record: RecordedRequest,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(record.path, 'http://double');
  const route = `${record.method} ${pathname}`;
  if (route === 'POST /_fake/controller/stop') {
    // The reply may come over the very connection that the stop cuts.
    response.once('finish', () => void double.controller.stop());
    writeReply(json(200, { done: route }), response);
    return;
  }
  writeReply(await answerRoute(double, { route, body: record.body, windowMs: searchParams.get('windowMs') }), response);
}

interface Route {
  route: string;
  body: unknown;
  windowMs: string | null;
}

async function answerRoute(double: Administered, { route, body, windowMs }: Route): Promise<WholeReply> {
  const done = json(200, { done: route });
  switch (route) {
    case 'GET /_fake/requests':
      return json(200, double.requests);
    case 'GET /_fake/runs':
      return json(200, double.runs);
    case 'POST /_fake/script':
      return takeScript(double, body);
    case 'POST /_fake/controller/start':
      await double.controller.start(windowMs === null ? undefined : Number(windowMs));
      return done;
    case 'POST /_fake/database/down':
      double.database.down();
      return done;
    case 'POST /_fake/database/up':
      double.database.up();
      return done;
    default:
      return changeAgent(double, route) ? done : json(404, { error: `The double has no ${route}.` });
  }
}

function takeScript({ script }: Administered, body: unknown): WholeReply {
  const steps = z.array(ScriptStep).safeParse(body);
  if (!steps.success) return json(400, { error: z.prettifyError(steps.error) });
  script(steps.data);
  return json(200, { steps: steps.data.length });
}

function changeAgent({ agent }: Administered, route: string): boolean {
  const match = /^POST \/_fake\/agent\/([^/]+)\/([^/]+)\/(kill|start|remove)$/.exec(route);
  const [, namespace, name, change] = match ?? [];
  if (namespace === undefined || name === undefined) return false;
  const changed = agent(decodeURIComponent(namespace), decodeURIComponent(name));
  if (change === 'kill') changed.kill();
  if (change === 'start') changed.start();
  if (change === 'remove') changed.remove();
  return true;
}
