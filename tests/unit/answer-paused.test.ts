/** One answer to one task that is read before: what is sent, and when nothing is. */
import { expect, it } from 'vitest';
import { answerPaused } from '../../activities/agents/pauses/answer-paused.ts';
import { pauseOf } from '../../activities/agents/pauses/pause.ts';
import { Task } from '../../activities/agents/runs/task.ts';
import { answerOf } from '../a2a/a-paused-run.ts';
import { runOf } from '../a2a/an-adapter.ts';

const call = { name: 'delete_thing', id: 'call_1', args: {} };
const part = { data: { name: 'adk_request_confirmation', args: { originalFunctionCall: call } } };
const message = { messageId: 'm', role: 'agent', parts: [part] };
const aTask = (over: object = {}) =>
  Task.parse({ id: 'task-1', contextId: 'context-1', status: { state: 'input-required', message }, ...over });
const answer = answerOf(pauseOf(aTask()), { decision: 'approve' });

async function answering(reads: (Task | undefined)[], isRepeat = false) {
  const sent: { messageId: string; taskId?: string; contextId?: string | undefined }[] = [];
  let looks = 0;
  const access = {
    read: async () => reads[Math.min(looks++, reads.length - 1)],
    send: async (one: (typeof sent)[number]) => void sent.push(one),
    lookAgainAfterMs: 1,
  };
  const answered = await answerPaused({ ...runOf('task-1'), answer, isRepeat }, access).catch(
    (error: unknown) => error,
  );
  return { answered, sent, looks };
}

it('is sent with both ids after one look, and after two where it is a repeat', async () => {
  const first = await answering([aTask()]);
  expect(first).toMatchObject({ answered: 'taken', looks: 1, sent: [{ taskId: 'task-1', contextId: 'context-1' }] });
  const again = await answering([aTask()], true);
  expect(again).toMatchObject({ answered: 'taken', looks: 2 });
  expect(again.sent).toEqual(first.sent);
});

it('that shows only at the second look is not sent again', async () => {
  const { sent } = await answering([aTask()]);
  const history = [{ messageId: sent[0]?.messageId ?? '', role: 'user', parts: [] }];
  expect(await answering([aTask(), aTask({ history })], true)).toMatchObject({ answered: 'taken', looks: 2, sent: [] });
});

it.each([
  ['there is no task', undefined],
  ['the run goes on', aTask({ status: { state: 'working', message } })],
  ['the run has ended', aTask({ status: { state: 'completed' } })],
  ['something else is asked', aTask({ status: { state: 'input-required', message: { ...message, messageId: 'n' } } })],
  ['it is of another context', aTask({ contextId: 'context-2' })],
])('is not taken where %s', async (_what, task) => {
  expect(await answering([task])).toMatchObject({ answered: 'not-wanted', sent: [] });
});

it('is never sent without a context', async () => {
  const task = aTask({ contextId: null });
  const own = { ...answer, pauseId: pauseOf(task).id };
  const send = () => Promise.reject(new Error('It was sent.'));
  const access = { read: async () => task, send, lookAgainAfterMs: 1 };
  await expect(answerPaused({ ...runOf('task-1'), answer: own, isRepeat: false }, access)).rejects.toMatchObject({
    reason: 'MalformedAnswer',
  });
});
