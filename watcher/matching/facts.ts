/**
 * What an expression can know of an incident: the fields of `incident`, some of which may be absent.
 *
 * Plain values, bounded by the detectors.
 */
import type { Occurrence } from '../../workflows/contract/incident.ts';

/** What the facts are taken from. */
export interface FactSources {
  type: string;
  object: { kind: string; namespace: string; name: string; uid: string; labels: Readonly<Record<string, string>> };
  occurrence: Occurrence;
  hook: { namespace: string; name: string };
  /** The workload that the object belongs to. */
  owner: { kind: string; name: string } | undefined;
}

const ofObject = ['kind', 'namespace', 'name', 'uid', 'labels'] as const;
const words = ['reason', 'message', 'container', 'containerKind', 'cause', 'confidence', 'nodeName', 'image'] as const;
const ofOccurrence = [...words, 'exitCode', 'restartCount'] as const;

/** All fields: a name that is none of them is a typing error, not a field that is absent now. */
export const factNames: readonly string[] = ['type', ...ofObject, ...ofOccurrence, 'hook', 'owner'];

export type Fact = string | number | Readonly<Record<string, string>>;

export function factsOf({ type, object, occurrence, hook, owner }: FactSources): Map<string, Fact | undefined> {
  return new Map<string, Fact | undefined>([
    ['type', type],
    ...ofObject.map((name) => [name, object[name]] as const),
    ...ofOccurrence.map((name) => [name, occurrence[name]] as const),
    ['hook', { namespace: hook.namespace, name: hook.name }],
    ['owner', owner && { kind: owner.kind, name: owner.name }],
  ]);
}
