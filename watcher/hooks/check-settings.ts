/**
 * What is wrong with the durations, the approvals and the prompt of a configuration, beyond the form that its schema checks.
 *
 * Pure.
 */
import type { EventConfiguration } from '../../workflows/contract/hook.ts';
import { durationMs, writeDuration } from '../../workflows/contract/plain/duration.ts';
import { splitGlobs } from '../../workflows/contract/plain/glob.ts';
import { longestWaitMs } from '../../workflows/contract/plain/names.ts';
import { parsePrompt } from '../../workflows/contract/prompt.ts';
import { type Refused, refuse } from './hook-problem.ts';

interface Range {
  leastMs: number;
  mostMs: number;
  inWords: string;
}

const hourMs = 3_600_000;

/** What is too short is raised to what the operator allows. */
const waits: Range = { leastMs: 0, mostMs: longestWaitMs, inWords: `at most ${writeDuration(longestWaitMs)}` };

/** A run that takes longer than a day is not worked on any more. */
const runTimeouts: Range = { leastMs: 1000, mostMs: 24 * hourMs, inWords: '1s to 24h' };

/** What nobody has answered in a month is asked of nobody. */
const approvalTimeouts: Range = { leastMs: 1000, mostMs: 30 * 24 * hourMs, inWords: '1s to 720h' };

export function refuseSettings(configuration: EventConfiguration): Refused | undefined {
  const { after, quietWindow, repeatAfter, runTimeout, approval, prompt } = configuration;
  return (
    refuseDuration('after', after, waits) ??
    refuseDuration('quietWindow', quietWindow, waits) ??
    refuseDuration('repeatAfter', repeatAfter, waits) ??
    refuseDuration('runTimeout', runTimeout, runTimeouts) ??
    refuseDuration('approval.timeout', approval?.timeout, approvalTimeouts) ??
    refuseAutoApprove(approval?.autoApprove ?? []) ??
    refusePrompt(prompt)
  );
}

function refuseDuration(field: string, text: string | undefined, range: Range): Refused | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms >= range.leastMs && ms <= range.mostMs) return undefined;
  return refuse('InvalidSpec', `${field} "${text}": expected ${range.inWords}.`);
}

function refuseAutoApprove(patterns: readonly string[]): Refused | undefined {
  if (patterns.length === 0 || splitGlobs(patterns).meant.length > 0) return undefined;
  return refuse(
    'InvalidSpec',
    'approval.autoApprove only excludes; expected at least one name of a tool that is approved by itself.',
  );
}

function refusePrompt(prompt: string | undefined): Refused | undefined {
  if (prompt === undefined) return undefined;
  const template = parsePrompt(prompt);
  if (template.ok) return undefined;
  const problems = template.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  return refuse('InvalidPrompt', `prompt ${problems.join('; ')}`);
}
