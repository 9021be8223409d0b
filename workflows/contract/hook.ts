/**
 * The Hook: one schema from which the TypeScript type, the validation in the watcher and the CRD are made.
 *
 * Descriptions stand on the fields and show up in `kubectl explain`. Every string, list and map is bounded, because the
 * API server estimates the cost of validation rules from these bounds. Takes whatever khook's own CRD takes.
 */
import { z } from 'zod';
import { HookStatus } from './hook-status.ts';
import { Match } from './match.ts';
import { durationPattern } from './plain/duration.ts';

export const hookGroup = 'kagent.dev';
export const hookVersion = 'v1alpha2';

/** The incident types that a Hook can name; the first four are khook's. */
export const IncidentType = z
  .enum([
    'pod-restart',
    'pod-pending',
    'oom-kill',
    'probe-failed',
    'image-pull-failed',
    'container-config-error',
    'volume-mount-failed',
    'pod-evicted',
    'pod-failed',
    'node-not-ready',
    'job-failed',
    'rollout-stuck',
    'hpa-failed',
  ])
  .describe('The type of incident that this configuration handles.');
export type IncidentType = z.infer<typeof IncidentType>;

const AgentRef = z
  .object({
    name: z.string().min(1).max(253).describe('Name of the Kagent agent.'),
    namespace: z
      .string()
      .max(253)
      .optional()
      .describe('Namespace of the agent; the namespace of the Hook if left out.'),
  })
  .describe('The Kagent agent that is asked to handle the incident.');

const Duration = z.string().max(32).regex(durationPattern);

const Approval = z
  .object({
    timeout: Duration.optional().describe('How long an agent run may wait for people; 24h if left out. 1s to 720h.'),
    onTimeout: z
      .enum(['reject', 'cancel'])
      .optional()
      .describe(
        'What happens when nobody has answered in time. reject, the default: the agent gets a rejection, and goes on. cancel: the run ends as AgentRunTimedOut.',
      ),
    autoApprove: z
      .array(z.string().min(1).max(254).describe('A name of a tool, with * and ?; a leading ! excludes.'))
      .max(50)
      .optional()
      .describe(
        'Tools that are approved by themselves, where a pause holds no others. None if left out; questions never.',
      ),
  })
  .describe('What becomes of an agent run that waits for an approval or an answer of people.');

export const EventConfiguration = z
  .object({
    eventType: IncidentType,
    agentRef: AgentRef.optional(),
    agentId: z
      .string()
      .min(1)
      .max(507)
      .optional()
      .describe('Deprecated, use agentRef: the agent as NAME or NAMESPACE/NAME.'),
    prompt: z
      .string()
      .min(1)
      .max(65536)
      .optional()
      .describe(
        'What the agent is asked. A Handlebars template; {{.ResourceName}}, {{.Namespace}}, {{.EventTime}}, ' +
          '{{.EventMessage}}, {{.Evidence}} and more are filled in from the incident. If left out, the agent gets ' +
          'all that is known, and is asked to find the cause and to change nothing.',
      ),
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .optional()
      .describe('Distinguishes configurations of the same eventType; needed when one Hook has an eventType twice.'),
    match: Match.optional(),
    after: Duration.optional().describe(
      'How long a state, such as pending or not ready, must hold before it is an incident, besides waits that its object declares; each type has its default.',
    ),
    quietWindow: Duration.optional().describe('The incident is over when nothing was seen of it for so long.'),
    repeatAfter: Duration.optional().describe(
      'Asks the agent again, as a new agent run, when the incident still fires so long after it was asked. At least what the operator allows, 1m by default; never if left out.',
    ),
    runTimeout: Duration.optional().describe(
      'How long an agent run may take before it is cancelled and ends as AgentRunTimedOut. 1s to 24h.',
    ),
    approval: Approval.optional(),
    retries: z
      .int()
      .min(0)
      .max(1)
      .optional()
      .describe('How often a lost agent run is asked again by itself; it may have acted. 0 if left out.'),
    groupBy: z
      .enum(['workload', 'pod'])
      .optional()
      .describe(
        'workload, the default: all Pods of one workload with the same trouble are one incident. pod: each apart.',
      ),
    mode: z
      .enum(['act', 'observe'])
      .optional()
      .describe(
        'act, the default. observe: everything but the call; the execution shows the request that would have been sent.',
      ),
  })
  .describe('Which incident type is handled by which agent with which prompt. Needs agentRef or agentId.');
export type EventConfiguration = z.infer<typeof EventConfiguration>;

export const HookSpec = z
  .object({
    eventConfigurations: z
      .array(EventConfiguration)
      .min(1)
      .max(100)
      .describe('The incident types that this Hook handles, each with its agent and prompt.'),
    paused: z
      .boolean()
      .optional()
      .describe('Starts nothing new while true, and counts what it would have started; what is being handled goes on.'),
  })
  .describe('What this Hook reacts to, and how.');

/** A Hook as the watcher reads it; `spec` is checked apart, so that a wrong one can be answered with a condition. */
export const Hook = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.int().default(1),
    creationTimestamp: z.string(),
  }),
  spec: z.unknown().optional(),
  /** Undefined also where it is of another shape: it is written anew. */
  status: HookStatus.optional().catch(undefined),
});
export type Hook = z.infer<typeof Hook>;
