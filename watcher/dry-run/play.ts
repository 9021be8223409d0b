/**
 * Plays a recording through the real projection, detectors and matching, on the recording's own clock.
 *
 * Touches neither a cluster nor Temporal.
 */
import { createListeners } from '../hooks/listeners.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import { createOwners, type OwnerLink, viewOwner } from '../observing/owners.ts';
import type { Announcement } from '../tracking/announce.ts';
import { createEvidence } from '../tracking/evidence.ts';
import { createStaticPods } from '../tracking/static-pods.ts';
import { createTracker } from '../tracking/tracker.ts';
import { viewAutoscaler } from '../views/autoscaler-view.ts';
import { viewEvent } from '../views/event-view.ts';
import { viewJob } from '../views/job-view.ts';
import { viewNode } from '../views/node-view.ts';
import { viewPod } from '../views/pod-view.ts';
import { viewRollout } from '../views/rollout-view.ts';
import type { Views } from '../views/view.ts';
import { collectIncidents, type DryIncident } from './collect-incidents.ts';
import { createLateReasons } from './late-reasons.ts';
import { type NotFired, refusalOf, waitingOf } from './not-fired.ts';
import type { RecordedChange, Recording } from './read-recording.ts';

export interface PlayOptions {
  hooks: LiveHook[];
  /** Whether the Hooks are the user's; otherwise every type stands alone. */
  namesHooks: boolean;
  /** The clock goes on to this moment after the last change. */
  untilMs?: number | undefined;
}

export interface Played {
  incidents: DryIncident[];
  notFired: NotFired[];
}

type Known = { readonly [K in keyof Views]: Map<string, Views[K]> };

type Stage = ReturnType<typeof openStage>;

function openStage({ hooks, namesHooks }: PlayOptions, fromMs: number) {
  const listeners = createListeners(() => true);
  for (const hook of hooks) listeners.set({ hook, edgesFromMs: fromMs });
  const links = new Map<string, OwnerLink>();
  const owners = createOwners(noCluster, (uid) => links.get(uid));
  const evidence = createEvidence();
  const refused: NotFired[] = [];
  return {
    tracker: createTracker({ listeners, evidence, ownersOf: owners.of, holds: {} }),
    evidence,
    late: createLateReasons(),
    links,
    known: nothingKnown(),
    staticPods: createStaticPods(),
    clockMs: 0,
    collection: collectIncidents(namesHooks),
    refused,
    namesHooks,
  };
}

export function play(recording: Recording, options: PlayOptions): Played {
  const stage = openStage(options, recording.fromMs);
  for (const change of recording.changes) {
    advance(stage, change.atMs);
    take(stage, change);
  }
  if (options.untilMs !== undefined) advance(stage, options.untilMs);
  const notFired = [...stage.refused, ...waitingOf(stage.tracker)];
  return {
    incidents: stage.collection.incidents(),
    notFired: options.namesHooks ? notFired : notFired.map((entry) => ({ ...entry, hook: '' })),
  };
}

function collect({ refused, collection, late, namesHooks, clockMs }: Stage, announcements: readonly Announcement[]) {
  for (const announcement of announcements) {
    const { type, fact } = announcement.sighting.finding;
    if (announcement.kind === 'refused') refused.push(refusalOf(announcement));
    else if (namesHooks || type !== 'pod-restart' || !late.isLateOom(fact)) collection.take(announcement, clockMs);
  }
}

function nothingKnown(): Known {
  return { Pod: new Map(), Node: new Map(), Job: new Map(), Rollout: new Map(), HorizontalPodAutoscaler: new Map() };
}

const noCluster: Parameters<typeof createOwners>[0] = {
  open: () => Promise.reject(new Error('A dry run asks no cluster.')),
  json: () => Promise.reject(new Error('A dry run asks no cluster.')),
  close: () => undefined,
};

/** Deadlines pass one after the other, each at its own moment. The clock never goes back. */
function advance(stage: Stage, toMs: number): void {
  for (;;) {
    const dueMs = stage.tracker.nextDueMs();
    if (dueMs === undefined || dueMs > toMs) break;
    stage.clockMs = Math.max(stage.clockMs, dueMs);
    collect(stage, stage.tracker.passed(stage.clockMs));
  }
  stage.clockMs = Math.max(stage.clockMs, toMs);
}

type Take = (stage: Stage, change: RecordedChange) => void;

function taker<K extends keyof Views>(kind: K, view: (object: unknown) => Views[K] | undefined): Take {
  return (stage, change) => see(stage, { kind, now: view(change.object), type: change.type });
}

/** A map: a recording may hold any word as a kind. */
const takers = new Map<string, Take>([
  ['Pod', taker('Pod', viewPod)],
  ['Event', takeEvent],
  ['Node', taker('Node', viewNode)],
  ['Job', taker('Job', viewJob)],
  ['Deployment', taker('Rollout', viewRollout('Deployment'))],
  ['StatefulSet', taker('Rollout', viewRollout('StatefulSet'))],
  ['DaemonSet', taker('Rollout', viewRollout('DaemonSet'))],
  ['HorizontalPodAutoscaler', taker('HorizontalPodAutoscaler', viewAutoscaler)],
]);

function take(stage: Stage, change: RecordedChange): void {
  const link = viewOwner(change.object);
  if (link !== undefined) stage.links.set(link.uid, link);
  takers.get(change.kind)?.(stage, change);
}

function takeEvent(stage: Stage, { object, type }: RecordedChange): void {
  const event = viewEvent(object);
  if (event === undefined || type === 'DELETED') return;
  const pod = stage.evidence.add(event) ? stage.known.Pod.get(stage.staticPods.uidOf(event)) : undefined;
  if (pod === undefined) return;
  collect(stage, stage.tracker.see('Pod', { before: pod, now: pod, isWitnessed: false, clockMs: stage.clockMs }));
}

interface Shown<K extends keyof Views> {
  kind: K;
  now: Views[K] | undefined;
  type: RecordedChange['type'];
}

function see<K extends keyof Views>(stage: Stage, { kind, now, type }: Shown<K>): void {
  if (now === undefined) return;
  if (now.kind === 'Pod') stage.late.see(now);
  const known = stage.known[kind];
  const before = known.get(now.uid);
  known.set(now.uid, now);
  stage.staticPods.changed(before, now);
  // A stream that begins with a change was watched before: what changed is news.
  const isWitnessed = before !== undefined || type !== 'ADDED';
  collect(stage, stage.tracker.see(kind, { before, now, isWitnessed, clockMs: stage.clockMs }));
  if (type !== 'DELETED') return;
  known.delete(now.uid);
  stage.staticPods.changed(now, undefined);
  collect(stage, stage.tracker.gone(now.uid));
}
