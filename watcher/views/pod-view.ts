/**
 * What the watcher keeps of a Pod: the few fields that detectors and prompts need, parsed once.
 *
 * Called by observe for each Pod as received; about 1 kB instead of 25. Detectors see only this, never the raw object.
 */
import { type RawContainerStatus, RawPod, type RawTermination } from './raw-pod.ts';

/** How a container ended; `containerID` identifies the termination. */
export interface Termination {
  exitCode: number;
  reason: string;
  message: string;
  finishedAt?: string;
  containerID?: string;
}

export interface ContainerView {
  name: string;
  ready: boolean;
  /** False while a startup probe has not succeeded yet. */
  started: boolean;
  restartCount: number;
  containerID: string;
  running: boolean;
  waiting?: { reason: string; message: string };
  terminated?: Termination;
  lastTerminated?: Termination;
  hasReadinessProbe: boolean;
}

export interface PodView {
  uid: string;
  name: string;
  namespace: string;
  resourceVersion: string;
  createdAt: string;
  isBeingDeleted: boolean;
  phase: string;
  nodeName?: string;
  owner?: { kind: string; name: string };
  scheduled?: PodCondition;
  containersReady?: PodCondition;
  containers: ContainerView[];
}

interface PodCondition {
  status: string;
  reason: string;
  message: string;
  since?: string;
}

/** The view of a Pod as the API server sends it; undefined when it is not one. */
export function viewPod(object: unknown): PodView | undefined {
  const parsed = RawPod.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp,
    isBeingDeleted: typeof metadata.deletionTimestamp === 'string',
    phase: status?.phase ?? '',
    ...optional('nodeName', spec?.nodeName),
    ...optional('owner', owner && { kind: owner.kind, name: owner.name }),
    ...optional('scheduled', conditionOf(status, 'PodScheduled')),
    ...optional('containersReady', conditionOf(status, 'ContainersReady')),
    containers: viewContainers(parsed.data),
  };
}

/** Containers of every kind: a sidecar is an init container to the API, and can be OOM-killed like any other. */
function viewContainers({ spec, status }: RawPod): ContainerView[] {
  const specs = [spec?.containers, spec?.initContainers].flatMap((list) => list ?? []);
  const probed = new Set(specs.filter(({ readinessProbe }) => isSet(readinessProbe)).map(({ name }) => name));
  const lists = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses];
  return lists.flatMap((list) => list ?? []).map((container) => viewContainer(container, probed.has(container.name)));
}

function viewContainer(status: RawContainerStatus, hasReadinessProbe: boolean): ContainerView {
  const { state, lastState } = status;
  const waiting = state?.waiting;
  return {
    name: status.name,
    ready: status.ready,
    started: status.started ?? false,
    restartCount: status.restartCount,
    containerID: status.containerID ?? '',
    running: isSet(state?.running),
    ...optional('waiting', waiting && { reason: waiting.reason ?? '', message: waiting.message ?? '' }),
    ...optional('terminated', termination(state?.terminated)),
    ...optional('lastTerminated', termination(lastState?.terminated)),
    hasReadinessProbe,
  };
}

function termination(record: RawTermination | null | undefined): Termination | undefined {
  if (record === undefined || record === null) return undefined;
  return {
    exitCode: record.exitCode,
    reason: record.reason ?? '',
    message: record.message ?? '',
    ...optional('finishedAt', record.finishedAt),
    ...optional('containerID', record.containerID),
  };
}

function conditionOf(status: RawPod['status'], type: string): PodCondition | undefined {
  const found = status?.conditions?.find((condition) => condition.type === type);
  if (found === undefined) return undefined;
  return {
    status: found.status,
    reason: found.reason ?? '',
    message: found.message ?? '',
    ...optional('since', found.lastTransitionTime),
  };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A property that is left out where there is no value, as exact optional properties want it. */
function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  const result: { [P in K]?: V } = {};
  if (value !== undefined && value !== null && value !== '') result[key] = value;
  return result;
}
