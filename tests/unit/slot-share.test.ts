/** Slots of the worker shared among namespaces: one with much to do takes most of them, and never all. */
import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlotShare } from '../../activities/agents/limits/slot-share.ts';
import { createCallAgent } from '../../activities/call-agent.ts';
import { createFollowRun } from '../../activities/follow-run.ts';
import { aDelivery, someCredentials } from '../fake-kagent/a-delivery.ts';

function aShare(slots: number) {
  const clock = { ms: 0 };
  const share = createSlotShare({ slots, nowMs: () => clock.ms, random: () => 0 });
  let count = 0;
  /** Begins calls of a namespace until one is held or `most` have begun. */
  const begin = (namespace: string, most = 1000): (() => void)[] => {
    const ends: (() => void)[] = [];
    while (ends.length < most && share.holdMs({ caller: `call-${(count += 1)}`, namespace }) === 0) {
      ends.push(share.take(namespace));
    }
    return ends;
  };
  return { share, clock, begin };
}

describe('a namespace', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [8, 6],
    [20, 15],
    [1000, 750],
  ])('alone has of %d slots %d, so that another one need not wait', (slots, most) => {
    const { begin } = aShare(slots);
    expect(begin('crowd')).toHaveLength(most);
    expect(begin('small', 1)).toHaveLength(1);
  });

  it('leaves some to a third where two are busy, and gives way as its calls end', () => {
    const { begin } = aShare(20);
    const ofCrowd = begin('crowd');
    expect(begin('mob')).toHaveLength(4);
    for (const end of ofCrowd.splice(0, 3)) end();
    expect(begin('crowd')).toHaveLength(0); // it has twelve, and four are free: those are the others'
    expect(begin('mob').length).toBeGreaterThan(0);
    expect(begin('small', 1)).toHaveLength(1);
  });

  it('with nothing under way may always go, also where all slots are taken', () => {
    const { begin } = aShare(3);
    for (const namespace of ['a', 'b', 'c', 'd']) expect(begin(namespace, 1)).toHaveLength(1);
  });

  it('is held by nothing where the number of slots is not known', () => {
    expect(createSlotShare().holdMs({ caller: 'a', namespace: 'shop' })).toBe(0);
    const { begin } = aShare(Number.POSITIVE_INFINITY);
    expect(begin('shop', 500)).toHaveLength(500);
  });
});

describe('who is held', () => {
  it('comes back after 1, 2, 4 … 30 s, and goes as soon as there is room', () => {
    const { begin, share } = aShare(4);
    const [end] = begin('crowd');
    const hold = () => share.holdMs({ caller: 'held', namespace: 'crowd' });
    expect(Array.from({ length: 7 }, hold)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    end?.();
    expect(hold()).toBe(0);
  });

  it('comes back later where very many are held, so that they are no load', () => {
    const { begin, share } = aShare(4);
    begin('crowd');
    const holds = Array.from({ length: 10_000 }, (_, n) => share.holdMs({ caller: `held-${n}`, namespace: 'crowd' }));
    expect(holds[0]).toBe(1000);
    expect(holds.at(-1)).toBe(100_000); // with 10,000 before it, the one of `begin` that did not go among them
  });

  it('is forgotten a minute after it did not come back', () => {
    const { begin, share, clock } = aShare(4);
    begin('crowd');
    for (let n = 0; n < 10_000; n += 1) share.holdMs({ caller: `gone-${n}`, namespace: 'crowd' });
    clock.ms = 200_000;
    share.holdMs({ caller: 'x', namespace: 'crowd' });
    expect(share.holdMs({ caller: 'y', namespace: 'crowd' })).toBe(1000);
  });
});

it('whatever namespaces do, none takes the last free slot with more than one call, and who is held comes back in time', () => {
  const step = fc.record({ namespace: fc.constantFrom('a', 'b', 'c'), ends: fc.boolean(), caller: fc.nat(20) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 200 }), (slots, steps) => {
      const share = createSlotShare({ slots, nowMs: () => 0 });
      const running = new Map<string, (() => void)[]>(['a', 'b', 'c'].map((name) => [name, []]));
      const busy = () => [...running.values()].reduce((sum, ends) => sum + ends.length, 0);
      for (const { namespace, ends, caller } of steps) {
        const its = running.get(namespace) ?? [];
        if (ends) {
          its.shift()?.();
        } else if (busy() < slots) {
          const holdMs = share.holdMs({ caller: String(caller), namespace });
          if (its.length === 0) expect(holdMs).toBe(0);
          if (busy() + 1 === slots && its.length > 0) expect(holdMs).toBeGreaterThan(0);
          expect(holdMs).toBeLessThanOrEqual(36_000);
          if (holdMs === 0) its.push(share.take(namespace));
        }
      }
    }),
  );
});

describe('an activity that may not take a slot', () => {
  const full = { holdMs: () => 1500, take: () => expect.unreachable('no slot may be taken') };

  it('of an ask throws NamespaceBusy before anything is sent, with its budget as it was', async () => {
    const heartbeatDetails = { attempts: 1, throttled: 2, notBeforeMs: 0 };
    const environment = new MockActivityEnvironment({ heartbeatDetails });
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
    const callAgent = createCallAgent({
      agent: { start: () => expect.unreachable('nothing may be sent') },
      readCredentials: () => someCredentials({ baseUrl: 'http://127.0.0.1:1' }),
      share: full,
    });
    await expect(environment.run(callAgent, aDelivery())).rejects.toMatchObject({
      type: 'NamespaceBusy',
      nextRetryDelay: 1500,
      nonRetryable: false,
      category: 'BENIGN',
    });
    expect(heartbeats).toEqual([heartbeatDetails]);
  });

  it('of a run that is to be followed throws NamespaceBusy', async () => {
    const never = () => expect.unreachable('nothing may be asked');
    const agent = { look: never, probe: never, cancel: never, find: never };
    const followRun = createFollowRun({ agent, runObserver: undefined, share: full });
    const following = { agent: { namespace: 'shop', name: 'a' }, run: { executionId: 'x' }, deadlineMs: 1e15 };
    await expect(new MockActivityEnvironment().run(followRun, following)).rejects.toMatchObject({
      type: 'NamespaceBusy',
      nextRetryDelay: 1500,
    });
  });

  it('counts a call until it has ended, however it ended, and by the namespace of its Hook', async () => {
    const taken: string[] = [];
    const share = {
      holdMs: () => 0,
      take: (name: string) => (taken.push(name), () => void taken.push(`${name} ended`)),
    };
    const agent = { start: () => Promise.reject(new TypeError('a mistake')) };
    const readCredentials = () => someCredentials({ baseUrl: 'http://127.0.0.1:1' });
    const callAgent = createCallAgent({ agent, readCredentials, share });
    await expect(new MockActivityEnvironment().run(callAgent, aDelivery({ hookNamespace: 'bank' }))).rejects.toThrow(
      'a mistake',
    );
    expect(taken).toEqual(['bank', 'bank ended']);
  });
});
