/**
 * Pauses of 1.x: the payloads of Kagent's extension for approvals and questions.
 *
 * A pause whose first message did not ask for the extension cannot be answered.
 */
import { z } from 'zod';
import { RpcFailure } from './failures.ts';
import type { Decision } from './plan-pause.ts';
import type { ToolCall } from './read-prompt.ts';
import { become, type Planned, type Scene, say } from './runtimes.ts';
import type { Message, Metadata, Task } from './task.ts';

export const hitlExtension = 'https://kagent.dev/extensions/hitl/v1';

export function planExtensionPause(scene: Scene, tools: readonly ToolCall[], asked: Message): Planned[] {
  const isAsked = asked.extensions?.includes(hitlExtension) ?? false;
  const hint = tools.map((tool) => `Tool '${tool.name}' requires approval before execution.`).join(' ');
  const message = say(scene, [{ text: hint }], isAsked ? { [hitlExtension]: payloadOf(tools, hint) } : undefined);
  const whole = isAsked ? { ...message, extensions: [hitlExtension] } : message;
  return [() => become(scene, 'input-required', { message: whole, isFinal: true })];
}

function payloadOf(tools: readonly ToolCall[], hint: string): Metadata {
  const question = tools.find(({ name }) => name === 'ask_user');
  if (question !== undefined) return { type: 'ask_user_request', id: question.id, ...question.args };
  const shown = tools.map(({ id, name, args }) => ({ id: `approval-${id}`, call_id: id, name, args }));
  return { type: 'tool_approval_request', hint, tools: shown };
}

const Tool = z.object({ id: z.string(), name: z.string(), args: z.record(z.string(), z.unknown()) });
const Request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tool_approval_request'), tools: z.array(Tool) }),
  z.object({ type: z.literal('ask_user_request'), id: z.string(), questions: z.array(z.unknown()) }),
]);

/** The tools that a paused task of 1.x waits to call, by the ids that its reply must name. */
export function extensionTools(task: Task): ToolCall[] {
  const request = Request.safeParse(task.status.message?.metadata?.[hitlExtension]);
  if (!request.success) return [];
  const { data } = request;
  if (data.type === 'tool_approval_request') return data.tools;
  return [{ id: data.id, name: 'ask_user', args: { questions: data.questions } }];
}

const Approval = z.object({ id: z.string(), approved: z.boolean(), rejection_reason: z.string().optional() });
const Response = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tool_approval_response'), approvals: z.array(Approval) }),
  z.object({
    type: z.literal('ask_user_response'),
    id: z.string(),
    answers: z.array(z.object({ answer: z.array(z.string()) })),
  }),
]);

/** Without `message.extensions` a reply is plain text. */
export function extensionDecision(message: Message): Decision | undefined {
  if (message.extensions?.includes(hitlExtension) !== true) return undefined;
  const response = Response.safeParse(message.metadata?.[hitlExtension]);
  if (!response.success) return undefined;
  const { data } = response;
  const nothing = { decisions: {}, rejection_reasons: {}, ask_user_answers: [] };
  if (data.type === 'ask_user_response')
    return { ...nothing, decision_type: 'approve', ask_user_answers: data.answers };
  return {
    ...nothing,
    decision_type: 'batch',
    decisions: Object.fromEntries(data.approvals.map(({ id, approved }) => [id, approved ? 'approve' : 'reject'])),
    rejection_reasons: Object.fromEntries(
      data.approvals.map((each) => [each.id, each.rejection_reason ?? 'no reason']),
    ),
  };
}

/** A reply must decide about every tool. */
export function refuseIncomplete(task: Task, message: Message): void {
  const decision = extensionDecision(message);
  if (decision?.decision_type !== 'batch') return;
  const missing = extensionTools(task).filter(({ id }) => decision.decisions[id] === undefined);
  if (missing.length > 0)
    throw new RpcFailure(-32602, `missing approval for ${missing.map(({ id }) => id).join(', ')}`);
}
