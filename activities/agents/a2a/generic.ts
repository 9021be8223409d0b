/**
 * Step 7, any A2A 1.0 agent: found by its card below the base URL, in which {namespace} and {name} stand for the agent's.
 *
 * A card is read once in a while; its path is kept meanwhile.
 */

import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { encodePart, nameOf } from '../http/agent-path.ts';
import { unsentError } from '../http/describe-failure.ts';
import type { Address } from '../http/request-of.ts';
import type { AgentPort } from '../port.ts';
import { createA2a10 } from './a2a-10.ts';
import { type AdapterDependencies, replyError } from './call-rpc.ts';
import { fetchCard, readCard, rpcPathOf } from './card.ts';

const keptMs = 5 * 60_000;
const keptCards = 1_000;

export function createGenericA2a(dependencies: AdapterDependencies): AgentPort {
  const { wire } = dependencies;
  const kept = new Map<string, { path: string; untilMs: number }>();

  async function locate(agent: AskedAgent, signal: AbortSignal): Promise<Address> {
    const base = cardAddress(agent, wire.readCredentials().baseUrl);
    const known = kept.get(base.path);
    if (known !== undefined && known.untilMs > Date.now()) return { path: known.path, from: 'host' };
    const reply = await fetchCard(wire, { ...base, agent: nameOf(agent), signal });
    const card = readCard(reply);
    if (card === undefined) throw replyError(reply, 'with something that is no agent card', { mayHaveStarted: false });
    const path = rpcPathOf(card);
    if (path === undefined) {
      throw unsentError(nameOf(agent), 'EndpointNotFound', 'its card offers no JSON-RPC in A2A 1.x');
    }
    if (kept.size >= keptCards) kept.clear();
    kept.set(base.path, { path, untilMs: Date.now() + keptMs });
    return { path, from: 'host' };
  }

  return createA2a10(dependencies, { protocol: 'a2a', locate, repeatsSafely: false });
}

/**
 * Path of the base URL with the agent's names in it, without a slash at the end. Throws `AgentNotAllowed` where that would be
 * its name alone, and it is allowed by its namespace; a URL without names has one agent, which is the operator's choice.
 */
export function cardAddress(agent: AskedAgent, baseUrl: string): Address {
  const { namespace, name } = agent;
  const { pathname } = new URL(baseUrl);
  const names = (part: string) => pathname.toLowerCase().includes(`%7b${part}%7d`);
  if (agent.boundToNamespace === true && names('name') && !names('namespace')) {
    const found = 'AGENTS_ALLOW allows it by its namespace, and base-url has {name} and no {namespace}';
    throw unsentError(nameOf(agent), 'AgentNotAllowed', found);
  }
  const path = pathname
    .replace(/\/+$/, '')
    .replaceAll(/%7Bnamespace%7D/gi, () => encodePart(namespace))
    .replaceAll(/%7Bname%7D/gi, () => encodePart(name));
  return { path, from: 'host' };
}
