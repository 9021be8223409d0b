/**
 * The script of the fake Kagent: how the next requests are to be answered, one step each.
 *
 * Read by the fake's server, written by tests or by POST to its admin endpoint. Without steps the fake behaves well.
 */
import { z } from 'zod';

/** Faults after which no whole answer has been sent. */
export const spoilingKinds = ['hang', 'hang-in-body', 'cut', 'cut-after-accepting', 'cut-body', 'not-http'] as const;

/** What is sent instead of a good answer. `cut-after-accepting`, `cut-body` and `hang-in-body` do start the run first. */
export const Fault = z.discriminatedUnion('kind', [
  /** Nothing is wrong; for steps that only delay. */
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('answer'),
    status: z.int().min(200).max(999).default(200),
    /** Sent as JSON; nothing is sent when left out. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.object({ kind: z.literal('text'), text: z.string(), contentType: z.string().default('application/json') }),
  z.object({
    kind: z.literal('rate-limit'),
    /** `retry_after` in the body. */
    retryAfter: z.unknown().optional(),
    /** The header `Retry-After`. */
    header: z.string().optional(),
  }),
  /** What the request had in `Authorization` is written into every text: of the good answer, or of an error. */
  z.object({ kind: z.literal('echo-key'), status: z.int().min(400).max(599).optional() }),
  z.object({ kind: z.enum(spoilingKinds), status: z.int().min(200).max(599).default(200) }),
]);
export type Fault = z.infer<typeof Fault>;

export const Step = z.object({
  /** Only for requests to this agent. */
  agent: z.string().optional(),
  /** Only for requests of this method: `POST` asks an agent, `GET` looks one up. */
  method: z.enum(['POST', 'GET']).default('POST'),
  /** How many requests this step takes. */
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
  /** Milliseconds before anything is answered. */
  delayMs: z.int().min(0).default(0),
  fault: Fault.default({ kind: 'none' }),
});
export type Step = z.infer<typeof Step>;
export type StepInput = z.input<typeof Step>;

export interface Script {
  /** Forgets the steps left over and takes these. */
  set: (steps: readonly StepInput[]) => void;
  /** The step for a request of this method to this agent, used up by this. */
  next: (method: string, agent: string) => Step;
}

export function createScript(steps: readonly StepInput[] = []): Script {
  let left = z.array(Step).parse(steps);
  return {
    set(next) {
      left = z.array(Step).parse(next);
    },
    next(method, agent) {
      const step = left.find((each) => each.method === method && (each.agent === undefined || each.agent === agent));
      if (step === undefined) return Step.parse({});
      if (typeof step.times === 'number') {
        step.times -= 1;
        if (step.times === 0) left = left.filter((each) => each !== step);
      }
      return step;
    },
  };
}
