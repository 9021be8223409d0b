/**
 * Resolves an execution whose state ended while nobody watched.
 *
 * A Pod that is not known is looked up before it is called gone. Never starts anything.
 */
import type { ApiServer } from '../kube/api-server.ts';
import type { Handover } from '../starting/handover.ts';
import { isThere } from './is-there.ts';
import type { OpenExecution } from './open-executions.ts';

export interface ResolveEnded {
  api: ApiServer;
  /** Workflow ids of all incidents whose state is true now. */
  trueNow: Set<string>;
  handover: Handover;
}

export async function resolveEnded(options: ResolveEnded, execution: OpenExecution): Promise<void> {
  const { workflowId, memo } = execution;
  if (memo.nature === 'edge' || options.trueNow.has(workflowId)) return;
  const message = await whyOver(options.api, execution);
  for (const { id } of Object.values(memo.known)) {
    await options.handover.resolved(workflowId, { occurrenceId: id, at: new Date().toISOString(), message });
  }
}

/** A Pod may be gone, or no longer have the state; other kinds are not looked up. */
async function whyOver(api: ApiServer, { resource, memo }: OpenExecution): Promise<string> {
  const { namespace, name } = resource;
  const path = ['api', 'v1', 'namespaces', namespace, 'pods', name];
  const isGone = memo.subjectKind === 'Pod' && !(await isThere(api, path, memo.subjectUid));
  return `The ${memo.subjectKind} ${name} ${isGone ? 'is gone' : 'recovered while nobody watched'}.`;
}
