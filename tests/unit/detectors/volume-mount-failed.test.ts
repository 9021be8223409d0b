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

const lasting = { count: 8, lastMs: noon + 55_000 };
const elsewhere = {
  reason: 'FailedAttachVolume',
  message: 'Multi-Attach error for volume "pvc-7a1" Volume is already',
};

describe('a volume that cannot be mounted', () => {
  it('is one once a try fails 45 seconds after the first, counted from the first', () => {
    expect(found([failed(lasting)])).toEqual([
      {
        type: 'volume-mount-failed',
        nature: 'state',
        fact: 'pod-uid/not-started',
        sinceMs: noon + 10_000,
        holdMs: 0,
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
          evidence: [`FailedMount x8: ${mount('cfg')} (from ${at(10)} to ${at(55)})`],
        },
      },
    ]);
  });

  // Half a second between the first two tries of a kubelet, then twice as long each time.
  it.each([0, 500, 1500, 3500, 7500, 15_500, 31_500])(
    'is none by a last try %d ms after the first, however many failed',
    (ms) => {
      expect(found([failed({ count: 50, lastMs: noon + 10_000 + ms })])).toEqual([]);
    },
  );

  it('is the same whether one Event counts both or each has its own text, as those of a restarted kubelet', () => {
    const later = { firstMs: noon + 60_000, lastMs: noon + 60_000 };
    const other = failed({ uid: 'other', message: `${mount('cfg')} yet`, ...later });
    const [twice] = found([failed(), other]);
    expect(twice).toMatchObject({ holdMs: 0, occurrence: { at: at(10), message: `${mount('cfg')} yet` } });
    expect(twice?.occurrence.id).toBe(found([failed(lasting)])[0]?.occurrence.id);
    expect(found([failed({ ...later, uid: 'other' })])).toEqual([]);
  });

  it.each([
    elsewhere,
    { message: 'Unable to attach or mount volumes: unmounted volumes=[data]: timed out waiting for the condition' },
  ])('reported only once, must hold for 90 seconds: $message', (over) => {
    expect(found([failed(over)])).toMatchObject([{ sinceMs: noon + 10_000, holdMs: 90_000 }]);
    expect(found([failed({ ...over, ...lasting })])).toMatchObject([{ sinceMs: noon + 10_000, holdMs: 0 }]);
  });

  it('is one finding for each volume, and one for each reason that names none', () => {
    const attach = failed({ uid: 'b', ...elsewhere });
    const map = failed({
      ...lasting,
      uid: 'c',
      reason: 'FailedMapVolume',
      message: 'MapVolume.SetUpDevice failed for volume "raw" : x',
    });
    const nameless = failed({
      uid: 'd',
      message: 'Unable to attach or mount volumes: unmounted volumes=[data]: timed out',
    });
    const all = found([failed(lasting), attach, map, nameless]);
    expect(all.map(({ occurrence }) => [occurrence.id, occurrence.cause])).toEqual([
      ['pod-uid/volume/cfg', 'mount'],
      ['pod-uid/volume/pvc-7a1', 'attach'],
      ['pod-uid/volume/raw', 'map'],
      ['pod-uid/volume/FailedMount', 'mount'],
    ]);
    expect(new Set(all.map(({ occurrence }) => occurrence.member)).size).toBe(4);
  });

  it('is over when its containers start, though its Events stay for an hour', () => {
    const events = [failed(lasting)];
    expect(found(events, aPod())).toEqual([]);
    expect(found(events, waitingFor('ErrImagePull'))).toEqual([]);
    const init = aContainer({ name: 'migrate', kind: 'init' });
    expect(found(events, { ...creating, containers: [init, ...waitingFor('PodInitializing').containers] })).toEqual([]);
    expect(found(events, waitingFor('PodInitializing'))).toHaveLength(1);
  });

  it('by an Event without times, or from the future, is dated by our look', () => {
    for (const firstMs of [Number.MAX_SAFE_INTEGER, noon + 86_400_000])
      expect(found([failed({ ...elsewhere, firstMs, lastMs: 0 })])[0]?.occurrence.at).toBe(at(60));
  });

  it('is none for other Events, and none of a Pod that is deleted', () => {
    expect(found([failed({ ...lasting, reason: 'FailedScheduling' }), failed({ ...lasting, type: 'Normal' })])).toEqual(
      [],
    );
    expect(found([failed(lasting)], { ...creating, isBeingDeleted: true })).toEqual([]);
  });
});
