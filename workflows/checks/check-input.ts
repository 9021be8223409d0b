/**
 * Whether what arrives in the workflow has the shape and the size that the watcher gives it: input and signals.
 *
 * Anybody with the right to start or to signal may send anything. What is wrong is dropped: an error while it is read would
 * fail every workflow task from then on.
 */
import type { Occurrence, ResolvedSignal, StartedIncident } from '../contract/incident.ts';
import { firstPromptChars, longestWaitMs, promptsLimitChars } from '../contract/plain/names.ts';
import { isObject } from '../contract/plain/read-field.ts';
import {
  isCount,
  isMessage,
  isNumber,
  isText,
  isTime,
  isTimes,
  listOf,
  maybe,
  objectOf,
  textWithin,
} from './shapes.ts';

const isWait = (value: unknown) => isCount(value) && Number(value) <= longestWaitMs;
const isOwner = objectOf({ kind: isText, name: isText });
const isReference = objectOf({ kind: isText, namespace: isText, name: isText, uid: isText });

export const isOccurrence = objectOf<Occurrence>({
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
  owners: maybe(listOf(isOwner)),
  evidence: maybe(listOf(isText)),
});

export const isIncident = objectOf<StartedIncident>({
  installation: isText,
  type: isText,
  prompt: textWithin(promptsLimitChars),
  firstPrompt: maybe(textWithin(firstPromptChars)),
  nature: (nature) => nature === 'edge' || nature === 'state',
  cluster: objectOf({ uid: isText, name: maybe(isText) }),
  hook: objectOf({ namespace: isText, name: isText, uid: isText, generation: isCount }),
  agent: objectOf({ namespace: isText, name: isText }),
  subject: isReference,
  group: maybe(isReference),
  owner: maybe(isOwner),
  container: maybe(isText),
  approval: maybe(objectOf({ onTimeout: maybe(isText), autoApprove: maybe(listOf(isText)) })),
  occurrence: isOccurrence,
  along: maybe(listOf(isOccurrence)),
  timing: objectOf({
    quietWindowMs: isWait,
    redeliveryFirstMs: isWait,
    redeliveryMaxMs: isWait,
    redeliveryLimitMs: isWait,
    repeatAfterMs: maybe(isWait),
    runTimeoutMs: maybe(isWait),
    lostRunRetries: maybe(isWait),
    approvalTimeoutMs: maybe(isWait),
  }),
});

export const isResolved = objectOf<ResolvedSignal>({ occurrenceId: isText, message: isMessage });

/** The good ones of a signal `occurrences`, and how many others were in it. */
export function readOccurrences(signal: unknown): { occurrences: Occurrence[]; dropped: number } {
  const list: unknown = isObject(signal) ? signal['occurrences'] : undefined;
  if (!Array.isArray(list)) return { occurrences: [], dropped: 1 };
  const occurrences = list.filter(isOccurrence);
  return { occurrences, dropped: list.length - occurrences.length };
}
