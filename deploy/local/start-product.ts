/**
 * Starts the product's own processes from source: watcher, worker, codec server, and the fake Kagent that stands in for
 * the platform.
 *
 * Called by the demo and by end-to-end tests. They are servers like the engines: own log file, can be killed and restarted.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run } from './runs/open-run.ts';
import { answersOk } from './servers/ask-server.ts';
import { findFreePort } from './servers/find-free-port.ts';
import { type Server, startServer } from './servers/start-server.ts';

const programs = {
  watcher: { main: 'watcher/main.ts', portVariable: 'HEALTH_PORT', readyPath: '/readyz' },
  worker: { main: 'workers/main.ts', portVariable: 'HEALTH_PORT', readyPath: '/readyz' },
  'codec-server': { main: 'codec/server/main.ts', portVariable: 'CODEC_PORT', readyPath: '/healthz' },
} as const;

export type ProductProcess = keyof typeof programs;

export interface ProductServer extends Server {
  /** Base URL of its health endpoints, which the codec server and the fake Kagent serve beside their API. */
  url: string;
}

/** Resolves when the process does its work; `environment` is all that it knows of the user's. */
export async function startProduct(
  name: ProductProcess,
  run: Run,
  environment: Readonly<Record<string, string>>,
): Promise<ProductServer> {
  const { main, portVariable, readyPath } = programs[name];
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    ...(await placeOf(name, main, run)),
    run: { ...run, environment: { ...run.environment, ...environment, [portVariable]: String(port) } },
    isReady: () => answersOk(`${url}${readyPath}`),
    stopGraceMs: 30_000, // above the processes' own grace times
  });
  return Object.assign(server, { url });
}

/** A Kagent that answers as the real one would, and remembers what it was asked. Knows every agent. */
export async function startKagentStandIn(run: Run, apiKey: string): Promise<ProductServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const { args, ...place } = await placeOf('kagent', 'tests/fake-kagent/main.ts', run);
  const server = await startServer({
    ...place,
    args: [...args, `--port=${port}`, `--key=${apiKey}`, '--agent=*'],
    run,
    isReady: () => answersOk(`${url}/health`),
  });
  return Object.assign(server, { url });
}

async function placeOf(name: string, main: string, run: Run) {
  const folder = await mkdtemp(join(run.folder, `${name}-`));
  const program = fileURLToPath(new URL(`../../${main}`, import.meta.url));
  return { name, path: process.execPath, args: [program], logFile: join(folder, `${name}.log`) };
}
