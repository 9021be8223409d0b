/** hpa-failed: on autoscalers as the API server sends them. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findingsOf } from '../../../watcher/detectors/finding-of.ts';
import { hpaFailed } from '../../../watcher/detectors/hpa-failed.ts';
import { play } from '../../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../../watcher/dry-run/read-hooks-file.ts';
import { viewAutoscaler } from '../../../watcher/views/autoscaler-view.ts';
import { type EventView, viewEvent } from '../../../watcher/views/event-view.ts';
import { anEvent, at, noon } from '../../make.ts';
import { sample as readSample } from './replay-samples.ts';

const Condition = z.looseObject({ type: z.string(), status: z.string(), reason: z.string() });
const sample = z
  .object({ conditions: z.array(Condition), events: z.array(z.unknown()), benign: z.array(Condition) })
  .parse(readSample('20-hpa-failed'));
const events = sample.events.flatMap((event) => viewEvent(event) ?? []);

const objectOf = (conditions: unknown, metadata: object = {}) => ({
  metadata: { uid: 'hpa-uid', name: 'cart', namespace: 'shop', resourceVersion: '7', ...metadata },
  status: { conditions },
});

function look(conditions: unknown, over: { metadata?: object; events?: EventView[] } = {}) {
  const now = viewAutoscaler(objectOf(conditions, over.metadata));
  if (now === undefined) throw new Error('This is no autoscaler.');
  return findingsOf(hpaFailed, { before: undefined, now, clockMs: noon, events: over.events ?? [] });
}

const inactive = {
  type: 'ScalingActive',
  status: 'False',
  lastTransitionTime: at(-100),
  reason: 'FailedGetResourceMetric',
  message: 'the HPA was unable to compute the replica count: no metrics returned from resource metrics API',
};
const unable = { ...inactive, type: 'AbleToScale', reason: 'FailedGetScale', message: 'deployments "cart" not found' };

it('an autoscaler without metrics has failed, five minutes after the transition', () => {
  const since = Date.parse('2026-09-01T10:00:15Z');
  const [finding, ...rest] = look(sample.conditions, { events });
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({
    type: 'hpa-failed',
    nature: 'state',
    fact: 'hpa-uid/ScalingActive/2026-09-01T10:00:15Z',
    sinceMs: since,
    holdMs: 300_000,
    occurrence: {
      id: 'hpa-uid/ScalingActive/2026-09-01T10:00:15Z',
      member: 'hpa-uid',
      objectName: 'cart',
      order: since,
      reason: 'FailedGetResourceMetric',
      at: '2026-09-01T10:00:15Z',
      times: 1,
      cause: 'metrics',
    },
  });
  expect(finding?.occurrence.message).toMatch(/^HorizontalPodAutoscaler cart \(FailedGetResourceMetric\): the HPA was/);
  expect(finding?.occurrence.evidence).toEqual([
    expect.stringMatching(/^ScalingActive=False FailedGetResourceMetric/),
    expect.stringMatching(/^FailedGetResourceMetric x20: /),
    expect.stringMatching(/^FailedComputeMetricsReplicas x20: /),
  ]);
});

it.each([
  ['FailedGetResourceMetric', 'metrics'],
  ['FailedGetContainerResourceMetric', 'metrics'],
  ['FailedGetPodsMetric', 'metrics'],
  ['FailedGetObjectMetric', 'metrics'],
  ['FailedGetExternalMetric', 'metrics'],
  ['InvalidMetricSourceType', 'metrics'],
  ['InvalidSelector', 'selector'],
  ['AmbiguousSelector', 'selector'],
])('ScalingActive False with %s has the cause %s', (reason, cause) => {
  expect(look([{ ...inactive, reason }])).toMatchObject([{ occurrence: { reason, cause } }]);
});

it.each(['FailedGetScale', 'FailedUpdateScale'])('AbleToScale False with %s is a failure', (reason) => {
  expect(look([{ ...unable, reason }])).toMatchObject([
    { occurrence: { id: `hpa-uid/AbleToScale/${at(-100)}`, reason, cause: 'scale' } },
  ]);
});

it('the reason may flip while the trouble goes on, and it stays one occurrence', () => {
  const id = (reason: string) => look([{ ...inactive, reason }])[0]?.occurrence.id;
  expect(id('FailedGetPodsMetric')).toBe(id('FailedGetResourceMetric'));
});

it('a later transition is another occurrence, with a higher order', () => {
  const [first] = look([inactive]);
  const [second] = look([{ ...inactive, lastTransitionTime: at(-10) }]);
  expect(second?.occurrence.id).not.toBe(first?.occurrence.id);
  expect(second?.occurrence.order).toBeGreaterThan(first?.occurrence.order ?? Number.NaN);
});

it('both conditions at once are one trouble', () => {
  expect(look([unable, inactive])).toHaveLength(1);
  expect(look([inactive, unable])).toEqual(look([unable, inactive]));
});

describe('what is harmless', () => {
  it('ScalingDisabled: somebody scaled the target to zero', () => {
    expect(look([{ ...inactive, reason: 'ScalingDisabled' }])).toEqual([]);
  });

  it('ScalingLimited, whatever its status', () => {
    for (const status of ['True', 'False']) {
      expect(look([{ ...inactive, type: 'ScalingLimited', status, reason: 'TooManyReplicas' }])).toEqual([]);
    }
  });

  it('ScalingDisabled and ScalingLimited as recorded', () => {
    expect(look(sample.benign.slice(0, 2))).toEqual([]);
  });

  it('an autoscaler that waits between two steps', () => {
    for (const reason of ['BackoffBoth', 'BackoffDownscale', 'BackoffUpscale']) {
      expect(look([{ ...unable, reason }])).toEqual([]);
    }
  });

  it('one that works, that is new, or that is being deleted', () => {
    expect(
      look([
        { ...inactive, status: 'True' },
        { ...unable, status: 'True' },
      ]),
    ).toEqual([]);
    expect(look(undefined)).toEqual([]);
    expect(look(null)).toEqual([]);
    expect(look([inactive], { metadata: { deletionTimestamp: at(-1) } })).toEqual([]);
  });

  it('Events of failure about one whose conditions are good', () => {
    expect(look([{ ...inactive, status: 'True' }], { events })).toEqual([]);
  });
});

describe('five minutes, played on a clock', () => {
  const hooks = hooksForEveryType();
  const change = (seconds: number, over: object) => ({
    atMs: noon + seconds * 1000,
    type: 'MODIFIED' as const,
    kind: 'HorizontalPodAutoscaler',
    object: {
      kind: 'HorizontalPodAutoscaler',
      ...objectOf([{ ...inactive, lastTransitionTime: at(seconds), ...over }], { resourceVersion: `${seconds}` }),
    },
  });
  const fired = (all: ReturnType<typeof change>[], untilSeconds: number) => {
    const untilMs = noon + untilSeconds * 1000;
    const changes = all.filter(({ atMs }) => atMs <= untilMs);
    return play({ changes, fromMs: noon }, { hooks, namesHooks: false, untilMs }).incidents.length;
  };

  it('"pods might be unready" for a minute after a rollout never fires', () => {
    const message = 'did not receive metrics for targeted pods (pods might be unready)';
    expect(fired([change(0, { message }), change(60, { status: 'True', reason: 'ValidMetricFound' })], 5000)).toBe(0);
  });

  it('it fires after five minutes once, though the reason flips every minute', () => {
    const reasons = ['FailedGetPodsMetric', 'FailedGetResourceMetric'];
    const flips = [0, 60, 120, 180, 240, 330, 420].map((seconds, n) =>
      change(seconds, { reason: reasons[n % 2], lastTransitionTime: at(0) }),
    );
    expect(fired(flips, 299)).toBe(0);
    expect(fired(flips, 300)).toBe(1);
    expect(fired(flips, 5000)).toBe(1);
  });

  it('a target scaled up from zero gets its five minutes, though the condition was False all night', () => {
    const night = { lastTransitionTime: at(-30_000) };
    const morning = [change(0, { ...night, reason: 'ScalingDisabled' }), change(10, night)];
    expect(fired([...morning, change(70, { status: 'True' })], 5000)).toBe(0);
    expect(fired(morning, 309)).toBe(0);
    expect(fired(morning, 310)).toBe(1);
  });
});

it('many Events do not push the condition out of the evidence', () => {
  const many = Array.from({ length: 10 }, (_, n) => anEvent({ message: `try ${n}` }));
  const evidence = look([inactive], { events: many })[0]?.occurrence.evidence ?? [];
  expect(evidence.length).toBeLessThanOrEqual(8);
  expect(evidence[0]).toMatch(/^ScalingActive=False/);
});

it('a condition without reason and time is found all the same', () => {
  const [finding] = look([{ type: 'ScalingActive', status: 'False' }]);
  expect(finding).not.toHaveProperty('sinceMs');
  expect(finding?.occurrence).toMatchObject({
    id: 'hpa-uid/ScalingActive/unknown',
    order: 0,
    reason: 'ScalingInactive',
  });
});
