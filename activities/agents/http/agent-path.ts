/**
 * Paths of an agent, each part encoded; refuses names that no path can hold. Pure.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { unsentError } from './describe-failure.ts';

/** `prefix/NAMESPACE/NAME`. Throws `AgentNotFound` for a name that a URL would resolve away or cannot encode. */
export function agentPath(prefix: string, { namespace, name }: AskedAgent): string {
  return `${prefix}/${encodePart(namespace)}/${encodePart(name)}`;
}

export function encodePart(part: string): string {
  if (part.isWellFormed() && !['', '.', '..'].includes(part)) return encodeURIComponent(part);
  throw unsentError(part, 'AgentNotFound', 'this name cannot be part of a path');
}

export function nameOf({ namespace, name }: AskedAgent): string {
  return `${namespace}/${name}`;
}
