/**
 * What a run in *input required* waits for: the tools that want approval, or the question to a person. Pure.
 *
 * Kagent 0.8 to 0.10 send one data part for each tool call, named `adk_request_confirmation` (transcripts 31 and 35).
 * Kagent 1.x says it in the message's metadata, by its extension; an agent that is none of Kagent's asks in plain words.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunPause } from '../../../workflows/contract/agent-run.ts';
import { inertLine } from '../../../workflows/contract/inert-text.ts';
import type { Message, Task } from './task.ts';
import { wordsOf } from './words.ts';

const Confirmation = z.looseObject({
  name: z.literal('adk_request_confirmation'),
  args: z.looseObject({
    originalFunctionCall: z.looseObject({ name: z.string(), id: z.string().optional(), args: z.unknown() }),
    toolConfirmation: z.looseObject({ hint: z.string().nullish() }).nullish(),
  }),
});

/** The extension by which Kagent 1.x asks people. */
export const humanInTheLoop = 'https://kagent.dev/extensions/hitl/v1';

const Approval = z.looseObject({
  type: z.literal('tool_approval_request'),
  hint: z.string().nullish(),
  tools: z.array(z.looseObject({ name: z.string(), args: z.unknown() })),
});
const Question = z.looseObject({
  type: z.literal('ask_user_request'),
  questions: z.array(z.looseObject({ question: z.string() })),
});

interface Asking {
  calls: { name: string; args?: unknown }[];
  hints: string[];
}

const messageLimit = 2048;
const argumentsLimit = 1024;
const toolLimit = 20;

export function pauseOf({ id, contextId, status }: Task): RunPause {
  const { calls, hints } = askedByExtension(status.message) ?? askedInParts(status.message);
  const words = calls.length === 0 ? wordsOf(status.message, messageLimit) : undefined;
  return {
    id: hashOf([id, contextId, calls, words, status.message?.messageId]),
    kind: calls.length === 0 || calls.some(({ name }) => name === 'ask_user') ? 'question' : 'approval',
    message: inertLine(words ?? hints.join(' '), messageLimit),
    tools: calls.slice(0, toolLimit).map(({ name, args }) => ({
      name: inertLine(name, 253),
      arguments: inertLine(JSON.stringify(args) ?? '', argumentsLimit),
    })),
  };
}

function askedInParts(message: Message | null | undefined): Asking {
  const asked = (message?.parts ?? []).flatMap(({ data }) => Confirmation.safeParse(data).data ?? []);
  return {
    calls: asked.map(({ args }) => args.originalFunctionCall),
    hints: asked.flatMap(({ args }) => args.toolConfirmation?.hint ?? []),
  };
}

function askedByExtension(message: Message | null | undefined): Asking | undefined {
  const payload = message?.metadata?.[humanInTheLoop];
  const approval = Approval.safeParse(payload).data;
  if (approval !== undefined) return { calls: approval.tools, hints: [approval.hint ?? ''] };
  const question = Question.safeParse(payload).data;
  if (question === undefined) return undefined;
  const { questions } = question;
  return {
    calls: [{ name: 'ask_user', args: { questions } }],
    hints: [questions.map((one) => one.question).join('; ')],
  };
}

function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
