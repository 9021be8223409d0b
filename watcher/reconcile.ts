/**
 * Compares what Temporal believes to be true with the cluster: a state that ended while nobody watched is resolved.
 *
 * Called by main after the first sync and every few minutes. Reads executions of this installation and cluster only;
 * what is missing from the picture is asked for once more before it is called gone. Never starts anything.
 */
import type { Client } from '@temporalio/client';
import { IncidentType } from '../workflows/contract/hook.ts';
import { handleIncidentType } from '../workflows/contract/names.ts';
import { IncidentMemo } from '../workflows/contract/outcome.ts';
import type { Handover } from './handover.ts';
import { type ApiServer, KubeError } from './kube/api-server.ts';
import type { Observer } from './observe.ts';
import { uidOf } from './uid-of.ts';

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
  let told = 0;
  for await (const execution of options.client.workflow.list({ query })) {
    const memo = IncidentMemo.safeParse(execution.memo?.['incident']);
    const type = IncidentType.safeParse(first(execution.searchAttributes['IncidentType']));
    if (!memo.success || !type.success || memo.data.clusterUid !== options.clusterUid) continue;
    if (memo.data.nature === 'edge') continue;
    if (options.observer.isFiring(memo.data.subjectUid, type.data, memo.data.container)) continue;
    const namespace = first(execution.searchAttributes['ResourceNamespace']);
    const name = first(execution.searchAttributes['ResourceName']);
    const exists = await podExists(options.api, { namespace, name, uid: memo.data.subjectUid });
    const message = exists ? `The Pod ${name} recovered while nobody watched.` : `The Pod ${name} is gone.`;
    for (const { id } of Object.values(memo.data.known)) {
      const signal = { occurrenceId: id, at: new Date().toISOString(), message };
      await options.handover.resolved(execution.workflowId, signal);
    }
    told += 1;
  }
  return told;
}

async function podExists(api: ApiServer, pod: { namespace: string; name: string; uid: string }): Promise<boolean> {
  try {
    const found = await api.json({ path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}` });
    return uidOf(found) === pod.uid;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}

function first(values: readonly unknown[] | undefined): string {
  const [value] = values ?? [];
  return typeof value === 'string' ? value : '';
}
