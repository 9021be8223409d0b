/**
 * A task as A2A shows it, in both of its dialects, read from whatever an agent sent; and the words in which it speaks.
 *
 * 0.3 tags messages and parts with `kind` and writes states in lower case, 1.0 has neither tags nor lower case; here they
 * are one. Unknown fields are left alone, unknown states stay words. Pure.
 * Sources: A2A specification 0.3 §6 and 1.0 §4; shapes of Kagent 0.8 to 0.10 as recorded.
 */
import { z } from 'zod';
import { inertText } from '../../../workflows/contract/plain/inert-text.ts';

const Metadata = z.record(z.string(), z.unknown()).nullish().catch(undefined);

export const Part = z.looseObject({
  text: z.string().optional().catch(undefined),
  data: z.unknown().optional(),
  metadata: Metadata,
});
export type Part = z.infer<typeof Part>;

const Parts = z.array(Part).nullish().catch(undefined);

export const Message = z.looseObject({
  messageId: z.string(),
  role: z.string().optional().catch(undefined),
  contextId: z.string().nullish(),
  parts: Parts,
  metadata: Metadata,
});
export type Message = z.infer<typeof Message>;

const Status = z.looseObject({
  state: z.string().min(1).transform(stateWord),
  timestamp: z.string().nullish(),
  message: Message.nullish().catch(undefined),
});

export const Task = z.looseObject({
  id: z.string().min(1),
  contextId: z.string().nullish(),
  status: Status,
  artifacts: z
    .array(z.looseObject({ name: z.string().nullish(), parts: Parts }))
    .nullish()
    .catch(undefined),
  history: z.array(Message).nullish().catch(undefined),
  metadata: Metadata,
});
export type Task = z.infer<typeof Task>;

/** `TASK_STATE_INPUT_REQUIRED` and `input-required` are one state. */
function stateWord(state: string): string {
  const word = state
    .replace(/^TASK_STATE_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
  return word === 'cancelled' ? 'canceled' : word;
}

/** `user` and `ROLE_USER` are one role. */
export function isOfAgent({ role }: Pick<Message, 'role'>): boolean {
  return role === 'agent' || role === 'ROLE_AGENT';
}

const Wrapped = z.looseObject({ task: Task.optional(), message: Message.optional() });
const FinishedMessage = Message.extend({ parts: z.array(Part) });

/** What came for a send: a task, or a finished answer without one. 1.0 wraps each in its name. */
export function readSendResult(result: unknown): { task: Task } | { message: Message } | undefined {
  const wrapped = Wrapped.safeParse(result).data;
  if (wrapped?.task !== undefined) return { task: wrapped.task };
  const task = Task.safeParse(result);
  if (task.success) return { task: task.data };
  const bare = FinishedMessage.safeParse(result);
  const message = bare.success ? bare.data : wrapped?.message;
  return message === undefined ? undefined : { message };
}

/** The parts of a message as one inert text of at most `limit` characters; undefined where nothing was said. */
export function wordsOf(message: Message | null | undefined, limit: number): string | undefined {
  return saidBy(message?.parts ?? [], limit);
}

/** What all artifacts of a task say, in their order. */
export function answerOf({ artifacts }: Pick<Task, 'artifacts'>, limit: number): string | undefined {
  const answers = (artifacts ?? []).map(({ parts }) => saidBy(parts ?? [], limit));
  return nonEmpty(inertText(answers.filter((answer) => answer !== undefined).join('\n\n'), limit));
}

function saidBy(parts: readonly Part[], limit: number): string | undefined {
  return nonEmpty(inertText(parts.map(textOf).join(''), limit));
}

/** What is no text is named, never shown: data as JSON would be read by nobody, files may be anything. */
function textOf(part: Part): string {
  if (part.text !== undefined) return part.text;
  return part.data === undefined ? '\n[a file]\n' : '\n[data]\n';
}

function nonEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}
