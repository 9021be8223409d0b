/**
 * The Hook: one schema from which the TypeScript type, the validation in the watcher and the CRD are made.
 *
 * Descriptions stand on the fields and show up in `kubectl explain`. Every string, list and map is bounded, because the
 * API server estimates the cost of validation rules from these bounds. Takes whatever khook's own CRD takes.
 */
import { z } from 'zod';

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

/** What happens on purpose as a rule; it is an incident only for those who ask for it. */
export const Inclusion = z
  .enum(['job-restarts', 'scheduling-gates', 'drains'])
  .describe(
    'job-restarts: containers of Jobs that are restarted on failure. scheduling-gates: Pods that a gate holds back. ' +
      'drains: evictions through the API, and nodes that are cordoned.',
  );
export type Inclusion = z.infer<typeof Inclusion>;

const LabelSelector = z
  .object({
    matchLabels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .describe('Labels that the object must have, each with this value.'),
    matchExpressions: z
      .array(
        z
          .object({
            key: z.string().min(1).max(317).describe('Name of the label.'),
            operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values are compared.'),
            values: z
              .array(z.string().max(63).describe('A value.'))
              .max(50)
              .optional()
              .describe('The values; only for In and NotIn.'),
          })
          .describe('One requirement.'),
      )
      .max(20)
      .optional()
      .describe('Further requirements, all of which must hold.'),
  })
  .describe('A label selector of Kubernetes, applied to the labels of the object.');

const Match = z
  .object({
    labels: LabelSelector.optional(),
    names: z
      .array(z.string().min(1).max(254).describe('A name.'))
      .max(50)
      .optional()
      .describe('Names of the object or of its workload; * and ? stand for any characters, a leading ! excludes.'),
    namespaces: z
      .array(z.string().min(1).max(64).describe('A namespace.'))
      .max(50)
      .optional()
      .describe('Namespaces to look at instead of that of the Hook, as in names; only where the operator allowed it.'),
    expression: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('A CEL expression over `incident`, such as incident.container == "app" && incident.exitCode == 137.'),
    include: z.array(Inclusion).max(3).optional().describe('Kinds of trouble that otherwise are taken for intended.'),
  })
  .describe('Which incidents of the type are meant; all of them if left out.');
export type Match = z.infer<typeof Match>;

/** Kubernetes' own form: numbers with units, at most four parts. */
const Duration = z
  .string()
  .max(32)
  .regex(/^([0-9]+(ms|s|m|h)){1,4}$/);

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
      .describe(
        'What the agent is told. A Handlebars template; {{.ResourceName}}, {{.Namespace}}, {{.EventTime}}, ' +
          '{{.EventMessage}} and more are filled in from the incident.',
      ),
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .optional()
      .describe('Tells configurations of the same eventType apart; needed when one Hook has an eventType twice.'),
    match: Match.optional(),
    after: Duration.optional().describe(
      'How long a state, such as pending or not ready, must hold before it is an incident; each type has its default.',
    ),
    quietWindow: Duration.optional().describe('The incident is over when nothing was seen of it for so long.'),
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

const Time = z.iso.datetime({ offset: true }).describe('A time in RFC 3339.');

export const ActiveEvent = z
  .object({
    eventType: z.string().max(63).describe('Type of the incident.'),
    resourceName: z.string().max(253).describe('Name of the object that the incident is about.'),
    firstSeen: Time.describe('When the incident was first seen.'),
    lastSeen: Time.describe('When an occurrence of the incident was last seen.'),
    status: z.enum(['firing', 'resolved']).describe('firing while the incident goes on, resolved after.'),
    state: z
      .string()
      .max(63)
      .optional()
      .describe('What the execution is doing, as its search attribute IncidentState says it.'),
    executionId: z.string().max(255).optional().describe('Workflow id of the execution in Temporal.'),
    agent: z.string().max(507).optional().describe('The agent that is asked, as NAMESPACE/NAME.'),
    agentRun: z.string().max(253).optional().describe('The id that the agent gave to its run.'),
    count: z.int().min(1).optional().describe('How many occurrences the incident has had.'),
  })
  .describe('One incident.');
export type ActiveEvent = z.infer<typeof ActiveEvent>;

export const Condition = z
  .object({
    type: z.string().min(1).max(316).describe('Type of the condition.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('True, False or Unknown.'),
    reason: z.string().min(1).max(1024).describe('One CamelCase word that says why.'),
    message: z.string().max(32768).describe('A sentence for people.'),
    lastTransitionTime: Time.describe('When the status last changed.'),
    observedGeneration: z.int().min(0).optional().describe('The generation of the Hook that this speaks about.'),
  })
  .describe('One condition, in the form of the Kubernetes API conventions.');
export type Condition = z.infer<typeof Condition>;

export const HookStatus = z
  .object({
    activeEvents: z.array(ActiveEvent).max(50).optional().describe('The newest incidents; firing ones first.'),
    active: z.int().min(0).optional().describe('How many incidents are firing.'),
    lastFired: Time.optional().describe('When an incident of this Hook last started.'),
    lastUpdated: Time.optional().describe('When this status was last written.'),
    observedGeneration: z.int().min(0).optional().describe('The generation of the Hook that this status speaks about.'),
    conditions: z
      .array(Condition)
      .max(16)
      .optional()
      .describe('Ready: whether all event configurations are acted upon. AgentResolved: whether their agents exist.'),
  })
  .describe('What the controller makes of this Hook. Rebuilt from Temporal at any time.');
export type HookStatus = z.infer<typeof HookStatus>;

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
  status: z.unknown().optional(),
});
export type Hook = z.infer<typeof Hook>;
