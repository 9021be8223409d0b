/** Waits until something holds; fails with what was seen last. Used instead of sleeping for luck. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks until `read` gives something other than undefined or false; an error of `read` means "not yet". */
export async function waitFor<T>(
  what: string,
  read: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const untilMs = Date.now() + timeoutMs;
  let last: unknown;
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      const value = await read();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > untilMs) throw new Error(`Waited ${timeoutMs} ms for ${what}; last: ${String(last)}`);
    await delay(pauseMs);
  }
}
