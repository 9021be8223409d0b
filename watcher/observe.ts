/**
 * Steps 1 and 2: each change of a Pod becomes occurrences that are new, and states that have ended.
 *
 * Fed by the reflectors of Pods and Hooks, hands over to the queues of handover.ts. Remembers per Pod only what is visible
 * on it now; whether something was handled before is Temporal's to say.
 */
import type { Logger } from 'pino';
import type { Finding, Thresholds } from './detectors/detector.ts';
import { detect } from './detectors/index.ts';
import type { Handover } from './handover.ts';
import { type Installation, incidentOf, workflowIdFor } from './incident-of.ts';
import { type Listener, match } from './match.ts';
import type { PodView } from './pod-view.ts';

export interface Observer {
  podChanged: (before: PodView | undefined, now: PodView | undefined) => Promise<void>;
  /** A Hook is new or was edited: everything that is visible now is shown to it. */
  hookChanged: (listener: Listener, pods: PodView[]) => Promise<void>;
  /** Whether a state is true on a Pod now; read by reconciliation. */
  isFiring: (podUid: string, type: Finding['type'], container: string | undefined) => boolean;
  stop: () => void;
}

export interface ObserverOptions {
  installation: Installation;
  thresholds: Thresholds;
  listenersIn: (namespace: string) => Listener[];
  handover: Handover;
  log: Logger;
  nowMs: () => number;
}

/** What is known of one Pod: the findings visible on it, and which configuration took each termination. */
interface Memory {
  /** As it was looked at last. */
  pod: PodView;
  seen: Map<string, Finding>;
  /** By Hook uid and occurrence id: the type that took it, so that a cause learned later makes no second incident. */
  takers: Map<string, Finding['type']>;
  timer?: NodeJS.Timeout;
}

interface Watching extends ObserverOptions {
  memories: Map<string, Memory>;
}

export function createObserver(options: ObserverOptions): Observer {
  const watching: Watching = { ...options, memories: new Map() };
  return {
    podChanged: (before, now) => (now === undefined ? forget(watching, before) : look(watching, before, now)),
    hookChanged: async (listener, pods) => {
      for (const pod of pods) if (pod.namespace === listener.hook.namespace) await show(watching, listener, pod.uid);
    },
    isFiring: (podUid, type, container) =>
      [...(watching.memories.get(podUid)?.seen.values() ?? [])].some(
        (finding) => finding.type === type && finding.container === container,
      ),
    stop: () => {
      for (const { timer } of watching.memories.values()) clearTimeout(timer);
    },
  };
}

async function look(watching: Watching, before: PodView | undefined, now: PodView): Promise<void> {
  const memory = memoryOf(watching, now);
  const clockMs = watching.nowMs();
  const { findings, dueMs } = detect({ before, now, clockMs, thresholds: watching.thresholds });
  const visible = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const earlier = memory.seen;
  memory.seen = visible;
  forgetTakers(memory);
  lookAgain(watching, { memory, pod: now, dueMs });
  for (const [key, finding] of visible) {
    if (!earlier.has(key)) await tellAll(watching, { memory, pod: now, finding, isWitnessed: before !== undefined });
  }
  for (const [key, finding] of earlier) {
    if (!visible.has(key) && finding.nature === 'state') await end(watching, now, finding);
  }
}

/** A Pod that is gone has no trouble any more; states that were true on it have ended. */
async function forget(watching: Watching, last: PodView | undefined): Promise<void> {
  if (last === undefined) return;
  const memory = watching.memories.get(last.uid);
  watching.memories.delete(last.uid);
  clearTimeout(memory?.timer);
  for (const finding of memory?.seen.values() ?? []) {
    if (finding.nature === 'state') await end(watching, { ...last, isBeingDeleted: true }, finding);
  }
}

/** Shows one Hook what is visible on a Pod; nothing of it was witnessed for this Hook, so edges are judged by their time. */
async function show(watching: Watching, listener: Listener, uid: string): Promise<void> {
  const memory = watching.memories.get(uid);
  if (memory === undefined) return; // gone while other Pods were shown
  const { pod } = memory;
  const clockMs = watching.nowMs();
  const { findings } = detect({ before: pod, now: pod, clockMs, thresholds: watching.thresholds });
  for (const finding of findings) await tell(watching, listener, { memory, pod, finding, isWitnessed: false });
}

interface Seen {
  memory: Memory;
  pod: PodView;
  finding: Finding;
  isWitnessed: boolean;
}

async function tellAll(watching: Watching, seen: Seen): Promise<void> {
  for (const listener of watching.listenersIn(seen.pod.namespace)) await tell(watching, listener, seen);
}

async function tell(watching: Watching, listener: Listener, seen: Seen): Promise<void> {
  const { pod, finding, memory } = seen;
  const { hook } = listener;
  const takerKey = `${hook.uid}|${finding.occurrence.id}`;
  const result = match(listener, { namespace: pod.namespace, finding, isWitnessed: seen.isWitnessed });
  const taker = memory.takers.get(takerKey);
  if ('refusal' in result || (taker !== undefined && taker !== finding.type)) {
    const refusal = 'refusal' in result ? result.refusal : { reason: 'TakenBefore', message: `As ${String(taker)}.` };
    watching.log.debug(
      { hook: `${hook.namespace}/${hook.name}`, occurrence: finding.occurrence.id, ...refusal },
      'refused',
    );
    return;
  }
  memory.takers.set(takerKey, finding.type);
  const incident = incidentOf(watching.installation, { hook, configuration: result.configuration, pod, finding });
  await watching.handover.occurred(workflowIdFor(watching.installation, hook, { pod, finding }), incident);
}

async function end(watching: Watching, pod: PodView, finding: Finding): Promise<void> {
  const message = pod.isBeingDeleted
    ? `The Pod ${pod.name} is gone.`
    : `The Pod ${pod.name} recovered (${finding.type}).`;
  const signal = { occurrenceId: finding.occurrence.id, at: new Date(watching.nowMs()).toISOString(), message };
  for (const { hook } of watching.listenersIn(pod.namespace)) {
    if (hook.configurations.some(({ type }) => type === finding.type)) {
      await watching.handover.resolved(workflowIdFor(watching.installation, hook, { pod, finding }), signal);
    }
  }
}

/** Nothing more may ever be written to a Pod in trouble, so the clock has to bring us back to it. */
function lookAgain(watching: Watching, at: { memory: Memory; pod: PodView; dueMs: number | undefined }): void {
  const { memory, pod, dueMs } = at;
  clearTimeout(memory.timer);
  if (dueMs === undefined) return;
  const waitMs = Math.min(Math.max(dueMs - watching.nowMs(), 1), 2 ** 31 - 1);
  memory.timer = setTimeout(() => {
    look(watching, pod, pod).catch((error: unknown) => {
      watching.log.error({ pod: pod.uid, error: String(error) }, 'a deadline could not be handled');
    });
  }, waitMs);
}

function memoryOf(watching: Watching, pod: PodView): Memory {
  const memory = watching.memories.get(pod.uid) ?? { pod, seen: new Map(), takers: new Map() };
  memory.pod = pod;
  watching.memories.set(pod.uid, memory);
  return memory;
}

function forgetTakers(memory: Memory): void {
  const visible = new Set([...memory.seen.values()].map(({ occurrence }) => occurrence.id));
  for (const key of memory.takers.keys()) {
    if (!visible.has(key.slice(key.indexOf('|') + 1))) memory.takers.delete(key);
  }
}

function keyOf({ type, occurrence }: Finding): string {
  return `${type}|${occurrence.id}`;
}
