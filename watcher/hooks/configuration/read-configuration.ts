/**
 * One event configuration of a Hook: checked, compiled, or refused with a reason and a sentence.
 *
 * Pure; a wrong configuration says so and disturbs none of its neighbours.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { EventConfiguration, type IncidentType } from '../../../workflows/contract/hook.ts';
import type { Incident, Timing } from '../../../workflows/contract/incident.ts';
import { durationMs } from '../../../workflows/contract/plain/duration.ts';
import { type ConfigurationContext, type Refused, refuse } from '../hook-problem.ts';
import { refuseDuplicate, refuseNodes, refuseSettings } from './check-configuration.ts';
import { defaultPrompt } from './default-prompt.ts';
import { describeRaised, type Floors } from './floors.ts';
import { readAgent } from './read-agent.ts';
import { type Criteria, readCriteria } from './read-criteria.ts';

export interface LiveConfiguration {
  /** Its name, else its type: what distinguishes it within the Hook. */
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
  /** What it sets of the times of its incidents. */
  timing: Partial<Timing>;
  /** Where it says more about runs that wait than for how long. */
  approval?: NonNullable<Incident['approval']>;
}

/** `raised`: sentences about what is done otherwise than it is written. */
type ConfigurationReading = { configuration: LiveConfiguration; raised: string[] } | Refused;

export function readConfiguration(entry: unknown, context: ConfigurationContext): ConfigurationReading {
  const parsed = EventConfiguration.safeParse(entry);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return refuse('InvalidSpec', issues.join('; '));
  }
  const written = parsed.data;
  const duplicate = refuseDuplicate(written, context);
  if (duplicate !== undefined) return duplicate;
  const agent = readAgent(written, context);
  if ('problem' in agent) return agent;
  const blind = refuseNodes(written, context);
  if (blind !== undefined) return blind;
  const criteria = readCriteria(written.match, context);
  if ('problem' in criteria) return criteria;
  const { floors } = context.reach;
  return (
    refuseSettings(written) ?? {
      configuration: { ...settingsOf(written, floors), ...agent, ...criteria },
      raised: describeRaised(written, floors),
    }
  );
}

function settingsOf(configuration: EventConfiguration, floors: Floors): Omit<LiveConfiguration, 'agent' | 'criteria'> {
  const { eventType, name, prompt = defaultPrompt, groupBy = 'workload', mode = 'act', after } = configuration;
  const approval = approvalOf(configuration.approval);
  return {
    key: name ?? eventType,
    type: eventType,
    prompt,
    groupBy,
    mode,
    ...(after !== undefined && { afterMs: Math.max(floors.after, durationMs(after)) }),
    timing: timingOf(configuration, floors),
    ...(Object.keys(approval).length > 0 && { approval }),
  };
}

function approvalOf({ onTimeout, autoApprove = [] }: EventConfiguration['approval'] = {}) {
  return {
    ...(onTimeout === 'cancel' && { onTimeout }),
    ...(autoApprove.length > 0 && { autoApprove }),
  };
}

function timingOf(configuration: EventConfiguration, floors: Floors): Partial<Timing> {
  const { quietWindow, repeatAfter, runTimeout, retries, approval: { timeout } = {} } = configuration;
  return {
    ...(quietWindow !== undefined && { quietWindowMs: Math.max(floors.quietWindow, durationMs(quietWindow)) }),
    ...(repeatAfter !== undefined && { repeatAfterMs: Math.max(floors.repeatAfter, durationMs(repeatAfter)) }),
    ...(runTimeout !== undefined && { runTimeoutMs: durationMs(runTimeout) }),
    ...(retries !== undefined && { lostRunRetries: retries }),
    ...(timeout !== undefined && { approvalTimeoutMs: durationMs(timeout) }),
  };
}
