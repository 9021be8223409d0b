/**
 * Identity: workflow ids and request ids as pure functions of facts, never of "now" and never of a random number.
 *
 * The same incident meets the same id after any restart.
 */
import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { Incident } from '../../workflows/contract/incident.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { keywordLimitBytes } from '../../workflows/contract/plain/names.ts';

/** What makes two occurrences belong to one incident: names are for people, the uids decide. */
export type IncidentIdentity = Pick<
  Incident,
  'installation' | 'type' | 'configuration' | 'subject' | 'group' | 'container'
> & { hook: Omit<Incident['hook'], 'generation'> };

/** Namespace of our request ids; any fixed UUID will do. */
const requestIdNamespace = 'c0b2b1f3-6a43-5d8c-9a8e-3f1d7c5e2b10';

/**
 * `installation/hook namespace/hook/type or configuration/Kind/namespace/object[/container]/key`, at most 255 bytes, since SQL stores
 * keep it in VARCHAR(255). The key is a hash of everything that identifies, so a long name may be cut in front of it, and what
 * no terminal should get is left out: anybody may write any name of an owner.
 */
export function workflowIdOf(identity: IncidentIdentity): string {
  const { installation, hook, type, container, configuration } = identity;
  const subject = identity.group ?? identity.subject;
  const named = configuration === undefined ? [] : [configuration];
  const key = createHash('sha256')
    .update(JSON.stringify([installation, hook.uid, type, subject.uid, container ?? '', ...named]))
    .digest('hex')
    .slice(0, 16);
  const what = configuration ?? type;
  const place = [subject.kind, ...(subject.namespace === '' ? [] : [subject.namespace]), subject.name];
  const parts = [installation, hook.namespace, hook.name, what, ...place];
  const readable = [...parts, ...(container === undefined ? [] : [container])].join('/');
  const limit = keywordLimitBytes - key.length - 1;
  return `${cutToBytes(inertLine(readable, limit), limit)}/${key}`;
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
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(limitBytes)).read);
}
