/**
 * One event configuration of a Hook: checked, compiled, or refused with a reason and a sentence.
 *
 * Called by live-hook for each entry. Pure; a wrong configuration says so and disturbs none of its neighbours.
 */
import { EventConfiguration, type IncidentType } from '../../workflows/contract/hook.ts';
import type { AskedAgent } from '../../workflows/contract/outcome.ts';
import { parsePrompt } from '../../workflows/contract/prompt.ts';
import { durationMs } from '../duration.ts';
import { type Floors, raise, tellRaised } from './floors.ts';
import type { Reach } from './reach.ts';
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
}

/** Why a configuration is not acted upon; the reason becomes that of the Hook's condition Ready. */
export interface HookProblem {
  reason:
    | 'InvalidSpec'
    | 'InvalidPrompt'
    | 'PromptsTooLarge'
    | 'InvalidMatch'
    | 'AgentMissing'
    | 'AgentAmbiguous'
    | 'AgentNameInvalid'
    | 'AgentNotAllowed'
    | 'DuplicateEventType'
    | 'NamespacesNotAllowed'
    | 'NodesNotAllowed'
    | 'NamespacesNotWatched'
    | 'NodesNotWatched';
  message: string;
}

export interface ConfigurationContext {
  namespace: string;
  reach: Reach;
  /** Keys of the configurations before it. */
  taken: readonly string[];
}

/** `raised`: sentences about what is done otherwise than it is written. */
export type Reading = { configuration: LiveConfiguration; raised: string[] } | { problem: HookProblem };

/** A run that takes longer than a day is not worked on any more. */
const runTimeoutsMs = { least: 1000, most: 24 * 60 * 60_000 };

export function readConfiguration(entry: unknown, context: ConfigurationContext): Reading {
  const parsed = EventConfiguration.safeParse(entry);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    return { problem: { reason: 'InvalidSpec', message: issues } };
  }
  const { eventType, name, match } = parsed.data;
  if (context.taken.includes(name ?? eventType)) return { problem: duplicate(eventType, name) };
  const agent = readAgent(parsed.data, context.namespace);
  if ('problem' in agent) return agent;
  const refused = whyNotAgent(agent.agent, context);
  if (refused !== undefined) return { problem: refused };
  const blind = eventType === 'node-not-ready' ? whyNoNodes(context) : undefined;
  if (blind !== undefined) return { problem: blind };
  const criteria = readCriteria(match, context);
  if ('reason' in criteria) return { problem: criteria };
  const wrong = settingProblem(parsed.data);
  if (wrong !== undefined) return { problem: wrong };
  const { floors } = context.reach;
  const settings = settingsOf(parsed.data, floors);
  return {
    configuration: { ...settings, agent: boundAgent(agent.agent, context), criteria: criteria.criteria },
    raised: tellRaised(parsed.data, floors),
  };
}

/** Where it is allowed for its namespace's sake, the worker must not send its name alone. */
function boundAgent(agent: Agent, { reach }: ConfigurationContext): Agent {
  return reach.isBoundToNamespace(agent) ? { ...agent, boundToNamespace: true } : agent;
}

function settingsOf(configuration: EventConfiguration, floors: Floors): Omit<LiveConfiguration, 'agent' | 'criteria'> {
  const { eventType, name, prompt, runTimeout, retries, groupBy = 'workload', mode = 'act' } = configuration;
  return {
    key: name ?? eventType,
    type: eventType,
    prompt,
    groupBy,
    mode,
    ...raise(configuration, floors),
    ...(runTimeout !== undefined && { runTimeoutMs: durationMs(runTimeout) }),
    ...(retries !== undefined && { lostRunRetries: retries }),
  };
}

function settingProblem({ runTimeout, prompt }: EventConfiguration): HookProblem | undefined {
  const runMs = runTimeout === undefined ? undefined : durationMs(runTimeout);
  if (runMs !== undefined && (runMs < runTimeoutsMs.least || runMs > runTimeoutsMs.most)) {
    return { reason: 'InvalidSpec', message: `runTimeout "${runTimeout}": wanted 1s to 24h.` };
  }
  return promptProblem(prompt);
}

function duplicate(eventType: IncidentType, name: string | undefined): HookProblem {
  const message =
    name === undefined
      ? `eventType ${eventType} is configured before in this Hook; the first configuration handles it. Give this one a name.`
      : `the name ${name} is used before in this Hook; wanted a name of its own.`;
  return { reason: 'DuplicateEventType', message };
}

function promptProblem(prompt: string): HookProblem | undefined {
  const template = parsePrompt(prompt);
  if (template.ok) return undefined;
  const problems = template.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  return { reason: 'InvalidPrompt', message: `prompt ${problems.join('; ')}` };
}

type Agent = LiveConfiguration['agent'];
type AgentReading = { agent: Agent } | { problem: HookProblem };

function readAgent({ agentRef, agentId }: EventConfiguration, hookNamespace: string): AgentReading {
  const byRef = agentRef && { name: agentRef.name, namespace: agentRef.namespace || hookNamespace };
  const byId = agentId === undefined ? undefined : agentOfId(agentId, hookNamespace);
  if (byId?.name === '') {
    const message = `agentId "${String(agentId)}" names no agent; wanted NAME or NAMESPACE/NAME.`;
    return { problem: { reason: 'AgentMissing', message } };
  }
  const agent = byRef ?? byId;
  if (agent === undefined) {
    const message = 'neither agentRef nor agentId is set; wanted agentRef.name.';
    return { problem: { reason: 'AgentMissing', message } };
  }
  return byId === undefined || isSameAgent(agent, byId) ? { agent } : ambiguous(agent, byId);
}

/** Agents are objects of Kubernetes; what has another form may mean another path to whoever is asked for it. */
function isKubernetesName({ namespace, name }: Agent): boolean {
  const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
  const isLabel = new RegExp(`^${label}$`);
  const isSubdomain = new RegExp(`^${label}(\\.${label})*$`);
  return isLabel.test(namespace) && name.length <= 253 && isSubdomain.test(name);
}

function whyNotAgent(agent: Agent, { reach }: ConfigurationContext): HookProblem | undefined {
  if (!isKubernetesName(agent)) return noName(agent);
  return reach.allowsAgent(agent) ? undefined : notAllowed(agent);
}

function noName({ namespace, name }: Agent): HookProblem {
  const message = `agent ${namespace}/${name} has no names as Kubernetes gives them; wanted lower case letters, digits and dashes.`;
  return { reason: 'AgentNameInvalid', message };
}

function notAllowed({ namespace, name }: Agent): HookProblem {
  const message = `agent ${namespace}/${name} is not among those that AGENTS_ALLOW of the controller lets Hooks name.`;
  return { reason: 'AgentNotAllowed', message };
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

function isSameAgent(one: Agent, other: Agent): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

function ambiguous(byRef: Agent, byId: Agent): AgentReading {
  const message = `agentRef names ${byRef.namespace}/${byRef.name}, agentId ${byId.namespace}/${byId.name}; wanted one agent.`;
  return { problem: { reason: 'AgentAmbiguous', message } };
}

function agentOfId(agentId: string, hookNamespace: string): Agent {
  const slash = agentId.indexOf('/');
  if (slash < 0) return { namespace: hookNamespace, name: agentId };
  return { namespace: agentId.slice(0, slash) || hookNamespace, name: agentId.slice(slash + 1) };
}
