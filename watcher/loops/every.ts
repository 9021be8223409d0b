/**
 * One loop: does a piece of work, waits, and does it again, whether it succeeds or fails.
 *
 * Each round is reported to health, where a loop that only fails or hangs shows. Never gives up.
 */
import type { Logger } from 'pino';
import type { Loops } from '../serving/loops.ts';
import { pause } from './backoff.ts';

/** The longest wait after a round that failed. */
const failedWaitMs = 30_000;

interface Rounds {
  log: Logger;
  signal: AbortSignal;
  what: string;
  loops: Pick<Loops, 'watch'>;
  wait?: typeof pause;
}

/** Resolves after the signal was aborted, and the round that goes on then has ended. */
export async function every(
  ms: number,
  { log, signal, what, loops, wait = pause }: Rounds,
  work: () => Promise<unknown>,
) {
  const loop = loops.watch(what, ms);
  while (!signal.aborted) {
    let waitMs = ms;
    try {
      await work();
      loop.succeeded();
    } catch (error) {
      loop.failed(error);
      log.warn({ error: String(error) }, `${what} failed; it is tried again`);
      waitMs = Math.min(ms, failedWaitMs);
    }
    await wait(waitMs, signal);
  }
}
