/**
 * The newest failure of an expression for each Hook, shown on the Hook until that is edited.
 *
 * Without it nobody would notice: refusals are only counted.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { Announcement } from '../tracking/announce.ts';

export interface ExpressionFailures {
  note: (refused: Announcement & { kind: 'refused' }) => void;
  /** The sentence for the Hook as it is now. */
  of: (hook: LiveHook) => string | undefined;
}

/** Of Hooks that are gone nothing is asked any more; the oldest are forgotten. */
const mostHooks = 1000;

export function createExpressionFailures(): ExpressionFailures {
  const failures = new Map<string, { generation: number; message: string }>();
  return {
    note: ({ listener, configuration, sighting, refusal }) => {
      if (refusal.reason !== 'ExpressionFailed') return;
      const { uid, generation } = listener.hook;
      const { kind, namespace, name } = sighting.object;
      const place = namespace === '' ? name : `${namespace}/${name}`;
      const message = `Configuration ${configuration.key}, ${sighting.finding.type} of ${kind} ${place}: ${refusal.message}`;
      failures.delete(uid);
      failures.set(uid, { generation, message });
      const [oldest] = failures.keys();
      if (failures.size > mostHooks && oldest !== undefined) failures.delete(oldest);
    },
    of: ({ uid, generation }) => {
      const failure = failures.get(uid);
      return failure?.generation === generation ? failure.message : undefined;
    },
  };
}
