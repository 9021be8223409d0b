/**
 * The values that a prompt template may name, and the nearest one to a name that is not among them.
 *
 * All values are flat: one text or one number each; the one list stands in members.ts.
 */
import { membersName, type PromptMember } from './members.ts';

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

export type PromptValueName = keyof typeof promptValueNames;

/** What a template is filled with; an absent value is written as the empty text and is false in `if`. */
export type PromptValues = { readonly [Name in PromptValueName]?: string | number | undefined } & {
  readonly [membersName]?: readonly PromptMember[];
};

/** The values as the interpreter holds them: a Map, so that no name reaches a prototype. */
export type AllValues = ReadonlyMap<string, string | number>;

/** Longer words are no misspelling of ours, and measuring them would take time. */
const longestMisspelling = 40;

export function isPromptValueName(name: string): name is PromptValueName {
  return Object.hasOwn(promptValueNames, name);
}

/** Present values in the order of {@link promptValueNames}; anything that is neither text nor number is left out. */
export function allValuesOf(values: PromptValues): AllValues {
  const all = new Map<string, string | number>();
  for (const name of Object.keys(promptValueNames)) {
    const value: unknown = isPromptValueName(name) && Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number') all.set(name, value);
  }
  return all;
}

/** "Did you mean …" for a name that is not known, or all names where none is near. */
export function suggestName(name: string, names = [...Object.keys(promptValueNames), membersName]): string {
  const ranked = names
    .map((known) => ({ known, edits: editsBetween(name.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const nearest = ranked[0];
  if (nearest !== undefined && nearest.edits <= nearest.known.length / 2) return `Did you mean ${nearest.known}?`;
  return `Known names are ${names.join(', ')}.`;
}

/** Levenshtein distance, row by row. */
function editsBetween(from: string, to: string): number {
  if (from.length > longestMisspelling) return longestMisspelling;
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const swap = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
