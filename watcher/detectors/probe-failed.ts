/**
 * probe-failed: a container is not ready for longer than the threshold, or was killed for a liveness or startup probe.
 *
 * Called through the list in index.ts. Readiness is read from the container's own `ready`: the Pod's condition also falls for
 * lost nodes. Of kills only the kubelet's Killing Event tells. Attempts that failed are no incident by themselves.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import { isOfThisRun } from './deciding-sentence.ts';
import { bounded, type Detector, type Finding, type Sight, wholeSeconds } from './detector.ts';
import { conditionLine, eventLine, evidenceOf, terminationLine } from './evidence-lines.ts';
import { isOfRunning, type Kill, killOf, killsOf } from './kill-events.ts';
import { hasEnded } from './not-started.ts';
import { ofContainer } from './occurrence-of.ts';
import { runId, terminationsOf } from './terminations.ts';

export const probeFailed: Detector<'Pod'> = {
  type: 'probe-failed',
  watches: 'Pod',
  summary:
    'A running, started container with a readiness probe has not been ready for 30 seconds, or a container is killed for a failed liveness or startup probe.',
  detect: (sight) =>
    sight.now.isBeingDeleted
      ? []
      : sight.now.containers.flatMap((container) => [...unready(sight, container), ...killed(sight, container)]),
};

const holdMs = 30_000;

function unready(sight: Sight<PodView>, container: ContainerView): Finding[] {
  const { now, clockMs } = sight;
  if (hasEnded(now) || !isFailingReadiness(container)) return [];
  const { containerID, name } = container;
  const since = unreadySince(now, container);
  const sinceMs = Date.parse(since ?? '');
  return [
    {
      type: 'probe-failed',
      nature: 'state',
      container: name,
      fact: `${now.uid}/${name}/readiness/${containerID}`,
      holdMs,
      ...(!Number.isNaN(sinceMs) && { sinceMs }),
      occurrence: {
        ...ofContainer(now, container),
        ...whatWasSaid(sight, container, since),
        id: `${now.uid}/${name}/readiness/${containerID}/${since ?? 'unknown'}`,
        order: Number.isNaN(sinceMs) ? container.restartCount : sinceMs,
        reason: 'Unhealthy',
        at: wholeSeconds(since, clockMs),
        cause: 'readiness',
      },
    },
  ];
}

function isFailingReadiness({ running, hasReadinessProbe, started, ready }: ContainerView): boolean {
  return running && hasReadinessProbe && started && !ready;
}

/** The condition is older than the run of a container that was restarted meanwhile. */
function unreadySince({ conditions }: PodView, { startedAt }: ContainerView): string | undefined {
  const condition = conditions.ContainersReady;
  const conditionMs = condition?.status === 'False' ? Date.parse(condition.since ?? '') : Number.NaN;
  if (Number.isNaN(conditionMs)) return undefined;
  return startedAt !== undefined && Date.parse(startedAt) > conditionMs ? startedAt : condition?.since;
}

function whatWasSaid(sight: Sight<PodView>, container: ContainerView, since = 'its start') {
  const events = sight.events.filter((event) => isOfThisRun(event, container));
  const newest = newestFailure({ now: sight.now, events }, container.name, 'Readiness');
  const said = newest?.message ?? 'its readiness probe fails.';
  return {
    message: bounded(`Container ${container.name} is running but has not been ready since ${since}: ${said}`),
    ...evidenceOf(conditionLine('ContainersReady', sight.now.conditions.ContainersReady), newest && eventLine(newest)),
  };
}

/** Combined Events may name no container; of a Pod with one container they are about that one. */
function newestFailure({ now, events }: Place, container: string, probe: string): EventView | undefined {
  const isOnly = now.containers.length === 1;
  return events.findLast(
    (event) =>
      event.reason === 'Unhealthy' &&
      (event.container === container || (isOnly && event.container === undefined)) &&
      event.message.startsWith(probe),
  );
}

const probes = { 'liveness-probe': 'liveness', 'startup-probe': 'startup' } as const;

/** One finding for each run that was ended so: of the run that still goes on, and of those that have ended. */
function killed({ now, events }: Place, container: ContainerView): Finding[] {
  const kills = killsOf(events, container).filter(({ cause }) => cause in probes);
  if (kills.length === 0) return [];
  const place = { now, events };
  const ended = terminationsOf(now, container).flatMap((termination) => {
    const { id, ordinal, record } = termination;
    const kill = killOf(kills, termination, container);
    return kill === undefined ? [] : [killFinding(place, container, { kill, fact: id, ordinal, record })];
  });
  const kill = kills.findLast((candidate) => isOfRunning(candidate, container));
  if (kill === undefined || container.containerID === '') return ended;
  const run = { kill, fact: runId(now, container, container.containerID), ordinal: container.restartCount + 1 };
  return ended.some(({ fact }) => fact === run.fact) ? ended : [...ended, killFinding(place, container, run)];
}

type Place = Pick<Sight<PodView>, 'now' | 'events'>;

interface KilledRun {
  kill: Kill;
  fact: string;
  ordinal: number;
  /** Once it has ended. */
  record?: Termination;
}

function killFinding(place: Place, container: ContainerView, run: KilledRun): Finding {
  const { kill, fact, ordinal, record } = run;
  const probe = kill.cause === 'startup-probe' ? probes['startup-probe'] : probes['liveness-probe'];
  const capital = probe === 'startup' ? 'Startup' : 'Liveness';
  const attempt = newestFailure(place, container.name, capital);
  const why = attempt === undefined ? '' : ` ${attempt.message}`;
  return {
    type: 'probe-failed',
    nature: 'edge',
    container: container.name,
    fact,
    occurrence: {
      ...ofContainer(place.now, container),
      id: `${fact}/${probe}`,
      order: ordinal,
      reason: 'Unhealthy',
      message: bounded(`Container ${container.name} is killed because its ${probe} probe failed.${why}`),
      at: wholeSeconds(undefined, kill.atMs),
      cause: probe,
      ...(record !== undefined && { exitCode: record.exitCode }),
      ...evidenceOf(record && terminationLine(record), attempt && eventLine(attempt), eventLine(kill.event)),
    },
  };
}
