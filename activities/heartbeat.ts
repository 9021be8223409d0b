/**
 * Heartbeats of a long activity, so that a dead worker is noticed and a cancellation arrives.
 *
 * The first attempt sends none at once: most calls are answered by then, and each heartbeat is a write of the execution.
 */
import type { Context } from '@temporalio/activity';

/** `detailsOf` is called for each; the result ends them. */
export function keepBeating(context: Context, everyMs: number, detailsOf: () => unknown = () => undefined): () => void {
  const beat = () => context.heartbeat(detailsOf());
  if (context.info.attempt > 1) beat();
  const timer = setInterval(beat, everyMs);
  return () => clearInterval(timer);
}
