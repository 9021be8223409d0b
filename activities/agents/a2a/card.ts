/**
 * Agent cards: what an agent says of itself, and under which path it takes JSON-RPC in A2A 1.0.
 *
 * Only the path of a card's address is followed, never its host: Kagent's cards name addresses that are often reachable
 * from inside the cluster alone, and the key goes nowhere but to the configured endpoint.
 */
import { z } from 'zod';
import type { Reply, Wire } from '../http/exchange.ts';
import type { Call } from '../http/request-of.ts';

export const cardPath = '/.well-known/agent-card.json';

const Interface = z.looseObject({
  url: z.string(),
  protocolBinding: z.string(),
  protocolVersion: z.string().catch(''),
});

export const Card = z.looseObject({
  name: z.string(),
  supportedInterfaces: z.array(Interface.optional().catch(undefined)).optional().catch(undefined),
});
export type Card = z.infer<typeof Card>;

export async function fetchCard(wire: Wire, { path, ...call }: Omit<Call, 'method'>): Promise<Reply> {
  return wire.call({ ...call, method: 'GET', path: `${path}${cardPath}` });
}

export function readCard({ status, json }: Pick<Reply, 'status' | 'json'>): Card | undefined {
  return status === 200 ? Card.safeParse(json).data : undefined;
}

/** Path of the interface that speaks JSON-RPC in version 1; undefined where the card offers none. */
export function rpcPathOf({ supportedInterfaces = [] }: Card): string | undefined {
  const found = supportedInterfaces.find(
    (one) => one?.protocolBinding.toUpperCase() === 'JSONRPC' && /^1(\.|$)/.test(one.protocolVersion),
  );
  return found === undefined ? undefined : URL.parse(found.url, 'http://card.invalid')?.pathname;
}
