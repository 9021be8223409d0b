/**
 * One event configuration of a Hook: checked, compiled, or refused with a reason and a sentence.
 *
 * Pure; a wrong configuration says so and disturbs none of its neighbours.
 */

import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import { EventConfiguration, type IncidentType } from '../../workflows/contract/hook.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { durationMs } from '../../workflows/contract/plain/duration.ts';
import { longestWaitMs } from '../../workflows/contract/plain/names.ts';
import { parsePrompt } from '../../workflows/contract/prompt.ts';
import { defaultPrompt } from './default-prompt.ts';
import { type Floors, raise, tellRaised } from './floors.ts';
import type { ConfigurationContext, HookProblem } from './hook-problem.ts';
import { readAgent } from './read-agent.ts';
import { type Criteria, readCriteria } from './read-criteria.ts';

export interface LiveConfiguration {
  /** Its name, else its type: what tells it apart within the Hook. */
  key: string;
  type: IncidentType;
  agent: AskedAgent;
  prompt: string;
  criteria: Criteria;
  groupBy: 'workload' | 'pod';
  /** observe: everything but the call. */
  mode: 'act' | 'observe';
  /** How long a state must hold; undefined: as long as its type wants. */
  afterMs?: number;
  quietWindowMs?: number;
  /** The agent is asked again when the incident still fires so long after it was asked. */
  repeatAfterMs?: number;
  /** An agent run is cancelled when it has taken so long. */
  runTimeoutMs?: number;
  /** How often a lost agent run is asked again by itself. */
  lostRunRetries?: number;
  /** An agent run may wait so long for people. */
  approvalTimeoutMs?: number;
  /** Where it says more about runs that wait than for how long. */
  approval?: NonNullable<Incident['approval']>;
}

/** `raised`: sentences about what is done otherwise than it is written. */
export type Reading = { configuration: LiveConfiguration; raised: string[] } | { problem: HookProblem };

/** A run that takes longer than a day is not worked on any more. */
const runTimeoutsMs = { least: 1000, most: 24 * 60 * 60_000 };

/** What nobody has answered in a month is asked of nobody. */
const approvalTimeoutsMs = { least: 1000, most: 30 * 24 * 60 * 60_000 };

export function readConfiguration(entry: unknown, context: ConfigurationContext): Reading {
  const parsed = EventConfiguration.safeParse(entry);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    return { problem: { reason: 'InvalidSpec', message: issues } };
  }
  const { eventType, name, match } = parsed.data;
  if (context.taken.includes(name ?? eventType)) return { problem: duplicate(eventType, name) };
  const agent = readAgent(parsed.data, context);
  if ('problem' in agent) return agent;
  const blind = eventType === 'node-not-ready' ? whyNoNodes(context) : undefined;
  if (blind !== undefined) return { problem: blind };
  const criteria = readCriteria(match, context);
  if ('reason' in criteria) return { problem: criteria };
  const wrong = settingProblem(parsed.data);
  if (wrong !== undefined) return { problem: wrong };
  const { floors } = context.reach;
  const settings = settingsOf(parsed.data, floors);
  return {
    configuration: { ...settings, agent: agent.agent, criteria: criteria.criteria },
    raised: tellRaised(parsed.data, floors),
  };
}

function settingsOf(configuration: EventConfiguration, floors: Floors): Omit<LiveConfiguration, 'agent' | 'criteria'> {
  const { eventType, name, runTimeout, approval, retries } = configuration;
  const { prompt = defaultPrompt, groupBy = 'workload', mode = 'act' } = configuration;
  return {
    key: name ?? eventType,
    type: eventType,
    prompt,
    groupBy,
    mode,
    ...raise(configuration, floors),
    ...(runTimeout !== undefined && { runTimeoutMs: durationMs(runTimeout) }),
    ...(retries !== undefined && { lostRunRetries: retries }),
    ...(approval !== undefined && approvalOf(approval)),
  };
}

function approvalOf({
  timeout,
  onTimeout,
  autoApprove = [],
}: NonNullable<EventConfiguration['approval']>): Pick<LiveConfiguration, 'approvalTimeoutMs' | 'approval'> {
  const approval = {
    ...(onTimeout === 'cancel' && { onTimeout }),
    ...(autoApprove.length > 0 && { autoApprove }),
  };
  return {
    ...(timeout !== undefined && { approvalTimeoutMs: durationMs(timeout) }),
    ...(Object.keys(approval).length > 0 && { approval }),
  };
}

function settingProblem(configuration: EventConfiguration): HookProblem | undefined {
  const { after, quietWindow, repeatAfter, runTimeout, prompt } = configuration;
  for (const [name, wait] of Object.entries({ after, quietWindow, repeatAfter })) {
    if (wait === undefined || durationMs(wait) <= longestWaitMs) continue;
    return { reason: 'InvalidSpec', message: `${name} "${wait}": expected at most ${longestWaitMs / 3_600_000}h.` };
  }
  if (!isWithin(runTimeout, runTimeoutsMs)) {
    return { reason: 'InvalidSpec', message: `runTimeout "${runTimeout}": expected 1s to 24h.` };
  }
  return approvalProblem(configuration) ?? (prompt === undefined ? undefined : promptProblem(prompt));
}

function approvalProblem({ approval }: EventConfiguration): HookProblem | undefined {
  if (!isWithin(approval?.timeout, approvalTimeoutsMs)) {
    return { reason: 'InvalidSpec', message: `approval.timeout "${approval?.timeout}": expected 1s to 720h.` };
  }
  const autoApprove = approval?.autoApprove ?? [];
  if (autoApprove.length === 0 || !autoApprove.every((pattern) => pattern.startsWith('!'))) return undefined;
  const message =
    'approval.autoApprove only excludes; expected at least one name of a tool that is approved by itself.';
  return { reason: 'InvalidSpec', message };
}

function isWithin(duration: string | undefined, { least, most }: { least: number; most: number }): boolean {
  if (duration === undefined) return true;
  const ms = durationMs(duration);
  return ms >= least && ms <= most;
}

function duplicate(eventType: IncidentType, name: string | undefined): HookProblem {
  const message =
    name === undefined
      ? `eventType ${eventType} is configured before in this Hook; the first configuration handles it. Give this one a name.`
      : `the name ${name} is used before in this Hook; expected a name of its own.`;
  return { reason: 'DuplicateEventType', message };
}

function promptProblem(prompt: string): HookProblem | undefined {
  const template = parsePrompt(prompt);
  if (template.ok) return undefined;
  const problems = template.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  return { reason: 'InvalidPrompt', message: `prompt ${problems.join('; ')}` };
}

/** A configuration that can never hear of anything says so, where its author looks. */
function whyNoNodes({ namespace, reach }: ConfigurationContext): HookProblem | undefined {
  if (reach.watched !== undefined) {
    const message = 'Nodes have no namespace, and WATCH_NAMESPACES of the controller lists those that are watched.';
    return { reason: 'NodesNotWatched', message: `eventType node-not-ready: ${message}` };
  }
  if (reach.seesNodes(namespace)) return undefined;
  const message = 'Nodes are not open to Hooks of this namespace; the operator allows it by WIDE_HOOK_NAMESPACES.';
  return { reason: 'NodesNotAllowed', message: `eventType node-not-ready: ${message}` };
}
