import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, createThrottleGate } from '../../activities/agents/limits/throttle-gate.ts';

function aGate() {
  const clock = { ms: 1000 };
  const gate = createThrottleGate(() => clock.ms);
  gate.use('endpoint');
  return { gate, clock };
}

const aCall = (caller: string, over: Partial<Call> = {}): Call => ({
  caller,
  agent: 'shop/analyzer',
  namespace: 'shop',
  ...over,
});
/** Another agent of the same namespace's Hooks, and one that another namespace's Hooks have asked. */
const cousin = (caller: string) => aCall(caller, { agent: 'shop/repairer' });
const neighbour = (caller: string) => aCall(caller, { agent: 'bank/analyzer', namespace: 'bank' });

describe('a gate', () => {
  it('that nobody has closed lets everybody through at once', () => {
    const { gate } = aGate();
    expect(['a', 'b', 'c'].map((caller) => gate.holdMs(aCall(caller)))).toEqual([0, 0, 0]);
  });

  it('holds the callers of an agent until it may be asked again, then one after the other, each when its turn has come', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('first'), 2000);
    const holds = ['a', 'b', 'c'].map((caller) => gate.holdMs(aCall(caller)));
    expect(holds).toEqual([2050, 2100, 2150]);
    clock.ms += 2050;
    expect(gate.holdMs(aCall('a'))).toBe(0);
    expect(gate.holdMs(aCall('b'))).toBe(50);
    clock.ms += 50;
    expect(gate.holdMs(aCall('b'))).toBe(0);
  });

  it('holds nobody else, however often one agent wants to be left alone', () => {
    const { gate } = aGate();
    for (let n = 0; n < 30; n += 1) gate.throttled(aCall(`call-${n}`), 3_600_000);
    expect([cousin('c'), neighbour('n')].map(gate.holdMs)).toEqual([0, 0]);
  });

  it('holds a whole namespace where two of its agents want to be left alone, until the first may be asked again', () => {
    const { gate } = aGate();
    gate.throttled(aCall('a'), 3_600_000);
    gate.throttled(cousin('b'), 600_000);
    expect(gate.holdMs(aCall('c', { agent: 'shop/third' }))).toBe(600_050);
    expect(gate.holdMs(neighbour('n'))).toBe(0);
  });

  it('holds all where agents of two namespaces want to be left alone, but others for a minute at a time', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('a'), 3_600_000);
    gate.throttled(neighbour('b'), 20_000);
    const third = (caller: string) => aCall(caller, { agent: 'farm/analyzer', namespace: 'farm' });
    expect(gate.holdMs(third('c'))).toBe(20_050);
    gate.throttled(neighbour('b'), 3_600_000);
    expect(gate.holdMs(third('d'))).toBeLessThanOrEqual(60_400);
    clock.ms += 120_000;
    expect(gate.holdMs(third('e'))).toBe(0);
    expect(gate.holdMs(neighbour('b'))).toBeGreaterThan(3_400_000);
  });

  it('takes agents for several only if they are to be left alone at the same time', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('a'), 1000);
    clock.ms += 1000;
    gate.throttled(neighbour('b'), 1000);
    expect(gate.holdMs(aCall('c', { agent: 'farm/analyzer', namespace: 'farm' }))).toBe(0);
  });

  it('puts who comes while others wait for their turns behind them', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('first'), 1000);
    for (const caller of ['a', 'b', 'c']) gate.holdMs(aCall(caller));
    clock.ms += 1001;
    expect(gate.holdMs(aCall('late'))).toBe(199);
  });

  it('has all turns within as long again as the server asked for, however many wait', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('first'), 2000);
    const holds = Array.from({ length: 1000 }, (_, n) => gate.holdMs(aCall(`call-${n}`)));
    expect(Math.max(...holds)).toBeLessThanOrEqual(4000);
    // Not all at the end of it: the queue is spread over the time that it has.
    expect(holds.filter((ms) => ms > 3900).length).toBeLessThan(100);
    clock.ms += 4000;
    expect(gate.holdMs(aCall('late'))).toBe(0);
  });

  it('gives more room with each further 429, and less with each call that goes well', () => {
    const { gate, clock } = aGate();
    for (let n = 0; n < 3; n += 1) gate.throttled(aCall('first'), 1000);
    const spread = () => {
      const [first, second] = [gate.holdMs(aCall(`x${clock.ms}`)), gate.holdMs(aCall(`y${clock.ms}`))];
      clock.ms += second;
      return second - first;
    };
    expect(spread()).toBe(200);
    gate.eased(aCall('first'));
    clock.ms += 10_000;
    gate.throttled(aCall('first'), 1000); // 100 → 200
    gate.eased(aCall('first'));
    gate.eased(aCall('first'));
    expect(spread()).toBe(50);
  });

  it('that is closed again before a turn has come gives a new turn', () => {
    const { gate, clock } = aGate();
    gate.throttled(aCall('first'), 1000);
    gate.holdMs(aCall('a'));
    clock.ms += 900;
    gate.throttled(aCall('first'), 5000);
    expect(gate.holdMs(aCall('a'))).toBeGreaterThanOrEqual(5000);
  });

  it('is open for another server or key', () => {
    const { gate } = aGate();
    gate.throttled(aCall('first'), 60_000);
    gate.throttled(neighbour('second'), 60_000);
    gate.holdMs(aCall('a'));
    gate.use('endpoint with a new key');
    expect([aCall('a'), neighbour('b')].map(gate.holdMs)).toEqual([0, 0]);
  });

  it('is not locked by a clock that is turned back, and is closed again by what is said then', () => {
    const { gate, clock } = aGate();
    clock.ms = 1e12;
    gate.throttled(aCall('first'), 1000);
    clock.ms = 1000;
    expect(gate.holdMs(aCall('a'))).toBe(0);
    gate.throttled(aCall('first'), 1000);
    expect(gate.holdMs(aCall('a'))).toBe(1100);
  });

  it('forgets agents in the order in which they were turned away, where there are too many', () => {
    const { gate } = aGate();
    for (let n = 0; n <= 1000; n += 1) gate.throttled(aCall('a', { agent: `shop/agent-${n}` }), 100_000 - n);
    const holds = [0, 1, 1000].map((n) => gate.holdMs(aCall('b', { agent: `shop/agent-${n}`, namespace: 'new' })) > 0);
    expect(holds).toEqual([false, true, true]);
  });
});

const agents = ['shop/analyzer', 'shop/repairer', 'bank/analyzer', 'farm/analyzer'];
const someCall = fc.record({ caller: fc.constantFrom('a', 'b', 'c', 'd'), agent: fc.constantFrom(...agents) });
const step = fc.oneof(
  fc.record({ kind: fc.constant('come' as const), call: someCall }),
  fc.record({ kind: fc.constant('throttled' as const), call: someCall, ms: fc.integer({ min: 1, max: 3_600_000 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('eased' as const), call: someCall }),
);
const callOf = ({ caller, agent }: { caller: string; agent: string }): Call => ({
  caller,
  agent,
  namespace: agent.split('/')[0] ?? '',
});

/** Plays the steps; `saw` gets each call that comes, and what was said of its agent until then. */
function play(
  steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  saw: (came: { holdMs: number; nowMs: number; said: { atMs: number; ms: number }[]; agent: string }) => void,
) {
  const { gate, clock } = aGate();
  const said = new Map<string, { atMs: number; ms: number }[]>(agents.map((agent) => [agent, []]));
  for (const one of steps) {
    if (one.kind === 'pass') clock.ms += one.ms;
    else if (one.kind === 'eased') gate.eased(callOf(one.call));
    else if (one.kind === 'throttled') {
      gate.throttled(callOf(one.call), one.ms);
      said.get(one.call.agent)?.push({ atMs: clock.ms, ms: one.ms });
    } else {
      const holdMs = gate.holdMs(callOf(one.call));
      saw({ holdMs, nowMs: clock.ms, agent: one.call.agent, said: said.get(one.call.agent) ?? [] });
    }
  }
  return { gate, clock, said };
}

describe('whatever happens', () => {
  it('nobody goes earlier than the server has asked for of the agent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        play(steps, ({ holdMs, nowMs, said }) => {
          const earliestMs = Math.max(nowMs, ...said.map(({ atMs, ms }) => atMs + ms));
          expect(nowMs + holdMs).toBeGreaterThanOrEqual(earliestMs);
        });
      }),
    );
  });

  it('nobody waits longer than twice the longest that was asked for, nor five minutes longer than it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let longestMs = 0;
        for (const one of steps) if (one.kind === 'throttled') longestMs = Math.max(longestMs, one.ms);
        play(steps, ({ holdMs, nowMs, said }) => {
          // Of its own agent, and of others a minute that may have been said just now, with the queue behind it.
          const own = said.map(({ atMs, ms }) => atMs + Math.min(2 * ms, ms + 300_000) - nowMs);
          const ofOthersMs = 2 * longestMs;
          expect(holdMs).toBeLessThanOrEqual(Math.max(1, ofOthersMs, ...own));
        });
      }),
    );
  });

  it('an agent that no 429 was about is not held by those about one other agent', () => {
    const ofOne = fc
      .array(step, { maxLength: 60 })
      .map((steps) => steps.filter((one) => one.kind !== 'throttled' || one.call.agent === 'shop/analyzer'));
    fc.assert(
      fc.property(ofOne, (steps) => {
        play(steps, ({ holdMs, agent }) => {
          if (agent !== 'shop/analyzer') expect(holdMs).toBe(0);
        });
      }),
    );
  });

  it('a namespace is not held by those about agents of one other namespace', () => {
    const ofShop = fc
      .array(step, { maxLength: 60 })
      .map((steps) => steps.filter((one) => one.kind !== 'throttled' || one.call.agent.startsWith('shop/')));
    fc.assert(
      fc.property(ofShop, (steps) => {
        play(steps, ({ holdMs, agent }) => {
          if (!agent.startsWith('shop/')) expect(holdMs).toBe(0);
        });
      }),
    );
  });

  it('what was said about agents of two namespaces holds everybody', () => {
    const ms = fc.integer({ min: 1, max: 3_600_000 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), ms, ms, (steps, first, second) => {
        const { gate } = play(steps, () => undefined);
        gate.throttled(callOf({ caller: 'x', agent: 'shop/analyzer' }), first);
        gate.throttled(callOf({ caller: 'y', agent: 'bank/analyzer' }), second);
        for (const agent of agents) expect(gate.holdMs(callOf({ caller: 'new', agent }))).toBeGreaterThan(0);
      }),
    );
  });

  it('who comes back at its turn goes through unless the gate was closed again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), someCall, (steps, call) => {
        const { gate, clock } = play(steps, () => undefined);
        const last = { ...callOf(call), caller: 'last' };
        clock.ms += gate.holdMs(last);
        expect(gate.holdMs(last)).toBe(0);
      }),
    );
  });
});
