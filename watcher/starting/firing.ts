/**
 * Which members of an incident fire: a group is over when the last of them is.
 *
 * Knows only what this process has sent; reconciliation knows the rest.
 */
export type Firing = ReturnType<typeof createFiring>;

export function createFiring() {
  const groups = new Map<string, { members: Set<string>; newest: string }>();
  return {
    begins: (workflowId: string, occurrenceId: string) => {
      const members = groups.get(workflowId)?.members ?? new Set<string>();
      groups.set(workflowId, { members: members.add(occurrenceId), newest: occurrenceId });
    },
    /** The occurrence that was sent last, when no member fires any more; undefined while another one does. */
    ends: (workflowId: string, occurrenceId: string) => {
      const group = groups.get(workflowId);
      if (group === undefined) return occurrenceId;
      group.members.delete(occurrenceId);
      if (group.members.size > 0) return undefined;
      groups.delete(workflowId);
      // The execution remembers the newest members; the one that ends last may have been there long before.
      return group.newest;
    },
  };
}
