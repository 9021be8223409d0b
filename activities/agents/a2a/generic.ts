/**
 * Step 7, any A2A 1.0 agent: found by its card below the base URL, in which {namespace} and {name} stand for the agent's.
 *
 * A card is read once in a while; its path is kept meanwhile.
 */
import { deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { DeliveryError } from '../delivery-error.ts';
import { encodePart, nameOf } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import type { AgentName, AgentPort } from '../port.ts';
import { createA2a10 } from './a2a-10.ts';
import type { Place } from './a2a-10-runs.ts';
import type { AdapterDependencies } from './adapter.ts';
import { replyError } from './call-rpc.ts';
import { type Card, cardPath, readCard, rpcPathOf } from './card.ts';

const keptMs = 5 * 60_000;
const keptCards = 1_000;

export function createGenericA2a(dependencies: AdapterDependencies): AgentPort {
  const kept = new Map<string, { path: string; untilMs: number }>();

  async function locate(agent: AgentName, signal: AbortSignal): Promise<Place> {
    const base = basePathOf(agent, dependencies.wire.readCredentials().baseUrl);
    const known = kept.get(base);
    if (known !== undefined && known.untilMs > Date.now()) return { path: known.path, isFromOrigin: true };
    const card = await fetchCard(dependencies.wire, { agent, base, signal });
    const path = rpcPathOf(card);
    if (path === undefined) throw noInterface(agent);
    if (kept.size >= keptCards) kept.clear();
    kept.set(base, { path, untilMs: Date.now() + keptMs });
    return { path, isFromOrigin: true };
  }

  return createA2a10(dependencies, { protocol: 'a2a', locate, repeatsSafely: false });
}

/** The card below a path of the endpoint. Throws a `DeliveryError` where there is none. */
async function fetchCard(
  wire: Wire,
  { agent, base, signal }: { agent: AgentName; base: string; signal: AbortSignal },
): Promise<Card> {
  const path = `${base}${cardPath}`;
  const reply = await wire.call({ agent: nameOf(agent), method: 'GET', path, isFromOrigin: true, signal });
  const card = readCard(reply);
  if (card === undefined) throw replyError(reply, 'with something that is no agent card', { mayHaveStarted: false });
  return card;
}

/**
 * Path of the base URL with the agent's names in it, without a slash at the end. Throws `AgentNotAllowed` where that would be
 * its name alone, and it is allowed by its namespace; a URL without names has one agent, which is the operator's choice.
 */
export function basePathOf(agent: AgentName, baseUrl: string): string {
  const { namespace, name } = agent;
  const { pathname } = new URL(baseUrl);
  const names = (part: string) => pathname.toLowerCase().includes(`%7b${part}%7d`);
  if (agent.boundToNamespace === true && names('name') && !names('namespace')) throw notAllowed(agent);
  return pathname
    .replace(/\/+$/, '')
    .replaceAll(/%7Bnamespace%7D/gi, () => encodePart(namespace))
    .replaceAll(/%7Bname%7D/gi, () => encodePart(name));
}

function notAllowed(agent: AgentName): DeliveryError {
  const what = `Agent ${JSON.stringify(nameOf(agent))} could not be asked: AGENTS_ALLOW allows it by its namespace, and`;
  const message = `${what} base-url has {name} and no {namespace}. ${deliveryReasons.AgentNotAllowed.hint}`;
  return new DeliveryError('AgentNotAllowed', message, { mayHaveStarted: false });
}

function noInterface(agent: AgentName): DeliveryError {
  const what = `Agent ${JSON.stringify(nameOf(agent))} could not be asked: its card offers no JSON-RPC in A2A 1.x.`;
  return new DeliveryError('EndpointNotFound', `${what} ${deliveryReasons.EndpointNotFound.hint}`, {
    mayHaveStarted: false,
  });
}
