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
      print(await Promise.race([one.run(), late()]));
    } catch (error) {
      print(`${error instanceof Error ? error.message : String(error)}\nTo be done by hand: ${one.byHand}`);
    }
  }
}

/** Nobody clears the timer: the process is ended afterwards. */
function late(): Promise<never> {
  const error = new Error(`No answer within ${patienceMs / 1000} s.`);
  return new Promise((_, reject) => setTimeout(() => reject(error), patienceMs));
}
