import { describe, expect, it } from 'vitest';
import { podPending } from '../../../watcher/detectors/pod-pending.ts';
import type { Condition } from '../../../watcher/views/metadata.ts';
import type { PodView } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, aPodEvent, look, restarted, waitingFor } from './look.ts';

const scheduled = (over: Partial<Condition> = {}): Pick<PodView, 'conditions'> => ({
  conditions: {
    PodScheduled: { status: 'False', reason: 'Unschedulable', message: '0/3 nodes', since: at(0), ...over },
  },
});
const unbound = (over: Partial<PodView> = {}): PodView => {
  const { nodeName: _, ...pod } = aPod({ phase: 'Pending', containers: [], ...over });
  return pod;
};
const why = (pod: PodView, over = {}) =>
  look(podPending, pod, over).map(({ occurrence }) => [occurrence.cause, occurrence.reason]);

describe('a Pod that is Pending', () => {
  it('counts from its creation, for five minutes, with the words of its condition', () => {
    const events = [aPodEvent({ reason: 'FailedScheduling', message: 'the first text of a series' })];
    expect(look(podPending, unbound(scheduled()), { events })).toEqual([
      {
        type: 'pod-pending',
        nature: 'state',
        fact: 'pod-uid/not-started',
        sinceMs: noon,
        progress: 'open/0',
        holdMs: 300_000,
        occurrence: {
          id: `pod-uid/Pending/${at(0)}`,
          member: 'pod-uid',
          objectName: 'web-0',
          order: noon,
          reason: 'Unschedulable',
          message: '0/3 nodes',
          at: at(0),
          times: 1,
          cause: 'unschedulable',
          evidence: [
            'PodScheduled=False Unschedulable 0/3 nodes',
            `FailedScheduling x1: the first text of a series (at ${at(10)})`,
          ],
        },
      },
    ]);
  });

  it('is not put off for ever by Events of scale-ups, of whatever time they say to be', () => {
    const scaleUp = anEvent({ type: 'Normal', reason: 'TriggeredScaleUp', lastMs: Date.parse('2100-01-01T00:00:00Z') });
    expect(look(podPending, unbound(scheduled()), { events: [scaleUp] })[0]?.sinceMs).toBe(noon + 30 * 60_000);
  });

  it('counts anew from the newest scale-up for it', () => {
    const scaleUp = (seconds: number) =>
      anEvent({ uid: `s${seconds}`, type: 'Normal', reason: 'TriggeredScaleUp', lastMs: noon + seconds * 1000 });
    const since = (...seconds: number[]) =>
      look(podPending, unbound(scheduled()), { events: seconds.map(scaleUp) })[0]?.sinceMs;
    expect(since(-60)).toBe(noon);
    expect(since(60, 200)).toBe(noon + 200_000);
  });

  it("counts anew from Karpenter's nomination, and from nothing else that is called so", () => {
    const nominated = (message: string) =>
      anEvent({ type: 'Normal', reason: 'Nominated', message, lastMs: noon + 70_000 });
    const since = (message: string) =>
      look(podPending, unbound(scheduled()), { events: [nominated(message)] })[0]?.sinceMs;
    expect(since('Pod should schedule on: nodeclaim/default-tn8fg')).toBe(noon + 70_000);
    expect(since('Pod should schedule on: nodeclaim/default-tn8fg, node/ip-10-0-1-23')).toBe(noon + 70_000);
    expect(since('Nominated for something else')).toBe(noon);
  });

  it('is none when it is being deleted, or when it is not Pending', () => {
    expect(look(podPending, unbound({ isBeingDeleted: true }))).toEqual([]);
    for (const phase of ['Running', 'Succeeded', 'Failed', '']) expect(look(podPending, aPod({ phase }))).toEqual([]);
  });

  it('again after it ran is not counted from its creation, and is another occurrence', () => {
    const pod = aPod({
      phase: 'Pending',
      containers: [restarted({ running: false, waiting: { reason: 'PodInitializing', message: '' } })],
    });
    const [again] = look(podPending, pod);
    expect(again?.sinceMs).toBeUndefined();
    const [first] = look(podPending, unbound());
    expect(again?.occurrence.id).not.toBe(first?.occurrence.id);
    expect(again?.occurrence.order).toBeGreaterThan(first?.occurrence.order ?? Number.NaN);
  });

  it('since one of two containers never started has not run before, though the other one crashed', () => {
    const pulling = aContainer({ name: 'b', running: false, waiting: { reason: 'ErrImagePull', message: '' } });
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const pod = aPod({ phase: 'Pending', containers: [restarted({ running: false, waiting }), pulling] });
    expect(look(podPending, pod)[0]?.sinceMs).toBe(noon);
    expect(why(pod)).toEqual([['image', 'ErrImagePull']]);
  });

  it('behind a gate and without it are counted apart, whatever the condition still says', () => {
    const condition = scheduled({ reason: 'SchedulingGated' });
    const seen = (over: Partial<PodView>) =>
      look(podPending, unbound({ ...condition, ...over })).map(({ progress, sinceMs }) => [progress, sinceMs]);
    expect(seen({ isGated: true })).toEqual([['gated', noon]]);
    expect(seen({})).toEqual([['open/0', undefined]]);
    expect(seen(scheduled())).toEqual([['open/0', noon]]);
    expect(why(unbound(condition))).toEqual([['no-scheduler', 'NoSchedulerDecision']]);
  });

  it('is bound for as long as its condition proves, for whom did not see what was before', () => {
    const bound = (since?: string) =>
      look(podPending, {
        ...waitingFor('ContainerCreating'),
        ...scheduled({ status: 'True', ...(since && { since }) }),
      });
    expect(bound(at(2400))[0]?.sinceMs).toBe(noon + 2_400_000);
    expect(bound(at(-5))[0]?.sinceMs).toBe(noon);
    expect(bound('x')[0]?.sinceMs).toBe(noon);
  });

  it('with a creation that cannot be read counts from the first look, each time the same', () => {
    const [found] = look(podPending, unbound({ createdAt: '' }));
    expect(found?.sinceMs).toBeUndefined();
  });
});

describe('why a Pod is Pending', () => {
  it('a gate holds it back, which counts for those who ask', () => {
    const gated = unbound({ ...scheduled({ reason: 'SchedulingGated' }), isGated: true });
    expect(look(podPending, gated)[0]?.optIn).toBe('scheduling-gates');
    expect(why(gated)).toEqual([['gated', 'SchedulingGated']]);
    expect(look(podPending, unbound(scheduled()))[0]?.optIn).toBeUndefined();
  });

  it('no scheduler has looked at it: there is neither a condition nor an Event', () => {
    expect(why(unbound())).toEqual([['no-scheduler', 'NoSchedulerDecision']]);
  });

  it('the scheduler failed', () => {
    expect(why(unbound(scheduled({ reason: 'SchedulerError' })))).toEqual([['unschedulable', 'SchedulerError']]);
  });

  it.each([
    ['ImagePullBackOff', 'image'],
    ['ErrImageNeverPull', 'image'],
    ['CreateContainerConfigError', 'config'],
    ['RunContainerError', 'config'],
  ])('a container waits in %s', (reason, cause) => {
    expect(why(waitingFor(reason, 'because'))).toEqual([[cause, reason]]);
    expect(look(podPending, waitingFor(reason, 'because'))[0]?.occurrence.message).toBe(
      `The container app waits (${reason}): because`,
    );
  });

  it('an init container fails, in back-off and between two tries', () => {
    const back = aContainer({
      name: 'migrate',
      kind: 'init',
      running: false,
      waiting: { reason: 'CrashLoopBackOff', message: 'b' },
    });
    const between = aContainer({ name: 'migrate', kind: 'init', running: false, terminated: anEnd() });
    const main = waitingFor('PodInitializing').containers;
    const messages = [back, between].map(
      (init) => look(podPending, { ...waitingFor(''), containers: [init, ...main] })[0]?.occurrence,
    );
    expect(messages.map((found) => [found?.cause, found?.message])).toEqual([
      ['init-crash', 'The init container migrate waits (CrashLoopBackOff): b'],
      ['init-crash', 'The init container migrate failed (Error)'],
    ]);
  });

  it('Events report volumes and of the sandbox while no container was touched, and not after', () => {
    const mount = aPodEvent({ reason: 'FailedMount', message: 'for volume "cfg"' });
    const sandbox = aPodEvent({
      uid: 's',
      reason: 'FailedCreatePodSandBox',
      message: 'no network',
    });
    expect(why(waitingFor('ContainerCreating'), { events: [mount, sandbox] })).toEqual([['volume', 'FailedMount']]);
    expect(why(waitingFor('ContainerCreating'), { events: [sandbox] })).toEqual([
      ['sandbox', 'FailedCreatePodSandBox'],
    ]);
    const init = aContainer({ name: 'migrate', kind: 'init' });
    const pod = { ...waitingFor(''), containers: [init, ...waitingFor('PodInitializing').containers] };
    expect(why(pod, { events: [mount, sandbox] })).toEqual([['containers-not-started', 'ContainersNotStarted']]);
  });

  it('nothing says why: it is bound, and the containers have not started', () => {
    expect(why(waitingFor('ContainerCreating'))).toEqual([['containers-not-started', 'ContainersNotStarted']]);
  });
});
