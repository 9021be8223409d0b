/**
 * Where Temporal is and how to get in, by Temporal's own variables and profiles.
 *
 * Throws where they are wrong; connects to nothing.
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** What is set in `over` goes before the variables. */
export function readTemporalSettings(over: { address?: string | undefined; namespace?: string | undefined } = {}) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = over.address ?? connectionOptions.address ?? 'localhost:7233';
  return {
    connectionOptions: { ...connectionOptions, address },
    address,
    namespace: over.namespace ?? namespace ?? 'default',
  };
}
