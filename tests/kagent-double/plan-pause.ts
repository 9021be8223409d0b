/**
 * How a run pauses for an approval or a question, and how it goes on after the decision.
 *
 * The decisions of §8 in kagent-runs.md; what is left out of a batch counts as approved.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ToolCall } from './read-prompt.ts';
import { become, type Planned, prefix, type Scene, say, speechOf, usageOf } from './runtimes.ts';
import type { Message, Metadata, Part, Task } from './task.ts';

const Questions = z.object({
  questions: z.array(z.looseObject({ question: z.string(), choices: z.array(z.string()).default([]) })),
});

/** The agent calls its tools, each of which wants a confirmation first; the run stays `input-required`. */
export function planPause(scene: Scene, tools: readonly ToolCall[]): Planned[] {
  const speech = speechOf(scene);
  const calls = tools.map((tool) => functionCall(scene, { ...tool, args: shownArgs(scene, tool) }, false));
  const spoken = { ...speech, ...usageOf(scene) };
  const called: Planned = () => become(scene, 'working', { message: say(scene, calls, spoken), metadata: spoken });
  const confirmations = tools.map((tool) => functionCall(scene, confirmationOf(scene, tool), true));
  if (scene.agent.runtime === 'python') {
    const message = say(scene, confirmations, speech);
    return [
      called,
      () => become(scene, 'working', { message, metadata: speech }),
      () => become(scene, 'input-required', { message, isFinal: true }),
    ];
  }
  const asked = say(scene, confirmations);
  const pause: Planned = () => become(scene, 'input-required', { message: asked, isFinal: true });
  if (scene.release === '0.8.6') return [called, pause];
  const pending = tools.map((tool) => functionResponse(scene, tool, pendingResponse(tool)));
  return [called, () => become(scene, 'working', { message: say(scene, pending, speech), metadata: speech }), pause];
}

/** Go shows an empty list of choices as null. */
function shownArgs({ agent }: Scene, { name, args }: ToolCall): Record<string, unknown> {
  const asked = Questions.safeParse(args);
  if (agent.runtime === 'python' || name !== 'ask_user' || !asked.success) return args;
  const questions = asked.data.questions.map(({ choices, ...more }) => ({
    ...more,
    choices: choices.length > 0 ? choices : null,
  }));
  return { ...args, questions };
}

function functionCall(scene: Scene, data: Record<string, unknown>, isLongRunning: boolean): Part {
  const p = prefix(scene);
  const isSaid = isLongRunning || scene.agent.runtime !== 'python';
  const metadata: Metadata = {
    ...(isSaid && { [`${p}is_long_running`]: isLongRunning }),
    [`${p}type`]: 'function_call',
  };
  return { data, metadata };
}

function functionResponse(scene: Scene, { id, name }: ToolCall, response: unknown): Part {
  return { data: { id, name, response }, metadata: { [`${prefix(scene)}type`]: 'function_response' } };
}

function confirmationOf(scene: Scene, tool: ToolCall): Record<string, unknown> {
  const asked = Questions.safeParse(tool.args);
  const hint =
    tool.name === 'ask_user' && asked.success
      ? asked.data.questions.map((each) => each.question).join('; ')
      : `Tool '${tool.name}' requires approval before execution.`;
  return {
    args: {
      originalFunctionCall: { args: tool.args, id: tool.id, name: tool.name },
      toolConfirmation: { confirmed: false, hint, ...(scene.agent.runtime !== 'python' && { payload: null }) },
    },
    id: `adk-${randomUUID()}`,
    name: 'adk_request_confirmation',
  };
}

function pendingResponse(tool: ToolCall): unknown {
  const asked = Questions.safeParse(tool.args);
  if (tool.name !== 'ask_user' || !asked.success) return { status: 'confirmation_requested', tool: tool.name };
  return {
    questions: asked.data.questions.map(({ question, choices }) => ({
      ...(choices.length > 0 && { choices }),
      question,
    })),
    status: 'pending',
  };
}

const Confirmation = z.object({
  data: z.object({
    name: z.literal('adk_request_confirmation'),
    args: z.object({
      originalFunctionCall: z.object({ id: z.string(), name: z.string(), args: z.record(z.string(), z.unknown()) }),
    }),
  }),
});

/** The tools that a paused task waits to call; none where it waits for something else. */
export function pendingTools(task: Task): ToolCall[] {
  if (task.status.state !== 'input-required') return [];
  return (task.status.message?.parts ?? []).flatMap((part) => {
    const parsed = Confirmation.safeParse(part);
    return parsed.success ? [parsed.data.data.args.originalFunctionCall] : [];
  });
}

const Answer = z.object({ answer: z.array(z.string()) });
const Decision = z.object({
  data: z.object({
    decision_type: z.enum(['approve', 'reject', 'batch']),
    rejection_reason: z.string().optional(),
    decisions: z.record(z.string(), z.string()).default({}),
    rejection_reasons: z.record(z.string(), z.string()).default({}),
    ask_user_answers: z.array(Answer).default([]),
  }),
});
export type Decision = z.infer<typeof Decision>['data'];

/** The decision that a message holds; undefined for plain text and for words that Kagent does not know. */
export function decisionOf(message: Message): Decision | undefined {
  for (const part of message.parts) {
    const parsed = Decision.safeParse(part);
    if (parsed.success) return parsed.data.data;
  }
  return undefined;
}

/** Whether the decision lets this tool run; with answers, everything that waits does (read in the runtime's executor). */
export function isApproved(decision: Decision, tool: ToolCall): boolean {
  const { decision_type: type, decisions, ask_user_answers: answers } = decision;
  if (answers.length > 0) return true;
  return type === 'batch' ? decisions[tool.id] !== 'reject' : type === 'approve';
}

/** What the tools gave, as the model sees it and as it will say it. */
export function planToolResults(
  scene: Scene,
  tools: readonly ToolCall[],
  decision: Decision,
): { event: Planned; said: string } {
  const results = tools.map((tool) => resultOf(scene, tool, decision));
  const parts = results.map(({ tool, response }) => functionResponse(scene, tool, response));
  const metadata = speechOf(scene);
  return {
    event: () => become(scene, 'working', { message: say(scene, parts, metadata), metadata }),
    said: results.map(({ text }) => `tool said: ${text}`).join('\n'),
  };
}

function resultOf(
  scene: Scene,
  tool: ToolCall,
  decision: Decision,
): { tool: ToolCall; response: unknown; text: string } {
  if (!isApproved(decision, tool)) {
    const why = decision.rejection_reason ?? decision.rejection_reasons[tool.id];
    const text = `Tool call was rejected by user.${why === undefined ? '' : ` Reason: ${why}`}`;
    return { tool, response: { result: text }, text };
  }
  if (tool.name === 'ask_user') {
    const text = JSON.stringify(decision.ask_user_answers);
    return { tool, response: { result: text }, text };
  }
  const result = `${tool.name} done`;
  if (scene.agent.runtime === 'python') {
    const content = [{ text: result, type: 'text' }];
    return { tool, response: { content, isError: false, structuredContent: { result } }, text: result };
  }
  const response = { output: { result } };
  return { tool, response, text: JSON.stringify(response) };
}
