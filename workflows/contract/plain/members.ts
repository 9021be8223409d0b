/**
 * The members of an incident: each object and container that it happened to, since when, and how often.
 *
 * Pure, for the workflow sandbox too; every text is cut here, because whoever may signal an execution may send any.
 */
import type { Occurrence } from '../incident.ts';
import { inertLine, nameLimit } from './inert-text.ts';
import { memberLimit } from './names.ts';

export interface Member {
  /** As the occurrences name it; unique within the incident. */
  id: string;
  /** Left out by watchers that did not say it, and where there is none. */
  namespace?: string;
  name: string;
  container?: string;
  nodeName?: string;
  /** Of the cluster's clocks, RFC 3339; left out where only the newest occurrence is known. */
  firstSeen?: string;
  lastSeen?: string;
  count?: number;
}

export interface Members {
  /** The one that it happened to last is the last; at most fifty. */
  rows: readonly Member[];
  /** How many fell out of the rows. One that came back since counts as one more. */
  more: number;
}

export const noMembers: Members = { rows: [], more: 0 };

/** With what has just happened; what was known of its member stays. */
export function addMember({ rows, more }: Members, occurrence: Occurrence): Members {
  const id = line(occurrence.member);
  const before = rows.find((row) => row.id === id);
  const others = rows.filter((row) => row.id !== id);
  const all = [...others, rowOf(id, occurrence, before)];
  const kept = all.slice(-memberLimit);
  return { rows: kept, more: more + all.length - kept.length };
}

function rowOf(id: string, occurrence: Occurrence, before: Member | undefined): Member {
  const { objectNamespace, objectName, container, nodeName, at, times } = occurrence;
  return {
    ...before,
    id,
    name: line(objectName),
    ...(objectNamespace !== undefined && { namespace: line(objectNamespace) }),
    ...(container !== undefined && { container: line(container) }),
    ...(nodeName !== undefined && { nodeName: line(nodeName) }),
    firstSeen: before?.firstSeen ?? at,
    lastSeen: at,
    count: (before?.count ?? 0) + times,
  };
}

function line(text: string): string {
  return inertLine(text, nameLimit);
}
