/**
 * JSON-RPC 2.0 as A2A uses it: what an HTTP answer says in its envelope. Pure.
 *
 * The body decides, not the status: Kagent 0.8 answers 404 and 500 with well-formed errors, and Kagent 1.x answers paths
 * that it does not know with a bare 200.
 */
import { z } from 'zod';

/** An error as the peer sent it; `reason` and `metadata` are those of its ErrorInfo, where there is one. */
export interface RpcFault {
  code: number;
  message: string;
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
}

export type RpcAnswer = { result: unknown } | { fault: RpcFault } | { flaw: string };

const Reason = z.string().optional().catch(undefined);
const ErrorInfo = z.looseObject({
  reason: Reason,
  metadata: z
    .looseObject({
      reason: Reason,
      retryAfterMs: z.coerce.number().min(0).optional().catch(undefined), // Kagent 1.x writes it as text
    })
    .optional()
    .catch(undefined),
});

const Envelope = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string().catch(''), data: z.unknown().optional() }).nullish(),
});

/** What a body says to the request with this id; a flaw is a clause such as `with the id of another request`. */
export function readRpcAnswer(body: unknown, id: string): RpcAnswer {
  const envelope = Envelope.safeParse(body).data;
  if (envelope === undefined) return { flaw: 'not as JSON-RPC answers' };
  const { error, result, id: answered = null } = envelope;
  const isOurs = answered === id;
  // Who could not read a request does not know its id.
  if (error !== undefined && error !== null) return isOurs || answered === null ? { fault: faultOf(error) } : otherId;
  if (!isOurs) return otherId;
  return result === undefined || result === null ? { flaw: 'with neither a result nor an error' } : { result };
}

const ErrorInfos = z.array(ErrorInfo);
const otherId = { flaw: 'with the id of another request' };

function faultOf({ code, message, data }: { code: number; message: string; data?: unknown }): RpcFault {
  const infos = ErrorInfos.safeParse(data).data ?? [];
  const named = infos.find((info) => info.metadata?.reason !== undefined)?.metadata;
  return {
    code,
    message: typeof data === 'string' ? `${message}: ${data}` : message,
    reason: named?.reason ?? infos.find((info) => info.reason !== undefined)?.reason,
    retryAfterMs: named?.retryAfterMs,
  };
}
