/**
 * Answers whether this process lives and does its work, and what it counts: for probes, Prometheus and people with curl.
 *
 * Says what is wrong in JSON; never takes part in the work.
 */
import { createServer, type ServerResponse } from 'node:http';

export interface Check {
  name: string;
  ok: boolean;
  message: string;
}

export interface Facts {
  /** What has to hold for the work to go on; asked for each request, so they answer at once. */
  ready: () => Check[];
  /** Those of them that a restart would cure: a server that is away is none. */
  alive: () => Check[];
}

export type Health = ReturnType<typeof serveHealth>;

interface HealthOptions {
  port: number;
  /** The text of /metrics. */
  metrics: () => Promise<string>;
  /** What else people want to know; no reason to take this process out of service. */
  others?: () => Promise<Check[]>;
}

/** `/livez`: would a restart help. `/readyz`: does the process do its work. `/healthz`: that, and how the others are. */
export function serveHealth({ port, metrics, others = async () => [] }: HealthOptions) {
  let state = { isReady: false, doing: 'starting' };
  let facts: Facts = { ready: () => [], alive: () => [] };
  const ready = (): Check[] => [{ name: 'process', ok: state.isReady, message: state.doing }, ...facts.ready()];
  const routes = new Map<string, (response: ServerResponse) => Promise<void>>([
    ['/livez', async (response) => answer(response, facts.alive())],
    ['/readyz', async (response) => answer(response, ready())],
    ['/healthz', async (response) => answer(response, [...ready(), ...(await others())])],
    ['/metrics', async (response) => answerMetrics(response, await metrics())],
  ]);
  const server = createServer((request, response) => {
    const route = routes.get(request.url?.split('?', 1).join('') ?? '');
    if (route === undefined) response.writeHead(404).end('not found\n');
    else route(response).catch(() => response.destroy());
  });
  server.listen(port);
  return {
    /** Says what the process is doing; `isReady` once it does its work. */
    set: (next: typeof state): void => {
      state = next;
    },
    /** Once there is something to watch. */
    observe: (next: Facts): void => {
      facts = next;
    },
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** 200 when all is well, else 503; the first field says it, the second names what is wrong. */
function answer(response: ServerResponse, checks: Check[]): void {
  const wrong = checks.filter(({ ok }) => !ok).map(({ name, message }) => `${name}: ${message}`);
  const status = wrong.length === 0 ? 'ok' : 'failing';
  response.writeHead(status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ status, wrong, checks })}\n`);
}

function answerMetrics(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
