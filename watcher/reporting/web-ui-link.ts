/**
 * The address of an execution in Temporal's Web UI, for the status of Hooks. Pure.
 */
/** Undefined where no address of the Web UI is set. */
export function linkInto(uiUrl: string | undefined, namespace: string) {
  if (uiUrl === undefined) return undefined;
  const base = uiUrl.replace(/\/+$/, '');
  return ({ workflowId, runId }: { workflowId: string; runId: string }) =>
    `${base}/namespaces/${segment(namespace)}/workflows/${segment(workflowId)}/${segment(runId)}`;
}

/** Half a character has no encoding. */
function segment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
