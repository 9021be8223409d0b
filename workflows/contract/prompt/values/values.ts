/**
 * The values that a prompt template may name, and those of each row of its only list, `{{#each Members}}`.
 *
 * Each value is one text or one number.
 */

/** Name of each value with what it holds. The first eight are khook's, the others ours. */
export const promptValueNames = {
  EventType: 'Type of the incident, such as oom-kill.',
  ResourceName: 'Name of the object that the incident is about.',
  Namespace: 'Namespace of that object.',
  Reason: 'The word that Kubernetes uses for what happened, such as OOMKilled.',
  Message: 'What happened, in one sentence.',
  Timestamp: 'When it happened, RFC 3339 in UTC.',
  EventTime: 'The same as Timestamp.',
  EventMessage: 'The same as Message.',
  Container: 'Name of the container; empty where the whole object is meant.',
  ExitCode: 'Exit code of the container; empty where none ended.',
  RestartCount: 'How often the container has been restarted; empty where none was.',
  OwnerKind: 'Kind of the workload that owns the object, such as Deployment; empty without one.',
  OwnerName: 'Name of that workload; empty without one.',
  NodeName: 'Name of the node; empty where it is not known.',
  HookName: 'Name of the Hook.',
  Cluster: 'Name of the cluster; empty where it has none.',
  ResourceKind: 'Kind of the object that the incident is about, such as Pod.',
  FirstSeen: 'When it happened first, RFC 3339 in UTC.',
  LastSeen: 'When it happened last, as far as it is known when the agent is asked.',
  Count: 'How often it happened until then, to all members together.',
  AskedAt: 'When the prompt was written, RFC 3339 in UTC.',
  Evidence:
    'What speaks for it, a line each behind `> `: cause, conditions, the last termination, the newest Events with count and times. At most 8,192 characters; empty where nothing is known.',
  MoreMembers: 'How many members there are beyond those that Members lists; empty where there are none.',
} as const;

/** The only name that is a list. */
export const membersName = 'Members';

/** Name of each value of a row with what it holds; the names are those of the same values of the incident. */
export const memberValueNames = {
  Namespace: 'its namespace',
  ResourceName: 'its name',
  Container: 'its container, empty where the whole object is meant',
  NodeName: 'its node, empty where it is not known',
  FirstSeen: 'when it happened to it first',
  LastSeen: 'when it happened to it last',
  Count: 'how often',
} as const;

type Named<Name extends string> = { readonly [name in Name]?: string | number | undefined };

export type PromptMember = Named<keyof typeof memberValueNames>;

/** What a template is filled with; an absent value is written as the empty text and is false in `if`. */
export type PromptValues = Named<keyof typeof promptValueNames> & { readonly [membersName]?: readonly PromptMember[] };

/** Values as they are looked up: a Map, so that no name reaches a prototype. */
export type ValueMap = ReadonlyMap<string, string | number>;

/** The values that `names` has and that are present, in its order. */
export function valueMapOf(names: object, values: object): ValueMap {
  const map = new Map<string, string | number>();
  for (const name of Object.keys(names)) {
    const value: unknown = Object.hasOwn(values, name) ? Reflect.get(values, name) : undefined;
    if (typeof value === 'string' || typeof value === 'number') map.set(name, value);
  }
  return map;
}

export function isPromptValueName(name: string): boolean {
  return Object.hasOwn(promptValueNames, name);
}
