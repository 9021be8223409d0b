/**
 * The address of an execution in Temporal's Web UI, for the status of Hooks. Pure.
 */
export function linkInto(uiUrl: string, namespace: string) {
  const base = uiUrl.replace(/\/+$/, '');
  return ({ workflowId, runId }: { workflowId: string; runId: string }) =>
    `${base}/namespaces/${segment(namespace)}/workflows/${segment(workflowId)}/${segment(runId)}`;
}

/** Half a character has no encoding. */
function segment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
