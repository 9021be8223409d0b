/**
 * Identity: workflow ids and request ids as pure functions of facts, never of "now" and never of a random number.
 *
 * The same incident meets the same id after any restart.
 */
import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { ObjectRef } from '../../workflows/contract/incident.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { keywordLimitBytes } from '../../workflows/contract/plain/names.ts';

/** What makes two occurrences belong to one incident: names are for people, the uids decide. */
export interface IncidentIdentity {
  installation: string;
  hook: { namespace: string; name: string; uid: string };
  type: IncidentType;
  /** Its name, where the configuration has one. */
  configuration?: string | undefined;
  /** The object itself, or what groups it: its workload, its node. */
  subject: ObjectRef;
  container?: string | undefined;
}

/** Namespace of our request ids; any fixed UUID will do. */
const requestIdNamespace = 'c0b2b1f3-6a43-5d8c-9a8e-3f1d7c5e2b10';

/**
 * `installation/hook namespace/hook/type or configuration/Kind/namespace/object[/container]/key`, at most 255 bytes, since SQL stores
 * keep it in VARCHAR(255). The key is a hash of everything that identifies, so a long name may be cut in front of it, and what
 * no terminal should get is left out: anybody may write any name of an owner.
 */
export function workflowIdOf(identity: IncidentIdentity): string {
  const { installation, hook, type, subject, container, configuration } = identity;
  const key = createHash('sha256')
    .update(JSON.stringify([installation, hook.uid, type, subject.uid, container ?? '', ...named(configuration)]))
    .digest('hex')
    .slice(0, 16);
  const what = configuration ?? type;
  const place = [subject.kind, ...(subject.namespace === '' ? [] : [subject.namespace]), subject.name];
  const parts = [installation, hook.namespace, hook.name, what, ...place];
  const readable = [...parts, ...(container === undefined ? [] : [container])].join('/');
  const limit = keywordLimitBytes - key.length - 1;
  return `${cutToBytes(inertLine(readable, limit), limit)}/${key}`;
}

function named(configuration: string | undefined): string[] {
  return configuration === undefined ? [] : [configuration];
}

/** A start whose answer was lost is made again by the same request. That no other run is started, the reuse policy sees to. */
export function firstRequestId(workflowId: string, occurrenceId: string): string {
  return uuidv5(`first\n${workflowId}\n${occurrenceId}`, requestIdNamespace);
}

/** Two watchers that follow the same closed run make one successor. */
export function successorRequestId(workflowId: string, predecessorRunId: string): string {
  return uuidv5(`successor\n${workflowId}\n${predecessorRunId}`, requestIdNamespace);
}

/** That of the Hook; long names are cut behind it. */
export function namespaceOf(workflowId: string): string {
  return workflowId.split('/', 2)[1] ?? '';
}

/** The longest beginning of a text that fits; never splits a character. */
export function cutToBytes(text: string, limitBytes: number): string {
  if (Buffer.byteLength(text) <= limitBytes) return text;
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > limitBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
