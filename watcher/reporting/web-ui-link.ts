/**
 * The address of an execution in Temporal's Web UI. Pure.
 *
 * Made by rounds where TEMPORAL_UI_URL is set; shown in the status of Hooks.
 */
export function linkInto(uiUrl: string, namespace: string) {
  const base = uiUrl.replace(/\/+$/, '');
  return ({ workflowId, runId }: { workflowId: string; runId: string }) =>
    `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
