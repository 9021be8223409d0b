/** Whatever size an object has: what is kept of it, sent of it and spent on it stays small. */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { detect } from '../../watcher/detectors/index.ts';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { refuse } from '../../watcher/matching/match.ts';
import { viewOwner } from '../../watcher/observing/owners.ts';
import { workflowIdFor } from '../../watcher/starting/incident-of.ts';
import { viewEvent } from '../../watcher/views/event-view.ts';
import { viewPod } from '../../watcher/views/pod-view.ts';
import { cut, cutId } from '../../watcher/views/text.ts';
import { aHook, aHookObject, anIncident, noon, oomConfiguration } from '../make.ts';

const long = (start: string, length = 1_000_000) => start.padEnd(length, 'x');
const clockMs = noon + 120_000;
const manyLabels = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`label-${n}`, 'another']));

function container(name: string) {
  const record = { exitCode: 137, reason: 'OOMKilled', message: long('said '), containerID: long('containerd://') };
  return {
    name,
    image: long('registry/app:'),
    restartCount: 1,
    containerID: long('containerd://b'),
    state: { waiting: { reason: 'ErrImagePull', message: long('no ') } },
    lastState: { terminated: record },
  };
}

/** A Pod of some megabytes, for which nothing was left out. */
const huge = () => ({
  metadata: {
    uid: 'pod-uid',
    name: 'web-0',
    namespace: 'shop',
    resourceVersion: '1',
    creationTimestamp: new Date(noon).toISOString(),
    labels: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`label-${n}`, 'value'])),
    ownerReferences: [{ kind: 'ReplicaSet', name: long('web-'), uid: long('uid-'), controller: true }],
  },
  spec: { nodeName: long('node-'), containers: [{ name: 'app', image: long('registry/app:') }] },
  status: {
    phase: 'Pending',
    reason: long('Reason'),
    message: long('message '),
    conditions: Array.from({ length: 5000 }, () => ({ type: long('T', 300), status: 'True', message: long('m', 300) })),
    containerStatuses: [container('app'), ...Array.from({ length: 1000 }, (_, n) => ({ name: `c${n}` }))],
  },
});

const view = () => {
  const pod = viewPod(huge());
  if (pod === undefined) throw new Error('It is a Pod.');
  return pod;
};

/** A Hook with this match, and what it is asked of the first trouble of that Pod. */
function aCase(match: object): Parameters<typeof refuse> {
  const pod = view();
  const [finding] = detect('Pod', { before: undefined, now: pod, clockMs, events: [] });
  if (finding === undefined) throw new Error('It is in trouble.');
  const eventConfigurations = [{ ...oomConfiguration, eventType: finding.type, match }];
  const hook = readHook(aHookObject({ eventConfigurations }));
  const [configuration] = hook?.configurations ?? [];
  if (hook === undefined || configuration === undefined) throw new Error('It is a Hook.');
  const owner = { kind: 'ReplicaSet', name: 'x'.repeat(253), uid: 'u' };
  const sighting = { object: pod, owners: [owner, owner, owner, owner], finding, isWitnessed: true };
  return [{ listener: { hook, edgesFromMs: 0 }, configuration, sighting }];
}

describe('a Pod of some megabytes', () => {
  it('is kept as less than a tenth of one, with no more than 128 labels and containers', () => {
    const pod = view();
    expect(JSON.stringify(pod).length).toBeLessThan(100_000);
    expect(Object.keys(pod.labels)).toHaveLength(128);
    expect(pod.containers).toHaveLength(128);
    expect(pod.owner?.name).toHaveLength(253);
    expect(pod.owner?.uid).toHaveLength(64);
  });

  it('has occurrences, members and workflow ids of a length that all stores take', () => {
    const pod = view();
    const findings = detect('Pod', { before: undefined, now: pod, clockMs, events: [] });
    expect(new Set(findings.map(({ type }) => type))).toEqual(
      new Set(['oom-kill', 'pod-restart', 'pod-pending', 'image-pull-failed']),
    );
    const hook = aHook(findings.map(({ type }) => type));
    for (const finding of findings) {
      expect(Math.max(finding.occurrence.id.length, finding.occurrence.member.length)).toBeLessThan(1024);
      expect(JSON.stringify(finding).length).toBeLessThan(10_000);
      const sighting = { object: pod, owners: pod.owner === undefined ? [] : [pod.owner], finding, isWitnessed: true };
      const configuration = hook.configurations.find(({ type }) => type === finding.type);
      if (configuration === undefined) throw new Error('The Hook names every type.');
      const { timing } = anIncident();
      const id = workflowIdFor(
        { name: 'test', cluster: { uid: 'c' }, timing },
        { listener: { hook, edgesFromMs: 0 }, configuration, sighting },
      );
      expect(Buffer.byteLength(id)).toBeLessThanOrEqual(255);
    }
  });

  it.each([
    ['fifty patterns', { names: Array.from({ length: 50 }, (_, n) => `${'*x'.repeat(120)}${n}`) }, 'NameDiffers'],
    ['fifty selectors', { labels: { matchLabels: manyLabels } }, 'LabelsDiffer'],
    ['an expression', { expression: 'incident.labels.exists(l, l.contains("zzz"))' }, 'ExpressionFalse'],
  ])('costs a Hook with %s over it less than a tenth of a second', (_, match, reason) => {
    const claim = aCase(match);
    const startedMs = performance.now();
    const refusal = refuse(...claim);
    expect(refusal?.reason).toBe(reason);
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});

it('an owner with a long name is kept as a short one, and names that differ far behind stay different', () => {
  const metadata = (name: string) => ({ metadata: { uid: 'u', name: 'x', ownerReferences: [{ ...ref, name }] } });
  const ref = { kind: 'Deployment', uid: 'd', controller: true };
  const [one, other] = ['a', 'b'].map((end) => viewOwner(metadata(`${long('web-')}${end}`))?.owner?.name);
  expect(one).toHaveLength(253);
  expect(one).not.toBe(other);
});

describe('cutting', () => {
  it('leaves what is short as it is, to the last character', () => {
    for (const text of ['', 'web-0', 'x'.repeat(64), '\ud800']) {
      expect(cut(text, 64)).toBe(text);
      expect(cutId(text, 64)).toBe(text);
    }
  });

  it('never makes a text longer than its limit, nor leaves half a character', () => {
    const text = '😀'.repeat(100);
    for (const limit of [31, 32, 33]) {
      expect([cut(text, limit).length, cut(text, limit).isWellFormed()]).toEqual([limit, true]);
      expect(cutId(text, limit).length).toBeLessThanOrEqual(limit);
    }
  });
});

it('150 Events of 1.4 MB are kept as less than 10 MB: what was cut off is not kept alive', () => {
  setFlagsFromString('--expose-gc');
  const used = () => {
    runInNewContext('gc()');
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const kept = Array.from({ length: 150 }, (_, n) => {
    const text = JSON.stringify({
      metadata: { uid: `event-${n}`, namespace: 'shop' },
      involvedObject: {
        kind: 'Pod',
        namespace: 'shop',
        name: 'web-0',
        fieldPath: `spec.containers{${'f'.repeat(9000)}}`,
      },
      reason: `R${'r'.repeat(9000)}`,
      message: `${n}${'m'.repeat(1_400_000)}`,
    });
    return viewEvent(JSON.parse(text));
  });
  expect((used() - before) / 2 ** 20).toBeLessThan(10);
  expect(kept.at(-1)?.message).toHaveLength(1024);
});
