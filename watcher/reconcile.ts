/**
 * Compares what Temporal believes to be true with the cluster: a state that ended while nobody watched is resolved.
 *
 * Called by main after the first sync and every few minutes. Reads executions of this installation and cluster only;
 * what is missing from the picture is asked for once more before it is called gone. Never starts anything.
 */
import type { Client } from '@temporalio/client';
import type { ObjectRef } from '../workflows/contract/incident.ts';
import { handleIncidentType } from '../workflows/contract/names.ts';
import { IncidentMemo } from '../workflows/contract/outcome.ts';
import { type ApiServer, KubeError } from './kube/api-server.ts';
import { uidOf } from './kube/uid-of.ts';
import type { Observer } from './observe.ts';
import type { Handover } from './starting/handover.ts';

export interface ReconcileOptions {
  client: Client;
  api: ApiServer;
  installation: string;
  clusterUid: string;
  observer: Observer;
  handover: Handover;
}

/** Resolves with how many executions were told that their state is over. */
export async function reconcile(options: ReconcileOptions): Promise<number> {
  const query = `WorkflowType='${handleIncidentType}' AND Installation='${options.installation}' AND ExecutionStatus='Running'`;
  const trueNow = options.observer.trueNow();
  let told = 0;
  for await (const execution of options.client.workflow.list({ query })) {
    const memo = IncidentMemo.safeParse(execution.memo?.['incident']);
    if (!memo.success || memo.data.clusterUid !== options.clusterUid) continue;
    if (memo.data.nature === 'edge') continue;
    if (trueNow.has(execution.workflowId)) continue;
    const message = await whyOver(options.api, {
      kind: memo.data.subjectKind,
      namespace: first(execution.searchAttributes['ResourceNamespace']),
      name: first(execution.searchAttributes['ResourceName']),
      uid: memo.data.subjectUid,
    });
    for (const { id } of Object.values(memo.data.known)) {
      const signal = { occurrenceId: id, at: new Date().toISOString(), message };
      await options.handover.resolved(execution.workflowId, signal);
    }
    told += 1;
  }
  return told;
}

/** Absence from our picture is confirmed where it can be, before it is called that. */
async function whyOver(api: ApiServer, object: ObjectRef): Promise<string> {
  const { kind, namespace, name, uid } = object;
  const recovered = `The ${kind} ${name} recovered while nobody watched.`;
  if (kind !== 'Pod') return recovered;
  try {
    const found = await api.json({ path: `/api/v1/namespaces/${namespace}/pods/${name}` });
    return uidOf(found) === uid ? recovered : `The Pod ${name} is gone.`;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return `The Pod ${name} is gone.`;
    throw error;
  }
}

function first(values: readonly unknown[] | undefined): string {
  const [value] = values ?? [];
  return typeof value === 'string' ? value : '';
}
