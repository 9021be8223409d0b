import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../watcher/detectors/detector.ts';
import { detect } from '../../watcher/detectors/index.ts';
import { type PodView, viewPod } from '../../watcher/pod-view.ts';
import { aContainer, aPod, at, noon } from '../make.ts';

const thresholds = { pendingAfterMs: 300_000, unreadyAfterMs: 30_000 };
const Item = z.object({ at: z.string(), type: z.string(), object: z.looseObject({ kind: z.string() }) });
const Sample = z.looseObject({ stream: z.array(Item).optional(), cases: z.array(z.looseObject({})).optional() });
type StreamItem = z.infer<typeof Item>;

function sample(name: string) {
  return Sample.parse(JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8')));
}

const pod = (object: unknown): PodView => {
  const view = viewPod(object);
  if (view === undefined) throw new Error('The sample holds something that is no Pod.');
  return view;
};

/** Runs a stream on its own clock, with deadlines, and returns each incident once, as `type container` → its first occurrence. */
function replay(stream: StreamItem[], untilMs = 0): Map<string, Finding['occurrence'] & { openedMs: number }> {
  const found = new Map<string, Finding['occurrence'] & { openedMs: number }>();
  let before: PodView | undefined;
  let dueMs: number | undefined;
  const look = (now: PodView, clockMs: number) => {
    const detection = detect({ before, now, clockMs, thresholds });
    dueMs = detection.dueMs;
    for (const { type, container, occurrence } of detection.findings) {
      const key = [type, ...(container === undefined ? [] : [container]), occurrence.id].join(' ');
      if (!found.has(key)) found.set(key, { ...occurrence, openedMs: clockMs });
    }
  };
  for (const item of stream.filter(({ object }) => object.kind === 'Pod')) {
    const clockMs = Date.parse(item.at);
    if (before !== undefined && dueMs !== undefined && dueMs <= clockMs) look(before, dueMs);
    const now = pod(item.object);
    look(now, clockMs);
    before = now;
  }
  if (before !== undefined && dueMs !== undefined && dueMs <= untilMs) look(before, dueMs);
  return found;
}

const types = (found: Map<string, unknown>) => [...found.keys()].map((key) => key.split(' ').slice(0, 2).join(' '));

describe('sample streams', () => {
  it.each<[string, string[]]>([
    ['01-pod-restart-liveness', ['pod-restart app']],
    ['03-oom-kill-first', ['oom-kill memory-demo-2-ctr', 'pod-restart memory-demo-2-ctr']],
    ['08-oom-kill-restart-never', ['oom-kill app']],
    ['13-probe-readiness', ['probe-failed app']],
    ['22-sidecar-and-init', ['oom-kill proxy', 'pod-restart proxy']],
  ])('%s gives each incident once: %s', (name, expected) => {
    expect(types(replay(sample(name).stream ?? [])).toSorted()).toEqual(expected);
  });

  it('09: an unschedulable Pod is an incident at the threshold, with the words of its condition', () => {
    const stream = sample('09-pod-pending-unschedulable').stream ?? [];
    const opened = Date.parse('2026-09-01T10:05:00Z');
    expect(replay(stream, opened - 1).size).toBe(0);
    const [found] = replay(stream, opened).values();
    expect(found).toMatchObject({ openedMs: opened, reason: 'Unschedulable' });
    expect(found?.message).toContain('3 Insufficient cpu');
  });

  it('05: a reason that changes to OOMKilled later keeps the occurrence id of the restart', () => {
    const found = [...replay(sample('05-oom-kill-late-reason').stream ?? []).values()];
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    expect(found.every(({ order }) => order === 1)).toBe(true);
  });

  it('06: OOMKilled is certain with 137 only, and 137 alone is no OOM kill', () => {
    const Case = z.object({ exit: z.number(), reason: z.string().optional(), status: z.unknown() });
    for (const entry of sample('06-oom-kill-ambiguous').cases ?? []) {
      const { exit, reason, status } = Case.parse(entry);
      const base = sample('08-oom-kill-restart-never').stream?.[0]?.object ?? { kind: '' };
      const now = pod({ ...base, status: { phase: 'Running', containerStatuses: [status] } });
      const oom = detect({ before: undefined, now, clockMs: noon, thresholds }).findings.filter(
        ({ type }) => type === 'oom-kill',
      );
      expect(oom.map(({ occurrence }) => occurrence.confidence)).toEqual(
        reason === 'Error' ? [] : [exit === 137 ? 'certain' : 'child-process'],
      );
    }
  });

  it('10: a Pod behind a scheduling gate is left alone, one without a scheduler is not', () => {
    const Case = z.object({ pod: z.unknown(), expect: z.looseObject({ reason: z.string() }) });
    const reasons = (sample('10-pod-pending-silent').cases ?? []).flatMap((entry) => {
      const now = pod(Case.parse(entry).pod);
      const { findings } = detect({ before: undefined, now, clockMs: noon, thresholds });
      return findings.map(({ occurrence }) => occurrence.reason);
    });
    expect(reasons).toEqual(['NoSchedulerDecision']);
  });

  it('13: readiness opens 30 seconds after it was lost, not at the first failed probe', () => {
    const [found] = replay(sample('13-probe-readiness').stream ?? []).values();
    expect(found?.openedMs).toBe(Date.parse('2026-09-01T10:02:30Z'));
  });

  it('15: a container that is slow to start but within its startup probe is no incident', () => {
    const Case = z.object({ stream: z.array(Item) });
    const [slow] = sample('15-probe-startup-slow').cases ?? [];
    expect(replay(Case.parse(slow).stream, Number.MAX_SAFE_INTEGER).size).toBe(0);
  });
});

describe('restarts', () => {
  const ended = (id: string) => ({ exitCode: 1, reason: 'Error', message: '', finishedAt: at(5), containerID: id });
  const seen = (now: PodView, before?: PodView) => detect({ before, now, clockMs: noon, thresholds }).findings;

  it('that the kubelet skipped are counted by the jump of restartCount', () => {
    const before = aPod({ containers: [aContainer({ restartCount: 2 })] });
    const now = aPod({ containers: [aContainer({ restartCount: 5, lastTerminated: ended('c4') })] });
    expect(seen(now, before)[0]?.occurrence).toMatchObject({ times: 3, restartCount: 5, order: 5 });
  });

  it('held back in CrashLoopBackOff and carried out later are one occurrence', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const held = aPod({
      containers: [aContainer({ restartCount: 1, running: false, waiting, lastTerminated: ended('c1') })],
    });
    const done = aPod({ containers: [aContainer({ restartCount: 2, lastTerminated: ended('c1') })] });
    const [first] = seen(held);
    const [second] = seen(done);
    expect(second?.occurrence.id).toBe(first?.occurrence.id);
    expect(second?.occurrence.order).toBe(first?.occurrence.order);
  });

  it('of a container that ended for good are none', () => {
    expect(seen(aPod({ containers: [aContainer({ running: false, terminated: ended('c0') })] }))).toEqual([]);
  });

  it('keep an identity where runtime and kubelet leave out containerID and times', () => {
    const record = { exitCode: 137, reason: 'RestartingAllContainers', message: '' };
    const [found] = seen(aPod({ containers: [aContainer({ restartCount: 3, lastTerminated: record })] }));
    expect(found?.occurrence.id).toBe('pod-uid/app/run-3');
  });
});

it('a Pod that is being deleted has no trouble', () => {
  const containers = [
    aContainer({
      hasReadinessProbe: true,
      ready: false,
      lastTerminated: { exitCode: 1, reason: 'OOMKilled', message: '' },
    }),
  ];
  const now = aPod({ isBeingDeleted: true, phase: 'Pending', containers });
  expect(detect({ before: undefined, now, clockMs: noon + 1e9, thresholds })).toEqual({ findings: [] });
});

it('no state of a Pod ever throws, and the same state always gives the same ids', () => {
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 2000 }), { nil: null });
  const termination = fc.record({
    exitCode: fc.integer(),
    reason: text,
    message: text,
    finishedAt: text,
    containerID: text,
  });
  const status = fc.record({
    name: fc.string(),
    ready: fc.boolean(),
    started: fc.option(fc.boolean(), { nil: null }),
    restartCount: fc.nat(),
    containerID: text,
    state: fc.record({
      running: fc.constantFrom(null, {}),
      waiting: fc.constantFrom(null, { reason: null }),
      terminated: fc.option(termination),
    }),
    lastState: fc.record({ terminated: fc.option(termination) }),
  });
  const object = fc.record({
    metadata: fc.record({
      uid: fc.uuid(),
      name: fc.string(),
      namespace: fc.string(),
      resourceVersion: fc.string(),
      creationTimestamp: fc.string(),
    }),
    spec: fc.constantFrom(null, {}, { containers: [{ name: 'app', readinessProbe: {} }] }),
    status: fc.record({
      phase: fc.constantFrom('Pending', 'Running', 'Failed', null),
      containerStatuses: fc.option(fc.array(status, { maxLength: 3 })),
    }),
  });
  fc.assert(
    fc.property(object, fc.nat(), (raw, clockMs) => {
      const now = pod(raw);
      const sight = { before: undefined, now, clockMs, thresholds };
      const { findings } = detect(sight);
      expect(detect({ ...sight, before: now }).findings.map(({ occurrence }) => occurrence.id)).toEqual(
        findings.map(({ occurrence }) => occurrence.id),
      );
      for (const { occurrence } of findings) expect(occurrence.message.length).toBeLessThanOrEqual(1024);
    }),
  );
});
