/**
 * The REST API as a port: it starts runs and knows nothing of them afterwards, so there is nothing to follow or to cancel.
 */
import type { AgentPort } from '../port.ts';
import type { RestAgent } from './rest.ts';

export function restPort(rest: RestAgent): AgentPort {
  return {
    start: rest.start,
    describe: async (delivery) => rest.describe(delivery),
    look: async () => ({ state: 'missing' }),
    feel: async () => 'unclear',
    cancel: async () => ({ isCancelled: false, said: 'the REST API has no call that cancels' }),
    answer: async () => 'not-wanted',
    find: async () => undefined,
  };
}
