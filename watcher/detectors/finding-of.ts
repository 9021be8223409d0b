/**
 * A finding in full: what a detector says, with its type and with what its object and its container carry.
 *
 * Pure. Bounds every text, so that nothing downstream has to care about its size.
 */
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { ContainerView } from '../views/pod-view.ts';
import type { ObjectView, Views } from '../views/view.ts';
import { type Detector, type Finding, type Found, type Look, msOf } from './detector.ts';
import { boundedLines, cut } from './evidence-lines.ts';

/** Characters of a message that an occurrence carries; the whole stays in the cluster. */
const messageLimit = 1024;

/** Everything that one detector sees in one object. */
export function findingsOf<K extends keyof Views>(detector: Detector<K>, look: Look<Views[K]>): Finding[] {
  if (look.now.isBeingDeleted && detector.readsLastWords !== true) return [];
  return detector.detect(look).map((found) => findingOf(detector.type, look, found));
}

function findingOf(type: Finding['type'], { now, clockMs }: Look, found: Found): Finding {
  const { container, fact = found.occurrence.id, sinceMs, allowedMs = 0, occurrence, ...rest } = found;
  const { at, evidence, ...said } = occurrence;
  const lines = boundedLines(evidence);
  return {
    ...rest,
    type,
    fact,
    ...(container !== undefined && { container: container.name }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(allowedMs > 0 && { allowedMs }),
    occurrence: {
      ...carriedBy(now, container),
      ...said,
      message: cut(said.message, messageLimit),
      at: wholeSeconds(at, clockMs),
      ...(lines.length > 0 && { evidence: lines }),
    },
  };
}

function carriedBy(object: ObjectView, container: ContainerView | undefined) {
  const { uid, name } = object;
  const nodeName = object.kind === 'Pod' ? object.nodeName : undefined;
  return {
    member: container === undefined ? uid : `${uid}/${container.name}`,
    objectName: name,
    times: 1,
    ...(nodeName !== undefined && { nodeName }),
    ...(container !== undefined && {
      container: container.name,
      containerKind: container.kind,
      restartCount: container.restartCount,
      ...(container.image !== '' && { image: container.image }),
    }),
  };
}

/** The form in which an agent gets times: RFC 3339 in UTC. */
function wholeSeconds(time: string | number | undefined, fallbackMs: number): string {
  return isoSeconds((typeof time === 'number' ? time : msOf(time)) ?? fallbackMs);
}
