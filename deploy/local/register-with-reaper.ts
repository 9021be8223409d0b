/**
 * The parent's side of the reaper: names to it the folder and the process groups that must not outlive this process.
 *
 * The reaper acts when the pipe to it closes, whatever the reason.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { signalGroup } from './servers/end-group.ts';

/** Process ids name groups: every child registered here leads a group of its own. */
export interface Reaper {
  /** After `close` nobody would end the group any more: it is killed, and an error thrown. */
  adoptGroup(pid: number): void;
  /** To be called when the group has ended: its number may be given to another one. */
  releaseGroup(pid: number): void;
  /** Ends what is still registered, removes the folder, and waits until that is done. */
  close(): Promise<void>;
}

export interface ReaperOptions {
  /** Between asking a group to end and killing it; 1.5 s by default, since data of a run are thrown away with it. */
  graceMs?: number;
}

/**
 * Starts the reaper and waits for its first word. It has its own session, so that neither Ctrl-C nor a hang-up of the
 * terminal reaches it. Rejects when it cannot be started: without it, servers must not be. A folder without the mark of a run
 * (see `runs/run-mark.ts`) is left alone.
 */
export async function startReaper(folder: string, { graceMs = 1_500 }: ReaperOptions = {}): Promise<Reaper> {
  const program = fileURLToPath(new URL('reaper.ts', import.meta.url));
  const child = spawn(process.execPath, [program, String(graceMs), folder], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const failed = ended.then(() => Promise.reject(new Error(`The reaper (${program}) ended before it was ready.`)));
  await Promise.race([once(child.stdout, 'data'), failed]);
  // From here on nothing of it may keep this process alive or, should somebody kill it, bring this process down.
  child.stdout.destroy();
  child.unref();
  child.stdin.on('error', () => {});
  const send = (verb: 'adopt' | 'release', pid: number) => void child.stdin.write(`${verb} ${pid}.\n`);
  let isClosed = false;
  return {
    adoptGroup(pid) {
      if (isClosed) {
        signalGroup(pid, 'SIGKILL');
        throw new Error(`Process ${pid} was ended at once: the run it belongs to is closed.`);
      }
      send('adopt', pid);
    },
    releaseGroup: (pid) => send('release', pid),
    async close() {
      isClosed = true;
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
