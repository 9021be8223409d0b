/**
 * The names under which watcher, workflows and worker find each other in Temporal.
 *
 * Imports nothing.
 */

export const handleIncidentType = 'handleIncident';

export const checkAgentsType = 'checkAgents';

/** One id for all rounds of an installation: never two at once, and the newest is the one that counts. */
export function checkAgentsId(installation: string): string {
  return `${installation}/check-agents`;
}

/** In the memo of a round that was not asked for by the watcher: why there is one. */
export const roundCauses = { credentials: 'credentials' } as const;

/** The task queue of one installation; two installations may share a Temporal namespace without sharing work. */
export function taskQueue(installation: string): string {
  return `kagent-hooks-${installation}`;
}

/** The task queue on which agent runs are followed: its slots are no slots that a new ask needs. */
export function runsTaskQueue(installation: string): string {
  return `${taskQueue(installation)}-runs`;
}

export const signalNames = { occurrences: 'occurrences', resolved: 'resolved' } as const;

/**
 * Search attributes of every execution: nine Keywords (SQL visibility stores allow ten per namespace) and one Datetime.
 * Keyword values are cut to {@link keywordLimitBytes}, because SQL stores keep them in VARCHAR(255).
 */
export const searchAttributeTypes = {
  Installation: 'Keyword',
  Hook: 'Keyword',
  HookNamespace: 'Keyword',
  IncidentType: 'Keyword',
  ResourceNamespace: 'Keyword',
  ResourceName: 'Keyword',
  Agent: 'Keyword',
  IncidentState: 'Keyword',
  FailureReason: 'Keyword',
  StateChangedAt: 'Datetime',
} as const;

export type SearchAttributeName = keyof typeof searchAttributeTypes;

/** Bytes; workflow ids and Keyword search attributes live in VARCHAR(255) on SQL stores. */
export const keywordLimitBytes = 255;

/** Bytes; Temporal refuses a start whose fairness key is longer. */
export const fairnessKeyLimitBytes = 64;

/** Members of an incident that its execution remembers; of a larger group the watcher goes by the time. */
export const memberLimit = 50;

/** UTF-16 units that the prompts of all configurations of a Hook may have together. */
export const promptsLimitChars = 262_144;

/** Characters of an agent's answer that its execution carries along and shows; the whole is the activity's result. */
export const shownAnswerChars = 16 * 1024;

/** Characters of an answer in the memo, and so in the status of the Hook. */
export const statusAnswerChars = 1024;

/** UTF-16 units of a prompt that the watcher writes itself; a longer one is written by the worker. */
export const firstPromptChars = 8192;

/** The longest wait that an incident may ask for: Temporal refuses a timer of a million years, and with it the workflow task. */
export const longestWaitMs = 10 * 365 * 24 * 60 * 60_000;
