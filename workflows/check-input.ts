/**
 * Whether what arrives in the workflow has the shape that the watcher gives it: input, carried record and signals.
 *
 * Called by handleIncident and by run. Anybody with the right to start or to signal may send anything; what is wrong is
 * dropped, because an error while it is read would fail every workflow task from then on. Pure, and without zod, which
 * would be part of every workflow's bundle.
 */
import type { Incident, Occurrence, ResolvedSignal } from './contract/incident.ts';
import type { IncidentRecord } from './incident-record.ts';

type Fields = Readonly<Record<string, unknown>>;

export function isIncident(value: unknown): value is Incident {
  if (!isNamed(value, 'installation', 'type', 'prompt')) return false;
  return Object.entries(partsOfIncident).every(([name, isPart]) => isPart(value[name]));
}

const partsOfIncident: Record<string, (part: unknown) => boolean> = {
  nature: (nature) => nature === 'edge' || nature === 'state',
  cluster: (cluster) => isNamed(cluster, 'uid') && isMaybe(cluster['name'], isText),
  hook: (hook) => isNamed(hook, 'namespace', 'name', 'uid') && isCount(hook['generation']),
  agent: (agent) => isNamed(agent, 'namespace', 'name'),
  subject: isReference,
  group: (group) => isMaybe(group, isReference),
  owner: (owner) => isMaybe(owner, (one) => isNamed(one, 'kind', 'name')),
  container: (container) => isMaybe(container, isText),
  approval: (approval) => isMaybe(approval, isApproval),
  occurrence: isOccurrence,
  timing: isTiming,
};

function isApproval(value: unknown): boolean {
  return isObject(value) && isMaybe(value['autoApprove'], (list) => isListOf(list, isText));
}

function isReference(value: unknown): boolean {
  return isNamed(value, 'kind', 'namespace', 'name', 'uid');
}

/** What an earlier run of the same execution has handed on. */
export function isCarried(value: unknown): value is IncidentRecord | undefined {
  if (value === undefined || value === null) return true;
  const counts = ['asks', 'count', 'received', 'redeliveries', 'lastReceivedMs', 'askingSinceMs'];
  return (
    isNamed(value, 'askRun', 'firstSeen', 'lastSeen') &&
    counts.every((name) => isCount(value[name])) &&
    isObject(value['known']) &&
    isOccurrence(value['newest']) &&
    Array.isArray(value['transitions'])
  );
}

/** The good ones of a signal `occurrences`, and how many others were in it. */
export function readOccurrences(signal: unknown): { occurrences: Occurrence[]; dropped: number } {
  const list: unknown = isObject(signal) ? signal['occurrences'] : undefined;
  if (!Array.isArray(list)) return { occurrences: [], dropped: 1 };
  const occurrences = list.filter(isOccurrence);
  return { occurrences, dropped: list.length - occurrences.length };
}

export function isResolved(signal: unknown): signal is ResolvedSignal {
  return isNamed(signal, 'occurrenceId', 'message');
}

export function isOccurrence(value: unknown): value is Occurrence {
  if (!isNamed(value, 'id', 'member', 'objectName', 'reason', 'message', 'at')) return false;
  const texts = ['nodeName', 'cause', 'confidence', 'container', 'containerKind', 'image'];
  const numbers = ['exitCode', 'restartCount'];
  return (
    value['member'] !== '__proto__' &&
    isTime(value['at']) &&
    isNumber(value['order']) &&
    isCount(value['times']) &&
    texts.every((name) => isMaybe(value[name], isText)) &&
    numbers.every((name) => isMaybe(value[name], isNumber)) &&
    isMaybe(value['owners'], (one) => isListOf(one, (owner) => isNamed(owner, 'kind', 'name'))) &&
    isMaybe(value['evidence'], (one) => isListOf(one, isText))
  );
}

function isTiming(value: unknown): boolean {
  const wanted = ['quietWindowMs', 'redeliveryFirstMs', 'redeliveryMaxMs', 'redeliveryLimitMs'];
  const optional = ['repeatAfterMs', 'runTimeoutMs', 'lostRunRetries', 'approvalTimeoutMs'];
  if (!isObject(value)) return false;
  return wanted.every((name) => isWait(value[name])) && optional.every((name) => isMaybe(value[name], isWait));
}

/** Temporal refuses a timer of a million years, and with it the workflow task. */
function isWait(value: unknown): boolean {
  return isCount(value) && Number(value) <= longestMs;
}

const longestMs = 10 * 365 * 24 * 60 * 60_000;

/** RFC 3339. */
function isTime(value: unknown): boolean {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  return isText(value) && shape.test(value) && !Number.isNaN(Date.parse(value));
}

/** An object whose fields of these names are texts. */
function isNamed(value: unknown, ...names: string[]): value is Fields {
  return isObject(value) && names.every((name) => isText(value[name]));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isMaybe(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return value === undefined || isOne(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Whole, and never negative. */
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
