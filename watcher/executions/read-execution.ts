/**
 * What visibility says of one execution that handles an incident: its search attributes and its memo, checked.
 *
 * Reads only.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { handleIncidentType, type SearchAttributeName } from '../../workflows/contract/plain/names.ts';

/** The query for all executions of an installation that handle incidents. */
export function incidentsOf(installation: string): string {
  return `WorkflowType='${handleIncidentType}' AND Installation='${installation}'`;
}

/** Undefined where it is not of the watcher's shape: anybody may start executions. */
export function memoOf({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): IncidentMemo | undefined {
  return IncidentMemo.safeParse(memo?.['incident']).data;
}

/** Empty where it has none. */
export function keywordOf({ searchAttributes }: WorkflowExecutionInfo, name: SearchAttributeName): string {
  const [value] = searchAttributes[name] ?? [];
  return typeof value === 'string' ? value : '';
}
