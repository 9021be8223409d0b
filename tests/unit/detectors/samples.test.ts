/** Recorded streams through projection and detectors: exactly these findings, each at its moment. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../../watcher/detectors/detector.ts';
import { firedAt, type Item, items, names, Objects, replay, sample, streamOf } from './replay-samples.ts';

const day = '2026-09-01T';
const until = (time: string) => Date.parse(`${day}${time}Z`);
const stream = (name: string) => streamOf(sample(name)['stream']);
const cases = (name: string) => z.array(Objects).parse(sample(name)['cases']);

describe('a recorded stream fires exactly this', () => {
  it.each<[string, string, string[]]>([
    [
      '01-pod-restart-liveness',
      '11:00:00',
      ['10:01:20 probe-failed app liveness', '10:01:53 pod-restart app liveness-probe'],
    ],
    [
      '03-oom-kill-first',
      '11:00:00',
      ['10:00:03 oom-kill memory-demo-2-ctr oom', '10:00:05 pod-restart memory-demo-2-ctr oom'],
    ],
    ['05-oom-kill-late-reason', '11:00:00', ['10:00:32 oom-kill app oom', '10:00:32 pod-restart app oom']],
    ['08-oom-kill-restart-never', '11:00:00', ['10:01:00 oom-kill app oom']],
    ['09-pod-pending-unschedulable', '10:04:59', []],
    ['09-pod-pending-unschedulable', '10:05:00', ['10:05:00 pod-pending unschedulable']],
    ['11-image-pull-failed', '11:00:00', ['10:00:32 image-pull-failed app image', '10:05:00 pod-pending image']],
    ['13-probe-readiness', '11:00:00', ['10:02:30 probe-failed app readiness']],
    ['21-restart-all-containers', '11:00:00', ['10:00:50 pod-restart restart-rule']],
    ['22-sidecar-and-init', '11:00:00', ['10:01:00 oom-kill proxy oom', '10:01:00 pod-restart proxy oom']],
  ])('%s until %s: %j', (name, end, expected) => {
    const shown = stream(name).filter(({ at }) => Date.parse(at) <= until(end));
    expect(firedAt(replay(shown, until(end)))).toEqual(expected);
  });

  it('06: only OOMKilled with 137 is certain, any other code is a child, and 137 alone may be one', () => {
    const base = stream('08-oom-kill-restart-never')[0]?.object ?? {};
    const found = cases('06-oom-kill-ambiguous').map(({ status }) => {
      const pod = { ...base, status: { phase: 'Running', containerStatuses: [status] } };
      const { fired } = replay(items([pod], `${day}10:00:00Z`));
      return fired.map(({ finding }) => `${finding.type} ${finding.occurrence.confidence}`).toSorted();
    });
    expect(found).toEqual([
      ['oom-kill child-process'],
      ['oom-kill child-process'],
      ['oom-kill child-process', 'pod-restart undefined'],
      ['pod-restart possible-oom'],
      ['oom-kill certain', 'pod-restart undefined'],
    ]);
  });

  it('10: a gate is found and left to those who ask; a Pod that no scheduler takes fires', () => {
    const pods = items(
      cases('10-pod-pending-silent').map(({ pod }) => pod),
      `${day}10:00:00Z`,
      'ADDED',
    );
    const { fired, visible } = replay(pods, until('10:30:00'));
    expect(names(fired.map(({ finding }) => finding))).toEqual(['pod-pending no-scheduler']);
    expect(visible.map(({ occurrence, optIn }) => [occurrence.reason, optIn])).toEqual([
      ['SchedulingGated', 'scheduling-gates'],
      ['NoSchedulerDecision', undefined],
    ]);
  });

  it('12: cfg fires when it is reported again, pvc-7a1 90 seconds after it was reported once', () => {
    const [pod, once, again, attach] = stream('12-volume-mount-failed');
    const shown = (parts: (Item | undefined)[], end: string) =>
      firedAt(
        replay(
          parts.flatMap((part) => part ?? []),
          until(end),
        ),
      );
    expect(shown([pod, once], '10:01:32')).toEqual([]);
    expect(shown([pod, again], '10:02:10')).toEqual(['10:02:10 volume-mount-failed mount']);
    expect(shown([pod, attach], '10:01:34')).toEqual([]);
    expect(shown([pod, attach], '10:01:35')).toEqual(['10:01:35 volume-mount-failed attach']);
    const { fired } = replay(stream('12-volume-mount-failed'), until('10:02:30'));
    expect(fired.map(({ finding }) => finding.occurrence.id.replace(/^.*\//, '')).toSorted()).toEqual([
      'cfg',
      'pvc-7a1',
    ]);
  });

  it('12: a mount that fails once while a node starts, and never again, is none', () => {
    const { event, then } = Objects.parse(sample('12-volume-mount-failed')['falsePositive']);
    const pod = Objects.parse(then);
    const creating = {
      name: 'app',
      state: { waiting: { reason: 'ContainerCreating' } },
      ready: false,
      restartCount: 0,
    };
    const pending = { ...pod, status: { phase: 'Pending', containerStatuses: [creating] } };
    const all = [...items([pending, event], `${day}10:00:01Z`), ...items([then], `${day}10:00:04Z`)];
    expect(firedAt(replay(all, until('11:00:00')))).toEqual([]);
    // Neither while its image is pulled, for which it says ContainerCreating too.
    expect(firedAt(replay(all.slice(0, 2), until('10:04:59')))).toEqual([]);
  });

  it('15: a slow start fires nothing, one beyond its threshold is a kill and a restart', () => {
    const [slow, crossed] = cases('15-probe-startup-slow').map((entry) => streamOf(entry['stream']));
    expect(firedAt(replay(slow ?? [], until('11:00:00')))).toEqual([]);
    expect(firedAt(replay(crossed ?? []))).toEqual([
      '10:05:45 pod-restart llm startup-probe',
      '10:05:45 probe-failed llm startup',
    ]);
  });

  it('22: a failing init container restarts, and its Pod is pending because of it', () => {
    const failing = items([sample('22-sidecar-and-init')['initFailing']], `${day}10:01:00Z`);
    const { fired } = replay(failing, until('10:05:00'));
    expect(
      fired.map(({ finding }) => [finding.type, finding.occurrence.containerKind, finding.occurrence.reason]),
    ).toEqual([
      ['pod-restart', 'init', 'CrashLoopBackOff'],
      ['pod-pending', undefined, 'CrashLoopBackOff'],
    ]);
    expect(fired[1]?.finding.occurrence.message).toMatch(/^The init container migrate waits/);
  });

  it('24: restarts that were meant are dismissed with a sentence, by condition and by Event', () => {
    const { events, resizePod } = sample('24-intended-restarts');
    const [resize, definition] = z.array(z.unknown()).parse(events);
    const pod = Objects.parse(resizePod);
    const done = { ...pod, status: { ...Objects.parse(pod['status']), conditions: [] } };
    const dismissed = (objects: unknown[]) => {
      const { fired, visible } = replay(items(objects, `${day}10:00:05Z`), until('11:00:00'));
      expect(fired).toEqual([]);
      return visible.map((finding) => finding.dismissed);
    };
    expect(dismissed([pod])).toEqual([expect.stringContaining('resized')]);
    expect(dismissed([resize, done])).toEqual([expect.stringContaining('resized')]);
    expect(dismissed([definition, done])).toEqual([expect.stringContaining('definition')]);
  });

  it('25: a combined Event is no incident, and its text speaks for the container that is not ready', () => {
    const { aggregated } = sample('25-recorder-effects');
    const [, unready] = stream('13-probe-readiness').filter(({ object }) => object.kind === 'Pod');
    const metadata = Objects.parse(unready?.object['metadata']);
    const uid = z.looseObject({ uid: z.string() }).parse(Objects.parse(aggregated)['involvedObject']).uid;
    const pod = { ...unready?.object, metadata: { ...metadata, uid } };
    expect(firedAt(replay(items([aggregated], `${day}10:06:40Z`), until('11:00:00')))).toEqual([]);
    const { visible } = replay(items([aggregated, pod], `${day}10:06:40Z`));
    expect(visible[0]?.occurrence.message).toContain('Readiness probe failed: Get "http://10.0.0.7:8080/ready?n=17"');
  });

  it('26: the same name with a new uid is another Pod, whose counters begin anew', () => {
    const { before, after } = sample('26-same-name-new-uid');
    const { fired } = replay(items([before, after], `${day}10:00:05Z`, 'ADDED'), until('11:00:00'));
    const old = z.looseObject({ uid: z.string() }).parse(Objects.parse(before)['metadata']).uid;
    // The old one shows a restart from before the watch, which matching leaves out by its time; the new one shows none.
    expect(fired.map(({ finding }) => finding.occurrence)).toMatchObject([{ member: `${old}/app`, times: 1 }]);
  });
});

describe('what was not seen', () => {
  const streams: [string, Item[]][] = [
    ...['01', '03', '05', '08', '09', '11', '12', '13', '21', '22'].map((start): [string, Item[]] => [
      start,
      stream(nameOf(start)),
    ]),
    ...cases('15-probe-startup-slow').map((entry, index): [string, Item[]] => [
      `15 case ${index}`,
      streamOf(entry['stream']),
    ]),
  ];
  const seen = (findings: readonly Finding[]) =>
    findings.map(({ type, occurrence }) => `${type} ${occurrence.id}`).toSorted();

  it.each(streams)('%s: any state between may be missing, what is visible at the end stays the same', (_, all) => {
    const end = seen(replay(all).visible);
    const lastOf = new Map(
      all.map((item, index) => [z.looseObject({ uid: z.string() }).parse(item.object['metadata']).uid, index]),
    );
    const mayMiss = all.flatMap((_item, index) => ([...lastOf.values()].includes(index) ? [] : [index]));
    for (let mask = 1; mask < 2 ** mayMiss.length; mask += 1) {
      const missing = new Set(mayMiss.filter((_index, bit) => (mask >> bit) % 2 === 1));
      expect(seen(replay(all.filter((_item, index) => !missing.has(index))).visible)).toEqual(end);
    }
  });

  it.each(streams)('%s: everything shown twice fires once', (_, all) => {
    const twice = all.flatMap((item) => [item, item]);
    expect(firedAt(replay(twice, until('11:00:00')))).toEqual(firedAt(replay(all, until('11:00:00'))));
  });
});

function nameOf(start: string): string {
  const known = [
    '01-pod-restart-liveness',
    '03-oom-kill-first',
    '05-oom-kill-late-reason',
    '08-oom-kill-restart-never',
    '09-pod-pending-unschedulable',
    '11-image-pull-failed',
    '12-volume-mount-failed',
    '13-probe-readiness',
    '21-restart-all-containers',
    '22-sidecar-and-init',
  ];
  return known.find((name) => name.startsWith(start)) ?? start;
}
