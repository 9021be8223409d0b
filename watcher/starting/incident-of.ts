/**
 * The input of an execution, made from what was seen and from the Hook that takes it.
 *
 * Pure: the same facts make the same incident and the same workflow id.
 */
import type { Incident, ObjectRef, Occurrence, Timing } from '../../workflows/contract/incident.ts';
import type { LiveConfiguration } from '../hooks/configuration/read-configuration.ts';
import type { Claim, Sighting } from '../matching/match.ts';
import { workflowIdOf } from './identity.ts';

/** What is the same for every incident of this watcher. */
export interface Installation {
  name: string;
  cluster: { uid: string; name?: string };
  timing: Timing;
}

/** What occurrences have to have in common to be one incident; undefined: the object itself. */
export function groupOf({ configuration, sighting }: Claim): ObjectRef | undefined {
  const { object, finding, owners } = sighting;
  const { fallout } = finding;
  // Nothing says the uid of the node; a node of the same name is, for its Pods, the same place.
  if (fallout !== undefined) return { ...fallout, namespace: '', uid: `${fallout.kind}/${fallout.name}` };
  if (configuration.groupBy === 'pod') return undefined;
  const workload = owners.at(-1);
  // The kubelet makes its static Pods belong to their node, which is no workload.
  if (workload === undefined || workload.kind === 'Node') return undefined;
  return { kind: workload.kind, name: workload.name, uid: workload.uid, namespace: object.namespace };
}

export function workflowIdFor(installation: Installation, claim: Claim): string {
  return workflowIdOf(incidentOf(installation, claim));
}

export function incidentOf(installation: Installation, claim: Claim): Incident {
  const { hook } = claim.listener;
  const { configuration, sighting } = claim;
  const { finding, owners } = sighting;
  const group = groupOf(claim);
  const name = nameOf(configuration);
  // What falls with a node is one trouble, whatever the containers are called.
  const container = finding.fallout === undefined ? finding.container : undefined;
  const workload = owners.at(-1);
  return {
    installation: installation.name,
    cluster: installation.cluster,
    hook: { namespace: hook.namespace, name: hook.name, uid: hook.uid, generation: hook.generation },
    type: finding.type,
    nature: finding.nature,
    ...askOf(installation, configuration),
    subject: refOf(sighting),
    ...(group !== undefined && { group }),
    ...(name !== undefined && { configuration: name }),
    ...(container !== undefined && { container }),
    ...(workload !== undefined && { owner: { kind: workload.kind, name: workload.name } }),
    occurrence: occurrenceOf(sighting),
  };
}

/** What an incident has from its Hook: whom to ask, what, and how. A restarted one has all of it anew. */
export function askOf({ timing }: Pick<Installation, 'timing'>, configuration: LiveConfiguration) {
  const { agent, prompt, approval, mode } = configuration;
  return {
    agent,
    prompt,
    ...(approval !== undefined && { approval }),
    ...(mode === 'observe' && { mode }),
    timing: { ...timing, ...configuration.timing },
  };
}

function occurrenceOf({ finding, owners, object: { namespace } }: Sighting): Occurrence {
  return {
    ...finding.occurrence,
    ...(namespace !== '' && { objectNamespace: namespace }),
    ...(owners.length > 0 && { owners: owners.map(({ kind, name }) => ({ kind, name })) }),
  };
}

function nameOf({ key, type }: LiveConfiguration): string | undefined {
  return key === type ? undefined : key;
}

function refOf({ object: { kind, namespace, name, uid } }: Sighting): ObjectRef {
  return { kind, namespace, name, uid };
}
