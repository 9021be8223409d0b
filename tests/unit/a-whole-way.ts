/**
 * The whole way of an object without a cluster and without Temporal: store, views, observer, and what it hands over.
 *
 * Used by property tests. Every part is the real one; what is left out is the network on both ends. Nothing is swallowed: what
 * would only be logged is kept.
 */
import pino from 'pino';
import type { Listener } from '../../watcher/hooks/listeners.ts';
import { createListeners } from '../../watcher/hooks/listeners.ts';
import type { LiveHook } from '../../watcher/hooks/live-hook.ts';
import { KubeError } from '../../watcher/kube/api-server.ts';
import { apply, applyDeletion, type Store, type Versioned } from '../../watcher/kube/store.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';
import { createObserver } from '../../watcher/observing/observe.ts';
import { createOwners, type OwnerLink, viewOwner } from '../../watcher/observing/owners.ts';
import type { Installation } from '../../watcher/starting/incident-of.ts';
import { viewAutoscaler } from '../../watcher/views/autoscaler-view.ts';
import { viewEvent } from '../../watcher/views/event-view.ts';
import { viewJob } from '../../watcher/views/job-view.ts';
import { viewNode } from '../../watcher/views/node-view.ts';
import { type PodView, viewPod } from '../../watcher/views/pod-view.ts';
import { viewRollout } from '../../watcher/views/rollout-view.ts';
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import type { AnyKind } from '../any-object.ts';
import { anIncident, noon } from '../make.ts';

const { installation, cluster, timing } = anIncident();
const ours: Installation = { name: installation, cluster: { uid: cluster.uid }, timing };

export interface HandedOver {
  workflowId: string;
  incident: Incident;
}

/** What came of everything that was shown. */
export interface Findings {
  occurred: HandedOver[];
  resolved: { workflowId: string; signal: ResolvedSignal }[];
  refused: number;
  /** Everything that the parts would have logged as an error of theirs. */
  failures: string[];
}

export function aWholeWay(hooks: readonly LiveHook[]) {
  const listeners = createListeners(() => true);
  for (const hook of hooks) listeners.set({ hook, edgesFromMs: 0 });
  const found: Findings = { occurred: [], resolved: [], refused: 0, failures: [] };
  const log = pino(
    { level: 'warn' },
    { write: (line) => void (/[{,]"error":/.test(line) && found.failures.push(line)) },
  );
  const clock = { ms: noon + 60_000 };

  function store<V extends Versioned>(
    view: (object: unknown) => V | undefined,
    onChange: OnChange<V>,
    isKept = () => true,
  ): Store<V> {
    return { options: { path: '/', view, uidOf, onChange, isKept, log }, items: new Map() };
  }

  const nothing = () => Promise.resolve();
  const owners = store<OwnerLink & Versioned>(viewOwner, nothing);
  const noObject = () => Promise.reject(new KubeError('There is no such object.', 404));
  const observer = createObserver({
    installation: ours,
    listeners,
    owners: createOwners({ open: noObject, json: noObject, close: () => undefined }, (uid) => owners.items.get(uid)),
    podOf: (uid): PodView | undefined => pods.items.get(uid),
    holds: {},
    handover: {
      occurred: async (workflowId, incident) => void found.occurred.push({ workflowId, incident }),
      resolved: async (workflowId, signal) => void found.resolved.push({ workflowId, signal }),
      oldestWaitingMs: () => undefined,
      settled: nothing,
    },
    log,
    nowMs: () => clock.ms,
    onRefused: () => {
      found.refused += 1;
    },
  });
  const pods = store<PodView>(viewPod, observer.changed('Pod'));
  const showing = <V extends Versioned>(one: Store<V>) => ({
    show: (object: unknown) => apply(one, object).then(nothing),
    remove: (object: unknown) => applyDeletion(one, object),
  });
  const kinds: Record<AnyKind, ReturnType<typeof showing>> = {
    Pod: showing(pods),
    Node: showing(store(viewNode, observer.changed('Node'))),
    Job: showing(store(viewJob, observer.changed('Job'))),
    Deployment: showing(store(viewRollout('Deployment'), observer.changed('Rollout'))),
    StatefulSet: showing(store(viewRollout('StatefulSet'), observer.changed('Rollout'))),
    DaemonSet: showing(store(viewRollout('DaemonSet'), observer.changed('Rollout'))),
    HorizontalPodAutoscaler: showing(store(viewAutoscaler, observer.changed('HorizontalPodAutoscaler'))),
    ReplicaSet: showing(owners),
    Event: showing(store(viewEvent, observer.eventChanged, () => false)),
  };
  return {
    found,
    /** The object is as it is now, so many milliseconds later. */
    show: async (kind: AnyKind, object: unknown, afterMs = 1000) => {
      clock.ms += afterMs;
      await kinds[kind].show(object);
      await observer.held.settled();
    },
    remove: async (kind: AnyKind, object: unknown) => {
      await kinds[kind].remove(object);
      await observer.held.settled();
    },
    edit: (hook: LiveHook) => {
      const listener: Listener = { hook, edgesFromMs: 0 };
      listeners.set(listener);
      return observer.hookChanged(listener);
    },
    trueNow: observer.trueNow,
    stop: observer.stop,
  };
}

type OnChange<V> = (before: V | undefined, now: V | undefined) => Promise<void>;
