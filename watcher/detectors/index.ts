/**
 * The catalogue of what we notice: every detector by the kind of object it looks at.
 *
 * To add an incident type: one file beside this one, one line here, one word in `contract/hook.ts`.
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

/** Of several types of a kind that see the same trouble, the earlier one takes it. */
export const detectors: { readonly [K in keyof Views]: readonly Detector<K>[] } = {
  Pod: [
    oomKill,
    probeFailed,
    imagePullFailed,
    containerConfigError,
    volumeMountFailed,
    podEvicted,
    podFailed,
    podRestart,
    podPending,
  ],
  Node: [nodeNotReady],
  Job: [jobFailed],
  Rollout: [rolloutStuck],
  HorizontalPodAutoscaler: [hpaFailed],
};

/** The more specific types first; types of different kinds never see the same trouble. */
export const specificity: readonly IncidentType[] = Object.values(detectors).flatMap((list) =>
  list.map(({ type }) => type),
);

/** Everything that the detectors of this kind see in one object. */
export function detect<K extends keyof Views>(kind: K, look: Look<Views[K]>): Finding[] {
  return detectors[kind].flatMap((detector) => findingsOf(detector, look));
}
