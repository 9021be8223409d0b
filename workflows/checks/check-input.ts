/**
 * Whether what arrives in the workflow has the shape and the size that the watcher gives it: input and signals.
 *
 * Anybody with the right to start or to signal may send anything. What is wrong is dropped: an error while it is read would
 * fail every workflow task from then on.
 */
import type { Incident, Occurrence, ResolvedSignal } from '../contract/incident.ts';
import { firstPromptChars, longestWaitMs } from '../contract/plain/names.ts';
import { isObject } from '../contract/plain/read-field.ts';
import {
  fits,
  isCount,
  isListOf,
  isMessage,
  isNamed,
  isNumber,
  isText,
  isTextWithin,
  isTime,
  isTimes,
  maybe,
} from './shapes.ts';

export function isIncident(value: unknown): value is Incident {
  return fits(value, partsOfIncident);
}

/** Characters that the prompts of all configurations of one Hook may have together. */
const longestPrompt = 262_144;

const isReference = (value: unknown) => isNamed(value, 'kind', 'namespace', 'name', 'uid');
const isOwner = (value: unknown) => isNamed(value, 'kind', 'name');

const partsOfIncident = {
  installation: isText,
  type: isText,
  prompt: (prompt: unknown) => isTextWithin(prompt, longestPrompt),
  firstPrompt: maybe((prompt) => isTextWithin(prompt, firstPromptChars)),
  nature: (nature: unknown) => nature === 'edge' || nature === 'state',
  cluster: (cluster: unknown) => isNamed(cluster, 'uid') && maybe(isText)(cluster['name']),
  hook: (hook: unknown) => isNamed(hook, 'namespace', 'name', 'uid') && isCount(hook['generation']),
  agent: (agent: unknown) => isNamed(agent, 'namespace', 'name'),
  subject: isReference,
  group: maybe(isReference),
  owner: maybe(isOwner),
  container: maybe(isText),
  approval: maybe((approval) => fits(approval, partsOfApproval)),
  occurrence: isOccurrence,
  along: maybe((along) => isListOf(along, isOccurrence)),
  timing: (timing: unknown) => fits(timing, partsOfTiming),
};

const partsOfApproval = { onTimeout: maybe(isText), autoApprove: maybe((list) => isListOf(list, isText)) };

/** The good ones of a signal `occurrences`, and how many others were in it. */
export function readOccurrences(signal: unknown): { occurrences: Occurrence[]; dropped: number } {
  const list: unknown = isObject(signal) ? signal['occurrences'] : undefined;
  if (!Array.isArray(list)) return { occurrences: [], dropped: 1 };
  const occurrences = list.filter(isOccurrence);
  return { occurrences, dropped: list.length - occurrences.length };
}

export function isResolved(signal: unknown): signal is ResolvedSignal {
  return isNamed(signal, 'occurrenceId') && isMessage(signal['message']);
}

export function isOccurrence(value: unknown): value is Occurrence {
  return fits(value, partsOfOccurrence);
}

const partsOfOccurrence = {
  id: isText,
  member: isText,
  objectName: isText,
  objectNamespace: maybe(isText),
  order: isNumber,
  reason: isText,
  message: isMessage,
  at: isTime,
  times: isTimes,
  merged: maybe(isTimes),
  exitCode: maybe(isNumber),
  restartCount: maybe(isNumber),
  nodeName: maybe(isText),
  cause: maybe(isText),
  confidence: maybe(isText),
  container: maybe(isText),
  containerKind: maybe(isText),
  image: maybe(isText),
  owners: maybe((owners) => isListOf(owners, isOwner)),
  evidence: maybe((lines) => isListOf(lines, isText)),
};

const partsOfTiming = {
  quietWindowMs: isWait,
  redeliveryFirstMs: isWait,
  redeliveryMaxMs: isWait,
  redeliveryLimitMs: isWait,
  repeatAfterMs: maybe(isWait),
  runTimeoutMs: maybe(isWait),
  lostRunRetries: maybe(isWait),
  approvalTimeoutMs: maybe(isWait),
};

function isWait(value: unknown): boolean {
  return isCount(value) && Number(value) <= longestWaitMs;
}
