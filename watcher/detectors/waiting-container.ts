/**
 * A container that has waited for one of a set of reasons: what image-pull-failed and container-config-error have in common.
 *
 * Pure.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';
import { bounded, type Finding, type Look, wholeSeconds } from './detector.ts';
import { eventLines, evidenceOf } from './evidence-lines.ts';
import { hasEnded, notStartedFact } from './not-started.ts';
import { ofContainer } from './occurrence-of.ts';

/** The status says nothing of since when, so it counts from our first look; reasons may flip meanwhile. */
const holdMs = 30_000;

export interface Waiting {
  type: IncidentType;
  /** What the container waits for, where that is of this kind. */
  failureOf: (container: ContainerView) => { reason: string; message: string } | undefined;
  cause: string;
  /** Different for each trouble of a container. */
  idOf: (container: ContainerView, reason: string) => string;
  what: (container: ContainerView) => string;
  /** What Warnings say of the cause, where the container's own message lacks it. */
  causeOf?: (message: string, warnings: readonly EventView[]) => string | undefined;
}

export function waitingFindings({ now, clockMs, events }: Look<PodView>, kind: Waiting): Finding[] {
  if (now.isBeingDeleted || hasEnded(now)) return [];
  return now.containers.flatMap((container) => {
    const { name } = container;
    const failure = kind.failureOf(container);
    if (failure === undefined) return [];
    const warnings = events.filter(({ type, container: about }) => type === 'Warning' && about === name);
    const said = [failure.message, kind.causeOf?.(failure.message, warnings)].filter(Boolean);
    return [
      {
        type: kind.type,
        nature: 'state',
        container: name,
        fact: notStartedFact(now),
        holdMs,
        occurrence: {
          ...ofContainer(now, container),
          id: `${now.uid}/${name}/${kind.idOf(container, failure.reason)}`,
          order: container.restartCount,
          reason: failure.reason,
          message: bounded([`${kind.what(container)} (${failure.reason})`, ...said].join(': ')),
          at: wholeSeconds(undefined, clockMs),
          cause: kind.cause,
          ...evidenceOf(...eventLines(warnings)),
        },
      },
    ];
  });
}
