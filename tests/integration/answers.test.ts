/** Executions whose agent run waits for people: what they show, what they take, and what becomes of it, on a real Temporal. */
import { Context } from '@temporalio/activity';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { signalResolved } from '../../watcher/starting/start.ts';
import type { Answered, AnswerRequest, FollowedRun, Following, RunPause } from '../../workflows/contract/agent-run.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { AnswerTaken } from '../../workflows/contract/plain/answer.ts';
import { anIncident, anOccurrence, aPause } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, untilContinued, type WorkflowWorld } from './workflow-world.ts';

const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const completed: FollowedRun = { state: 'ended', ending: { outcome: 'AgentRunCompleted', answer: 'Done.' } };
const timing = { ...anIncident().timing, quietWindowMs: 300 };
const soon = { ...timing, approvalTimeoutMs: 400 };
const two = aPause({ tools: ['call_1', 'call_2'].map((id) => ({ id, name: 'delete_thing', arguments: '{}' })) });
const question = aPause({
  kind: 'question',
  tools: [],
  questions: [{ question: 'Which node?', choices: ['a', 'b'], multiple: false }],
});

/** An agent that asks these, one after the other, goes on when it is answered, and then completes. */
function anAgent(...pauses: RunPause[]) {
  const followed: Following[] = [];
  const answers: AnswerRequest[] = [];
  const state = { left: 0, isDecidedElsewhere: false, isBroken: false };
  const changed = new EventTarget();
  const leave = () => {
    state.left += 1;
    changed.dispatchEvent(new Event('left'));
  };
  const now = () => pauses[state.left];
  const activities = {
    callAgent: async () => ({ executionId: 'task-1', protocol: 'kagent-0' as const, contextId: 'context' }),
    followRun: async (following: Following): Promise<FollowedRun> => {
      followed.push(following);
      for (;;) {
        const pause = now();
        if (pause === undefined) return following.pauseId === undefined ? completed : { state: 'working' };
        if (pause.id !== following.pauseId) return { state: 'paused', pause };
        if (following.deadlineMs <= Date.now()) {
          return { state: 'ended', ending: { outcome: 'AgentRunTimedOut', why: 'it was cancelled' } };
        }
        const moved = new Promise((resolve) => changed.addEventListener('left', resolve, { once: true }));
        const beat = setInterval(() => Context.current().heartbeat(), 200);
        await Promise.race([moved, Context.current().cancelled]).finally(() => clearInterval(beat));
      }
    },
    answerRun: async (request: AnswerRequest): Promise<Answered> => {
      if (state.isBroken) throw ApplicationFailure.create({ message: 'Kagent is away', type: 'ConnectionFailed' });
      if (now()?.id !== request.answer.pauseId) return 'not-wanted';
      answers.push(request);
      leave();
      return 'taken';
    },
    cancelRun: async () => ({ isCancelled: true, said: 'cancelled' }),
  };
  return { followed, answers, activities, state, decideElsewhere: leave };
}

async function worldWith(
  agent: ReturnType<typeof anAgent>,
  over: Partial<Incident> = {},
  address = inject('temporalAddress'),
): Promise<WorkflowWorld> {
  const world = await createWorkflowWorld(address, agent.activities, { timing, ...over });
  worlds.push(world);
  return world;
}

const handleOf = ({ client, workflowId }: WorkflowWorld): WorkflowHandle => client.workflow.getHandle(workflowId);
const resultOf = (world: WorkflowWorld): Promise<unknown> => handleOf(world).result();
const memoOf = async (world: WorkflowWorld) =>
  IncidentMemo.parse((await handleOf(world).describe()).memo?.['incident']);
const untilState = (world: WorkflowWorld, state: string) =>
  waitFor(`the state ${state}`, async () => (await memoOf(world)).transitions.at(-1)?.state === state);
const untilWaiting = (world: WorkflowWorld, pause: RunPause) =>
  waitFor(`the pause ${pause.id}`, async () => (await memoOf(world)).waiting?.pause === pause.id);
const answer = (world: WorkflowWorld, sent: unknown) =>
  handleOf(world).executeUpdate<AnswerTaken, [unknown]>('answer', { args: [sent] });
const refusal = (world: WorkflowWorld, sent: unknown) =>
  answer(world, sent).then(
    () => 'it was taken',
    (error: unknown) => (error instanceof WorkflowUpdateFailedError ? String(error.cause?.message) : String(error)),
  );
const detailsOf = async (world: WorkflowWorld) =>
  (await handleOf(world).query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
/** Ids of the events that are no task of the workflow: one that is late, and is scheduled again, says nothing. */
const eventsOf = async (world: WorkflowWorld) =>
  ((await handleOf(world).fetchHistory()).events ?? [])
    .filter((event) => !Object.keys(event).some((key) => key.startsWith('workflowTask')))
    .map(({ eventId }) => String(eventId));
const approval = (pause: RunPause, by = 'alice') => ({ pause: pause.id, decision: 'approve', by });

describe('a run that waits for an approval', () => {
  it('says for what, with its arguments and until when; is approved, goes on, and completes', async () => {
    const pause = aPause();
    const agent = anAgent(pause);
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      const { waiting, transitions } = await memoOf(world);
      expect(waiting).toMatchObject({ kind: 'approval', tools: pause.tools, onTimeout: 'reject', decidable: 'each' });
      expect(Date.parse(waiting?.until ?? '') - Date.parse(waiting?.since ?? '')).toBe(24 * 3_600_000);
      expect(transitions.at(-1)).toMatchObject({ state: 'awaiting-approval' });
      const details = await detailsOf(world);
      for (const shown of [pause.id, 'delete_thing', '{"name":"db-1"}', 'call_1', pause.message, waiting?.until ?? ''])
        expect(details).toContain(shown);
      const taken = await answer(world, { ...approval(pause), why: 'it is a copy' });
      expect(taken).toMatchObject({ pause: pause.id, what: 'approved', by: 'alice' });
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    });
    expect(agent.answers).toMatchObject([
      {
        run: { executionId: 'task-1', contextId: 'context' },
        answer: {
          pauseId: pause.id,
          verdicts: [{ id: 'call_1', verdict: 'approve' }],
          by: 'alice',
          why: 'it is a copy',
        },
      },
    ]);
    const memo = await memoOf(world);
    expect(memo.waiting).toBeUndefined();
    expect(memo.decided).toMatchObject([{ what: 'approved', by: 'alice', cause: 'person', tools: ['delete_thing'] }]);
    // That the trouble is over meanwhile shows as one more transition into the same state.
    const states = memo.transitions.map(({ state }) => state);
    expect(states.filter((state, n) => state !== states[n - 1]).slice(-4)).toEqual([
      'awaiting-approval',
      'running',
      'answered',
      'resolved',
    ]);
    await world.record('approved');
  });

  it('is found by one query of visibility, and no more once it is decided', async () => {
    const pause = aPause();
    const world = await worldWith(anAgent(pause));
    const query = `Installation='${world.incident.installation}' AND ExecutionStatus='Running' AND IncidentState IN ('awaiting-approval','awaiting-answer')`;
    const found = async () => (await Array.fromAsync(world.client.workflow.list({ query }))).length;
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await waitFor('it to be found', async () => (await found()) === 1);
      await answer(world, approval(pause));
      await waitFor('it to be gone', async () => (await found()) === 0);
      await resultOf(world);
    });
  });

  it('refuses what is not a whole answer to it, and nothing of that is delivered or stands in the history', async () => {
    const agent = anAgent(two);
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, two);
      const before = await eventsOf(world);
      expect(await refusal(world, { pause: 'other', decision: 'approve', by: 'alice' })).toMatch(
        /not the one that waits/,
      );
      expect(await refusal(world, { pause: two.id, decisions: { call_1: 'reject' }, by: 'alice', why: 'no' })).toMatch(
        /leaves out "call_2".*Send \{"pause":"ab12cd34ef56ab78"/,
      );
      expect(await refusal(world, 'approve')).toMatch(/no object/);
      expect(await refusal(world, undefined)).toMatch(/no object/);
      expect(await eventsOf(world)).toEqual(before);
      expect(agent.answers).toEqual([]);
      const decisions = { call_1: 'reject', call_2: 'approve' };
      expect(await answer(world, { pause: two.id, decisions, why: 'no', by: 'alice' })).toMatchObject({
        what: '1 of 2 approved',
      });
      await resultOf(world);
    });
    expect(agent.answers.map(({ answer: { verdicts } }) => verdicts.map(({ verdict }) => verdict))).toEqual([
      ['reject', 'approve'],
    ]);
  });

  it('is decided once by two people at once, and the second is answered with who decided and when', async () => {
    const pause = aPause();
    const agent = anAgent(pause, aPause({ id: 'next' }));
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      const rejection = { pause: pause.id, decision: 'reject', why: 'no', by: 'bob' };
      const said = await Promise.all([refusal(world, approval(pause)), refusal(world, rejection)]);
      expect(said.filter((text) => text === 'it was taken')).toHaveLength(1);
      const [refused = ''] = said.filter((text) => text !== 'it was taken');
      expect(refused).toMatch(/It was (approved by alice|rejected by bob: no), at \d{4}-\d\d-\d\dT/);
      await waitFor('the next pause', async () => (await memoOf(world)).waiting?.pause === 'next');
      expect(await refusal(world, approval(pause, 'carol'))).toMatch(/It was .*The agent now asks something else/);
      await handleOf(world).terminate();
    });
    expect(agent.answers).toHaveLength(1);
  });

  it('says so when it was decided elsewhere, and is not answered again', async () => {
    const pause = aPause();
    const agent = anAgent(pause);
    const world = await worldWith(agent, { timing: { ...timing, quietWindowMs: 60_000 } });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      agent.decideElsewhere();
      await untilState(world, 'answered');
      expect((await memoOf(world)).decided).toMatchObject([{ cause: 'elsewhere', what: 'decided elsewhere' }]);
      expect(await refusal(world, approval(pause))).toMatch(/has ended as AgentRunCompleted.*decided elsewhere/);
      await handleOf(world).terminate();
    });
    expect(agent.answers).toEqual([]);
  });

  it('in Kagent a moment before the answer came: the answer is not delivered', async () => {
    const pause = aPause();
    const agent = anAgent(pause);
    agent.state.isBroken = true;
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      await answer(world, approval(pause));
      agent.decideElsewhere();
      agent.state.isBroken = false;
      await resultOf(world);
    });
    expect(agent.answers).toEqual([]);
    expect((await memoOf(world)).decided).toMatchObject([{ cause: 'elsewhere' }]);
  });

  it('answers whoever decides that the incident is over', async () => {
    const pause = aPause();
    const world = await worldWith(anAgent(pause), { nature: 'state' });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      const signal = { occurrenceId: anOccurrence().id, at: new Date().toISOString(), message: 'It is ready.' };
      await signalResolved(world.client, world.workflowId, signal);
      await waitFor('the end of the trouble', async () => (await memoOf(world)).waiting?.over !== undefined);
      expect(await detailsOf(world)).toContain('The incident is over: It is ready.');
      expect((await memoOf(world)).transitions.at(-1)?.note).toContain('still waits for people');
      expect(await answer(world, approval(pause))).toMatchObject({ note: 'The incident is over: It is ready.' });
      await resultOf(world);
    });
  });
});

it('a question is answered by one of its choices', async () => {
  const agent = anAgent(question);
  const world = await worldWith(agent);
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    await untilState(world, 'awaiting-answer');
    expect(await refusal(world, { pause: question.id, answers: ['c'], by: 'alice' })).toMatch(/expected "a", "b"/);
    expect(await answer(world, { pause: question.id, answer: 'b', by: 'alice' })).toMatchObject({ what: 'answered' });
    await resultOf(world);
  });
  expect(agent.answers).toMatchObject([{ answer: { answers: [['b']] } }]);
});

it('an agent that pauses five times in one run is answered five times', async () => {
  const pauses = [1, 2, 3, 4, 5].map((n) => aPause({ id: `pause-${n}` }));
  const agent = anAgent(...pauses);
  const world = await worldWith(agent);
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    for (const pause of pauses) {
      await untilWaiting(world, pause);
      await answer(world, approval(pause));
    }
    expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
  });
  expect(agent.answers.map(({ answer: { pauseId } }) => pauseId)).toEqual(pauses.map(({ id }) => id));
  expect((await memoOf(world)).decided).toHaveLength(5);
});

describe('when nobody answers in time', () => {
  it('the agent gets a rejection, with a reason that it reads, and the run goes on', async () => {
    const agent = anAgent(two);
    const world = await worldWith(agent, { timing: soon });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    });
    const reason: unknown = expect.stringMatching(/^Nobody answered between .*Z and .*Z\.$/);
    expect(agent.answers).toMatchObject([
      {
        answer: { verdicts: ['call_1', 'call_2'].map((id) => ({ id, verdict: 'reject', reason })), by: 'kagent-hooks' },
      },
    ]);
    expect((await memoOf(world)).decided).toMatchObject([{ cause: 'timeout', what: 'rejected' }]);
    await world.record('unanswered');
  });

  it.each([
    ['the Hook wants that', two, { onTimeout: 'cancel' as const }, 'unanswered-cancelled'],
    ['what it asks is not understood', aPause({ decidable: 'nothing', tools: [] }), undefined, undefined],
  ])('the run is ended where %s', async (_what, pause, policy, history) => {
    const agent = anAgent(pause);
    const world = await worldWith(agent, { timing: soon, ...(policy !== undefined && { approval: policy }) });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({
        ending: { outcome: 'AgentRunTimedOut', why: 'Nobody has answered what the agent asked. it was cancelled' },
      });
    });
    expect(agent.answers).toEqual([]);
    expect((await memoOf(world)).transitions.map(({ state }) => state).slice(-2)).toEqual(['run-failed', 'resolved']);
    if (history !== undefined) await world.record(history);
  });

  it("the run's own time has not passed meanwhile", async () => {
    const pause = aPause();
    const agent = anAgent(pause, aPause({ id: 'second' }));
    const world = await worldWith(agent, { timing: { ...timing, runTimeoutMs: 60_000 } });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      const { since = '' } = (await memoOf(world)).waiting ?? {};
      await waitFor('two seconds', async () => Date.now() - Date.parse(since) > 2_500);
      await answer(world, approval(pause));
      await waitFor('the next pause', async () => (await memoOf(world)).waiting?.pause === 'second');
      // The pause is shown before the activity that follows the run through it has begun.
      const [first, , later] = await waitFor('it is followed', async () => agent.followed.length > 2 && agent.followed);
      // While it waits, a day for people and a day to spare come on top.
      const givenMs = (later?.deadlineMs ?? 0) - (first?.deadlineMs ?? 0) - 48 * 3_600_000;
      expect(givenMs).toBeGreaterThanOrEqual(1_500);
      expect(givenMs).toBeLessThan(20_000);
      await handleOf(world).terminate();
    });
  });
});

describe('tools that the Hook approves by itself', () => {
  const reads = aPause({
    id: 'reads',
    tools: ['get_pods', 'get_logs'].map((name) => ({ id: name, name, arguments: '' })),
  });
  const [first, second] = reads.tools;
  const policy = { autoApprove: ['get_*', '!get_secrets'] };

  it('are approved, and each use is recorded as such', async () => {
    const agent = anAgent(reads);
    // Longer than an answer takes: a run that goes on when its trouble is over says what it waits for.
    const world = await worldWith(agent, { approval: policy, timing: { ...timing, quietWindowMs: 3_000 } });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    });
    expect(agent.answers).toHaveLength(1);
    const { decided, transitions } = await memoOf(world);
    expect(decided).toMatchObject([{ cause: 'auto-approve', tools: ['get_pods', 'get_logs'] }]);
    expect(transitions.map(({ note }) => note)).toContain(
      'approved by the list of the Hook (approval.autoApprove): get_pods, get_logs',
    );
    expect(transitions.map(({ state }) => state)).not.toContain('awaiting-approval');
  });

  it.each<[what: string, pause: RunPause, list: string[]]>([
    [
      'one of them is not on the list',
      { ...reads, tools: [...reads.tools, { id: 'd', name: 'delete', arguments: '' }] },
      ['get_*'],
    ],
    [
      'one of them is excluded',
      { ...reads, tools: [{ id: 's', name: 'get_secrets', arguments: '' }] },
      policy.autoApprove,
    ],
    ['the list only excludes', reads, ['!delete']],
    ['there is no list', reads, []],
    ['a question stands beside them', { ...reads, questions: question.questions ?? [] }, ['*']],
    ['it is a question', question, ['*']],
    ['not all of it can be shown', { ...reads, decidable: 'reject' }, ['*']],
    ['a name is not shown as it is', { ...reads, tools: [first!, { ...second!, isRenamed: true }] }, ['*']],
  ])('are not where %s', async (_what, pause, autoApprove) => {
    const agent = anAgent(pause);
    const world = await worldWith(agent, { approval: { autoApprove } });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, pause.kind === 'question' ? 'awaiting-answer' : 'awaiting-approval');
      await handleOf(world).terminate();
    });
    expect(agent.answers).toEqual([]);
  });
});

describe('what waits survives', () => {
  it('a worker that goes and another that comes, and an answer that came before it', async () => {
    const pause = aPause();
    const agent = anAgent(pause);
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
    });
    await world.whileWorking(async () => {
      expect(await answer(world, approval(pause))).toMatchObject({ what: 'approved' });
    });
    await world.whileWorking(async () => {
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    });
    expect(agent.answers).toHaveLength(1);
  });

  it('a Kagent that takes the answer only at the third try', async () => {
    const pause = aPause();
    const agent = anAgent(pause);
    agent.state.isBroken = true;
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      await answer(world, approval(pause));
      await waitFor('it to be shown as decided', async () =>
        (await detailsOf(world)).includes('the answer is being delivered'),
      );
      expect(await refusal(world, approval(pause, 'bob'))).toMatch(/It was approved by alice/);
      agent.state.isBroken = false;
      await resultOf(world);
    });
    expect(agent.answers).toHaveLength(1);
  });

  it('the next history of its execution, in which it waits as long as it would have', async () => {
    const local = await openRun(readSettings());
    onTestFinished(() => local.close());
    const flags = ['--dynamic-config-value=limit.historyCount.suggestContinueAsNew=30'];
    const { address } = await startTemporal({ run: local, path: inject('enginePaths').temporal, flags });
    const pause = aPause();
    const agent = anAgent(pause);
    const world = await worldWith(agent, { timing: { ...timing, quietWindowMs: 600_000 } }, address);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilWaiting(world, pause);
      const { until } = (await memoOf(world)).waiting ?? {};
      const { runId: first } = await handleOf(world).describe();
      await untilContinued(world, first);
      expect((await memoOf(world)).waiting).toMatchObject({ pause: pause.id, until });
      expect(await answer(world, approval(pause))).toMatchObject({ what: 'approved' });
      await untilState(world, 'answered');
    });
    expect(agent.answers).toHaveLength(1);
    await Promise.all(worlds.splice(0).map((each) => each.close())); // before its server goes
  }, 120_000);
});

it('an answer to an execution of which nothing waits is refused, and the refusal says why', async () => {
  const agent = anAgent();
  const world = await worldWith(agent, { timing: { ...timing, quietWindowMs: 60_000 } });
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    await untilState(world, 'answered');
    expect(await refusal(world, approval(aPause()))).toBe(
      'Nothing waits for an answer: the agent run has ended as AgentRunCompleted.',
    );
    await handleOf(world).terminate();
  });
});
