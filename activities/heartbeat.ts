/**
 * Heartbeats of a long activity: one at once and then regularly, so that a dead worker is noticed and a cancellation arrives.
 */
import type { Context } from '@temporalio/activity';

/** `detailsOf` is called for each; the result ends them. */
export function keepBeating(context: Context, everyMs: number, detailsOf: () => unknown = () => undefined): () => void {
  const beat = () => context.heartbeat(detailsOf());
  beat();
  const timer = setInterval(beat, everyMs);
  return () => clearInterval(timer);
}
