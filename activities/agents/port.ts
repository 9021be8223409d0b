/**
 * The port that every protocol implements: start an agent run, look at it, see whether it lives, answer it, cancel it.
 *
 * An adapter tries once: it never retries, and it knows nothing of Temporal. Whatever it cannot do rejects with a
 * `DeliveryError`.
 */

import type { AgentRun, Answered, CancelAnswer, RunEnding, RunPause } from '../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import type { Delivery, UnsentRequest } from '../../workflows/contract/outcome.ts';
import type { RunAnswer } from '../../workflows/contract/plain/answer.ts';

export interface StartOptions {
  /** The same for every try of one agent run; ids of messages and contexts are made of it. */
  idempotencyKey: string;
  /** An earlier try may have started the run: where it can be looked for, that comes first. Left out: no. */
  isRepeat?: boolean;
  /** Aborted when nobody waits for the answer any more; `start` then ends at once, mostly with the signal's reason. */
  signal: AbortSignal;
}

/** A run that was started, as its adapter finds it again. */
export interface RunOf {
  agent: AskedAgent;
  run: AgentRun;
  signal: AbortSignal;
}

/** A run that waits, and the answer for it. */
export interface AnswerOf extends RunOf {
  answer: RunAnswer;
  /** An earlier try may have delivered it. */
  isRepeat: boolean;
}

/** A run that may have been started. */
export interface MaybeRunOf {
  agent: AskedAgent;
  idempotencyKey: string;
  signal: AbortSignal;
}

/** What one look at a run showed. `mark` changes when the run makes progress. */
export type RunReading =
  | { state: 'working'; mark: string }
  | { state: 'paused'; pause: RunPause }
  | { state: 'ended'; ending: RunEnding }
  /** Kagent does not know the run (any more). */
  | { state: 'missing' };

/**
 * Whether an agent works on a run that reads *working*: `gone` where the agent says that it does not, `absent` where nobody
 * listens, which may be a Pod that is not ready for a while.
 */
export type Liveness = 'alive' | 'gone' | 'absent' | 'unclear';

export interface AgentPort {
  /** Hands the incident to the agent. Returns only for a run that was started; rejects with a `DeliveryError`. */
  start(delivery: Delivery, options: StartOptions): Promise<AgentRun>;
  /** What `start` would send, but for the key. Starts nothing; throws a `DeliveryError` where nothing could be sent. */
  describe(delivery: Delivery): Promise<UnsentRequest>;
  look(of: RunOf): Promise<RunReading>;
  probe(of: RunOf): Promise<Liveness>;
  cancel(of: RunOf): Promise<CancelAnswer>;
  /** Delivers an answer to the pause that it names, unless the run has left that pause or has the answer already. */
  answer(of: AnswerOf): Promise<Answered>;
  /** Looks for a run whose start was never answered; undefined where none was started. */
  find(of: MaybeRunOf): Promise<AgentRun | undefined>;
}
