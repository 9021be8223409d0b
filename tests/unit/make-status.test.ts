/** The status of a Hook is made again whenever it would be another one, and only where something has happened. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAgentStore } from '../../watcher/agents/known-agents.ts';
import type { LiveHook } from '../../watcher/hooks/live-hook.ts';
import { isSameStatus, statusOf } from '../../watcher/reporting/hook-status.ts';
import { type Made, makeStatus } from '../../watcher/reporting/make-status.ts';
import { createRowsByHook } from '../../watcher/reporting/rows-by-hook.ts';
import { aHook, anExecutionRow, noon } from '../make.ts';

const hourMs = 60 * 60_000;
const agent = { namespace: 'shop', name: 'memory-analyzer' };

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A Hook with everything that its status is made from, and steps that change each of them. */
function aScene() {
  const rows = createRowsByHook();
  const store = createAgentStore();
  let hook: LiveHook = aHook();
  let failure: string | undefined;
  const sources = {
    executions: { rowsOf: rows.of },
    agents: store.agents,
    expressionFailures: { of: () => failure },
    linkTo: undefined,
  };
  const row = (n: number) => anExecutionRow({ workflowId: `w${n}`, hookUid: hook.uid, startedMs: noon + n });
  const steps = {
    open: (n: number) => rows.set(row(n)),
    change: (n: number) => rows.set({ ...row(n), state: `state-${n}` }),
    close: (n: number) => rows.set({ ...row(n), isOpen: false, state: 'resolved', closedMs: Date.now() - n * 60_000 }),
    forget: (n: number) => rows.delete(row(n)),
    changeAnother: (n: number) => rows.set({ ...row(n), hookUid: 'another' }),
    wait: (n: number) => vi.setSystemTime(Date.now() + n * 7 * 60_000),
    edit: (n: number) => {
      hook = { ...hook, generation: hook.generation + 1, isPaused: n % 2 === 0 };
    },
    checkAgents: (n: number) => {
      const verdict = { status: n % 2 === 0 ? 'True' : 'False', reason: `Reason${n}`, message: 'checked' } as const;
      store.take({ check: { reachable: verdict, agents: [{ ...agent, verdict }] }, closedMs: noon, isNewKey: false });
    },
    fail: (n: number) => {
      failure = n === 0 ? undefined : `failure ${n}`;
    },
  };
  return {
    steps,
    make: (before: Made | undefined) => makeStatus(sources, hook, before),
    fresh: () => statusOf(hook, rows.of(hook.uid), { ...sources, nowMs: Date.now(), expressionFailure: failure }),
    /** As the watch does, soon after it was written. */
    echo: ({ status }: Made) => {
      hook = { ...hook, status };
    },
  };
}

type Step = keyof ReturnType<typeof aScene>['steps'];
const stepNames = Object.keys(aScene().steps).filter((name): name is Step => name in aScene().steps);
const anyStep = fc.record({ name: fc.constantFrom(...stepNames), n: fc.nat({ max: 9 }) });

it('whatever happens, what is left as it was is what would be made anew', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (happened) => {
      vi.setSystemTime(noon);
      const { steps, make, fresh, echo } = aScene();
      let shown: Made | undefined;
      for (const { name, n } of happened) {
        steps[name](n);
        const made = make(shown);
        shown = made ?? shown;
        expect(isSameStatus(shown?.status, fresh()), `after ${name} ${n}`).toBe(true);
        if (made === undefined) continue;
        echo(made);
        shown = make(made); // of the Hook as the watch shows it now
      }
    }),
    { numRuns: 500 },
  );
});

it('at rest nothing is made, until the first closed execution is an hour old', () => {
  const { steps, make, echo } = aScene();
  steps.open(1);
  steps.close(2);
  steps.close(3);
  const first = make(undefined);
  if (first === undefined) throw new Error('the first status was not made');
  echo(first);
  const second = make(first);
  expect(second?.status).toEqual(first.status); // made of the Hook as the watch shows it now
  vi.setSystemTime(noon + hourMs - 3 * 60_000 - 1);
  expect(make(second)).toBeUndefined();
  steps.changeAnother(1);
  expect(make(second)).toBeUndefined();
  vi.setSystemTime(noon + hourMs - 3 * 60_000);
  expect(make(second)?.status.activeEvents?.map(({ executionId }) => executionId)).toEqual(['w1', 'w2']);
});
