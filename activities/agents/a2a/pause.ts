/**
 * What a run in *input required* waits for: the tools that want approval, or the question to a person. Pure.
 *
 * Kagent 0.8 to 0.10 send one data part for each tool call, named `adk_request_confirmation`; an agent that is none of
 * Kagent's asks in plain words. Recorded in transcripts 31 and 35.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunPause } from '../../../workflows/contract/agent-run.ts';
import { inertLine } from '../../../workflows/contract/inert-text.ts';
import type { Task } from './task.ts';
import { wordsOf } from './words.ts';

const Confirmation = z.looseObject({
  name: z.literal('adk_request_confirmation'),
  args: z.looseObject({
    originalFunctionCall: z.looseObject({ name: z.string(), id: z.string().optional(), args: z.unknown() }),
    toolConfirmation: z.looseObject({ hint: z.string().nullish() }).nullish(),
  }),
});

const messageLimit = 2048;
const argumentsLimit = 1024;
const toolLimit = 20;

export function pauseOf({ id, contextId, status }: Task): RunPause {
  const asked = (status.message?.parts ?? []).flatMap(({ data }) => Confirmation.safeParse(data).data ?? []);
  const calls = asked.map(({ args }) => args.originalFunctionCall);
  const hints = asked.flatMap(({ args }) => args.toolConfirmation?.hint ?? []);
  const words = asked.length === 0 ? wordsOf(status.message, messageLimit) : undefined;
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

function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
