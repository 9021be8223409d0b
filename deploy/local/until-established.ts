/**
 * Waits until the API server serves a CRD that was just made.
 *
 * `kubectl wait` ends with an error while there are no conditions at all, which is so for the first moment: it is asked again
 * until the time is up. Rejects with what kubectl said last.
 */
import { setTimeout as delay } from 'node:timers/promises';

interface Establishing {
  /** As kubectl names them. */
  crds?: readonly string[];
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export async function untilEstablished(
  kubectl: (args: readonly string[]) => Promise<unknown>,
  { crds = ['crd/hooks.kagent.dev'], timeoutMs = 30_000, signal }: Establishing = {},
): Promise<void> {
  const untilMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      await kubectl(['wait', '--for=condition=Established', ...crds, '--timeout=10s']);
      return;
    } catch (error) {
      if (signal?.aborted === true || Date.now() > untilMs) throw error;
      await delay(100);
    }
  }
}
