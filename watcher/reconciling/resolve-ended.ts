/**
 * A state that ended while nobody watched is resolved: what Temporal believes to be true is compared with the cluster.
 *
 * What is missing from the picture is asked for once more before it is called gone. Never starts anything.
 */
import type { ObjectRef } from '../../workflows/contract/incident.ts';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { uidOf } from '../kube/uid-of.ts';
import type { Handover } from '../starting/handover.ts';
import type { OpenExecution } from './open-executions.ts';

export interface ResolveEnded {
  api: ApiServer;
  /** Workflow ids of all incidents whose state is true now. */
  trueNow: Set<string>;
  handover: Handover;
}

/** Whether it was told that its state is over. */
export async function resolveEnded(options: ResolveEnded, execution: OpenExecution): Promise<boolean> {
  const { workflowId, resource, memo } = execution;
  if (memo.nature === 'edge' || options.trueNow.has(workflowId)) return false;
  const message = await whyOver(options.api, { kind: memo.subjectKind, ...resource, uid: memo.subjectUid });
  for (const { id } of Object.values(memo.known)) {
    const signal = { occurrenceId: id, at: new Date().toISOString(), message };
    await options.handover.resolved(workflowId, signal);
  }
  return true;
}

/** Absence from our picture is confirmed where it can be, before it is called that. */
async function whyOver(api: ApiServer, object: ObjectRef): Promise<string> {
  const { kind, namespace, name, uid } = object;
  const recovered = `The ${kind} ${name} recovered while nobody watched.`;
  if (kind !== 'Pod') return recovered;
  try {
    const found = await api.json({ path: pathOf('api', 'v1', 'namespaces', namespace, 'pods', name) });
    return uidOf(found) === uid ? recovered : `The Pod ${name} is gone.`;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return `The Pod ${name} is gone.`;
    throw error;
  }
}
