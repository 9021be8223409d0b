/**
 * The list that a prompt template may go over, `{{#each Members}}`, and the values of each of its rows.
 *
 * The rows are flat, and no list is in a row.
 */

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

type MemberValueName = keyof typeof memberValueNames;

export type PromptMember = { readonly [Name in MemberValueName]?: string | number | undefined };

export function isMemberValueName(name: string): name is MemberValueName {
  return Object.hasOwn(memberValueNames, name);
}

/** A row as the interpreter holds it, with its present values in the order of {@link memberValueNames}. */
export function rowOf(member: PromptMember): ReadonlyMap<string, string | number> {
  const row = new Map<string, string | number>();
  for (const name of Object.keys(memberValueNames)) {
    const value: unknown = isMemberValueName(name) && Object.hasOwn(member, name) ? member[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number') row.set(name, value);
  }
  return row;
}
