/**
 * Activity: what the agent is told about one incident.
 *
 * Run by the workflow as a local activity, once per execution; the text is kept in the history. Pure. A template that
 * cannot be filled fails for good, because the template stands in the incident and no retry changes it.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Incident } from '../workflows/contract/incident.ts';
import type { FailureReason } from '../workflows/contract/outcome.ts';
import { fillPrompt, type PromptValues, parsePrompt } from '../workflows/contract/prompt.ts';

const reason: FailureReason = 'PromptRefused';

/** The prompt. Throws a non-retryable ApplicationFailure of type PromptRefused that names Hook, line and column. */
export function renderPrompt(incident: Incident): string {
  const parsed = parsePrompt(incident.prompt);
  if (!parsed.ok) throw refusal(incident, parsed.problems);
  const filled = fillPrompt(parsed.template, valuesOf(incident));
  if (!filled.ok) throw refusal(incident, [filled]);
  return filled.text;
}

function valuesOf({ cluster, container, hook, occurrence, owner, subject, type }: Incident): PromptValues {
  return {
    EventType: type,
    ResourceName: subject.name,
    Namespace: subject.namespace,
    Reason: occurrence.reason,
    Message: occurrence.message,
    Timestamp: occurrence.at,
    EventTime: occurrence.at,
    EventMessage: occurrence.message,
    Container: container,
    ExitCode: occurrence.exitCode,
    RestartCount: occurrence.restartCount,
    OwnerKind: owner?.kind,
    OwnerName: owner?.name,
    NodeName: occurrence.nodeName,
    HookName: hook.name,
    Cluster: cluster.name,
  };
}

function refusal(
  { hook, type }: Incident,
  problems: readonly { line: number; column: number; message: string }[],
): ApplicationFailure {
  const places = problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const message = `Hook "${hook.namespace}/${hook.name}", prompt for ${type}: ${places.join(' ')}`;
  return ApplicationFailure.nonRetryable(message, reason);
}
