/**
 * Step 3: does this Hook want to hear about this finding?
 *
 * Called by observe for each Hook of the namespace; asks nothing of the world. The first check that objects refuses,
 * and the refusal keeps its reason.
 */
import type { Finding } from './detectors/detector.ts';
import type { LiveConfiguration, LiveHook } from './live-hook.ts';

/** A finding on its way to the Hooks. */
export interface Sighting {
  namespace: string;
  finding: Finding;
  /** Whether the object was watched when this became visible; otherwise its own time must tell whether it is new. */
  isWitnessed: boolean;
}

interface Refusal {
  reason: 'NamespaceNotWatched' | 'TypeNotConfigured' | 'TakenByMoreSpecific' | 'Baseline';
  message: string;
}

/** A Hook and the moment, in milliseconds, from which edges concern it. */
export interface Listener {
  hook: LiveHook;
  edgesFromMs: number;
}

type Check = (listener: Listener, sighting: Sighting) => Refusal | undefined;

/** Order matters: the cheapest and most telling objection first. */
const checks: readonly Check[] = [
  namespaceIsNotWatched,
  typeIsNotConfigured,
  moreSpecificTypeTakesIt,
  edgeIsOlderThanWatch,
];

export type Matching = { configuration: LiveConfiguration } | { refusal: Refusal };

export function match(listener: Listener, sighting: Sighting): Matching {
  for (const check of checks) {
    const refusal = check(listener, sighting);
    if (refusal !== undefined) return { refusal };
  }
  const configuration = configurationFor(listener.hook, sighting.finding.type);
  if (configuration === undefined) throw new Error('A finding without a configuration passed the checks.');
  return { configuration };
}

function configurationFor(hook: LiveHook, type: Finding['type']): LiveConfiguration | undefined {
  return hook.configurations.find((configuration) => configuration.type === type);
}

function namespaceIsNotWatched({ hook }: Listener, { namespace }: Sighting): Refusal | undefined {
  if (hook.namespace === namespace) return undefined;
  return {
    reason: 'NamespaceNotWatched',
    message: `A Hook sees its own namespace ${hook.namespace}, not ${namespace}.`,
  };
}

function typeIsNotConfigured({ hook }: Listener, { finding }: Sighting): Refusal | undefined {
  if (configurationFor(hook, finding.type) !== undefined) return undefined;
  return { reason: 'TypeNotConfigured', message: `No event configuration of the Hook names ${finding.type}.` };
}

/** An OOM kill is also a restart; two agents must not repair one pod at once, so the more telling type takes it. */
function moreSpecificTypeTakesIt({ hook }: Listener, { finding }: Sighting): Refusal | undefined {
  const isOomRestart = finding.type === 'pod-restart' && finding.occurrence.cause === 'oom';
  if (!isOomRestart || configurationFor(hook, 'oom-kill') === undefined) return undefined;
  return {
    reason: 'TakenByMoreSpecific',
    message: 'The same termination is an oom-kill, which this Hook configures too.',
  };
}

/** What had happened before the Hook existed, or before we were installed, is the state of affairs and no news. */
function edgeIsOlderThanWatch({ edgesFromMs }: Listener, sighting: Sighting): Refusal | undefined {
  const { finding, isWitnessed } = sighting;
  if (finding.nature === 'state' || isWitnessed || Date.parse(finding.occurrence.at) >= edgesFromMs) return undefined;
  const from = new Date(edgesFromMs).toISOString();
  return {
    reason: 'Baseline',
    message: `It happened at ${finding.occurrence.at}; news for this Hook begins at ${from}.`,
  };
}
