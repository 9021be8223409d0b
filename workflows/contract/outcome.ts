/**
 * Every way in which handling an incident may go, and the words for it.
 *
 * A reason word is used unchanged in Temporal failure types, search attributes, Hook status, logs and metrics.
 * Two kinds: *again* (tried again, maybe later) and *never* (no retry helps until a person changes something).
 */
import { z } from 'zod';
import { type AgentRun, Decidable, PausedQuestion, PausedTool, type RunEnding } from './agent-run.ts';
import type { AskedAgent } from './asked-agent.ts';

/** What an execution is doing; the values of search attribute `IncidentState`. */
export const IncidentState = z.enum([
  'delivering',
  'redelivering',
  'asked',
  'running',
  /** Of executions that began before people could answer here. */
  'input-required',
  'awaiting-approval',
  'awaiting-answer',
  'answered',
  'run-failed',
  'observed',
  'resolved',
  'failed',
  'cancelled',
]);
export type IncidentState = z.infer<typeof IncidentState>;

/** The states in which an execution waits for people. */
export const awaitingStates = ['awaiting-approval', 'awaiting-answer'] as const satisfies readonly IncidentState[];

/** The states in which an execution has ended. One that was terminated can write no state: whoever lists it says so. */
export const endStates = ['resolved', 'failed', 'cancelled', 'terminated'] as const;

/** Reasons why one try to reach the agent failed, each with its kind and what a person can do. */
export const deliveryReasons = {
  ConnectionFailed: { kind: 'again', hint: 'Check base-url, network policies and the Kagent platform.' },
  TimedOut: { kind: 'again', hint: 'Check the Kagent platform, or raise timeout in the Secret.' },
  RateLimited: { kind: 'again', hint: 'Waits as long as the server asks; reduce the load or raise the plan.' },
  AgentUnavailable: { kind: 'again', hint: 'Check the Kagent platform status.' },
  AgentNotReady: { kind: 'again', hint: "The agent's Pod does not answer; check its Deployment." },
  MalformedAnswer: { kind: 'again', hint: 'base-url may not point at the Kagent API: the answer was not one of its.' },
  Unauthorized: { kind: 'never', hint: 'Verify that the API key is correct, has agents:execute and has not expired.' },
  Forbidden: { kind: 'never', hint: 'The API key lacks the permission agents:execute.' },
  AgentNotAllowed: {
    kind: 'never',
    hint: 'Set KAGENT_AGENT_ID=namespace/name, with a2a write {namespace} into base-url, or allow */NAME in AGENTS_ALLOW.',
  },
  AgentNotFound: { kind: 'never', hint: 'Verify the agent in the Hook, that it exists in Kagent and is deployed.' },
  EndpointNotFound: { kind: 'never', hint: 'base-url does not point at the Kagent API.' },
  Redirected: { kind: 'never', hint: 'Redirects are not followed with a key; set base-url to the final address.' },
  RequestRejected: { kind: 'never', hint: 'The server refuses this request; see its message.' },
  AgentRefused: { kind: 'never', hint: 'The server answered success: false; see its message.' },
} as const satisfies Record<string, { kind: 'again' | 'never'; hint: string }>;
export type DeliveryReason = keyof typeof deliveryReasons;

/** Reasons why a call waits that was not tried. */
export const waitReasons = {
  NamespaceBusy:
    'Hooks of this namespace hold their share of the worker; raise MAX_CONCURRENT_AGENT_CALLS, or add workers.',
} as const;
export type WaitReason = keyof typeof waitReasons;

/** Reasons for which an execution ends as Failed, beyond the *never* ones above. */
export const failureReasons = {
  PromptRefused: 'The prompt template could not be rendered for this incident.',
  DeliveryExhausted: 'The attempts of one delivery are used up; it is delivered again until the redelivery limit.',
  RedeliveryLimitReached: 'The agent could not be asked within the redelivery limit.',
} as const;
export type FailureReason = keyof typeof failureReasons;

/** A request that was not sent, as it would have been but for the key. */
export interface UnsentRequest {
  method: string;
  /** Below the base URL. */
  path: string;
  body: unknown;
}

/** What the workflow hands to `callAgent`; goes into Temporal's history, so it holds no key and no address. */
export interface Delivery {
  agent: AskedAgent;
  prompt: string;
  context: { eventName: string; eventTime: string; resourceName: string; namespace: string; eventMessage: string };
  hookName: string;
  /** By which the worker shares its slots among namespaces. */
  hookNamespace?: string;
  cluster?: string | undefined;
  /** The ask run: with the workflow id it makes the idempotency key, the same for every try of one agent run. */
  askRun: string;
  /** An earlier delivery of the same ask was given up, and may have started a run: that is looked for first. */
  mayHaveStarted?: boolean | undefined;
}

/** The last transitions of an execution, kept in its memo; Kubernetes Events and status are made from them. */
export const Transition = z.object({ state: IncidentState, at: z.string(), note: z.string().optional() });
export type Transition = z.infer<typeof Transition>;

/** What an execution waits for, as others may know it. */
export const Waiting = z.object({
  pause: z.string(),
  kind: z.enum(['approval', 'question']),
  message: z.string(),
  decidable: Decidable.default('nothing'),
  tools: z.array(PausedTool),
  questions: z.array(PausedQuestion).optional(),
  since: z.string(),
  /** Until when it waits, and what happens then. */
  until: z.string().optional(),
  onTimeout: z.enum(['reject', 'cancel']).optional(),
  /** Who has answered, while that is delivered. */
  answeredBy: z.string().optional(),
  /** The incident is over already: why. */
  over: z.string().optional(),
});
export type Waiting = z.infer<typeof Waiting>;

const Decided = z.object({
  pauseId: z.string(),
  /** RFC 3339. */
  at: z.string(),
  /** Such as `approved`; `decided elsewhere` where it was not answered here. */
  what: z.string(),
  cause: z.enum(['person', 'auto-approve', 'timeout', 'elsewhere']),
  by: z.string().optional(),
  why: z.string().optional(),
  /** Names of the tools that it was about. */
  tools: z.array(z.string()).optional(),
});
export type Decided = z.infer<typeof Decided>;

/** The memo of an execution: what other processes may know about it without replaying it. */
export const IncidentMemo = z.object({
  clusterUid: z.string(),
  hookUid: z.string(),
  hookGeneration: z.int(),
  subjectUid: z.string(),
  subjectKind: z.string().default('Pod'),
  nature: z.enum(['edge', 'state']),
  container: z.string().optional(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  count: z.int(),
  /** Occurrences that this episode has received, also those that it knew. */
  received: z.int().default(0),
  dropped: z.int().optional(),
  /** Newest occurrence per member, bounded. */
  known: z.record(z.string(), z.object({ id: z.string(), order: z.number(), name: z.string().optional() })),
  agentRun: z.string().optional(),
  agentRunLink: z.string().optional(),
  outcome: z.string().optional(),
  /** The beginning of what it answered. */
  answer: z.string().optional(),
  failure: z.string().optional(),
  /** What it waits for; left out, or of a form that is not known, while it does not. */
  waiting: Waiting.optional().catch(undefined),
  decided: z.array(Decided).optional().catch(undefined),
  transitions: z.array(Transition),
});
export type IncidentMemo = z.infer<typeof IncidentMemo>;

/** Whether the incident was over before its run, or after it. */
export type Recovery = 'recovered while the agent ran' | 'recovered after it' | 'still firing when it answered';

/** The result of a completed execution, as it stands in Temporal's Web UI. */
export interface Outcome {
  state: 'resolved';
  /** Left out where the agent was not to be asked. */
  agentRun?: AgentRun;
  /** How the newest run ended; left out where a run cannot be followed. */
  ending?: RunEnding;
  recovery?: Recovery;
  request?: UnsentRequest;
  /** Agent runs, where the agent was asked more than once because the incident kept firing. */
  asks?: number;
  occurrences: number;
  firstSeen: string;
  lastSeen: string;
}
