/**
 * rollout-stuck: a Deployment, StatefulSet or DaemonSet does not get on with its rollout.
 *
 * No Event reports it. A Deployment is stuck by its own conditions, and only when they are about its present generation; the
 * others have none, so it counts whether anything moves. Waits that the user declared are added, and counts that grow begin the
 * time anew.
 */
import type { Condition } from '../views/metadata.ts';
import type { RolloutView } from '../views/rollout-view.ts';
import { whyNotCreated } from './deciding-sentence.ts';
import { type Detector, type Found, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';

/** What a quota or an admission refuses is tried again all the time. */
const refusedHoldMs = 300_000;
/** As long as a Deployment has by default. */
const idleHoldMs = 600_000;

export const rolloutStuck: Detector<'Rollout'> = {
  type: 'rollout-stuck',
  summary:
    'A Deployment has exceeded its progress deadline or has not been able to create Pods for 5 minutes, or a StatefulSet or DaemonSet has Pods to replace and got nowhere for 10 minutes, besides the waits that it declares; paused and OnDelete are none.',
  detect({ now, events }) {
    if (now.isPaused) return [];
    const stuck = now.kind === 'Deployment' ? deploymentStuck(now) : othersStuck(now);
    if (stuck === undefined) return [];
    const { cause, reason, message, condition, ...timing } = stuck;
    return [
      {
        nature: 'state',
        counts: [now.updated, now.available, now.ready],
        ...timing,
        occurrence: {
          id: `${now.uid}/${now.generation}`,
          order: now.generation,
          reason,
          message: `${now.kind} ${now.name}: ${message}${whyNotCreated(events)}`,
          at: condition?.since,
          cause,
          evidence: [
            conditionLine('Progressing', now.progressing),
            conditionLine('ReplicaFailure', now.replicaFailure),
            `expected ${now.desired}, updated ${now.updated}, ready ${now.ready}, available ${now.available}`,
            ...eventLines(events).slice(-5),
          ],
        },
      },
    ];
  },
};

type Stuck = { cause: string; reason: string; message: string; condition?: Condition } & Pick<
  Found,
  'sinceMs' | 'holdMs' | 'allowedMs'
>;

/** Its deadline is a decision of its user too, so only waits that it cannot cover are added to it. */
function deploymentStuck(now: RolloutView): Stuck | undefined {
  const { progressing } = now;
  const refusal = refusalOf(now);
  const isLate = progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded';
  if (!isLate || isOutdated(now)) return refusal;
  const { reason, message } = progressing;
  return {
    cause: refusal?.cause ?? 'deadline',
    reason,
    message: refusal === undefined ? message : `${message} ${refusal.message}`,
    condition: progressing,
    holdMs: 0,
    allowedMs: now.declaredMs - now.deadlineMs,
    sinceMs: msOf(progressing.since),
  };
}

/** Pods are not created, or not even the ReplicaSet for them; then the controller does not say which generation it saw. */
function refusalOf(now: RolloutView): Stuck | undefined {
  const { progressing, replicaFailure } = now;
  const isSetRefused = progressing?.status === 'False' && progressing.reason === 'ReplicaSetCreateError';
  const arePodsRefused =
    replicaFailure?.status === 'True' && replicaFailure.reason === 'FailedCreate' && !isOutdated(now);
  const condition = isSetRefused ? progressing : arePodsRefused ? replicaFailure : undefined;
  if (condition === undefined) return undefined;
  const { reason, message } = condition;
  const cause = /\b(exceeded|failed) quota\b/.test(message) ? 'quota' : 'admission';
  return { cause, reason, message, condition, holdMs: refusedHoldMs, sinceMs: msOf(condition.since) };
}

/**
 * Fully updated Pods that are not ready are no rollout, but what their own incidents are about. The last ones of a StatefulSet
 * still belong to its rollout, which says when it is complete; a DaemonSet does not say.
 */
function othersStuck(now: RolloutView): Stuck | undefined {
  if (now.isOnDelete || isOutdated(now)) return undefined;
  const isShort = now.updated < now.toUpdate;
  const isLastUnready = now.isIncomplete && now.ready < now.desired;
  if (!isShort && !isLastUnready) return undefined;
  return {
    cause: 'no-progress',
    reason: 'NoProgress',
    message: `${now.updated} of ${now.toUpdate} Pods are of the newest template, ${now.ready} of ${now.desired} are ready, and nothing moves.`,
    holdMs: idleHoldMs,
    allowedMs: now.declaredMs,
  };
}

/** What the status says is about a former generation. */
function isOutdated({ generation, observedGeneration }: RolloutView): boolean {
  return observedGeneration < generation;
}
