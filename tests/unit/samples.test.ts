/** Recorded streams through projection, detectors and matching, as `npm run detect` plays them: exactly these incidents. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PlayOptions, play } from '../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../watcher/dry-run/read-hooks-file.ts';
import { readRecording } from '../../watcher/dry-run/read-recording.ts';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { aHookObject } from '../make.ts';

const Item = z.object({ at: z.string(), type: z.string(), object: z.looseObject({ kind: z.string() }) });
type Item = z.infer<typeof Item>;
const Objects = z.record(z.string(), z.unknown());

function sample(name: string): Record<string, unknown> {
  return Objects.parse(JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8')));
}

const streamOf = (value: unknown) => z.array(Item).parse(value);
const stream = (name: string) => streamOf(sample(name)['stream']);

/** One look at each of the objects, at ten o'clock or when it says. */
const looks = (objects: unknown[], at = '2026-09-01T10:00:00Z', type = 'ADDED'): Item[] =>
  objects.map((object) => ({ at, type, object: z.looseObject({ kind: z.string() }).parse(object) }));

function played(items: Item[], options: Partial<PlayOptions> & { until?: string } = {}) {
  const { until, ...rest } = options;
  const recording = readRecording('sample', JSON.stringify({ stream: items }), 0);
  const untilMs = until === undefined ? undefined : Date.parse(until);
  return play(recording, { hooks: hooksForEveryType(), namesHooks: false, untilMs, ...rest });
}

/** `type container cause`, without what is not there. */
function incidents(items: Item[], until?: string): string[] {
  const { incidents: found } = played(items, until === undefined ? {} : { until });
  return found
    .map(({ incidentType, container, cause }) =>
      [incidentType, container, cause].filter((part) => part !== null).join(' '),
    )
    .toSorted();
}

it('with Hooks, the first prompt for each agent stands beside its incident, with the evidence', () => {
  const own = (name: string, prompt?: string) =>
    readHook(
      aHookObject(
        { eventConfigurations: [{ eventType: 'pod-pending', agentRef: { name: 'x' }, prompt }] },
        { namespace: 'ml', name, uid: name },
      ),
    );
  const template = '{{.Evidence}}\n{{#each Members}}{{.Namespace}}/{{.ResourceName}}{{/each}} at {{.AskedAt}}';
  const hooks = [own('one', template), own('two')].flatMap((hook) => hook ?? []);
  const until = '2026-09-01T11:00:00Z';
  const [found] = played(stream('09-pod-pending-unschedulable'), { hooks, namesHooks: true, until }).incidents;
  const [first, second] = found?.prompts ?? [];
  expect(first).toMatchObject({ hook: 'ml/one', agent: 'ml/x' });
  expect(first?.prompt).toMatch(
    /^> cause: unschedulable\n> PodScheduled=False .*\n> FailedScheduling x1: 0\/3 nodes .* \(at 2026-09-01T10:00:00Z\)\nml\/train-0 at 2026-09-01T10:05:00Z$/,
  );
  expect(second?.prompt).toContain('\n> Pod train-0 in namespace ml\n');
  expect(played(stream('09-pod-pending-unschedulable'), { until }).incidents[0]?.prompts).toEqual([]);
});

describe('a recorded stream gives exactly its incidents', () => {
  it.each<[string, string[], string?]>([
    ['01-pod-restart-liveness', ['pod-restart app liveness-probe', 'probe-failed app liveness']],
    ['03-oom-kill-first', ['oom-kill memory-demo-2-ctr oom', 'pod-restart memory-demo-2-ctr oom']],
    ['05-oom-kill-late-reason', ['oom-kill app oom']],
    ['08-oom-kill-restart-never', ['oom-kill app oom']],
    ['09-pod-pending-unschedulable', ['pod-pending unschedulable']],
    ['11-image-pull-failed', ['image-pull-failed app image'], '2026-09-01T10:04:59Z'],
    ['11-image-pull-failed', ['image-pull-failed app image', 'pod-pending image'], '2026-09-01T10:05:00Z'],
    ['12-volume-mount-failed', ['volume-mount-failed attach']],
    ['13-probe-readiness', ['probe-failed app readiness']],
    ['21-restart-all-containers', ['pod-restart restart-rule']],
    ['22-sidecar-and-init', ['oom-kill proxy oom', 'pod-restart proxy oom']],
  ])('%s: %j until %s', (name, expected, until) => {
    expect(incidents(stream(name), until)).toEqual(expected);
  });

  it('06: OOMKilled with 137 is certain, with any other code a child, and 137 alone is a restart that may be one', () => {
    const Case = z.object({ exit: z.number(), reason: z.string().optional(), status: z.unknown() });
    const base = stream('08-oom-kill-restart-never')[0]?.object ?? { kind: '' };
    const found = z
      .array(Case)
      .parse(sample('06-oom-kill-ambiguous')['cases'])
      .map(({ status }) =>
        played(looks([{ ...base, status: { phase: 'Running', containerStatuses: [status] } }])).incidents.map(
          ({ incidentType, confidence }) => `${incidentType} ${confidence}`,
        ),
      );
    expect(found).toEqual([
      ['oom-kill child-process'],
      ['oom-kill child-process'],
      ['oom-kill child-process', 'pod-restart null'],
      ['pod-restart possible-oom'],
      ['oom-kill certain', 'pod-restart null'],
    ]);
  });

  it('07: what a node says of memory is no incident of a Pod', () => {
    expect(incidents(looks(z.array(z.unknown()).parse(sample('07-oom-node-level-events')['events'])))).toEqual([]);
  });

  it('10: a Pod behind a scheduling gate waits on purpose, one without a scheduler does not', () => {
    const pods = z.array(z.object({ pod: z.unknown() })).parse(sample('10-pod-pending-silent')['cases']);
    const items = looks(pods.map(({ pod }) => pod));
    const result = played(items, { until: '2026-09-01T10:05:00Z' });
    expect(result.incidents.map(({ name, cause }) => [name, cause])).toEqual([['orphan-1', 'no-scheduler']]);
    expect(result.notFired.filter(({ what }) => what.includes('gated-1')).map(({ reason }) => reason)).toEqual([
      'NotIncluded',
    ]);
  });

  it('12: a mount that fails once while a node starts is none', () => {
    const { event, then } = Objects.parse(sample('12-volume-mount-failed')['falsePositive']);
    const items = [...looks([event], '2026-09-01T10:00:01Z'), ...looks([then], '2026-09-01T10:00:04Z')];
    expect(incidents(items, '2026-09-01T11:00:00Z')).toEqual([]);
  });

  it('13: readiness fires when it has been lost for 30 seconds, and is over when it is back', () => {
    const before = streamOf(sample('13-probe-readiness')['stream']).filter(({ at }) => at < '2026-09-01T10:03:00Z');
    expect(incidents(before, '2026-09-01T10:02:29Z')).toEqual([]);
    expect(incidents(before, '2026-09-01T10:02:30Z')).toEqual(['probe-failed app readiness']);
  });

  it('15: a slow start within its startup probe is none, one beyond it is a kill and a restart', () => {
    const [slow, crossed] = z
      .array(z.object({ stream: z.array(Item) }))
      .parse(sample('15-probe-startup-slow')['cases']);
    expect(incidents(slow?.stream ?? [], '2026-09-01T11:00:00Z')).toEqual([]);
    expect(incidents(crossed?.stream ?? [])).toEqual(['pod-restart llm startup-probe', 'probe-failed llm startup']);
  });

  it('18: a Job has failed when its Pods have ended, and not before', () => {
    const job = sample('18-job-failed');
    const metadata = { name: 'import-29301', namespace: 'batch', uid: 'job-uid', resourceVersion: '1' };
    const at = (status: unknown) => looks([{ kind: 'Job', metadata, status }], '2026-09-01T10:00:12Z');
    expect(incidents(at(job['statusWhilePodsTerminate']))).toEqual([]);
    expect(played(at(job['statusFinal'])).incidents).toMatchObject([
      { incidentType: 'job-failed', kind: 'Job', name: 'import-29301' },
    ]);
  });

  it('18: the failure is found in the last state of a Job that is removed at once', () => {
    const metadata = {
      name: 'import-29301',
      namespace: 'batch',
      uid: 'job-uid',
      resourceVersion: '1',
      deletionTimestamp: '2026-09-01T10:00:12Z',
    };
    const object = { kind: 'Job', metadata, status: sample('18-job-failed')['statusFinal'] };
    expect(incidents([{ at: '2026-09-01T10:00:13Z', type: 'DELETED', object }])[0]).toMatch(/^job-failed/);
  });

  it('19: a rollout is stuck by a condition about its own generation only', () => {
    const { stuck, staleVerdict } = sample('19-rollout-stuck');
    const deployment = Objects.parse(stuck);
    const stale = Objects.parse(staleVerdict);
    const metadata = { ...Objects.parse(deployment['metadata']), generation: 8 };
    expect(incidents(looks([deployment], '2026-09-01T10:10:02Z'))[0]).toMatch(/^rollout-stuck/);
    expect(incidents(looks([{ ...deployment, metadata, status: stale['status'] }], '2026-09-01T10:10:02Z'))).toEqual(
      [],
    );
  });

  it('20: an autoscaler has failed when it has been so for five minutes, and what is harmless never does', () => {
    const metadata = { name: 'cart', namespace: 'shop', uid: 'hpa-uid', resourceVersion: '1' };
    const scaler = (conditions: unknown) =>
      looks([{ kind: 'HorizontalPodAutoscaler', metadata, status: { conditions } }], '2026-09-01T10:00:20Z');
    const failing = scaler(sample('20-hpa-failed')['conditions']);
    expect(incidents(failing, '2026-09-01T10:05:14Z')).toEqual([]);
    expect(incidents(failing, '2026-09-01T10:05:15Z')[0]).toMatch(/^hpa-failed/);
    const [disabled, limited] = z.array(z.unknown()).parse(sample('20-hpa-failed')['benign']);
    expect(incidents(scaler([disabled, limited]), '2026-09-01T11:00:00Z')).toEqual([]);
  });

  it('21: every container of a Pod that restarts as a whole is the one incident of that Pod', () => {
    expect(played(stream('21-restart-all-containers')).incidents).toMatchObject([
      { container: null, members: ['worker-0'], occurrences: 1 },
    ]);
  });

  it('22: an init container that fails again and again is a restart, and at last a Pod that is pending', () => {
    const items = looks([sample('22-sidecar-and-init')['initFailing']], '2026-09-01T10:01:00Z', 'MODIFIED');
    expect(incidents(items, '2026-09-01T10:30:00Z')).toEqual([
      expect.stringMatching(/^pod-pending init-crash/),
      expect.stringMatching(/^pod-restart migrate/),
    ]);
  });

  it('24: a restart that was meant is none, before and after the resize is done', () => {
    const { events, resizePod } = sample('24-intended-restarts');
    const pod = Objects.parse(resizePod);
    const done = {
      ...pod,
      metadata: { ...Objects.parse(pod['metadata']), resourceVersion: '9' },
      status: { ...Objects.parse(pod['status']), conditions: [] },
    };
    expect(incidents(looks([pod, done]))).toEqual([]);
    expect(incidents(looks([...z.array(z.unknown()).parse(events), done]))).toEqual([]);
  });

  it('25: a combined Event is read like a single one', () => {
    const { aggregated } = sample('25-recorder-effects');
    expect(incidents(looks([aggregated]))).toEqual([]);
  });

  it('26: the same name with a new uid is another Pod, and its counters begin anew', () => {
    const { before, after } = sample('26-same-name-new-uid');
    expect(incidents(looks([before, after], '2026-09-01T10:00:05Z'))).toEqual([]);
  });
});
