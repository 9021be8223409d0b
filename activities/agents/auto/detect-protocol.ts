/**
 * Finds out how an endpoint is spoken to, from well-formed bodies alone: Kagent 1.x answers a bare 200 to every path that it
 * does not know, so a status proves nothing.
 *
 * Asks in this order: Kagent 0.x (version, agents), Kagent 1.x and other A2A (cards), then the REST API by the form of its
 * errors. Starts nothing. Throws where the endpoint could not be asked; what is up but unknown is `undefined`.
 */
import { z } from 'zod';
import type { Protocol } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { replyError } from '../a2a/call-rpc.ts';
import { cardPath, readCard, rpcPathOf } from '../a2a/card.ts';
import { cardAddress } from '../a2a/generic.ts';
import { agentPath, nameOf } from '../http/agent-path.ts';
import type { Reply, Wire } from '../http/exchange.ts';
import type { Address } from '../http/request-of.ts';

export interface Detected {
  protocol: Protocol;
  /** What it was seen by, for the log and for people. */
  evidence: string;
}

interface Question {
  /** Made when its turn comes: it throws where nothing may be sent about the agent. */
  address: () => Address;
  /** What the reply proves; undefined where it proves nothing. */
  read: (reply: Reply) => Detected | undefined;
}

/** Milliseconds; a protocol is found before the first ask of an execution, and again in the round that checks agents. */
const questionMs = 5_000;

interface Detecting {
  wire: Wire;
  agent: AskedAgent;
  signal: AbortSignal;
}

/** What was found, or what was asked and what came, in order. */
export async function detectProtocol({ wire, agent, signal }: Detecting): Promise<Detected | { tried: string[] }> {
  const tried: string[] = [];
  for (const { address, read } of questions(agent, wire.readCredentials().baseUrl)) {
    const { path, from = 'endpoint' } = address();
    const reply = await wire.call({ agent: nameOf(agent), method: 'GET', path, from, signal, timeoutMs: questionMs });
    const found = read(reply) ?? restByError(reply);
    if (found !== undefined) return found;
    // Whoever is in front of Kagent has trouble, or wants another key: that says nothing of what is behind.
    if (reply.status >= 500 || reply.status === 429 || reply.status === 401) throw replyError(reply, '');
    tried.push(`GET ${path} → ${reply.status}${reply.text === '' ? ' with an empty body' : ''}`);
  }
  return { tried };
}

function questions(agent: AskedAgent, baseUrl: string): Question[] {
  let isBare = false;
  return [
    {
      address: () => ({ path: '/version' }),
      read: (reply) => {
        isBare = reply.status === 200 && reply.text === '';
        return version(reply);
      },
    },
    { address: () => ({ path: agentPath('/api/agents', agent) }), read: kagentAnswer },
    {
      address: () => ({ path: `${agentPath('/agents', agent)}${cardPath}` }),
      read: (reply) => {
        if (readCard(reply) !== undefined) return { protocol: 'kagent-1', evidence: 'a card below /agents/' };
        return rpcError(reply) ?? (isBare ? refusedCard(reply) : undefined);
      },
    },
    {
      address: () => ({ path: `${cardAddress(agent, baseUrl).path}${cardPath}`, from: 'host' }),
      read: (reply) => {
        const card = readCard(reply);
        const isOurs = card !== undefined && rpcPathOf(card) !== undefined;
        return isOurs ? { protocol: 'a2a', evidence: 'a card of A2A 1.x' } : undefined;
      },
    },
    {
      // A REST API lives below the whole path of its base URL; of an agent that it does not know it says so in its own form.
      address: () => ({ path: `${cardAddress(agent, baseUrl).path}/v1/agents/${restIdOf(agent)}`, from: 'host' }),
      read: restAgent,
    },
  ];
}

/** Of one that is allowed by its namespace, the name alone is sent nowhere. */
function restIdOf(agent: AskedAgent): string {
  return encodeURIComponent((agent.boundToNamespace === true ? nameOf(agent) : agent.name).toWellFormed());
}

/** A body of this shape proves the protocol. */
function proofOf(protocol: Protocol, shape: z.ZodType, evidence: string): Question['read'] {
  return ({ json }) => (shape.safeParse(json).success ? { protocol, evidence } : undefined);
}

const version = proofOf(
  'kagent-0',
  z.looseObject({ kagent_version: z.string() }),
  'GET /version names a Kagent version',
);
const kagentAnswer = proofOf(
  'kagent-0',
  z.union([
    z.looseObject({ error: z.literal(false), data: z.unknown() }),
    z.strictObject({ error: z.string().regex(/agent/i) }),
  ]),
  'GET /api/agents/… answers as Kagent 0.x does',
);
/** Kagent 1.x refuses cards of agents that are unknown, foreign or not ready in JSON-RPC's words or Kagent's own. */
const rpcError = proofOf(
  'kagent-1',
  z.looseObject({ jsonrpc: z.literal('2.0'), error: z.looseObject({ code: z.int() }) }),
  'JSON-RPC below /agents/',
);
const restAgent = proofOf(
  'rest',
  z.looseObject({ id: z.string(), name: z.string() }),
  'GET /v1/agents/… answers with an agent',
);

/** Said of an agent that is unknown, foreign or not ready, where every path but those below /agents/ has a bare 200. */
function refusedCard({ status }: Reply): Detected | undefined {
  if (![400, 403, 409].includes(status)) return undefined;
  return { protocol: 'kagent-1', evidence: 'a refused card below /agents/, and a bare 200 elsewhere' };
}

/** The specification's form of an error: its code is the status. */
function restByError(reply: Reply): Detected | undefined {
  const shape = z.looseObject({ error: z.string(), message: z.string(), code: z.literal(reply.status) });
  return proofOf('rest', shape, 'errors in the form of the REST API')(reply);
}
