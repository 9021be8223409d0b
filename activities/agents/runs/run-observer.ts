/**
 * Counts how runs are followed and how they end; changes nothing.
 */
import type { RunEnding } from '../../../workflows/contract/agent-run.ts';
import type { RunReading } from '../port.ts';

export interface RunObserver {
  /** One look, and what it showed. */
  looked: (reading: RunReading['state'] | 'failed') => void;
  /** One more run is followed, or one less. */
  following: (change: 1 | -1) => void;
  /** A run has ended; `agent` is `namespace/name`. */
  ended: (agent: string, ending: RunEnding, durationMs: number) => void;
}
