import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThrottleGate } from '../../activities/agents/throttle-gate.ts';

function aGate() {
  const clock = { ms: 1000 };
  const gate = createThrottleGate(() => clock.ms);
  gate.use('endpoint');
  return { gate, clock };
}

describe('a gate', () => {
  it('that nobody has closed lets everybody through at once', () => {
    const { gate } = aGate();
    expect(['a', 'b', 'c'].map(gate.holdMs)).toEqual([0, 0, 0]);
  });

  it('holds all callers until the server may be asked again, then one after the other, each when its turn has come', () => {
    const { gate, clock } = aGate();
    gate.throttled(2000);
    const holds = ['a', 'b', 'c'].map(gate.holdMs);
    expect(holds).toEqual([2050, 2100, 2150]);
    clock.ms += 2050;
    expect(gate.holdMs('a')).toBe(0);
    expect(gate.holdMs('b')).toBe(50);
    clock.ms += 50;
    expect(gate.holdMs('b')).toBe(0);
  });

  it('puts who comes while others wait for their turns behind them', () => {
    const { gate, clock } = aGate();
    gate.throttled(1000);
    for (const caller of ['a', 'b', 'c']) gate.holdMs(caller);
    clock.ms += 1001;
    expect(gate.holdMs('late')).toBe(199);
  });

  it('gives more room with each further 429, and less with each call that goes well', () => {
    const { gate, clock } = aGate();
    for (let n = 0; n < 3; n += 1) gate.throttled(1000);
    const spread = () => {
      const [first, second] = [gate.holdMs(`x${clock.ms}`), gate.holdMs(`y${clock.ms}`)];
      clock.ms += second;
      return second - first;
    };
    expect(spread()).toBe(200);
    gate.eased();
    gate.throttled(0);
    gate.eased();
    gate.eased();
    gate.eased();
    clock.ms += 10_000;
    expect([gate.holdMs('p'), gate.holdMs('q')]).toEqual([0, 0]);
  });

  it('that is closed again before a turn has come gives a new turn', () => {
    const { gate, clock } = aGate();
    gate.throttled(1000);
    gate.holdMs('a');
    clock.ms += 900;
    gate.throttled(5000);
    expect(gate.holdMs('a')).toBeGreaterThanOrEqual(5000);
  });

  it('is open for another server or key', () => {
    const { gate } = aGate();
    gate.throttled(60_000);
    gate.holdMs('a');
    gate.use('endpoint with a new key');
    expect(gate.holdMs('a')).toBe(0);
  });

  it('is not locked by a clock that is turned back', () => {
    const { gate, clock } = aGate();
    clock.ms = 1e12;
    gate.throttled(1000);
    clock.ms = 1000;
    expect(gate.holdMs('a')).toBe(0);
  });
});

it('whatever happens, who comes back at its turn goes through unless the gate was closed again', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('come' as const), caller: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('throttled' as const), ms: fc.nat(10_000) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(5_000) }),
    fc.record({ kind: fc.constant('eased' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { gate, clock } = aGate();
      let closedUntilMs = 0;
      for (const one of steps) {
        if (one.kind === 'throttled') {
          gate.throttled(one.ms);
          closedUntilMs = Math.max(closedUntilMs, clock.ms + one.ms);
        } else if (one.kind === 'pass') clock.ms += one.ms;
        else if (one.kind === 'eased') gate.eased();
        else expect(gate.holdMs(one.caller)).toBeLessThanOrEqual(Math.max(0, closedUntilMs - clock.ms) + 300_000);
      }
      const waitMs = gate.holdMs('last');
      clock.ms += waitMs;
      expect(gate.holdMs('last')).toBe(0);
    }),
  );
});
