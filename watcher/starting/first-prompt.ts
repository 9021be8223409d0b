/**
 * The first prompt of an incident, written before its start where that is quick: the worker then asks the agent at once,
 * without a round for the prompt.
 *
 * Pure. What takes longer, or cannot be written, is left to the worker, which says what is wrong.
 */
import type { Incident } from '../../workflows/contract/incident.ts';
import { firstPromptChars } from '../../workflows/contract/plain/names.ts';
import { writeFirstPrompt } from '../../workflows/contract/prompt.ts';

/** A few milliseconds for the worst of templates: all namespaces share this process. */
const templateChars = 4096;
const budget = { maxSteps: 2000, maxOutputChars: firstPromptChars };

/** Of an incident of which this one occurrence is known; undefined where it is left to the worker. */
export function firstPromptOf(incident: Incident, nowMs: number): string | undefined {
  if (incident.prompt.length > templateChars) return undefined;
  const written = writeFirstPrompt(incident, nowMs, budget);
  return written.ok ? written.text : undefined;
}
