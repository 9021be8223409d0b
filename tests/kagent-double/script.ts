/**
 * The script of the double: what goes wrong on the wire with the next requests. Without steps nothing does.
 *
 * Read by the server, written by tests or by POST to the admin endpoint.
 */
import { z } from 'zod';

/** Without `isHandled`, Kagent never sees the request. */
const maybeHandled = { isHandled: z.boolean().default(false) };

export const Fault = z.discriminatedUnion('kind', [
  /** Nothing is wrong; for steps that only delay. */
  z.object({ kind: z.literal('none') }),
  /** The connection is cut, and nothing was handled. */
  z.object({ kind: z.literal('cut-before') }),
  /** Handled, but the connection is cut before a byte of the reply. */
  z.object({ kind: z.literal('cut-after') }),
  /** Headers and half of the body. */
  z.object({ kind: z.literal('cut-mid-reply') }),
  z.object({ kind: z.literal('hang'), ...maybeHandled }),
  z.object({
    kind: z.literal('answer'),
    status: z.int().min(200).max(999).default(200),
    headers: z.record(z.string(), z.string()).default({}),
    /** Text is sent as it is, everything else as JSON; nothing when left out. */
    body: z.unknown().optional(),
    ...maybeHandled,
  }),
  z.object({ kind: z.literal('empty-200'), ...maybeHandled }),
  z.object({ kind: z.literal('html'), status: z.int().min(200).max(599).default(200), ...maybeHandled }),
  /** The good reply, to another request. */
  z.object({ kind: z.literal('wrong-id') }),
  z.object({ kind: z.literal('empty-object'), ...maybeHandled }),
  /** The good reply with bytes in its texts that are no UTF-8. */
  z.object({ kind: z.literal('broken-utf8') }),
  z.object({
    kind: z.literal('redirect'),
    status: z.int().min(300).max(399).default(307),
    location: z.string().default('/elsewhere'),
  }),
  z.object({
    kind: z.literal('rpc-error'),
    code: z.int(),
    message: z.string(),
    data: z.unknown().optional(),
    ...maybeHandled,
  }),
  /** Handled, and answered as a failure of a Go agent is. */
  z.object({ kind: z.literal('masked') }),
  /** 1.x: not taken, to be sent again. */
  z.object({ kind: z.literal('not-accepted'), retryAfterMs: z.string().default('100') }),
  z.object({ kind: z.literal('big-body'), bytes: z.int().min(0), ...maybeHandled }),
  /** A stream that stops after its first event, or before, and stays open. */
  z.object({ kind: z.literal('stall-stream'), events: z.int().min(0).default(1) }),
]);
export type Fault = z.infer<typeof Fault>;

export const ScriptStep = z.object({
  /** Which requests; all by default. */
  on: z
    .object({
      method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
      /** Part of the path. */
      path: z.string().optional(),
      /** JSON-RPC method. */
      rpc: z.string().optional(),
    })
    .prefault({}),
  /** How many requests this step takes. */
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
  /** Milliseconds before anything is done. */
  delayMs: z.int().min(0).default(0),
  fault: Fault.default({ kind: 'none' }),
});
type Step = z.infer<typeof ScriptStep>;
/** As a test writes it. */
export type ScriptStepInput = z.input<typeof ScriptStep>;

export interface Script {
  /** Forgets the steps left over and takes these. */
  set: (steps: readonly ScriptStepInput[]) => void;
  /** The step for this request, used up by this. */
  next: (request: { method: string; path: string; body: unknown }) => Step;
}

const Named = z.looseObject({ method: z.string() });

export function createScript(): Script {
  let left: Step[] = [];
  return {
    set(steps) {
      left = z.array(ScriptStep).parse(steps);
    },
    next({ method, path, body }) {
      const named = Named.safeParse(body);
      const rpc = named.success ? named.data.method : undefined;
      const step = left.find(
        ({ on }) =>
          (on.method === undefined || on.method === method) &&
          (on.path === undefined || path.includes(on.path)) &&
          (on.rpc === undefined || on.rpc === rpc),
      );
      if (step === undefined) return ScriptStep.parse({});
      if (typeof step.times === 'number') {
        step.times -= 1;
        if (step.times === 0) left = left.filter((each) => each !== step);
      }
      return step;
    },
  };
}
