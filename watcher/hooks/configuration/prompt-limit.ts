/**
 * How much text the prompts of one Hook may have in all: they are compiled in the thread that serves every Hook.
 *
 * Pure. What is too much is refused in a sentence, and never cut.
 */
import { promptsLimitChars } from '../../../workflows/contract/plain/names.ts';
import type { HookProblem } from '../hook-problem.ts';

/** The configurations up to the first with which it becomes too much. */
export function withinPromptLimit(raw: unknown[], hook: { namespace: string; name: string }) {
  let chars = 0;
  const first = raw.findIndex((entry) => {
    chars += promptChars(entry);
    return chars > promptsLimitChars;
  });
  if (first < 0) return { fitting: raw };
  const found = raw.reduce<number>((sum, entry) => sum + promptChars(entry), 0);
  const message =
    `The prompts of Hook ${hook.namespace}/${hook.name} have ${found} characters in all; at most ${promptsLimitChars} ` +
    `are allowed, so spec.eventConfigurations[${first}] and those behind it are refused.`;
  const problem: HookProblem = { reason: 'PromptsTooLarge', message };
  return { fitting: raw.slice(0, first), problem };
}

/** What is no text is refused where it is read, and costs nothing. */
function promptChars(entry: unknown): number {
  if (typeof entry !== 'object' || entry === null || !('prompt' in entry)) return 0;
  return typeof entry.prompt === 'string' ? entry.prompt.length : 0;
}
