/** Which agents a round of checks is about, and what is known of them after it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentsNamedBy, createAgentRounds, keyOf, type NamedAgents } from '../../watcher/agents/agent-rounds.ts';
import { createVerdictStore } from '../../watcher/agents/agent-verdicts.ts';
import type { LookUpResult as Verdict } from '../../workflows/contract/agent-check.ts';
import { aHook } from '../make.ts';

/** `shop: 3` names shop/agent-0 to shop/agent-2. */
function named(counts: Record<string, number>, prefix = 'agent'): NamedAgents {
  const agents = (namespace: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ namespace, name: `${prefix}-${n}` })).map(
      (agent) => [keyOf(agent), agent] as const,
    );
  return new Map(Object.entries(counts).map(([namespace, count]) => [namespace, new Map(agents(namespace, count))]));
}

const sizeOf = (all: NamedAgents) => [...all.values()].reduce((sum, here) => sum + here.size, 0);

/** Asks for so many rounds, and tells the agents of each. */
function play(rounds: ReturnType<typeof createAgentRounds>, all: NamedAgents, count: number): string[][] {
  return Array.from({ length: count }, () => {
    const agents = rounds.next(all);
    rounds.asked(agents);
    return agents.map(keyOf);
  });
}

describe('rounds', () => {
  it('of five hundred agents of one namespace leave no other namespace out', () => {
    const [first = []] = play(createAgentRounds(), named({ crowd: 500, zoo: 1, bank: 2 }), 1);
    expect(first).toHaveLength(500);
    expect(first).toEqual(expect.arrayContaining(['zoo/agent-0', 'bank/agent-0', 'bank/agent-1']));
  });

  const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 30 }), {
    minKeys: 1,
  });
  const limit = fc.integer({ min: 1, max: 20 });

  it('are about every agent once in as many rounds as there have to be, cycle after cycle', () => {
    fc.assert(
      fc.property(counts, limit, (some, most) => {
        const all = named(some);
        const rounds = createAgentRounds(most);
        const perCycle = Math.ceil(sizeOf(all) / most);
        for (let cycle = 0; cycle < 3; cycle += 1) {
          const asked = play(rounds, all, perCycle);
          expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(most);
          expect(asked.flat().toSorted()).toEqual([...all.values()].flatMap((here) => [...here.keys()]).toSorted());
        }
        expect(rounds.hasNew(all)).toBe(false);
      }),
    );
  });

  it('give every namespace its share of each round', () => {
    fc.assert(
      fc.property(counts, limit, (some, most) => {
        const [asked = []] = play(createAgentRounds(most), named(some), 1);
        const share = Math.floor(most / Object.keys(some).length);
        for (const [namespace, count] of Object.entries(some)) {
          const its = asked.filter((key) => key.startsWith(`${namespace}/`));
          expect(its.length).toBeGreaterThanOrEqual(Math.min(count, share));
        }
      }),
    );
  });

  it('come back to a namespace however many new agents the Hooks of another one name', () => {
    const rounds = createAgentRounds(10);
    const asked = Array.from({ length: 30 }, (_, n) => {
      const all = new Map([...named({ crowd: 50 }, `new-${n}`), ...named({ bank: 2 })]);
      return play(rounds, all, 1).flat();
    });
    const turns = asked.flatMap((keys, n) => (keys.includes('bank/agent-1') ? [n] : []));
    const gaps = turns.slice(1).map((turn, n) => turn - (turns[n] ?? 0));
    expect(turns[0]).toBe(0);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(6); // 52 agents, 10 a round
    expect(turns.length).toBeGreaterThanOrEqual(5);
  });

  it('have news as soon as a Hook names a new agent, which is then among the first', () => {
    const rounds = createAgentRounds(10);
    play(rounds, named({ crowd: 35 }), 2);
    const more = named({ crowd: 36, bank: 1 });
    expect(rounds.hasNew(more)).toBe(true);
    expect(play(rounds, more, 1).flat()).toContain('bank/agent-0');
  });

  it('are the same until one was asked for, and have no news in what was asked', () => {
    const rounds = createAgentRounds(10);
    const all = named({ shop: 3 });
    expect(rounds.next(all)).toEqual(rounds.next(all));
    play(rounds, all, 1);
    expect(rounds.hasNew(all)).toBe(false);
  });

  it('take an agent that nobody named for a while for a new one', () => {
    const rounds = createAgentRounds(10);
    play(rounds, named({ shop: 3 }), 1);
    play(rounds, named({ shop: 2 }), 1);
    expect(rounds.hasNew(named({ shop: 3 }))).toBe(true);
  });

  it('ask about all others anew once some were asked about with a new key', () => {
    const rounds = createAgentRounds(2);
    const all = named({ shop: 5 });
    play(rounds, all, 3);
    rounds.renew(['shop/agent-0', 'shop/agent-1']);
    expect(rounds.hasNew(all)).toBe(true);
    expect(play(rounds, all, 2).flat().slice(0, 3)).toEqual(['shop/agent-2', 'shop/agent-3', 'shop/agent-4']);
    expect(rounds.hasNew(all)).toBe(false);
  });

  it('take an agent that Hooks of several namespaces name once', () => {
    const hooks = ['shop', 'bank'].map((namespace) => ({ ...aHook(['oom-kill', 'pod-pending']), namespace }));
    const all = agentsNamedBy(hooks);
    expect([...all.keys()]).toEqual(['shop', 'bank']);
    expect(play(createAgentRounds(), all, 1).flat()).toHaveLength(1);
  });
});

describe('what is known of agents', () => {
  const verdict = (status: Verdict['status']): Verdict => ({ status, reason: status, message: '' });
  const round = (found: Record<string, Verdict['status']>, over: { isNewKey?: boolean; closedMs?: number } = {}) => ({
    check: {
      reachable: verdict('True'),
      agents: Object.entries(found).map(([name, status]) => ({ namespace: 'shop', name, verdict: verdict(status) })),
    },
    closedMs: 1000,
    isNewKey: false,
    ...over,
  });
  const agent = (name: string) => ({ namespace: 'shop', name });

  it('stays known after a round about others, and is forgotten when no Hook names it', () => {
    const { verdicts, take, keepOnly } = createVerdictStore();
    take(round({ a: 'True', b: 'False' }));
    take(round({ c: 'Unknown' }));
    expect(['a', 'b', 'c'].map((name) => verdicts.of(agent(name))?.status)).toEqual(['True', 'False', 'Unknown']);
    keepOnly(new Set(['shop/b']));
    expect(['a', 'b', 'c'].map((name) => verdicts.of(agent(name))?.status)).toEqual([undefined, 'False', undefined]);
    expect(verdicts.becameGoodMs(agent('a'))).toBeUndefined();
  });

  it('tells when an agent was found that had not been, and not when it is found again and again', () => {
    const { verdicts, take } = createVerdictStore();
    expect(take(round({ a: 'False' }))).toBe(false);
    expect(take(round({ a: 'True' }, { closedMs: 2000 }))).toBe(true);
    expect(take(round({ a: 'True' }, { closedMs: 3000 }))).toBe(false);
    expect(verdicts.becameGoodMs(agent('a'))).toBe(2000);
  });

  it('takes every agent for found again that is good with a new key, in whichever round that shows', () => {
    const { verdicts, take } = createVerdictStore();
    take(round({ a: 'True', b: 'True', c: 'True' }));
    expect(take(round({ a: 'True' }, { isNewKey: true, closedMs: 2000 }))).toBe(true);
    expect(take(round({ b: 'True' }, { closedMs: 3000 }))).toBe(true);
    expect(take(round({ b: 'True' }, { closedMs: 4000 }))).toBe(false);
    expect(['a', 'b', 'c'].map((name) => verdicts.becameGoodMs(agent(name)))).toEqual([2000, 3000, 1000]);
  });
});
