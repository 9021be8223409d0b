/**
 * Builders for tests that speak to the fake Kagent: a valid delivery and valid credentials, to be varied.
 */
import type { Credentials } from '../../activities/agents/credentials.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';

export function aDelivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    agent: { namespace: 'kagent', name: 'memory-analyzer' },
    prompt: 'app-7d9 in shop ran out of memory.',
    context: {
      eventName: 'oom-kill',
      eventTime: '2024-01-15T10:30:00Z',
      resourceName: 'app-7d9',
      namespace: 'shop',
      eventMessage: 'Container app was OOMKilled',
    },
    hookName: 'checkout',
    askRun: '0190c1a2-0000-7000-8000-000000000001',
    ...changes,
  };
}

/** A key that would be noticed wherever it turned up. */
export const canaryKey = 'canary-key-7f3a9';

export function someCredentials(changes: Partial<Credentials> & { baseUrl: string }): Credentials {
  return { apiKey: canaryKey, timeoutMs: 5_000, maxAttempts: 3, ...changes };
}
