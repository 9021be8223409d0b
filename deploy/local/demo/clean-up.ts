/**
 * The end of the demo: our processes end, and what was made in servers of the user's is removed or named.
 *
 * Never rejects.
 */
import type { Run } from '../runs/open-run.ts';
import type { CleanUp } from './system/system.ts';

/** For one server, which may be gone by now. */
const patienceMs = 8_000;

/** Our processes end first, so that they make nothing anew. */
export async function cleanUp(run: Run, cleanUps: readonly CleanUp[], print: (text: string) => void): Promise<void> {
  print('Ending what was started ...');
  await run.close();
  for (const one of cleanUps.toReversed()) {
    try {
      print(await withinTime(one.run()));
    } catch (error) {
      print(`${error instanceof Error ? error.message : String(error)}\nTo be done by hand: ${one.byHand}`);
    }
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${patienceMs / 1000} s.`)), patienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
