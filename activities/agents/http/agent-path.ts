/**
 * Paths of an agent, each part encoded; refuses names that no path can hold. Pure.
 */

import { deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { AgentName } from '../port.ts';

/** `prefix/NAMESPACE/NAME`. Throws `AgentNotFound` for a name that a URL would resolve away or cannot encode. */
export function agentPath(prefix: string, { namespace, name }: AgentName): string {
  return `${prefix}/${encodePart(namespace)}/${encodePart(name)}`;
}

/** One part of a path. */
export function encodePart(part: string): string {
  if (part.isWellFormed() && !['', '.', '..'].includes(part)) return encodeURIComponent(part);
  const what = `Agent ${JSON.stringify(part.toWellFormed().slice(0, 300))} could not be asked`;
  throw new DeliveryError(
    'AgentNotFound',
    `${what}: this name cannot be part of a path. ${deliveryReasons.AgentNotFound.hint}`,
    { mayHaveStarted: false },
  );
}

export function nameOf({ namespace, name }: AgentName): string {
  return `${namespace}/${name}`;
}
