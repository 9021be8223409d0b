/** Builders: each gives a valid default, and a test states only what it is about. */
import type { Finding } from '../watcher/detectors/detector.ts';
import { type LiveHook, readHook } from '../watcher/hooks/live-hook.ts';
import type { ExecutionRow } from '../watcher/reporting/executions.ts';
import type { EventView } from '../watcher/views/event-view.ts';
import type { ContainerView, PodView } from '../watcher/views/pod-view.ts';
import type { RunPause } from '../workflows/contract/agent-run.ts';
import type { Incident, Occurrence } from '../workflows/contract/incident.ts';
import type { IncidentMemo, Waiting } from '../workflows/contract/outcome.ts';
import { type SoFar, soFarOfFirst } from '../workflows/contract/plain/so-far.ts';

export const noon = Date.parse('2026-09-01T12:00:00Z');
export const at = (seconds: number) => new Date(noon + seconds * 1000).toISOString().replace('.000Z', 'Z');

export function aContainer(over: Partial<ContainerView> = {}): ContainerView {
  return {
    name: 'app',
    kind: 'container',
    image: 'registry.example/app:1',
    ready: true,
    started: true,
    restartCount: 0,
    containerID: 'containerd://a0',
    running: true,
    hasReadinessProbe: false,
    ...over,
  };
}

export function aPod(over: Partial<PodView> = {}): PodView {
  return {
    kind: 'Pod',
    uid: 'pod-uid',
    name: 'web-0',
    namespace: 'shop',
    resourceVersion: '1',
    createdAt: at(0),
    isBeingDeleted: false,
    labels: {},
    phase: 'Running',
    reason: '',
    message: '',
    restartPolicy: 'Always',
    nodeName: 'node-a',
    isGated: false,
    conditions: {},
    containers: [aContainer()],
    ...over,
  };
}

export function anOccurrence(over: Partial<Occurrence> = {}): Occurrence {
  return {
    id: 'pod-uid/app/containerd://a0',
    member: 'pod-uid/app',
    objectName: 'web-0',
    container: 'app',
    order: 1,
    reason: 'OOMKilled',
    message: 'Container app was OOM-killed (exit code 137)',
    at: at(10),
    times: 1,
    exitCode: 137,
    restartCount: 1,
    nodeName: 'node-a',
    ...over,
  };
}

export function aFinding(over: Partial<Finding> = {}): Finding {
  const occurrence = anOccurrence();
  return { type: 'oom-kill', nature: 'edge', container: 'app', fact: occurrence.id, occurrence, ...over };
}

/** A Warning about the Pod of aPod, ten seconds after noon. */
export function anEvent(over: Partial<EventView> = {}): EventView {
  return {
    uid: 'event-uid',
    namespace: 'shop',
    resourceVersion: '1',
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
    count: 1,
    firstMs: noon + 10_000,
    lastMs: noon + 10_000,
    container: 'app',
    about: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' },
    ...over,
  };
}

export function anIncident(over: Partial<Incident> = {}): Incident {
  return {
    installation: 'test',
    cluster: { uid: 'cluster-uid', name: 'prod-1' },
    hook: { namespace: 'shop', name: 'checkout', uid: 'hook-uid', generation: 1 },
    type: 'oom-kill',
    nature: 'edge',
    agent: { namespace: 'shop', name: 'memory-analyzer' },
    prompt: '{{.ResourceName}} in {{.Namespace}} ran out of memory at {{.EventTime}}: {{.EventMessage}}',
    subject: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' },
    container: 'app',
    occurrence: anOccurrence(),
    timing: { quietWindowMs: 1000, redeliveryFirstMs: 200, redeliveryMaxMs: 1000, redeliveryLimitMs: 60_000 },
    ...over,
  };
}

/** What is known of the incident when its prompt is written, a minute after noon: its first occurrence. */
export function whatIsKnown(incident: Incident, over: Partial<SoFar> = {}): SoFar {
  return { ...soFarOfFirst(incident, at(60)), ...over };
}

export function anExecutionRow(over: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    workflowId: 'w1',
    runId: 'r1',
    hookUid: 'hook-uid',
    isOpen: true,
    startedMs: noon,
    closedMs: undefined,
    eventType: 'oom-kill',
    resourceName: 'web-0',
    resourceNamespace: 'shop',
    agent: 'shop/memory-analyzer',
    state: 'asked',
    memo: aMemo(),
    ...over,
  };
}

export function aMemo(over: Partial<IncidentMemo> = {}): IncidentMemo {
  return {
    clusterUid: 'cluster-uid',
    hookUid: 'hook-uid',
    hookGeneration: 1,
    subjectUid: 'pod-uid',
    subjectKind: 'Pod',
    nature: 'edge',
    container: 'app',
    firstSeen: at(10),
    lastSeen: at(10),
    count: 1,
    received: 1,
    known: { 'pod-uid/app': { id: 'pod-uid/app/containerd://a0', order: 1 } },
    transitions: [],
    ...over,
  };
}

/** A run that asks whether it may delete a database. */
export function aPause(over: Partial<RunPause> = {}): RunPause {
  return {
    id: 'ab12cd34ef56ab78',
    kind: 'approval',
    message: "Tool 'delete_thing' requires approval before execution.",
    decidable: 'each',
    tools: [{ id: 'call_1', name: 'delete_thing', arguments: '{"name":"db-1"}' }],
    ...over,
  };
}

export function aWaiting(over: Partial<Waiting> = {}): Waiting {
  const { id, kind, message, tools, decidable = 'each' } = aPause();
  return { pause: id, kind, message, tools, decidable, since: at(20), until: at(86_420), onTimeout: 'reject', ...over };
}

/** A Hook object as the API server sends it. */
export function aHookObject(spec: unknown, over: Record<string, unknown> = {}) {
  return {
    apiVersion: 'kagent.dev/v1alpha2',
    kind: 'Hook',
    metadata: {
      namespace: 'shop',
      name: 'checkout',
      uid: 'hook-uid',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: at(0),
      ...over,
    },
    spec,
  };
}

export const oomConfiguration = {
  eventType: 'oom-kill',
  agentRef: { name: 'memory-analyzer' },
  prompt: '{{.ResourceName}} ran out of memory: {{.EventMessage}}',
};

export function aHook(types: string[] = ['oom-kill'], over: Record<string, unknown> = {}): LiveHook {
  const eventConfigurations = types.map((eventType) => ({ ...oomConfiguration, eventType }));
  const hook = readHook(aHookObject({ eventConfigurations }, over));
  if (hook === undefined) throw new Error('The builder made something that is no Hook.');
  return hook;
}
