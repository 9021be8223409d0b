/**
 * One run of a container is one fact, whether or not the record of its end is there: records come late, and dead containers are
 * removed with theirs.
 *
 * Pure. Only the number of a run shows that two findings are about the same one, so nothing is compared unless one of them has
 * no record.
 */
import type { Finding } from '../detectors/detector.ts';
import type { Seen } from './memory.ts';

/** The findings, under the names under which the same runs were known before. */
export function asKnownBefore(earlier: ReadonlyMap<string, Seen>, findings: readonly Finding[]): readonly Finding[] {
  const before = [...earlier.values()].map(({ finding }) => finding).filter(({ nature }) => nature === 'edge');
  if (!findings.some(isUnrecorded) && !before.some(isUnrecorded)) return findings;
  return findings.map((finding) => {
    if (finding.nature !== 'edge') return finding;
    const ofRun = before.filter((known) => isSameNumber(known, finding));
    const known = ofRun.find(({ type }) => type === finding.type) ?? ofRun[0];
    if (known === undefined || known.fact === finding.fact) return finding;
    return isUnrecorded(known) || isUnrecorded(finding) ? underName(finding, known) : finding;
  });
}

function isUnrecorded(finding: Finding): boolean {
  return finding.isUnrecorded === true;
}

function isSameNumber({ occurrence: a }: Finding, { occurrence: b }: Finding): boolean {
  return a.member === b.member && a.order === b.order;
}

/** What a record said stays known when it is gone. Both stay marked, so that the next look finds them again. */
function underName(finding: Finding, known: Finding): Finding {
  if (isUnrecorded(finding) && known.type === finding.type) return { ...known, isUnrecorded: true };
  const { occurrence } = finding;
  // Ids of runs begin with their fact.
  const id = occurrence.id.startsWith(finding.fact)
    ? known.fact + occurrence.id.slice(finding.fact.length)
    : occurrence.id;
  return { ...finding, fact: known.fact, isUnrecorded: true, occurrence: { ...occurrence, id } };
}
