/**
 * Starts a server, waits until it is ready, and hands back a handle to stop, kill, pause and restart it.
 *
 * A server that ends before it is ready is an error with the last lines of its log.
 */
import { readFile } from 'node:fs/promises';
import { endGroup, signalGroup } from './end-group.ts';
import { type LaunchSpec, launch, type Process } from './launch.ts';
import { waitUntil } from './wait-until.ts';

export interface ServerSpec extends LaunchSpec {
  /** Asks the server once; a rejection means "not yet". */
  isReady: () => Promise<boolean>;
  readyTimeoutMs?: number;
  /** Between asking the server to end and killing it. */
  stopGraceMs?: number;
}

export interface Server {
  name: string;
  logFile: string;
  /** Process id of the current process, which leads a group of the same number; undefined while there is none. */
  readonly pid: number | undefined;
  /** Asks the server to end, kills it after the grace time. Does nothing to a stopped one. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Sends a signal to its group, for example SIGSTOP and SIGCONT for a server that hangs. */
  signal(signal: NodeJS.Signals): void;
  /** Starts it again, with the same ports and data, after stopping it if it runs; resolves when it is ready. */
  restart(): Promise<void>;
}

export async function startServer(spec: ServerSpec): Promise<Server> {
  let current: Process = await launchUntilReady(spec);
  const isRunning = () => current.ending() === undefined;
  const end = async (graceMs: number) => {
    if (!isRunning()) return;
    await endGroup(current.pid, { graceMs });
    await current.ended;
  };
  return {
    name: spec.name,
    logFile: spec.logFile,
    get pid() {
      return isRunning() ? current.pid : undefined;
    },
    stop: () => end(spec.stopGraceMs ?? 5_000),
    async kill() {
      if (!isRunning()) return;
      signalGroup(current.pid, 'SIGKILL');
      await current.ended;
    },
    signal(signal) {
      if (isRunning()) signalGroup(current.pid, signal);
    },
    async restart() {
      await end(spec.stopGraceMs ?? 5_000);
      current = await launchUntilReady(spec);
    },
  };
}

async function launchUntilReady(spec: ServerSpec): Promise<Process> {
  const timeoutMs = spec.readyTimeoutMs ?? 60_000; // a loaded machine with two cores needed twenty
  const started = await launch(spec);
  const isReady = await waitUntil(spec.isReady, { timeoutMs, giveUp: () => started.ending() !== undefined });
  const ending = started.ending();
  // Where the port was taken, somebody else may have answered for a process that has ended.
  if (isReady && ending === undefined) return started;
  if (ending === undefined) await endGroup(started.pid, { graceMs: 1_000 });
  const what =
    ending === undefined ? `was not ready within ${timeoutMs} ms` : `ended with ${ending} before it was ready`;
  throw new Error(`${spec.name} ${what}. The end of ${spec.logFile}:\n${await endOfLog(spec.logFile)}`);
}

/** Enough for a stack of reasons, little enough to read. */
const quotedLines = 15;

/** Never fails: a log that cannot be read is empty. */
export async function endOfLog(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-quotedLines).join('\n') || '(empty)';
}
