/**
 * Starts the Temporal development server with its Web UI, and registers our search attributes.
 *
 * One process with SQLite inside: right for development, not for production.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributeTypes } from '../../workflows/contract/plain/names.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import type { Run } from './runs/open-run.ts';
import { answersOk } from './servers/ask-server.ts';
import { findFreePort } from './servers/find-free-port.ts';
import { type Server, startServer } from './servers/start-server.ts';

interface TemporalOptions {
  run: Run;
  /** Path of the Temporal CLI. */
  path: string;
  /** The kernel's choice by default. */
  port?: number;
  /** File that keeps everything over restarts; in memory without it. */
  dbFilename?: string;
  /** Flags that come after ours, for example `--dynamic-config-value=KEY=VALUE`. */
  flags?: readonly string[];
}

export interface Temporal extends Server {
  /** `host:port` for clients and workers. */
  address: string;
  uiUrl: string;
}

const host = '127.0.0.1';

/** Measured on two cores: with these the server takes 55 to 58 minimal executions per second instead of 36 to 44. */
const quick = [
  'system.enableActivityEagerExecution=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

/** Off by default; without it the fairness keys of executions have no effect. */
const fair = 'matching.enableFairness=true';

/** With the default, every transaction waits for the disk: less than half the throughput. */
const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL'];

const fixedFlags = [
  'server',
  'start-dev',
  `--ip=${host}`,
  '--log-level=error',
  '--ui-disable-news-fetch',
  ...[...quick, fair].map((setting) => `--dynamic-config-value=${setting}`),
  ...Object.entries(searchAttributeTypes).map(([name, type]) => `--search-attribute=${name}=${type}`),
];

/** Resolves when gRPC and the Web UI answer, and the search attributes of namespace `default` are there. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { run, path, port = await findFreePort() } = options;
  const uiPort = await findFreePort();
  const address = `${host}:${port}`;
  const uiUrl = `http://${host}:${uiPort}`;
  const folder = await mkdtemp(join(run.folder, 'temporal-'));
  const server = await startServer({
    name: 'temporal',
    path,
    args: [...fixedFlags, `--port=${port}`, `--ui-port=${uiPort}`, ...storeFlags(options), ...(options.flags ?? [])],
    logFile: join(folder, 'temporal.log'),
    run,
    isReady: async () => (await answersGrpc(address)) && (await answersOk(uiUrl)),
  });
  return Object.assign(server, { address, uiUrl });
}

function storeFlags({ dbFilename }: TemporalOptions): string[] {
  if (dbFilename === undefined) return [];
  return [`--db-filename=${dbFilename}`, ...pragmas.map((pragma) => `--sqlite-pragma=${pragma}`)];
}

async function answersGrpc(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '2 seconds', channelArgs: temporalChannel });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(searchAttributeTypes).every((name) => name in customAttributes);
  } finally {
    await connection.close();
  }
}
