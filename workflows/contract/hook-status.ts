/**
 * The status of a Hook: khook's shape of active events, with fields of ours, and conditions.
 *
 * Written by the watcher's report, described in the CRD. Bounded; made from Temporal at any time.
 */
import { z } from 'zod';

export const Time = z.iso.datetime({ offset: true }).describe('A time in RFC 3339.');

const WaitingTool = z
  .object({
    id: z.string().max(64).describe('By which a decision names it.'),
    name: z.string().max(253).describe('Name of the tool.'),
    arguments: z.string().max(256).describe('The beginning of its arguments, as JSON.'),
  })
  .describe('A tool that the agent wants to call.');

const WaitingStatus = z
  .object({
    pause: z.string().max(64).describe('Names what is asked; an answer has to name it.'),
    for: z.string().max(63).describe('approval or question.'),
    until: Time.optional().describe('Until when it waits.'),
    message: z.string().max(512).optional().describe("The beginning of the agent's words."),
    tools: z.array(WaitingTool).max(10).optional().describe('The first tools that the agent wants to call.'),
  })
  .describe('What the agent run waits for; left out while it does not wait for people.');

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
    link: z.string().max(2048).optional().describe("The execution in Temporal's Web UI."),
    agent: z.string().max(507).optional().describe('The agent that is asked, as NAMESPACE/NAME.'),
    agentRun: z.string().max(253).optional().describe('The id that the agent gave to its run.'),
    agentRunLink: z.string().max(2048).optional().describe("The agent run in Kagent's UI."),
    waiting: WaitingStatus.optional(),
    outcome: z.string().max(63).optional().describe('How the newest agent run ended.'),
    answer: z.string().max(1024).optional().describe('The beginning of what the agent answered.'),
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
    more: z.int().min(1).optional().describe('How many more incidents there are than activeEvents shows.'),
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
