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
import { agentIdOf } from '../rest/agent-id.ts';

export interface Detected {
  protocol: Protocol;
  /** What it was seen by, for the log and for people. */
  evidence: string;
}

/** What was asked and what came, in order. */
export type Tried = string[];

interface Question {
  /** Made when its turn comes: it throws where nothing may be sent about the agent. */
  address: () => Address;
  /** What the reply proves; undefined where it proves nothing. */
  read: (reply: Reply) => Detected | undefined;
}

/** Milliseconds; a protocol is found before the first ask of an execution, and again in the round that checks agents. */
const questionMs = 5_000;

const Version = z.looseObject({ kagent_version: z.string() });
const KagentAnswer = z.union([
  z.looseObject({ error: z.literal(false), data: z.unknown() }),
  z.strictObject({ error: z.string().regex(/agent/i) }),
]);
/** The specification's form of an error: its code is the status. */
const RestError = z.looseObject({ error: z.string(), message: z.string(), code: z.int() });
const RestAgent = z.looseObject({ id: z.string(), name: z.string() });

export interface Detecting {
  wire: Wire;
  agent: AskedAgent;
  signal: AbortSignal;
}

export async function detectProtocol({ wire, agent, signal }: Detecting): Promise<Detected | { tried: Tried }> {
  const tried: Tried = [];
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
      read: ({ json, status, text }) => {
        isBare = status === 200 && text === '';
        return ifParsed(Version, json, found('kagent-0', 'GET /version names a Kagent version'));
      },
    },
    {
      address: () => ({ path: agentPath('/api/agents', agent) }),
      read: ({ json }) =>
        ifParsed(KagentAnswer, json, found('kagent-0', 'GET /api/agents/… answers as Kagent 0.x does')),
    },
    {
      address: () => ({ path: `${agentPath('/agents', agent)}${cardPath}` }),
      read: (reply) => {
        if (readCard(reply) !== undefined) return found('kagent-1', 'a card below /agents/');
        return rpcError(reply) ?? (isBare ? refusedCard(reply) : undefined);
      },
    },
    {
      address: () => ({ path: `${cardAddress(agent, baseUrl).path}${cardPath}`, from: 'host' }),
      read: (reply) => {
        const card = readCard(reply);
        return card === undefined || rpcPathOf(card) === undefined ? undefined : found('a2a', 'a card of A2A 1.x');
      },
    },
    {
      // A REST API lives below the whole path of its base URL; of an agent that it does not know it says so in its own form.
      address: () => ({
        path: `${cardAddress(agent, baseUrl).path}/v1/agents/${encodeURIComponent(restIdOf(agent).toWellFormed())}`,
        from: 'host',
      }),
      read: ({ json }) => ifParsed(RestAgent, json, found('rest', 'GET /v1/agents/… answers with an agent')),
    },
  ];
}

/** Of one that is allowed by its namespace, the name alone is sent nowhere. */
function restIdOf(agent: AskedAgent): string {
  return agentIdOf(agent, agent.boundToNamespace === true ? 'namespace/name' : 'name');
}

function ifParsed(shape: z.ZodType, json: unknown, detected: Detected): Detected | undefined {
  return shape.safeParse(json).success ? detected : undefined;
}

function found(protocol: Protocol, evidence: string): Detected {
  return { protocol, evidence };
}

/** Kagent 1.x refuses cards of agents that are unknown, foreign or not ready in JSON-RPC's words or Kagent's own. */
function rpcError({ json }: Reply): Detected | undefined {
  const shape = z.looseObject({ jsonrpc: z.literal('2.0'), error: z.looseObject({ code: z.int() }) });
  return ifParsed(shape, json, found('kagent-1', 'JSON-RPC below /agents/'));
}

/** Said of an agent that is unknown, foreign or not ready, where every path but those below /agents/ has a bare 200. */
function refusedCard({ status }: Reply): Detected | undefined {
  const isRefused = [400, 403, 409].includes(status);
  return isRefused ? found('kagent-1', 'a refused card below /agents/, and a bare 200 elsewhere') : undefined;
}

function restByError({ json, status }: Reply): Detected | undefined {
  const error = RestError.safeParse(json).data;
  return error?.code === status ? found('rest', 'errors in the form of the REST API') : undefined;
}
