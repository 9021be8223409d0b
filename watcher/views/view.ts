/**
 * Every kind of object that detectors look at, by its kind.
 *
 * Types only; the views are made by the files beside this one.
 */
import type { AutoscalerView } from './autoscaler-view.ts';
import type { JobView } from './job-view.ts';
import type { NodeView } from './node-view.ts';
import type { PodView } from './pod-view.ts';
import type { RolloutView } from './rollout-view.ts';

/** By the word that detectors use for what they look at: the three kinds of rollouts are looked at alike. */
export interface Views {
  Pod: PodView;
  Node: NodeView;
  Job: JobView;
  Rollout: RolloutView;
  HorizontalPodAutoscaler: AutoscalerView;
}

export type ObjectView = Views[keyof Views];
