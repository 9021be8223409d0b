/** Whom an Event says something about: only objects of the namespace whose Events its writer may write. */
import { describe, expect, it } from 'vitest';
import { createEvidence, isAbout } from '../../watcher/tracking/evidence.ts';
import type { EventView } from '../../watcher/views/event-view.ts';
import { anEvent, aPod } from '../make.ts';

const pod = aPod();
const node = { kind: 'Node', uid: 'a-real-uid', namespace: '', name: 'node-a' };
const ofPod = { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' };
const ofNode = { kind: 'Node', namespace: '', name: 'node-a', uid: 'node-a' };

function found(event: EventView, object: Parameters<typeof isAbout>[1] = pod): number {
  const evidence = createEvidence();
  evidence.add(event);
  expect(isAbout(event, object)).toBe(evidence.about(object).length === 1);
  return evidence.about(object).length;
}

describe('an Event about a Pod', () => {
  it.each([
    ['its own namespace', { namespace: 'shop' }, ofPod],
    ['a reporter that gives no uid', {}, { ...ofPod, uid: '' }],
    ['a reporter that gives no namespace', {}, { ...ofPod, namespace: '' }],
  ])('counts where it comes from %s', (_, over, about) => {
    expect(found(anEvent({ ...over, about }))).toBe(1);
  });

  it.each([
    ['of another namespace, with the uid of the Pod', { namespace: 'attacker' }, { ...ofPod, namespace: 'attacker' }],
    ['of another namespace, that names the namespace of the Pod', { namespace: 'attacker' }, ofPod],
    ['of another namespace, without a uid', { namespace: 'attacker' }, { ...ofPod, namespace: '', uid: '' }],
    ['of the default namespace', { namespace: 'default' }, { ...ofPod, namespace: '' }],
    ['that names another Pod, with the uid of this one', {}, { ...ofPod, name: 'web-1' }],
    ['about a former Pod of the same name', {}, { ...ofPod, uid: 'former-uid' }],
    ['about something else that is called alike', {}, { ...ofPod, kind: 'StatefulSet' }],
    ['whose uid is the name of the Pod', {}, { ...ofPod, uid: 'web-0' }],
  ])('does not count when it is one %s', (_, over, about) => {
    expect(found(anEvent({ ...over, about }))).toBe(0);
  });
});

describe('an Event of a kubelet about a static Pod', () => {
  const staticUid = '1e0c66a2a1d8f6b2c6b0f0f4d2a7e5b1';
  const mirror = aPod({ staticUid });

  it('counts for the Pod that stands for it, which has another uid', () => {
    expect(found(anEvent({ about: { ...ofPod, uid: staticUid } }), mirror)).toBe(1);
    expect(found(anEvent({ about: ofPod }), mirror)).toBe(1);
  });

  it.each([
    ['of another namespace', { namespace: 'attacker' }, { ...ofPod, uid: staticUid }],
    ['that names another Pod', {}, { ...ofPod, name: 'web-1', uid: staticUid }],
    ['of another version of its file', {}, { ...ofPod, uid: 'former-hash' }],
    ['about something else that is called alike', {}, { ...ofPod, kind: 'Node', uid: staticUid }],
  ])('does not count when it is one %s', (_, over, about) => {
    expect(found(anEvent({ ...over, about }), mirror)).toBe(0);
  });

  it('does not count for a Pod that stands for none', () => {
    expect(found(anEvent({ about: { ...ofPod, uid: staticUid } }))).toBe(0);
  });
});

describe('an Event about a Node', () => {
  it.each(['node-a', 'a-real-uid', ''])('counts in the namespace default, with the uid %j', (uid) => {
    expect(found(anEvent({ namespace: 'default', about: { ...ofNode, uid } }), node)).toBe(1);
    expect(found(anEvent({ namespace: 'default', about: { ...ofNode, uid, namespace: 'default' } }), node)).toBe(1);
  });

  it('of any other namespace does not count', () => {
    expect(found(anEvent({ namespace: 'shop', about: ofNode }), node)).toBe(0);
    expect(found(anEvent({ namespace: 'shop', about: { ...ofNode, namespace: 'shop' } }), node)).toBe(0);
  });
});

it('a namespace with Events about very many objects pushes out its own, and those of no other', () => {
  const evidence = createEvidence();
  evidence.add(anEvent());
  for (let index = 0; index < 20_000; index += 1) {
    const about = { kind: 'Pod', namespace: 'attacker', name: `p-${index}`, uid: '' };
    evidence.add(anEvent({ uid: `e-${index}`, namespace: 'attacker', about }));
  }
  expect(evidence.about(pod)).toHaveLength(1);
  const [first, last] = [0, 19_999].map((index) => ({ ...pod, namespace: 'attacker', name: `p-${index}` }));
  expect(evidence.about(first ?? pod)).toEqual([]);
  expect(evidence.about(last ?? pod)).toHaveLength(1);
});

it('an Event that is gone from the server is evidence no more', () => {
  const evidence = createEvidence();
  evidence.add(anEvent());
  evidence.remove(anEvent());
  expect(evidence.about(pod)).toEqual([]);
});
