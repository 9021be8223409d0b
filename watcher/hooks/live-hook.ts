/**
 * A Hook as the watcher acts on it: its good configurations, and what is wrong with the others.
 *
 * Pure. A wrong configuration is refused with a sentence and disturbs neither its neighbours nor another Hook.
 */
import { z } from 'zod';
import { Hook } from '../../workflows/contract/hook.ts';
import type { HookStatus } from '../../workflows/contract/hook-status.ts';
import { withinPromptLimit } from './configuration/prompt-limit.ts';
import { type LiveConfiguration, readConfiguration } from './configuration/read-configuration.ts';
import type { HookProblem } from './hook-problem.ts';
import { ownNamespace, type Reach } from './reach.ts';

export interface LiveHook {
  uid: string;
  resourceVersion: string;
  namespace: string;
  name: string;
  generation: number;
  createdMs: number;
  /** Nothing new is started for it. */
  isPaused: boolean;
  configurations: LiveConfiguration[];
  problems: HookProblem[];
  /** Sentences about what is done otherwise than it is written; disturbs nothing. */
  raised: string[];
  /** As the API server holds it, to keep transition times and to skip writes that change nothing. */
  status: HookStatus | undefined;
}

/** Each configuration is checked apart. */
const Spec = z
  .object({ paused: z.unknown().optional(), eventConfigurations: z.array(z.unknown()).catch([]) })
  .catch({ eventConfigurations: [] });

/**
 * The Hook as the watcher acts on it; undefined when the object is not even a Kubernetes object. Of a generation that is
 * `known`, only status and version are read: our own writes of the status cost nothing else.
 */
export function readHook(
  object: unknown,
  reach: Partial<Reach> = {},
  knownOf: (uid: string) => LiveHook | undefined = () => undefined,
): LiveHook | undefined {
  const parsed = Hook.safeParse(object);
  if (!parsed.success) return undefined;
  const { status } = parsed.data;
  const { creationTimestamp, ...metadata } = parsed.data.metadata;
  const known = knownOf(metadata.uid);
  if (known?.generation === metadata.generation) {
    return { ...known, resourceVersion: metadata.resourceVersion, status };
  }
  const spec = Spec.parse(parsed.data.spec);
  return {
    ...metadata,
    createdMs: Date.parse(creationTimestamp),
    isPaused: spec.paused === true,
    ...readAll(spec.eventConfigurations, metadata, { ...ownNamespace, ...reach }),
    status,
  };
}

function readAll(
  raw: unknown[],
  hook: { namespace: string; name: string },
  reach: Reach,
): Pick<LiveHook, 'configurations' | 'problems' | 'raised'> {
  if (raw.length === 0) {
    const message = 'spec.eventConfigurations is missing or empty; expected at least one { eventType, agentRef }.';
    return { configurations: [], problems: [{ reason: 'InvalidSpec', message }], raised: [] };
  }
  const { fitting, problem } = withinPromptLimit(raw, hook);
  const configurations: LiveConfiguration[] = [];
  const problems: HookProblem[] = problem === undefined ? [] : [problem];
  const raised: string[] = [];
  for (const [index, entry] of fitting.entries()) {
    const taken = configurations.map(({ key }) => key);
    const result = readConfiguration(entry, { namespace: hook.namespace, reach, taken });
    if ('problem' in result) {
      problems.push({ ...result.problem, message: located(result.problem.message, index) });
      continue;
    }
    configurations.push(result.configuration);
    raised.push(...result.raised.map((message) => located(message, index)));
  }
  return { configurations, problems, raised };
}

function located(message: string, index: number): string {
  return `spec.eventConfigurations[${index}]: ${message}`;
}
