/**
 * Asks again and again until the answer is yes. Never throws: a rejected question is a "no".
 */
import { setTimeout as sleep } from 'node:timers/promises';

interface WaitOptions {
  timeoutMs: number;
  /** Between two questions. */
  intervalMs?: number;
  /** Asked after each "no": is there no point in going on? */
  giveUp?: () => boolean;
}

/** True when the condition held in time; false when time was up or there was no point in waiting. */
export async function waitUntil(
  condition: () => Promise<boolean>,
  { timeoutMs, intervalMs = 100, giveUp = () => false }: WaitOptions,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await condition().catch(() => false)) return true;
    if (giveUp() || Date.now() > deadline) return false;
    await sleep(intervalMs);
  }
}
