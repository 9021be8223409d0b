/**
 * probe-failed: a container is not ready for longer than the threshold, or was killed for a liveness or startup probe.
 *
 * Readiness is read from the container's own `ready`: the Pod's condition also falls for lost nodes. Kills
 * stand only in the kubelet's Killing Event. Attempts that failed are no incident by themselves.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import type { Detector, Found, Look } from './detector.ts';
import { conditionLine, eventLine, terminationLine } from './evidence-lines.ts';
import { isOfProbe, isOfRunning, type Kill, killOf, killsOf } from './kill-events.ts';
import { hasEnded } from './not-started.ts';
import { runId, terminationsOf, type VisibleTermination } from './terminations.ts';
import { timingOf, type UnreadySpell, unreadySpell } from './unready-spell.ts';

export const probeFailed: Detector<'Pod'> = {
  type: 'probe-failed',
  summary:
    'A running, started container with a readiness probe has not been ready for 30 seconds, counted from when its probe could have failed for good (initialDelaySeconds and failureThreshold × periodSeconds after its start), or a container is killed for a failed liveness or startup probe.',
  detect: (look) =>
    look.now.containers.flatMap((container) => [...unready(look, container), ...killed(look, container)]),
};

const holdMs = 30_000;

function unready(look: Look<PodView>, container: ContainerView): Found[] {
  const { now } = look;
  if (hasEnded(now) || !isFailingReadiness(container)) return [];
  const { containerID, name } = container;
  const spell = unreadySpell(now, container, newestFailure(look, name, 'Readiness'));
  const { since, sinceMs } = spell;
  return [
    {
      nature: 'state',
      container,
      fact: `${now.uid}/${name}/readiness/${containerID}`,
      holdMs,
      ...timingOf(spell, container),
      occurrence: {
        ...whatIsKnown(look, name, spell),
        id: `${now.uid}/${name}/readiness/${containerID}/${since ?? 'unknown'}`,
        order: sinceMs ?? container.restartCount,
        at: since,
        cause: 'readiness',
      },
    },
  ];
}

function isFailingReadiness({ running, hasReadinessProbe, started, ready }: ContainerView): boolean {
  return running && hasReadinessProbe && started && !ready;
}

/** Only an Event proves that a probe has failed. */
function whatIsKnown(look: Look<PodView>, container: string, { since = 'its start', failure }: UnreadySpell) {
  const said = failure === undefined ? '.' : `: ${failure.message}`;
  return {
    reason: failure === undefined ? 'ContainersNotReady' : 'Unhealthy',
    message: `Container ${container} is running but has not been ready since ${since}${said}`,
    evidence: [conditionLine('ContainersReady', look.now.conditions.ContainersReady), failure && eventLine(failure)],
  };
}

/** Combined Events may name no container; of a Pod with one container they are about that one. */
function newestFailure({ now, events }: Look<PodView>, container: string, probe: string): EventView | undefined {
  const isOnly = now.containers.length === 1;
  return events.findLast(
    (event) =>
      event.reason === 'Unhealthy' &&
      (event.container === container || (isOnly && event.container === undefined)) &&
      event.message.startsWith(probe),
  );
}

/** One finding for each run that was ended so: of the run that still goes on, and of those that have ended. */
function killed(look: Look<PodView>, container: ContainerView): Found[] {
  const { now, events } = look;
  const kills = killsOf(events, container).filter(isOfProbe);
  if (kills.length === 0) return [];
  const ended = terminationsOf(now, container).flatMap((run) => {
    const kill = killOf(kills, run);
    return kill === undefined ? [] : [killFinding(look, { ...run, kill })];
  });
  const kill = kills.findLast((candidate) => isOfRunning(candidate, container));
  if (kill === undefined || container.containerID === '') return ended;
  const id = runId(now, container, container.containerID);
  if (ended.some(({ fact }) => fact === id)) return ended;
  return [...ended, killFinding(look, { container, id, kill, ordinal: container.restartCount + 1 })];
}

/** It has a record once it has ended. */
type KilledRun = Omit<VisibleTermination, 'isRestart' | 'record'> & { record?: Termination; kill: Kill };

function killFinding(look: Look<PodView>, { container, id, ordinal, record, kill }: KilledRun): Found {
  const [probe, capital] = kill.cause === 'startup-probe' ? ['startup', 'Startup'] : ['liveness', 'Liveness'];
  const attempt = newestFailure(look, container.name, capital);
  const why = attempt === undefined ? '' : ` ${attempt.message}`;
  return {
    nature: 'edge',
    container,
    fact: id,
    occurrence: {
      id: `${id}/${probe}`,
      order: ordinal,
      reason: 'Unhealthy',
      message: `Container ${container.name} is killed because its ${probe} probe failed.${why}`,
      at: kill.atMs,
      cause: probe,
      ...(record !== undefined && { exitCode: record.exitCode }),
      evidence: [record && terminationLine(record), attempt && eventLine(attempt), eventLine(kill.event)],
    },
  };
}
