/**
 * Activity: the prompt of one incident.
 *
 * Pure; the history keeps the text. A template that cannot be filled fails for good: it stands in the incident, and no retry
 * changes it.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Incident } from '../workflows/contract/incident.ts';
import type { FailureReason } from '../workflows/contract/outcome.ts';
import type { SoFar } from '../workflows/contract/plain/so-far.ts';
import { writePrompt } from '../workflows/contract/prompt.ts';

export function renderPrompt(incident: Incident, soFar: SoFar): string {
  const written = writePrompt(incident, soFar);
  if (written.ok) return written.text;
  const { hook, type } = incident;
  const places = written.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const message = `Hook "${hook.namespace}/${hook.name}", prompt for ${type}: ${places.join(' ')}`;
  throw ApplicationFailure.nonRetryable(message, 'PromptRefused' satisfies FailureReason);
}
