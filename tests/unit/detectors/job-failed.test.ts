/** job-failed: on Jobs as the API server sends them. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findingsOf } from '../../../watcher/detectors/finding-of.ts';
import { jobFailed } from '../../../watcher/detectors/job-failed.ts';
import { type EventView, viewEvent } from '../../../watcher/views/event-view.ts';
import { viewJob } from '../../../watcher/views/job-view.ts';
import { anEvent, noon } from '../../make.ts';
import { sample as readSample } from './replay-samples.ts';

const Sample = z.object({
  statusWhilePodsTerminate: z.unknown(),
  statusFinal: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string() })) }),
  event: z.unknown(),
  reasons: z.record(z.string(), z.string()),
});
const sample = Sample.parse(readSample('18-job-failed'));

interface Parts {
  spec?: object;
  metadata?: object;
  events?: EventView[];
}

function look(status: unknown, { spec = {}, metadata = {}, events = [] }: Parts = {}) {
  const now = viewJob({
    kind: 'Job',
    metadata: { uid: 'job-uid', name: 'import-29301', namespace: 'batch', resourceVersion: '7', ...metadata },
    spec,
    status,
  });
  if (now === undefined) throw new Error('This is no Job.');
  return findingsOf(jobFailed, { before: undefined, now, clockMs: noon, events });
}

const condition = (over: object) => ({
  type: 'Failed',
  status: 'True',
  lastTransitionTime: '2026-09-01T10:00:12Z',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
  ...over,
});

it('a Job with the condition Failed has failed, once and for good', () => {
  expect(look(sample.statusFinal)).toEqual([
    {
      type: 'job-failed',
      nature: 'edge',
      fact: 'job-uid/Failed',
      occurrence: {
        id: 'job-uid/Failed',
        member: 'job-uid',
        objectName: 'import-29301',
        order: Date.parse('2026-09-01T10:00:12Z'),
        reason: 'BackoffLimitExceeded',
        message: 'Job import-29301 has failed (BackoffLimitExceeded): Job has reached the specified backoff limit',
        at: '2026-09-01T10:00:12Z',
        times: 1,
        cause: 'BackoffLimitExceeded',
        evidence: ['Failed=True BackoffLimitExceeded Job has reached the specified backoff limit', 'failed Pods: 7'],
      },
    },
  ]);
});

it.each(Object.entries(sample.reasons))('the reason %s stands with its message', (reason, message) => {
  expect(look({ conditions: [condition({ reason, message })] })).toMatchObject([
    { occurrence: { id: 'job-uid/Failed', reason, cause: reason, message: expect.stringContaining(message) } },
  ]);
});

describe('what is not yet, or never, a failure', () => {
  it('FailureTarget alone: Pods still end', () => {
    expect(look(sample.statusWhilePodsTerminate)).toEqual([]);
  });

  it('failed Pods of a Job that is still trying', () => {
    expect(look({ active: 1, failed: 5, conditions: [] })).toEqual([]);
    expect(look({ active: 1, failed: 5 })).toEqual([]);
  });

  it('failed Pods of a Job that still succeeds', () => {
    const complete = [{ type: 'SuccessCriteriaMet' }, { type: 'Complete' }].map((over) => condition(over));
    expect(look({ succeeded: 1, failed: 3, conditions: complete })).toEqual([]);
  });

  it('a condition Failed that is False or Unknown', () => {
    expect(look({ conditions: [condition({ status: 'False' })] })).toEqual([]);
    expect(look({ conditions: [condition({ status: 'Unknown' })] })).toEqual([]);
  });

  it('a Job that is suspended, being deleted, or has no status at all', () => {
    expect(look({ conditions: [condition({ type: 'Suspended', reason: 'JobSuspended' })] })).toEqual([]);
    expect(look({ active: 1 }, { metadata: { deletionTimestamp: '2026-09-01T10:00:00Z' } })).toEqual([]);
    expect(look(undefined)).toEqual([]);
    expect(look(null)).toEqual([]);
  });
});

it('ttlSecondsAfterFinished 0: the last content of a deleted Job still shows it', () => {
  const metadata = { deletionTimestamp: '2026-09-01T10:00:12Z', finalizers: ['foregroundDeletion'] };
  expect(look(sample.statusFinal, { metadata, spec: { ttlSecondsAfterFinished: 0 } })).toEqual(
    look(sample.statusFinal),
  );
});

it('managedBy: the condition of a controller of another cluster counts like ours', () => {
  const spec = { managedBy: 'kueue.x-k8s.io/multikueue' };
  expect(look(sample.statusFinal, { spec })).toEqual(look(sample.statusFinal));
  expect(look(sample.statusWhilePodsTerminate, { spec })).toEqual([]);
});

it('whatever else changes on a failed Job, it is the same occurrence', () => {
  const later = { ...sample.statusFinal, failed: 8, uncountedTerminatedPods: {} };
  const id = (status: unknown) => look(status)[0]?.occurrence.id;
  expect(id(later)).toBe(id(sample.statusFinal));
  expect(id({ conditions: [condition({ reason: 'DeadlineExceeded' })] })).toBe(id(sample.statusFinal));
});

it('the Event about it is evidence and no occurrence', () => {
  const event = viewEvent(sample.event);
  const events = event === undefined ? [] : [event];
  expect(look(sample.statusWhilePodsTerminate, { events })).toEqual([]);
  expect(look(sample.statusFinal, { events })[0]?.occurrence.evidence?.at(-1)).toBe(
    `BackoffLimitExceeded x1: Job has reached the specified backoff limit (at 2026-09-01T10:00:12Z)`,
  );
});

it('many Events do not push the condition out of the evidence', () => {
  const events = Array.from({ length: 10 }, (_, n) => anEvent({ reason: 'FailedCreate', message: `try ${n}` }));
  expect(look(sample.statusFinal, { events })[0]?.occurrence.evidence).toHaveLength(8);
  expect(look(sample.statusFinal, { events })[0]?.occurrence.evidence?.[0]).toMatch(/^Failed=True/);
});

it('a Job that gives no reason and no time has failed all the same', () => {
  expect(look({ conditions: [{ type: 'Failed', status: 'True' }] })).toMatchObject([
    { occurrence: { id: 'job-uid/Failed', reason: 'Failed', cause: 'Failed', order: 0, at: '2026-09-01T12:00:00Z' } },
  ]);
});
