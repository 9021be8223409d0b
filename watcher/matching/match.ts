/**
 * Step 3: does this configuration of this Hook mean this finding?
 *
 * Asks nothing of the world. The first check that objects refuses, and the refusal keeps its reason.
 */
import type { Finding } from '../detectors/detector.ts';
import type { LiveConfiguration } from '../hooks/configuration/read-configuration.ts';
import type { Listener } from '../hooks/listeners.ts';
import type { Metadata } from '../views/metadata.ts';
import type { Allowance } from './allowance.ts';
import type { ExpressionRefusal } from './expression.ts';

/** A finding with its object and owners. */
export interface Sighting {
  object: Pick<Metadata, 'namespace' | 'name' | 'uid' | 'labels'> & { kind: string };
  finding: Finding;
  /** Owners by controller reference, nearest first. */
  owners: readonly { kind: string; name: string; uid: string }[];
  /** Whether the object was watched when this became visible; otherwise its own time decides whether it is new. */
  isWitnessed: boolean;
  /** A moment since which the object has changed while nobody watched it, in milliseconds; whatever its clock says. */
  changedSinceMs?: number;
}

export type RefusalReason =
  | 'NamespaceNotWatched'
  | 'Intended'
  | 'NotIncluded'
  | 'LabelsDiffer'
  | 'NameDiffers'
  | ExpressionRefusal['reason']
  | 'TooOld'
  | 'TakenByMoreSpecific'
  | 'TakenBefore';

export interface Refusal {
  reason: RefusalReason;
  message: string;
}

/** A configuration of a Hook, and what it could take: incidents are made of it, unless it is refused. */
export interface Claim {
  listener: Listener;
  configuration: LiveConfiguration;
  sighting: Sighting;
}

/** `allowance`: what its expression may take, where others share it. */
type Check = (claim: Claim, allowance?: Allowance) => Refusal | undefined;

/** In this order: the cheapest check and the most helpful reason first. */
const checks: readonly Check[] = [
  namespaceIsNotWatched,
  itIsIntended,
  itIsNotIncluded,
  labelsDiffer,
  nameDiffers,
  expressionIsNotTrue,
  edgeIsOlderThanWatch,
];

/** Clocks of nodes may be slow by so much without an edge being lost. */
const slowestClockMs = 30 * 60_000;

/** Why the configuration does not mean it; undefined when it does. */
export function refuse(claim: Claim, allowance?: Allowance): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(claim, allowance);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function namespaceIsNotWatched({ listener, configuration, sighting }: Claim): Refusal | undefined {
  const { namespaces } = configuration.criteria;
  const { namespace } = sighting.object;
  if (namespace === '' || (namespaces?.(namespace) ?? listener.hook.namespace === namespace)) return undefined;
  return { reason: 'NamespaceNotWatched', message: `The Hook does not look at namespace ${namespace}.` };
}

function itIsIntended({ sighting }: Claim): Refusal | undefined {
  const { dismissed } = sighting.finding;
  return dismissed === undefined ? undefined : { reason: 'Intended', message: dismissed };
}

function itIsNotIncluded({ configuration, sighting }: Claim): Refusal | undefined {
  const { optIn } = sighting.finding;
  if (optIn === undefined || configuration.criteria.include.includes(optIn)) return undefined;
  return { reason: 'NotIncluded', message: `It counts only where match.include has ${optIn}.` };
}

function labelsDiffer({ configuration, sighting: { object } }: Claim): Refusal | undefined {
  if (configuration.criteria.labels(object.labels)) return undefined;
  return {
    reason: 'LabelsDiffer',
    message: `match.labels does not select the labels of ${object.kind} ${object.name}.`,
  };
}

function nameDiffers({ configuration, sighting: { object, owners } }: Claim): Refusal | undefined {
  if (configuration.criteria.names([object.name, ...owners.map(({ name }) => name)])) return undefined;
  return { reason: 'NameDiffers', message: `match.names does not mean ${object.name} or its workload.` };
}

function expressionIsNotTrue(
  { listener: { hook }, configuration, sighting: { object, finding, owners } }: Claim,
  allowance?: Allowance,
): Refusal | undefined {
  const { expression } = configuration.criteria;
  if (expression === undefined) return undefined;
  const { type, occurrence } = finding;
  const answer = expression.evaluate({ type, object, occurrence, hook, owner: owners.at(-1) }, allowance);
  return answer === true ? undefined : answer;
}

/** What had happened before the Hook existed, or before we were installed, is the state of affairs and no news. */
function edgeIsOlderThanWatch({ listener, sighting }: Claim): Refusal | undefined {
  const { edgesFromMs } = listener;
  const { finding, isWitnessed } = sighting;
  if (finding.nature === 'state' || isWitnessed || Date.parse(finding.occurrence.at) >= edgesFromMs) return undefined;
  if (mayBeOfSlowClock(edgesFromMs, sighting)) return undefined;
  const from = new Date(edgesFromMs).toISOString();
  return {
    reason: 'TooOld',
    message: `It happened at ${finding.occurrence.at}; news for this Hook begins at ${from}.`,
  };
}

/**
 * The object has changed since the Hook began to listen, and what is on it is not so old that no clock could be that slow:
 * better looked at twice, and found to be handled already, than lost.
 */
function mayBeOfSlowClock(edgesFromMs: number, { finding, changedSinceMs }: Sighting): boolean {
  if (changedSinceMs === undefined || edgesFromMs > changedSinceMs) return false;
  return Date.parse(finding.occurrence.at) >= changedSinceMs - slowestClockMs;
}
