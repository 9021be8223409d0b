/**
 * Starts the product's own processes from source: watcher, worker, codec server, and what stands in for Kagent.
 *
 * They are servers like the engines: own log file, can be killed and restarted.
 */
import { mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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
  /** Base URL of its health endpoints, which the codec server and stand-ins for Kagent serve beside their API. */
  url: string;
}

/** Resolves when the process does its work; `environment` is all that it knows of the user's. */
export async function startProduct(
  name: ProductProcess,
  run: Run,
  environment: Readonly<Record<string, string>>,
): Promise<ProductServer> {
  return startProgram(name, programs[name], { ...run, environment: { ...run.environment, ...environment } });
}

/** The same, as `npm run build` has compiled it into this folder. */
export function starterOf(folder: string): typeof startProduct {
  return async (name, run, environment) =>
    startProgram(
      name,
      { ...programs[name], main: join(folder, programs[name].main.replace(/\.ts$/, '.js')) },
      { ...run, environment: { ...run.environment, ...environment } },
    );
}

interface Program {
  main: string;
  portVariable: string;
  readyPath: string;
}

async function startProgram(
  name: ProductProcess,
  { main, portVariable, readyPath }: Program,
  run: Run,
): Promise<ProductServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    ...(await placeOf(name, main, run)),
    run: { ...run, environment: { ...run.environment, [portVariable]: String(port) } },
    isReady: () => answersOk(`${url}${readyPath}`),
    stopGraceMs: 30_000, // above the processes' own grace times
  });
  return Object.assign(server, { url });
}

/** An API as the specification has it: answers with the id of a run, and remembers what it was asked. Knows every agent. */
export function startKagentStandIn(run: Run, apiKey: string): Promise<ProductServer> {
  return startStandIn(run, {
    main: 'tests/fake-kagent/main.ts',
    args: [`--key=${apiKey}`, '--agent=*'],
    readyPath: '/health',
  });
}

/** The release that the stand-in below behaves like. */
export const a2aRelease = '0.10';

/** How long its agents seem to think. */
const defaultRunSeconds = 3;

/** What the agents of a stand-in do. */
interface StandInRuns {
  runSeconds?: number;
  /** One of them asks for an approval before it changes something. */
  asksForChanges?: boolean;
}

/** A Kagent that is spoken to by A2A: its agents work for a while, then answer. Remembers their runs. Knows every agent. */
export function startA2aStandIn(run: Run, apiKey: string, over: StandInRuns = {}): Promise<ProductServer> {
  const { runSeconds = defaultRunSeconds, asksForChanges = false } = over;
  const asking = asksForChanges ? ['--ask-for-changes'] : [];
  return startStandIn(run, {
    main: 'tests/kagent-double/main.ts',
    args: [`--release=${a2aRelease}`, `--key=${apiKey}`, '--any-agent', `--run-seconds=${runSeconds}`, ...asking],
    readyPath: '/_fake/runs', // all else wants the key
  });
}

interface StandInProgram {
  main: string;
  args: readonly string[];
  readyPath: string;
}

async function startStandIn(run: Run, { main, args, readyPath }: StandInProgram): Promise<ProductServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const place = await placeOf('kagent', main, run);
  const server = await startServer({
    ...place,
    args: [...place.args, `--port=${port}`, ...args],
    run,
    isReady: () => answersOk(`${url}${readyPath}`),
  });
  return Object.assign(server, { url });
}

async function placeOf(name: string, main: string, run: Run) {
  const folder = await mkdtemp(join(run.folder, `${name}-`));
  const program = resolve(fileURLToPath(new URL('../..', import.meta.url)), main);
  return { name, path: process.execPath, args: [program], logFile: join(folder, `${name}.log`) };
}
