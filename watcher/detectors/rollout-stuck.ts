/**
 * rollout-stuck: a Deployment, StatefulSet or DaemonSet does not get on with its rollout.
 *
 * Called through the list in index.ts. No Event tells of it. A Deployment is judged by its own conditions, and only when they
 * are about its present generation; the others have none, so it counts whether anything moves.
 */
import type { Condition } from '../views/metadata.ts';
import type { RolloutView } from '../views/rollout-view.ts';
import { bounded, type Detector, type Finding, wholeSeconds } from './detector.ts';
import { conditionLine, eventLine, evidenceOf } from './evidence-lines.ts';

/** What a quota or an admission refuses is tried again all the time. */
const refusedHoldMs = 300_000;
/** As long as a Deployment has by default. */
const idleHoldMs = 600_000;

export const rolloutStuck: Detector<'Rollout'> = {
  type: 'rollout-stuck',
  watches: 'Rollout',
  summary:
    'A Deployment has exceeded its progress deadline or has not been able to create Pods for 5 minutes, or a StatefulSet or DaemonSet has Pods to replace and got nowhere for 10 minutes.',
  detect({ now, clockMs, events }) {
    if (now.isBeingDeleted || now.isPaused || now.observedGeneration < now.generation) return [];
    const stuck = now.kind === 'Deployment' ? deploymentStuck(now) : othersStuck(now);
    if (stuck === undefined) return [];
    const { cause, reason, message, condition, ...timing } = stuck;
    const id = `${now.uid}/${now.observedGeneration}`;
    return [
      {
        type: 'rollout-stuck',
        nature: 'state',
        fact: id,
        ...timing,
        occurrence: {
          id,
          member: now.uid,
          objectName: now.name,
          order: now.observedGeneration,
          reason,
          message: bounded(`${now.kind} ${now.name}: ${message}`),
          at: wholeSeconds(condition?.since, clockMs),
          times: 1,
          cause,
          ...evidenceOf(
            conditionLine('Progressing', now.progressing),
            conditionLine('ReplicaFailure', now.replicaFailure),
            `wanted ${now.desired}, updated ${now.updated}, ready ${now.ready}`,
            ...events.map(eventLine),
          ),
        },
      },
    ];
  },
};

type Stuck = { cause: string; reason: string; message: string; condition?: Condition } & Pick<
  Finding,
  'sinceMs' | 'holdMs' | 'progress'
>;

function deploymentStuck({ progressing, replicaFailure }: RolloutView): Stuck | undefined {
  if (progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded') {
    const { reason, message } = progressing;
    return { cause: 'deadline', reason, message, condition: progressing, holdMs: 0, ...sinceOf(progressing) };
  }
  if (replicaFailure?.status !== 'True') return undefined;
  const { reason, message } = replicaFailure;
  const cause = message.includes('exceeded quota') ? 'quota' : 'admission';
  return { cause, reason, message, condition: replicaFailure, holdMs: refusedHoldMs, ...sinceOf(replicaFailure) };
}

/** Fully updated Pods that are not ready are no rollout, but what their own incidents are about. */
function othersStuck(now: RolloutView): Stuck | undefined {
  if (now.isOnDelete || now.updated >= now.desired) return undefined;
  return {
    cause: 'no-progress',
    reason: 'NoProgress',
    message: `${now.updated} of ${now.desired} Pods are of the newest template, ${now.ready} are ready, and nothing moves.`,
    progress: `${now.generation}/${now.updated}/${now.ready}`,
    holdMs: idleHoldMs,
  };
}

function sinceOf({ since }: Condition): Pick<Finding, 'sinceMs'> {
  const sinceMs = Date.parse(since ?? '');
  return Number.isNaN(sinceMs) ? {} : { sinceMs };
}
