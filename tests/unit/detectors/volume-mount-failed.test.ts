import { describe, expect, it } from 'vitest';
import { volumeMountFailed } from '../../../watcher/detectors/volume-mount-failed.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import { aContainer, aPod, at, noon } from '../../make.ts';
import { aPodEvent, look, waitingFor } from './look.ts';

function failed(over: Partial<EventView> = {}): EventView {
  return aPodEvent({ reason: 'FailedMount', message: mount('cfg'), ...over });
}
const mount = (volume: string) => `MountVolume.SetUp failed for volume "${volume}" : configmap "a" not found`;
const creating = waitingFor('ContainerCreating');
const found = (events: EventView[], pod = creating) => look(volumeMountFailed, pod, { events });

describe('a volume that cannot be mounted', () => {
  it('once may be harmless and must hold for 90 seconds from our first look', () => {
    const [once] = found([failed()]);
    expect(once).toEqual({
      type: 'volume-mount-failed',
      nature: 'state',
      fact: 'pod-uid/not-started',
      holdMs: 90_000,
      occurrence: {
        id: 'pod-uid/volume/cfg',
        member: 'pod-uid/volume/cfg',
        objectName: 'web-0',
        order: noon + 10_000,
        reason: 'FailedMount',
        message: mount('cfg'),
        at: at(10),
        times: 1,
        nodeName: 'node-a',
        cause: 'mount',
        evidence: [`FailedMount x1: ${mount('cfg')} (at ${at(10)})`],
      },
    });
  });

  it('twice is one at once, whether one Event counts both or each has its own text', () => {
    expect(found([failed({ count: 2 })])[0]?.holdMs).toBe(0);
    const other = failed({
      uid: 'other',
      message: `${mount('cfg')} yet`,
      firstMs: noon + 50_000,
      lastMs: noon + 50_000,
    });
    const [twice] = found([failed(), other]);
    expect(twice).toMatchObject({ holdMs: 0, occurrence: { at: at(10), message: `${mount('cfg')} yet` } });
    expect(twice?.occurrence.id).toBe(found([failed()])[0]?.occurrence.id);
  });

  it('is one finding for each volume, and one for each reason that names none', () => {
    const attach = failed({
      uid: 'b',
      reason: 'FailedAttachVolume',
      message: 'Multi-Attach error for volume "pvc-7a1" Volume is',
    });
    const map = failed({
      uid: 'c',
      reason: 'FailedMapVolume',
      message: 'MapVolume.SetUpDevice failed for volume "raw" : x',
    });
    const nameless = failed({
      uid: 'd',
      message: 'Unable to attach or mount volumes: unmounted volumes=[data]: timed out',
    });
    const all = found([failed(), attach, map, nameless]);
    expect(all.map(({ occurrence }) => [occurrence.id, occurrence.cause])).toEqual([
      ['pod-uid/volume/cfg', 'mount'],
      ['pod-uid/volume/pvc-7a1', 'attach'],
      ['pod-uid/volume/raw', 'map'],
      ['pod-uid/volume/FailedMount', 'mount'],
    ]);
    expect(new Set(all.map(({ occurrence }) => occurrence.member)).size).toBe(4);
  });

  it('is over when its containers start, though its Events stay for an hour', () => {
    const events = [failed({ count: 8 })];
    expect(found(events, aPod())).toEqual([]);
    expect(found(events, waitingFor('ErrImagePull'))).toEqual([]);
    const init = aContainer({ name: 'migrate', kind: 'init' });
    expect(found(events, { ...creating, containers: [init, ...waitingFor('PodInitializing').containers] })).toEqual([]);
    expect(found(events, waitingFor('PodInitializing'))).toHaveLength(1);
  });

  it('by an Event without times, or from the future, is dated by our look', () => {
    for (const firstMs of [Number.MAX_SAFE_INTEGER, noon + 86_400_000])
      expect(found([failed({ firstMs, lastMs: 0 })])[0]?.occurrence.at).toBe(at(60));
  });

  it('is none for other Events, and none of a Pod that is deleted', () => {
    expect(found([failed({ reason: 'FailedScheduling' }), failed({ type: 'Normal' })])).toEqual([]);
    expect(found([failed({ count: 8 })], { ...creating, isBeingDeleted: true })).toEqual([]);
  });
});
