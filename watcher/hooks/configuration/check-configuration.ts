/**
 * What is wrong with a configuration beyond the form that its schema checks, but for its agent and its `match`.
 *
 * Pure.
 */
import type { EventConfiguration } from '../../../workflows/contract/hook.ts';
import { durationMs, writeDuration } from '../../../workflows/contract/plain/duration.ts';
import { splitGlobs } from '../../../workflows/contract/plain/glob.ts';
import { longestWaitMs } from '../../../workflows/contract/plain/names.ts';
import { parsePrompt } from '../../../workflows/contract/prompt.ts';
import { type ConfigurationContext, type Refused, refuse } from '../hook-problem.ts';

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

export function refuseDuplicate(
  { eventType, name }: EventConfiguration,
  { taken }: ConfigurationContext,
): Refused | undefined {
  if (!taken.includes(name ?? eventType)) return undefined;
  return refuse(
    'DuplicateEventType',
    name === undefined
      ? `eventType ${eventType} is configured before in this Hook; the first configuration handles it. Give this one a name.`
      : `the name ${name} is used before in this Hook; expected a name of its own.`,
  );
}

/** A configuration for which nothing can ever be seen says so, where its author looks. */
export function refuseNodes(
  { eventType }: EventConfiguration,
  { namespace, reach }: ConfigurationContext,
): Refused | undefined {
  if (eventType !== 'node-not-ready') return undefined;
  if (reach.watched !== undefined) {
    return refuse(
      'NodesNotWatched',
      'eventType node-not-ready: Nodes have no namespace, and WATCH_NAMESPACES of the controller lists those that are watched.',
    );
  }
  if (reach.seesNodes(namespace)) return undefined;
  return refuse(
    'NodesNotAllowed',
    'eventType node-not-ready: Nodes are not open to Hooks of this namespace; the operator allows it by WIDE_HOOK_NAMESPACES.',
  );
}

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
