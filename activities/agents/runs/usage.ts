/**
 * What a run has used, by the agent's own account: tokens of its model calls, and tools that it called. Pure.
 *
 * Kagent's runtimes write both into the metadata of their messages, with the prefix `adk_` (Go) or `kagent_` (Python). The
 * metadata of the task has the last model call alone, so it counts only where there is no history.
 */
import { z } from 'zod';
import type { RunEnding } from '../../../workflows/contract/agent-run.ts';
import { isOfAgent, type Message, type Part, type Task } from './task.ts';

const Tokens = z.looseObject({
  promptTokenCount: z.int().min(0).catch(0),
  candidatesTokenCount: z.int().min(0).catch(0),
});

type Used = Pick<RunEnding, 'usage' | 'toolCalls'>;

export function usageOf({ history, metadata }: Pick<Task, 'history' | 'metadata'>): Used {
  const messages = unique((history ?? []).filter(isOfAgent));
  const tokens = messages.flatMap((message) => tokensOf(message.metadata));
  const counted = tokens.length > 0 ? tokens : tokensOf(metadata);
  return {
    ...(counted.length > 0 && {
      usage: {
        promptTokens: sum(counted.map(({ promptTokenCount }) => promptTokenCount)),
        completionTokens: sum(counted.map(({ candidatesTokenCount }) => candidatesTokenCount)),
      },
    }),
    ...(messages.length > 0 && { toolCalls: messages.flatMap(({ parts }) => parts ?? []).filter(isToolCall).length }),
  };
}

/** Kagent's histories hold messages twice. */
function unique(messages: readonly Message[]): Message[] {
  return [...new Map(messages.map((message) => [message.messageId, message])).values()];
}

function tokensOf(metadata: Message['metadata']): z.infer<typeof Tokens>[] {
  const found = Tokens.safeParse(metadata?.['adk_usage_metadata'] ?? metadata?.['kagent_usage_metadata']);
  return found.success ? [found.data] : [];
}

const Named = z.looseObject({ name: z.string() });

/** The question whether a tool may be called is none. */
function isToolCall({ data, metadata }: Part): boolean {
  const type = metadata?.['adk_type'] ?? metadata?.['kagent_type'];
  const name = Named.safeParse(data).data?.name;
  return type === 'function_call' && name !== 'adk_request_confirmation';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
