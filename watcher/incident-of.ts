/**
 * The input of an execution, made from what was seen and from the Hook that wants to hear of it.
 *
 * Called by observe for each match. Pure: the same facts make the same incident and the same workflow id.
 */
import type { Incident, Timing } from '../workflows/contract/incident.ts';
import type { Finding } from './detectors/detector.ts';
import { type IncidentIdentity, workflowIdOf } from './identity.ts';
import type { LiveConfiguration, LiveHook } from './live-hook.ts';
import type { PodView } from './pod-view.ts';

/** What is the same for every incident of this watcher. */
export interface Installation {
  name: string;
  cluster: { uid: string; name?: string };
  timing: Timing;
}

function identityOf(
  installation: Installation,
  hook: LiveHook,
  at: { pod: PodView; finding: Finding },
): IncidentIdentity {
  const { pod, finding } = at;
  return {
    installation: installation.name,
    hook: { namespace: hook.namespace, name: hook.name, uid: hook.uid },
    type: finding.type,
    subject: { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
    ...(finding.container !== undefined && { container: finding.container }),
  };
}

export function workflowIdFor(
  installation: Installation,
  hook: LiveHook,
  at: { pod: PodView; finding: Finding },
): string {
  return workflowIdOf(identityOf(installation, hook, at));
}

export interface Matched {
  hook: LiveHook;
  configuration: LiveConfiguration;
  pod: PodView;
  finding: Finding;
}

export function incidentOf(installation: Installation, matched: Matched): Incident {
  const { hook, configuration, pod, finding } = matched;
  return {
    installation: installation.name,
    cluster: installation.cluster,
    hook: { namespace: hook.namespace, name: hook.name, uid: hook.uid, generation: hook.generation },
    type: finding.type,
    nature: finding.nature,
    agent: configuration.agent,
    prompt: configuration.prompt,
    subject: { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
    ...(finding.container !== undefined && { container: finding.container }),
    ...(pod.owner !== undefined && { owner: pod.owner }),
    occurrence: finding.occurrence,
    timing: installation.timing,
  };
}
