/**
 * Delivers one answer to one pause, once: reads the task first, and sends only to a run that still waits as it was shown.
 *
 * Neither Kagent nor A2A knows an answer again that comes twice; a Python agent takes the second for the conversation. The
 * message has an id of its own, by which an earlier try is recognised in the history. Tries once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { v5 as uuidv5 } from 'uuid';
import type { Answered } from '../../../workflows/contract/agent-run.ts';
import type { RunAnswer } from '../../../workflows/contract/plain/answer.ts';
import type { OutgoingMessage } from '../a2a/dialect.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { AnswerOf } from '../port.ts';
import type { Task } from '../runs/task.ts';
import { askedBy, hasMessage } from './asked.ts';
import { pauseIdOf } from './pause.ts';
import { replyTo } from './reply.ts';

/** How a protocol reads a task with its history, and sends a message into it. */
export interface TaskAccess {
  read: () => Promise<Task | undefined>;
  send: (message: OutgoingMessage) => Promise<unknown>;
  /** Milliseconds between two looks that both find no answer, before a repeat sends it; 2 s where left out. */
  lookAgainAfterMs?: number | undefined;
}

/** Namespace of the ids of answers (UUIDv5); a new one would let an answer under way be sent twice. */
const answerNamespace = '9a6f5b0e-5f5e-4c43-9c5d-3f1f0e6f2a71';

export async function answerPaused(of: AnswerOf, access: TaskAccess): Promise<Answered> {
  const { answer, run, isRepeat, signal } = of;
  const messageId = answerIdOf(run.executionId, answer);
  let found = lookAt(await access.read(), answer, messageId);
  if (typeof found === 'object' && isRepeat) {
    // What an earlier try has sent may be on its way.
    await delay(access.lookAgainAfterMs ?? 2_000, undefined, { signal });
    found = lookAt(await access.read(), answer, messageId);
  }
  if (typeof found !== 'object') return found;
  const contextId = found.contextId || run.contextId;
  if (contextId === undefined) {
    // Some agents take a decision without its context for a new message, which ends the task (transcript 38b).
    const what = `Run ${JSON.stringify(run.executionId)} names no context, and is not answered without one.`;
    throw new DeliveryError('MalformedAnswer', what, { mayHaveStarted: false });
  }
  await access.send({ messageId, taskId: found.id, contextId, ...replyTo(askedBy(found), answer) });
  return 'taken';
}

/** The task, where it waits for this answer. */
function lookAt(task: Task | undefined, { pauseId }: RunAnswer, messageId: string): Task | Answered {
  if (task === undefined) return 'not-wanted';
  if (hasMessage(task, messageId)) return 'taken';
  const waits = task.status.state === 'input-required' && pauseIdOf(task, askedBy(task)) === pauseId;
  return waits ? task : 'not-wanted';
}

/** The same for every try, and another one for another decision. */
function answerIdOf(taskId: string, { pauseId, verdicts, answers = [] }: RunAnswer): string {
  return uuidv5(JSON.stringify([taskId, pauseId, verdicts, answers]).toWellFormed(), answerNamespace);
}
