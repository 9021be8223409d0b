/**
 * The catalogue of what we notice: every detector by the kind of object it looks at.
 *
 * To add an incident type: one file beside this one, one line here, one word in `contract/hook.ts`, one place in the order of
 * specificity.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Views } from '../views/view.ts';
import { containerConfigError } from './container-config-error.ts';
import type { Detector, Finding, Look } from './detector.ts';
import { findingsOf } from './finding-of.ts';
import { hpaFailed } from './hpa-failed.ts';
import { imagePullFailed } from './image-pull-failed.ts';
import { jobFailed } from './job-failed.ts';
import { nodeNotReady } from './node-not-ready.ts';
import { oomKill } from './oom-kill.ts';
import { podEvicted } from './pod-evicted.ts';
import { podFailed } from './pod-failed.ts';
import { podPending } from './pod-pending.ts';
import { podRestart } from './pod-restart.ts';
import { probeFailed } from './probe-failed.ts';
import { rolloutStuck } from './rollout-stuck.ts';
import { volumeMountFailed } from './volume-mount-failed.ts';

export const detectors: { readonly [K in keyof Views]: readonly Detector<K>[] } = {
  Pod: [
    oomKill,
    podRestart,
    podPending,
    probeFailed,
    imagePullFailed,
    containerConfigError,
    volumeMountFailed,
    podEvicted,
    podFailed,
  ],
  Node: [nodeNotReady],
  Job: [jobFailed],
  Rollout: [rolloutStuck],
  HorizontalPodAutoscaler: [hpaFailed],
};

/** Of several types that see the same trouble, the earlier one takes it. */
export const specificity: readonly IncidentType[] = [
  'oom-kill',
  'probe-failed',
  'image-pull-failed',
  'container-config-error',
  'volume-mount-failed',
  'pod-evicted',
  'node-not-ready',
  'job-failed',
  'rollout-stuck',
  'hpa-failed',
  'pod-failed',
  'pod-restart',
  'pod-pending',
];

/** Everything that the detectors of this kind see in one object. */
export function detect<K extends keyof Views>(kind: K, look: Look<Views[K]>): Finding[] {
  return detectors[kind].flatMap((detector) => findingsOf(detector, look));
}
