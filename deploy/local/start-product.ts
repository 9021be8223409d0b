/**
 * Starts the product's own processes (watcher, worker, codec server), and what stands in for Kagent.
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

/** Above the processes' own grace times. */
const stopGraceMs = 30_000;

type Environment = Readonly<Record<string, string>>;

/** Resolves when the process does its work; `environment` is all that it knows of the user's. */
export function startProduct(name: ProductProcess, run: Run, environment: Environment): Promise<ProductServer> {
  return startProgram(run, { ...programs[name], name, environment, stopGraceMs });
}

/** The same, as `npm run build` has compiled it into this folder. */
export function starterOf(folder: string): typeof startProduct {
  return (name, run, environment) => {
    const main = join(folder, programs[name].main.replace(/\.ts$/, '.js'));
    return startProgram(run, { ...programs[name], name, main, environment, stopGraceMs });
  };
}

/** An API as the specification has it: answers with the id of a run, and lists its requests. Knows every agent. */
export function startRestStandIn(run: Run, apiKey: string): Promise<ProductServer> {
  return startProgram(run, {
    name: 'kagent',
    main: 'tests/fake-kagent/main.ts',
    args: [`--key=${apiKey}`, '--agent=*'],
    readyPath: '/health',
  });
}

/** The release that the stand-in below behaves like. */
export const a2aRelease = '0.10';

interface StandInRuns {
  /** How long its agents seem to think. */
  runSeconds?: number;
  /** One of them asks for an approval before it changes something. */
  asksForChanges?: boolean;
}

/** A Kagent that speaks A2A: its agents work for a while, then answer. Lists their runs. Knows every agent. */
export function startA2aStandIn(run: Run, apiKey: string, runs: StandInRuns = {}): Promise<ProductServer> {
  const { runSeconds = 3, asksForChanges = false } = runs;
  const asking = asksForChanges ? ['--ask-for-changes'] : [];
  return startProgram(run, {
    name: 'kagent',
    main: 'tests/kagent-double/main.ts',
    args: [`--release=${a2aRelease}`, `--key=${apiKey}`, '--any-agent', `--run-seconds=${runSeconds}`, ...asking],
    readyPath: '/_fake/runs', // everything else needs the key
  });
}

interface Program {
  name: string;
  /** An absolute path, or one below the root of the repository. */
  main: string;
  args?: readonly string[];
  environment?: Environment;
  /** The variable with its port; a program without one takes `--port`. */
  portVariable?: string;
  readyPath: string;
  stopGraceMs?: number;
}

async function startProgram(run: Run, { name, main, readyPath, ...program }: Program): Promise<ProductServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(run.folder, `${name}-`));
  const { args = [], environment = {}, portVariable, ...grace } = program;
  const portArgs = portVariable === undefined ? [`--port=${port}`] : [];
  const portEnvironment = portVariable === undefined ? {} : { [portVariable]: String(port) };
  const server = await startServer({
    ...grace,
    name,
    path: process.execPath,
    args: [resolve(fileURLToPath(new URL('../..', import.meta.url)), main), ...portArgs, ...args],
    logFile: join(folder, `${name}.log`),
    run: { ...run, environment: { ...run.environment, ...environment, ...portEnvironment } },
    isReady: () => answersOk(`${url}${readyPath}`),
  });
  return Object.assign(server, { url });
}
