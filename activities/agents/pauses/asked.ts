/**
 * What a run in *input required* asks, as its agent wrote it: calls that want approval, questions, or plain words. Pure.
 *
 * Kagent 0.8 to 0.10 send one data part for each tool call, named `adk_request_confirmation` (transcripts 31 and 35), which
 * holds the calls of an agent below the agent in `hitl_parts`. Kagent 1.x says it in the message's metadata, by its
 * extension; an agent that is none of Kagent's asks in plain words.
 */
import { z } from 'zod';
import type { PausedQuestion } from '../../../workflows/contract/agent-run.ts';
import { type Message, type Task, wordsOf } from '../runs/task.ts';

/** The extension by which Kagent 1.x asks people. */
export const humanInTheLoop = 'https://kagent.dev/extensions/hitl/v1';

export interface AskedCall {
  id?: string | undefined;
  name: string;
  args?: unknown;
}

/** A call, and those that it stands for where it calls another agent. */
interface Confirmation extends AskedCall {
  inner: AskedCall[];
}

export interface Asked {
  form: 'confirmations' | 'extension' | 'words' | 'unknown';
  calls: Confirmation[];
  hints: string[];
  /** There is more than was understood. */
  isPartly: boolean;
  words?: string | undefined;
}

const Call = z.looseObject({ id: z.string().nullish().catch(undefined), name: z.string(), args: z.unknown() });

const Payload = z
  .looseObject({ hitl_parts: z.array(z.unknown()).nullish() })
  .nullish()
  .catch(undefined);
const Confirming = z.looseObject({
  name: z.literal('adk_request_confirmation'),
  args: z.looseObject({
    originalFunctionCall: Call,
    toolConfirmation: z.looseObject({ hint: z.string().nullish(), payload: Payload }).nullish(),
  }),
});
const Inner = z.looseObject({ originalFunctionCall: Call });

const Approval = z.looseObject({
  type: z.literal('tool_approval_request'),
  hint: z.string().nullish(),
  tools: z.array(z.looseObject({ id: z.string(), name: z.string(), args: z.unknown() })),
});
const Question = z.looseObject({
  type: z.literal('ask_user_request'),
  id: z.string(),
  questions: z.array(z.unknown()),
});

const One = z.object({
  question: z.string(),
  choices: z.array(z.string()).catch([]),
  multiple: z.boolean().catch(false),
});

/** Characters of a question in plain words. */
const wordsLimit = 2048;

export function askedBy({ status: { message } }: Pick<Task, 'status'>): Asked {
  const payload = message?.metadata?.[humanInTheLoop];
  if (payload !== undefined && payload !== null) return byExtension(payload) ?? unknown;
  const data = (message?.parts ?? []).flatMap((part) => (part.data === undefined ? [] : [part.data]));
  if (data.length === 0) return { ...unknown, form: 'words', isPartly: false, words: wordsOf(message, wordsLimit) };
  return inParts(data);
}

const unknown: Asked = { form: 'unknown', calls: [], hints: [], isPartly: true };

function inParts(data: readonly unknown[]): Asked {
  const read = data.flatMap((one) => Confirming.safeParse(one).data ?? []);
  if (read.length === 0) return unknown;
  const confirmations = read.map(({ args: { originalFunctionCall, toolConfirmation } }) => {
    const parts = toolConfirmation?.payload?.hitl_parts ?? [];
    const inner = parts.flatMap((part) => Inner.safeParse(part).data?.originalFunctionCall ?? []);
    return {
      call: { ...callOf(originalFunctionCall), inner: inner.map(callOf) },
      hint: toolConfirmation?.hint ?? '',
      isWhole: inner.length === parts.length,
    };
  });
  return {
    form: 'confirmations',
    calls: confirmations.map(({ call }) => call),
    hints: confirmations.map(({ hint }) => hint),
    isPartly: read.length < data.length || confirmations.some(({ isWhole }) => !isWhole),
  };
}

function byExtension(payload: unknown): Asked | undefined {
  const approval = Approval.safeParse(payload).data;
  if (approval !== undefined) {
    const calls = approval.tools.map((tool) => ({ ...callOf(tool), inner: [] }));
    return { form: 'extension', calls, hints: [approval.hint ?? ''], isPartly: false };
  }
  const question = Question.safeParse(payload).data;
  if (question === undefined) return undefined;
  const { id, questions } = question;
  const call = { id, name: askUser, args: { questions }, inner: [] };
  return { form: 'extension', calls: [call], hints: questionsOf(call).map((one) => one.question), isPartly: false };
}

function callOf({ id, name, args }: { id?: string | null | undefined; name: string; args?: unknown }): AskedCall {
  return { id: id ?? undefined, name, args };
}

/** Kagent's own tool that asks people. */
const askUser = 'ask_user';

export function isQuestion({ name }: Pick<AskedCall, 'name'>): boolean {
  return name === askUser;
}

/** Every call that a decision is about: the inner ones in the place of the call that stands for them. */
export function callsIn({ calls }: Pick<Asked, 'calls'>): AskedCall[] {
  return calls.flatMap(({ inner, ...call }) => (inner.length === 0 ? [call] : inner));
}

const Questions = z.looseObject({ questions: z.array(z.unknown()).min(1) });

export function questionsOf({ args }: Pick<AskedCall, 'args'>): PausedQuestion[] {
  const list = Questions.safeParse(args).data?.questions ?? [];
  return list.flatMap((one) => One.safeParse(one).data ?? []);
}

/** Whether every question of a call was understood: answers go by their order. */
export function isReadable(call: Pick<AskedCall, 'args'>): boolean {
  return Questions.safeParse(call.args).data?.questions.length === questionsOf(call).length;
}

/** Whether a message of ours is in the task: in its history, or, until the next event, in its status. */
export function hasMessage({ history, status }: Task, messageId: string): boolean {
  const messages: (Message | null | undefined)[] = [...(history ?? []), status.message];
  return messages.some((message) => message?.messageId === messageId);
}
