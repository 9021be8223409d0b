/**
 * A Hook as the watcher acts on it: its good configurations, and what is wrong with the others.
 *
 * Called by hooks.ts for each Hook as received. Pure. A wrong configuration is refused with a sentence and disturbs
 * neither its neighbours nor another Hook.
 */
import { EventConfiguration, Hook, type IncidentType } from '../workflows/contract/hook.ts';
import { parsePrompt } from '../workflows/contract/prompt.ts';

export interface LiveConfiguration {
  type: IncidentType;
  agent: { namespace: string; name: string };
  prompt: string;
}

/** Why a configuration is not acted upon; the reason becomes that of the Hook's condition Ready. */
interface HookProblem {
  reason: 'InvalidSpec' | 'InvalidPrompt' | 'AgentMissing' | 'AgentAmbiguous' | 'DuplicateEventType';
  message: string;
}

export interface LiveHook {
  uid: string;
  resourceVersion: string;
  namespace: string;
  name: string;
  generation: number;
  createdMs: number;
  configurations: LiveConfiguration[];
  problems: HookProblem[];
  /** As the API server holds it, to keep transition times and to skip writes that change nothing. */
  status: unknown;
}

/** The Hook as the watcher acts on it; undefined when the object is not even a Kubernetes object. */
export function readHook(object: unknown): LiveHook | undefined {
  const parsed = Hook.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const { configurations, problems } = readSpec(spec, metadata.namespace);
  return {
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    namespace: metadata.namespace,
    name: metadata.name,
    generation: metadata.generation,
    createdMs: Date.parse(metadata.creationTimestamp),
    configurations,
    problems,
    status,
  };
}

function readSpec(spec: unknown, namespace: string): Pick<LiveHook, 'configurations' | 'problems'> {
  const raw = rawConfigurations(spec);
  if (raw === undefined) {
    const message =
      'spec.eventConfigurations is missing or empty; wanted at least one { eventType, agentRef, prompt }.';
    return { configurations: [], problems: [{ reason: 'InvalidSpec', message }] };
  }
  const configurations: LiveConfiguration[] = [];
  const problems: HookProblem[] = [];
  for (const [index, entry] of raw.entries()) {
    const result = readConfiguration(entry, { namespace, taken: configurations.map(({ type }) => type) });
    if ('problem' in result) problems.push(located(result.problem, index));
    else configurations.push(result.configuration);
  }
  return { configurations, problems };
}

function rawConfigurations(spec: unknown): unknown[] | undefined {
  if (typeof spec !== 'object' || spec === null || !('eventConfigurations' in spec)) return undefined;
  const { eventConfigurations } = spec;
  return Array.isArray(eventConfigurations) && eventConfigurations.length > 0 ? eventConfigurations : undefined;
}

type Reading = { configuration: LiveConfiguration } | { problem: HookProblem };

function readConfiguration(entry: unknown, context: { namespace: string; taken: IncidentType[] }): Reading {
  const parsed = EventConfiguration.safeParse(entry);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    return { problem: { reason: 'InvalidSpec', message: issues } };
  }
  const { eventType, prompt } = parsed.data;
  if (context.taken.includes(eventType)) {
    const message = `eventType ${eventType} is configured before in this Hook; the first configuration handles it.`;
    return { problem: { reason: 'DuplicateEventType', message } };
  }
  const agent = readAgent(parsed.data, context.namespace);
  if ('problem' in agent) return agent;
  const template = parsePrompt(prompt);
  if (!template.ok) {
    const problems = template.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
    return { problem: { reason: 'InvalidPrompt', message: `prompt ${problems.join('; ')}` } };
  }
  return { configuration: { type: eventType, agent: agent.agent, prompt } };
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

function isSameAgent(one: Agent, other: Agent): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

function ambiguous(byRef: Agent, byId: Agent): AgentReading {
  const message = `agentRef names ${byRef.namespace}/${byRef.name}, agentId ${byId.namespace}/${byId.name}; wanted one agent.`;
  return { problem: { reason: 'AgentAmbiguous', message } };
}

function agentOfId(agentId: string, hookNamespace: string): LiveConfiguration['agent'] {
  const slash = agentId.indexOf('/');
  if (slash < 0) return { namespace: hookNamespace, name: agentId };
  return { namespace: agentId.slice(0, slash) || hookNamespace, name: agentId.slice(slash + 1) };
}

function located({ reason, message }: HookProblem, index: number): HookProblem {
  return { reason, message: `spec.eventConfigurations[${index}]: ${message}` };
}
