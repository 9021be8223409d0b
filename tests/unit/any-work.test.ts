/**
 * What one change of an object costs: counted in questions that Hooks are asked, not in time, however many containers,
 * configurations and findings there are.
 */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../watcher/detectors/detector.ts';
import { detect } from '../../watcher/detectors/index.ts';
import { createListeners } from '../../watcher/hooks/listeners.ts';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { newAllowance } from '../../watcher/matching/allowance.ts';
import { createEvidence } from '../../watcher/tracking/evidence.ts';
import { createTracker } from '../../watcher/tracking/tracker.ts';
import type { PodView } from '../../watcher/views/pod-view.ts';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { aContainer, aHook, aHookObject, anOccurrence, aPod, noon, oomConfiguration } from '../make.ts';

const clockMs = noon + 3_600_000;

/** Every container has several troubles, and many troubles are one fact. */
function aPodInTrouble(containers: number): PodView {
  const ended = { exitCode: 137, reason: 'OOMKilled', message: '', containerID: 'containerd://1' };
  return aPod({
    phase: 'Pending',
    containers: Array.from({ length: containers }, (_, n) =>
      aContainer({
        name: `c${n}`,
        running: false,
        restartCount: 1,
        waiting: { reason: n % 2 === 0 ? 'ErrImagePull' : 'CreateContainerConfigError', message: '' },
        lastTerminated: ended,
      }),
    ),
  });
}

/** A Hook that counts how often it is asked, and answers with what it says to a finding. */
function aCountingHook(hook: LiveHook, isMeant: boolean) {
  const asked = { names: 0, expressions: 0 };
  const configurations = hook.configurations.map((configuration) => ({
    ...configuration,
    criteria: {
      ...configuration.criteria,
      names: () => {
        asked.names += 1;
        return true;
      },
      expression: {
        evaluate: () => {
          asked.expressions += 1;
          return isMeant || ({ reason: 'ExpressionFalse', message: 'no' } as const);
        },
      },
    },
  }));
  return { asked, hook: { ...hook, configurations } };
}

function aScene(hook: LiveHook) {
  const listeners = createListeners(() => true);
  const listener = { hook, edgesFromMs: 0 };
  listeners.set(listener);
  const tracker = createTracker({ listeners, evidence: createEvidence(), ownersOf: () => [], holds: {} });
  const see = (now: PodView) => tracker.see('Pod', { before: undefined, now, isWitnessed: true, clockMs });
  return { tracker, listener, listeners, see };
}

describe.each([
  ['refuses everything', false],
  ['means everything', true],
])('a Hook of every type that %s', (_, isMeant) => {
  it.each([8, 64, 128])('is asked once about each finding of %i containers, per change and per edit', (containers) => {
    const pod = aPodInTrouble(containers);
    const findings = detect('Pod', { before: undefined, now: pod, clockMs, events: [] });
    expect(findings.length).toBeGreaterThan(2 * containers);
    const { asked, hook } = aCountingHook(aHook(IncidentType.options), isMeant);
    const { tracker, listener, see } = aScene(hook);
    see(pod);
    expect(asked.expressions).toBeLessThanOrEqual(findings.length);
    expect(asked.names).toBeLessThanOrEqual(findings.length);
    tracker.hookChanged(listener, clockMs);
    expect(asked.expressions).toBeLessThanOrEqual(2 * findings.length);
  });
});

it('hundred configurations of one type ask each finding once each', () => {
  const eventConfigurations = Array.from({ length: 100 }, (_, n) => ({ ...oomConfiguration, name: `c${n}` }));
  const hook = readHook(aHookObject({ eventConfigurations }));
  if (hook === undefined) throw new Error('It is a Hook.');
  const counting = aCountingHook(hook, false);
  aScene(counting.hook).see(aPodInTrouble(128));
  expect(counting.asked.expressions).toBe(100 * 128);
});

it('the expressions of one Hook over one object share an allowance; what is beyond it is reported, and taken for no answer', () => {
  const expression = `incident.labels.exists(a, incident.labels.exists(b, ${'a == b + "x" || '.repeat(20)}false))`;
  const eventConfigurations = [{ ...oomConfiguration, match: { expression } }];
  const hook = readHook(aHookObject({ eventConfigurations }));
  if (hook === undefined) throw new Error('It is a Hook.');
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`label-${n}`, 'v']));
  const announcements = aScene(hook).see({ ...aPodInTrouble(128), labels });
  const reasons = announcements.flatMap((one) => (one.kind === 'refused' ? [one.refusal] : []));
  expect(reasons).toHaveLength(128);
  const beyond = reasons.filter(({ message }) => message.includes('the Hook asks too much of this object'));
  expect(beyond.length).toBeGreaterThan(50);
  expect(beyond.every(({ reason }) => reason === 'ExpressionFailed')).toBe(true);
});

it('an allowance that is used up is not exceeded', () => {
  const [configuration] = aHookWithExpression('incident.name == "web-0"').configurations;
  const allowance = newAllowance();
  const before = allowance.left;
  const ask = () => configuration?.criteria.expression?.evaluate(someFacts, allowance);
  expect(ask()).toBe(true);
  expect(allowance.left).toBeLessThan(before);
  allowance.left = 1;
  expect(ask()).toMatchObject({ reason: 'ExpressionFailed' });
  allowance.left = 0;
  expect(ask()).toMatchObject({ reason: 'ExpressionFailed' });
});

const someFacts = {
  type: 'oom-kill',
  object: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'u', labels: {} },
  occurrence: anOccurrence(),
  hook: { namespace: 'shop', name: 'checkout' },
  owner: undefined,
};

function aHookWithExpression(expression: string): LiveHook {
  const hook = readHook(aHookObject({ eventConfigurations: [{ ...oomConfiguration, match: { expression } }] }));
  if (hook === undefined) throw new Error('It is a Hook.');
  return hook;
}

describe('a Hook that is edited a thousand times while its trouble goes on', () => {
  const pod = aPod({ phase: 'Pending', containers: [], conditions: {} });
  const types: Finding['type'][] = ['pod-pending'];

  function edited(times: number, over: (n: number) => object) {
    const { tracker, listeners, see } = aScene(aHook(types));
    see(pod);
    for (let n = 0; n < times; n += 1) {
      const eventConfigurations = [{ ...oomConfiguration, eventType: 'pod-pending', ...over(n) }];
      const hook = readHook(aHookObject({ eventConfigurations }, { generation: n + 2 }));
      if (hook === undefined) throw new Error('It is a Hook.');
      const listener = { hook, edgesFromMs: 0 };
      listeners.set(listener);
      tracker.hookChanged(listener, clockMs);
    }
    const [visible] = tracker.visible();
    if (visible === undefined) throw new Error('It is visible.');
    return { memory: visible.memory, ends: tracker.gone(pod.uid) };
  }

  it('is remembered once, and gets the end of it', () => {
    const { memory, ends } = edited(1000, (n) => ({ prompt: `${n}` }));
    const [stance] = memory.stances.values();
    expect([memory.former.size, stance?.standings.size, stance?.takers.size]).toEqual([1, 1, 1]);
    expect(ends.map(({ kind }) => kind)).toEqual(['ended', 'ended']);
  });

  it('is remembered for each execution that it has led to', () => {
    const { memory, ends } = edited(1000, (n) => ({ groupBy: n % 2 === 0 ? 'pod' : 'workload' }));
    expect(memory.former.size).toBe(2);
    expect(ends).toHaveLength(3);
  });
});
