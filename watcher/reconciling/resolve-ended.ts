/**
 * Resolves an execution whose state ended while nobody watched.
 *
 * A Pod that is not known is looked up before it is called gone. Never starts anything.
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

export async function resolveEnded(options: ResolveEnded, execution: OpenExecution): Promise<void> {
  const { workflowId, resource, memo } = execution;
  if (memo.nature === 'edge' || options.trueNow.has(workflowId)) return;
  const message = await whyOver(options.api, { kind: memo.subjectKind, ...resource, uid: memo.subjectUid });
  for (const { id } of Object.values(memo.known)) {
    const signal = { occurrenceId: id, at: new Date().toISOString(), message };
    await options.handover.resolved(workflowId, signal);
  }
}

/** A Pod may be gone, or no longer have the state; other kinds are not looked up. */
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
