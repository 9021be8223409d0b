/**
 * What is wrong with the durations, the approvals and the prompt of a configuration, beyond the form that its schema checks.
 *
 * Pure.
 */
import type { EventConfiguration } from '../../workflows/contract/hook.ts';
import { durationMs } from '../../workflows/contract/plain/duration.ts';
import { longestWaitMs } from '../../workflows/contract/plain/names.ts';
import { parsePrompt } from '../../workflows/contract/prompt.ts';
import type { HookProblem } from './hook-problem.ts';

interface Range {
  leastMs: number;
  mostMs: number;
  inWords: string;
}

const hourMs = 3_600_000;

/** What is too short is raised to what the operator allows. */
const waits: Range = { leastMs: 0, mostMs: longestWaitMs, inWords: `at most ${longestWaitMs / hourMs}h` };

/** A run that takes longer than a day is not worked on any more. */
const runTimeouts: Range = { leastMs: 1000, mostMs: 24 * hourMs, inWords: '1s to 24h' };

/** What nobody has answered in a month is asked of nobody. */
const approvalTimeouts: Range = { leastMs: 1000, mostMs: 30 * 24 * hourMs, inWords: '1s to 720h' };

export function settingProblem(configuration: EventConfiguration): HookProblem | undefined {
  const { after, quietWindow, repeatAfter, runTimeout, approval, prompt } = configuration;
  return (
    durationProblem('after', after, waits) ??
    durationProblem('quietWindow', quietWindow, waits) ??
    durationProblem('repeatAfter', repeatAfter, waits) ??
    durationProblem('runTimeout', runTimeout, runTimeouts) ??
    durationProblem('approval.timeout', approval?.timeout, approvalTimeouts) ??
    autoApproveProblem(approval?.autoApprove ?? []) ??
    promptProblem(prompt)
  );
}

function durationProblem(field: string, text: string | undefined, range: Range): HookProblem | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms >= range.leastMs && ms <= range.mostMs) return undefined;
  return { reason: 'InvalidSpec', message: `${field} "${text}": expected ${range.inWords}.` };
}

function autoApproveProblem(patterns: readonly string[]): HookProblem | undefined {
  if (patterns.length === 0 || !patterns.every((pattern) => pattern.startsWith('!'))) return undefined;
  const message =
    'approval.autoApprove only excludes; expected at least one name of a tool that is approved by itself.';
  return { reason: 'InvalidSpec', message };
}

function promptProblem(prompt: string | undefined): HookProblem | undefined {
  if (prompt === undefined) return undefined;
  const template = parsePrompt(prompt);
  if (template.ok) return undefined;
  const problems = template.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  return { reason: 'InvalidPrompt', message: `prompt ${problems.join('; ')}` };
}
