/**
 * What an agent run is after it was started: how it can be followed, how it ended, what it waits for.
 *
 * Texts in it come from agents; the adapters bound them and make them inert (`inert-text.ts`). Holds no key and no address of
 * Kagent.
 */
import { z } from 'zod';
import type { AskedAgent } from './asked-agent.ts';
import type { RunAnswer } from './plain/answer.ts';

/** The protocols of the agent platform. Only runs of the last three can be followed. */
export const protocols = ['rest', 'kagent-0', 'kagent-1', 'a2a'] as const;
export type Protocol = (typeof protocols)[number];

/**
 * Every way in which an agent run ends, and what it means, for people. The word is used unchanged in status, Events, metrics, logs
 * and search attributes.
 */
export const runOutcomes = {
  AgentRunCompleted: 'The agent has finished; its answer may be empty.',
  AgentRunFailed: 'The agent says that it failed; its reason is shown.',
  AgentRunRejected: 'The agent refused the work.',
  AgentRunCancelled: 'The run was cancelled, by a person, by a deleted Hook, or in Kagent.',
  AgentLostRun: 'The agent no longer works on the run: its process has ended, or its result could not be stored.',
  AgentRunTimedOut: 'The run had not ended when its time was up.',
  AgentRunUnknown: 'Nobody can say whether the run goes on; it may have acted.',
} as const;
export type RunOutcome = keyof typeof runOutcomes;

/** How a run ended, once and for all. */
export interface RunEnding {
  outcome: RunOutcome;
  /** What the agent answered; left out where it said nothing. At most {@link answerLimitChars} characters. */
  answer?: string | undefined;
  /** Why it did not complete, in one or two sentences. */
  why?: string | undefined;
  /** Tokens of all model calls of the run, where the agent reports them. */
  usage?: { promptTokens: number; completionTokens: number } | undefined;
  /** Tools that the agent called, where its history shows them. */
  toolCalls?: number | undefined;
}

/** Characters; Temporal takes 2 MiB for a result, and a character may be four bytes. */
export const answerLimitChars = 256 * 1024;

/** The agent's answer to an accepted delivery: a run, which may have ended already. */
export interface AgentRun {
  /** `executionId` of the REST API, or the id of the A2A task. */
  executionId: string;
  message?: string | undefined;
  estimatedDuration?: string | undefined;
  /** Left out by workers that knew only `rest`. */
  protocol?: Protocol | undefined;
  /** The A2A context; Kagent's session. */
  contextId?: string | undefined;
  /** The run in Kagent's own UI. */
  link?: string | undefined;
  /** Where the run ended within the call that started it, or nothing can be followed. */
  ending?: RunEnding | undefined;
}

/** A call that a paused run wants to make. */
export const PausedTool = z.object({
  /** By which a decision names it; unique within the pause. */
  id: z.string(),
  name: z.string(),
  /** JSON text, bounded. */
  arguments: z.string(),
  /** Not all of its arguments are shown. */
  isCut: z.literal(true).optional(),
  /** Its name is shown otherwise than the agent wrote it, so that no list of names can approve it. */
  isRenamed: z.literal(true).optional(),
});
export type PausedTool = z.infer<typeof PausedTool>;

export const PausedQuestion = z.object({
  question: z.string(),
  /** Any text is an answer where there are none. */
  choices: z.array(z.string()),
  /** Several choices may be taken. */
  multiple: z.boolean(),
});
export type PausedQuestion = z.infer<typeof PausedQuestion>;

/**
 * What can be decided about a pause: *each* tool for itself, the pause as a *whole*, nothing but to *reject* it, because not
 * all of it can be shown, or *nothing*, because it is not understood.
 */
export const Decidable = z.enum(['each', 'whole', 'reject', 'nothing']);
export type Decidable = z.infer<typeof Decidable>;

export interface RunPause {
  /** The same for the same question of the same run: a hash of tools, arguments and words. */
  id: string;
  kind: 'approval' | 'question';
  /** The agent's words. */
  message: string;
  /** Left out by workers that could not answer. */
  decidable?: Decidable;
  tools: PausedTool[];
  questions?: PausedQuestion[] | undefined;
}

/** Input of `followRun`. */
export interface Following {
  agent: AskedAgent;
  run: AgentRun;
  /** Milliseconds since 1970: when it was started. */
  askedMs?: number;
  /** Milliseconds since 1970: when the run has had its time. */
  deadlineMs: number;
  /** The pause that the caller knows; the activity returns when the run has left it. */
  pauseId?: string | undefined;
  /** A pause that was answered: the run goes on, whatever Kagent still shows. */
  answeredId?: string | undefined;
}

/** What `followRun` returns: never twice the same pause. */
export type FollowedRun =
  | { state: 'ended'; ending: RunEnding }
  | { state: 'paused'; pause: RunPause }
  | { state: 'working' };

/** Input of `cancelRun`; without a run, what may have been started for this ask is looked for. */
export interface CancelRequest {
  agent: AskedAgent;
  askRun: string;
  run?: AgentRun | undefined;
  askedMs?: number | undefined;
}

export interface AnswerRequest {
  agent: AskedAgent;
  run: AgentRun;
  answer: RunAnswer;
}

/**
 * What has become of an answer: the agent took it, now or at an earlier try; or the run waited for it no longer. The words stand
 * in histories.
 */
export type Answered = 'taken' | 'not-wanted';

/** What the agent said to a request to cancel. */
export interface CancelAnswer {
  isCancelled: boolean;
  /** A clause for people. */
  said: string;
}
