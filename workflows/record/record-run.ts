/**
 * What the record of an incident says of its agent runs: the answer to an ask, how a run has ended, and the next ask.
 *
 * Pure functions over the record.
 */
import type { AgentRun, RunEnding } from '../contract/agent-run.ts';
import type { Incident } from '../contract/incident.ts';
import type { Recovery } from '../contract/outcome.ts';
import { inertText } from '../contract/plain/inert-text.ts';
import { shownAnswerChars } from '../contract/plain/names.ts';
import { forgetPause, type IncidentRecord } from './incident-record.ts';
import { msUntilOver } from './when-due.ts';

export function takeAnswer(record: IncidentRecord, agentRun: AgentRun, nowMs: number): void {
  record.agentRun = { ...agentRun };
  delete record.agentRun.ending; // kept apart, and shorter
  record.askedMs = nowMs;
  delete record.failure;
  delete record.mayHaveStarted;
}

export function takeEnding(
  incident: Incident,
  record: IncidentRecord,
  { ending, nowMs }: { ending: RunEnding; nowMs: number },
): void {
  const { answer } = ending;
  record.ending = { ...ending, ...(answer !== undefined && { answer: inertText(answer, shownAnswerChars) }) };
  record.endedMs = nowMs;
  forgetPause(record);
  const isOver = (msUntilOver(incident, record, nowMs) ?? Infinity) <= 0 || record.resolved !== undefined;
  if (isOver) record.recovery = 'recovered while the agent ran';
}

/** Whether the incident was over before its run, or after it; undefined before the run has ended. */
export function recoveryOf({ nature }: Incident, record: IncidentRecord): Recovery | undefined {
  const { endedMs, lastReceivedMs, recovery } = record;
  if (endedMs === undefined) return undefined;
  if (recovery !== undefined) return recovery;
  return nature === 'edge' && lastReceivedMs > endedMs ? 'still firing when it answered' : 'recovered after it';
}

const ofOneAsk = ['agentRun', 'prompt', 'ending', 'endedMs', 'waitedMs', 'decided', 'recovery'] as const;

/** Makes room for the next agent run of the same episode: a new key, a new prompt, the whole redelivery limit again. */
export function toAskAgain(record: IncidentRecord, nowMs: number): void {
  record.asks += 1;
  record.askRun = `${record.askRun.split('/')[0]}/${record.asks}`;
  record.askingSinceMs = nowMs;
  record.redeliveries = 0;
  for (const field of ofOneAsk) delete record[field];
  forgetPause(record);
}
