/**
 * A container that has waited for one of a set of reasons: what image-pull-failed and container-config-error have in common.
 *
 * Pure.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';
import type { Found, Look } from './detector.ts';
import { eventLines } from './evidence-lines.ts';
import { hasEnded, notStartedFact } from './not-started.ts';
import type { StartFailure } from './start-failures.ts';

/** The status says nothing of since when, so it counts from our first look; reasons may flip meanwhile. */
const holdMs = 30_000;

export interface Waiting {
  /** What the container waits for, where that is of this kind. */
  failureOf: (container: ContainerView) => StartFailure | undefined;
  cause: string;
  /** Different for each trouble of a container. */
  idOf: (container: ContainerView, reason: string) => string;
  what: (container: ContainerView) => string;
  /** What Warnings say of the cause, where the container's own message lacks it. */
  causeOf?: (message: string, warnings: readonly EventView[]) => string | undefined;
}

export function waitingFindings({ now, events }: Look<PodView>, kind: Waiting): Found[] {
  if (hasEnded(now)) return [];
  return now.containers.flatMap((container) => {
    const { name } = container;
    const failure = kind.failureOf(container);
    if (failure === undefined) return [];
    const warnings = events.filter(({ type, container: about }) => type === 'Warning' && about === name);
    const said = [failure.message, kind.causeOf?.(failure.message, warnings)].filter(Boolean);
    return [
      {
        nature: 'state',
        container,
        fact: notStartedFact(now),
        holdMs,
        occurrence: {
          id: `${now.uid}/${name}/${kind.idOf(container, failure.reason)}`,
          order: container.restartCount,
          reason: failure.reason,
          message: [`${kind.what(container)} (${failure.reason})`, ...said].join(': '),
          cause: kind.cause,
          evidence: eventLines(warnings),
        },
      },
    ];
  });
}
