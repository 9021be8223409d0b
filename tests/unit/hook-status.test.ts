import { expect, it } from 'vitest';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import type { ExecutionRow } from '../../watcher/reporting/executions.ts';
import { isSameStatus, type StatusContext, statusOf as statusWith } from '../../watcher/reporting/hook-status.ts';
import { linkInto } from '../../watcher/reporting/web-ui-link.ts';
import { HookStatus } from '../../workflows/contract/hook-status.ts';
import { aHook, aHookObject, aMemo, anExecutionRow, aPause, at, aWaiting, noon, oomConfiguration } from '../make.ts';

const result = (status: 'True' | 'False' | 'Unknown', reason: string) => ({ status, reason, message: `${reason}.` });
const allGood: StatusContext['agents'] = {
  reachable: result('True', 'Healthy'),
  readinessOf: () => undefined,
  of: () => result('True', 'AgentFound'),
};
const statusOf = (hook: Parameters<typeof statusWith>[0], rows: ExecutionRow[], nowMs: number) =>
  statusWith(hook, rows, { nowMs, agents: allGood });

const aRow = (n: number, over: Partial<ExecutionRow> = {}): ExecutionRow =>
  anExecutionRow({
    workflowId: `w${n}`,
    runId: `r${n}`,
    startedMs: noon + n,
    resourceName: `web-${n}`,
    memo: aMemo({ agentRun: `exec-${n}` }),
    ...over,
  });

it('says of how many configurations the agent is asked with the default prompt', () => {
  const { prompt: _, ...without } = oomConfiguration;
  const readyOf = (...eventConfigurations: object[]) => {
    const hook = readHook(aHookObject({ eventConfigurations }));
    return hook && statusOf(hook, [], noon).conditions?.find(({ type }) => type === 'Ready')?.message;
  };
  expect(readyOf(oomConfiguration, { ...without, eventType: 'pod-restart' })).toBe(
    '2 event configuration(s) are acted upon, 1 of them with the default prompt.',
  );
  expect(readyOf(oomConfiguration)).toBe('1 event configuration(s) are acted upon.');
});

it('a storm is counted whole and listed within bounds, newest first', () => {
  const status = statusOf(
    aHook(),
    Array.from({ length: 500 }, (_, n) => aRow(n)),
    noon,
  );
  expect(status.active).toBe(500);
  expect(status.activeEvents).toHaveLength(20);
  expect(status.more).toBe(480);
  expect(status.activeEvents?.[0]).toMatchObject({ resourceName: 'web-499', status: 'firing', agentRun: 'exec-499' });
});

it('says what a run waits for, bounded as the CRD has it, and only while it waits', () => {
  const tools = Array.from({ length: 25 }, (_, n) => ({
    id: `call_${n}`,
    name: 'x'.repeat(300),
    arguments: 'y'.repeat(999),
  }));
  const memo = aMemo({ waiting: aWaiting({ tools, message: 'z'.repeat(2000) }) });
  const status = statusOf(aHook(), [aRow(1, { memo, state: 'awaiting-approval' })], noon);
  expect(HookStatus.safeParse(status).error).toBeUndefined();
  expect(status.activeEvents?.[0]).toMatchObject({
    state: 'awaiting-approval',
    waiting: { pause: aPause().id, for: 'approval', until: aWaiting().until },
  });
  expect(status.activeEvents?.[0]?.waiting?.tools).toHaveLength(10);
  const closed = statusOf(aHook(), [aRow(1, { memo, isOpen: false, closedMs: noon })], noon);
  expect(closed.activeEvents?.[0]).not.toHaveProperty('waiting');
  const odd = aMemo({ waiting: aWaiting({ until: 'tomorrow' }) });
  expect(statusOf(aHook(), [aRow(1, { memo: odd })], noon).activeEvents?.[0]?.waiting).not.toHaveProperty('until');
});

it('says how many more there are only where there are more, and links to executions only where it can', () => {
  expect(statusOf(aHook(), [aRow(1)], noon)).not.toHaveProperty('more');
  expect(statusOf(aHook(), [aRow(1)], noon).activeEvents?.[0]).not.toHaveProperty('link');
  const linkTo = linkInto('https://temporal.example/', 'prod/eu');
  const linked = statusWith(aHook(), [aRow(1, { workflowId: 'a/b c' })], { nowMs: noon, agents: allGood, linkTo });
  expect(linked.activeEvents?.[0]?.link).toBe('https://temporal.example/namespaces/prod%2Feu/workflows/a%2Fb%20c/r1');
});

it('times and counts that are none are left out of a status, which the API server would refuse as a whole', () => {
  const memo = aMemo({ firstSeen: '2030', lastSeen: 'yesterday', count: -1 });
  const status = statusOf(aHook(), [aRow(1, { memo, closedMs: noon + 5000 }), aRow(2)], noon);
  expect(HookStatus.safeParse(status).error).toBeUndefined();
  const [good, wrong] = status.activeEvents ?? [];
  expect(good).toMatchObject({ firstSeen: at(10), lastSeen: at(10), count: 1 });
  expect(wrong).toMatchObject({ firstSeen: at(0), lastSeen: at(5) });
  expect(wrong).not.toHaveProperty('count');
});

it('a resolved incident is shown for an hour, after the firing ones, and counted no more', () => {
  const closed = (n: number, closedMs: number) => aRow(n, { isOpen: false, closedMs, state: 'resolved' });
  const status = statusOf(aHook(), [closed(9, noon - 1000), aRow(1), closed(8, noon - 3_600_001)], noon);
  expect(status.active).toBe(1);
  expect(status.activeEvents?.map(({ resourceName, status: s }) => [resourceName, s])).toEqual([
    ['web-1', 'firing'],
    ['web-9', 'resolved'],
  ]);
});

it('a good Hook is ready, a wrong one says what is refused and what still works', () => {
  expect(statusOf(aHook(), [], noon).conditions?.[0]).toMatchObject({
    type: 'Ready',
    status: 'True',
    reason: 'Accepted',
  });
  const bad = { ...oomConfiguration, eventType: 'pod-restart', prompt: '{{.Nope}}' };
  const hook = readHook(aHookObject({ eventConfigurations: [oomConfiguration, bad] }));
  const [condition] = (hook && statusOf(hook, [], noon).conditions) ?? [];
  expect(condition).toMatchObject({ status: 'False', reason: 'InvalidPrompt', observedGeneration: 1 });
  expect(condition?.message).toMatch(/eventConfigurations\[1\].*line 1.*The other 1 are acted upon/);
});

it('the time of transition moves only when Ready changes', () => {
  const earlier = statusOf(aHook(), [], noon);
  const same = statusOf({ ...aHook(), status: earlier }, [], noon + 60_000);
  expect(same.conditions?.[0]?.lastTransitionTime).toBe(earlier.conditions?.[0]?.lastTransitionTime);
  const worse = { ...aHook(), status: earlier, problems: [{ reason: 'InvalidSpec' as const, message: 'x' }] };
  expect(statusOf(worse, [], noon + 60_000).conditions?.[0]?.lastTransitionTime).not.toBe(
    earlier.conditions?.[0]?.lastTransitionTime,
  );
});

it('the last time of firing survives the executions', () => {
  const fired = statusOf(aHook(), [aRow(5000)], noon);
  const later = { ...aHook(), status: fired };
  expect(statusOf(later, [], noon).lastFired).toBe(fired.lastFired);
  expect(statusOf(later, [aRow(1000)], noon).lastFired).toBe(fired.lastFired);
});

it('a status that differs in the time of writing only is the same', () => {
  const status = statusOf(aHook(), [aRow(1)], noon);
  expect(isSameStatus({ ...status, lastUpdated: '2026-09-01T12:00:00Z' }, status)).toBe(true);
  expect(isSameStatus(status, statusOf(aHook(), [aRow(2)], noon))).toBe(false);
  expect(isSameStatus(undefined, status)).toBe(false);
});

it.each<[string, StatusContext['agents'], string, string, string]>([
  ['all agents were found', allGood, 'True', 'AgentFound', 'True'],
  [
    'one agent is missing',
    { ...allGood, of: ({ name }) => result(name === 'memory-analyzer' ? 'False' : 'True', 'X') },
    'False',
    'X',
    'True',
  ],
  [
    'an agent is not ready',
    { ...allGood, readinessOf: () => result('False', 'AgentNotReady') },
    'True',
    'AgentFound',
    'False',
  ],
  [
    'nothing was checked yet',
    { reachable: undefined, readinessOf: () => undefined, of: () => undefined },
    'Unknown',
    'NotChecked',
    'Unknown',
  ],
  [
    'the platform is away',
    {
      reachable: result('False', 'ConnectionFailed'),
      readinessOf: () => undefined,
      of: () => result('Unknown', 'ConnectionFailed'),
    },
    'Unknown',
    'ConnectionFailed',
    'False',
  ],
])('AgentResolved and AgentReachable when %s', (_, agents, resolved, reason, reachable) => {
  const { conditions = [] } = statusWith(aHook(), [], { nowMs: noon, agents });
  expect(conditions[1]).toMatchObject({ type: 'AgentResolved', status: resolved, reason });
  expect(conditions[2]).toMatchObject({ type: 'AgentReachable', status: reachable });
});

it('an expression that could not be answered is shown on the Hook', () => {
  const context = { nowMs: noon, agents: allGood };
  const ready = (expressionFailure?: string) =>
    statusWith(aHook(), [], { ...context, expressionFailure }).conditions?.find(({ type }) => type === 'Ready');
  expect(ready('field not found: container')).toMatchObject({ status: 'False', reason: 'ExpressionFailed' });
  expect(ready()).toMatchObject({ status: 'True' });
});
