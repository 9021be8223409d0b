/**
 * One event configuration of a Hook: checked, compiled, or refused with a reason and a sentence.
 *
 * Pure; a wrong configuration says so and disturbs none of its neighbours.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { EventConfiguration, type IncidentType } from '../../../workflows/contract/hook.ts';
import type { Incident } from '../../../workflows/contract/incident.ts';
import { durationMs } from '../../../workflows/contract/plain/duration.ts';
import { type ConfigurationContext, type Refused, refuse } from '../hook-problem.ts';
import { refuseDuplicate, refuseNodes, refuseSettings } from './check-configuration.ts';
import { defaultPrompt } from './default-prompt.ts';
import { describeRaised, type Floors, raise } from './floors.ts';
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

function approvalOf(
  written: NonNullable<EventConfiguration['approval']>,
): Pick<LiveConfiguration, 'approvalTimeoutMs' | 'approval'> {
  const { timeout, onTimeout, autoApprove = [] } = written;
  const approval = {
    ...(onTimeout === 'cancel' && { onTimeout }),
    ...(autoApprove.length > 0 && { autoApprove }),
  };
  return {
    ...(timeout !== undefined && { approvalTimeoutMs: durationMs(timeout) }),
    ...(Object.keys(approval).length > 0 && { approval }),
  };
}
