/**
 * The end: everything that was started ends, and what was made in servers of the user's goes or is named.
 *
 * Called by start.ts, whatever happened before, exactly once.
 */
import type { Run } from '../runs/open-run.ts';
import type { Farewell } from './stage.ts';

/** One farewell to a server that may be gone by now. */
const farewellMs = 8_000;

/** Never rejects. Our processes end first, so that nothing is made anew behind us. */
export async function leave(run: Run, farewells: readonly Farewell[], print: (text: string) => void): Promise<void> {
  print('Ending what was started ...');
  await run.close();
  for (const { byHand, run: say } of farewells.toReversed()) {
    try {
      print(await withinTime(say()));
    } catch (error) {
      print(`${error instanceof Error ? error.message : String(error)}\nTo be done by hand: ${byHand}`);
    }
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${farewellMs / 1000} s.`)), farewellMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
