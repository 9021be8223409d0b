/**
 * What a detector is: a pure function from an object as it is now to the findings that are visible on it.
 *
 * Findings may repeat: what is new is decided by their occurrence ids, so a missed or doubled update changes nothing. Detectors
 * ask nothing of the world and remember nothing.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Occurrence } from '../../workflows/contract/incident.ts';
import type { Inclusion } from '../../workflows/contract/match.ts';
import type { EventView } from '../views/event-view.ts';
import type { ContainerView } from '../views/pod-view.ts';
import type { ObjectView, Views } from '../views/view.ts';

/** One look at an object: as it was before (if ever) and as it is now, at one moment of the watcher's clock. */
export interface Look<V extends ObjectView = ObjectView> {
  before: V | undefined;
  now: V;
  clockMs: number;
  /** What is known of Events about this object, oldest first; a few at most. */
  events: readonly EventView[];
}

export interface Finding {
  type: IncidentType;
  /** `edge`: it happened at a moment. `state`: it is true, and will stop being true. */
  nature: 'edge' | 'state';
  container?: string;
  /**
   * The trouble behind it. Findings of one object with the same fact are one trouble seen from several sides, and of one
   * Hook only the configuration of the most specific type takes it.
   */
  fact: string;
  occurrence: Occurrence;
  /**
   * States: since when it is true, in milliseconds, for whom did not see it begin. Left out where no object says so: then it
   * counts from our first look.
   */
  sinceMs?: number;
  /** States: the count begins anew whenever this changes, and only then. Left out: whenever `sinceMs` changes. */
  progress?: string;
  /** States: counts that grow while things get on, the most important first. The time begins anew whenever they do. */
  counts?: readonly number[];
  /** States: how long it must hold before it is an incident, unless the configuration says `after`. Default: at once. */
  holdMs?: number;
  /** States: time besides whatever hold applies, which the object declares or needs. Of one occurrence the least counts. */
  allowedMs?: number;
  /** Normally no incident: only configurations that include this kind of it take it. */
  optIn?: Inclusion;
  /** No incident for anybody, and why; remembered for the occurrence, though the reason may vanish. */
  dismissed?: string;
  /** Edges: no record names the run of the container that ended, only its number: the order of the occurrence. */
  isUnrecorded?: true;
  /** The object that all fallout of one trouble has in common, where that is not the object's workload. */
  fallout?: { kind: string; name: string };
}

/** What a detector says of a finding; its type and what stands on the object itself are put to it. */
export interface Found extends Omit<Finding, 'type' | 'container' | 'fact' | 'sinceMs' | 'occurrence'> {
  /** The container that it is about, where it is about one. */
  container?: ContainerView;
  /** Left out: nothing but the occurrence itself. */
  fact?: string;
  sinceMs?: number | undefined;
  occurrence: Omit<Partial<Occurrence>, 'at' | 'evidence'> &
    Pick<Occurrence, 'id' | 'order' | 'reason' | 'message'> & {
      /** As the cluster says it, or in milliseconds; where nothing says it, the moment of the look. */
      at?: string | number | undefined;
      /** What speaks for it, newest last. */
      evidence: readonly (string | undefined)[];
    };
}

export interface Detector<K extends keyof Views = keyof Views> {
  type: IncidentType;
  /** One sentence for the catalogue in docs/hooks.md. */
  summary: string;
  /** An object that is being deleted still says what happened to it; for other detectors it is no trouble any more. */
  readsLastWords?: true;
  detect: (look: Look<Views[K]>) => Found[];
}

/** Milliseconds, of what is a time. */
export function msOf(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
