/**
 * A few short ways to ask the double something, for its own tests: sends, reads, streams, in either dialect.
 *
 * Nothing here is a client: what comes back is given as it came.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { KagentDouble } from './start-kagent-double.ts';

export interface Asking {
  agent?: string;
  /** 1.x has other paths and methods. */
  isOne?: boolean;
  headers?: Record<string, string>;
}

export interface Sending extends Asking {
  isBlocking?: boolean;
  messageId?: string;
  contextId?: string;
  taskId?: string;
  data?: unknown;
  more?: Record<string, unknown>;
}

const Status = z.looseObject({ state: z.string(), message: z.looseObject({ parts: z.array(z.unknown()) }).optional() });
const Artifact = z.looseObject({ parts: z.array(z.looseObject({ text: z.string().optional() })) });
const Task = z.looseObject({
  id: z.string().default(''),
  contextId: z.string().default(''),
  status: Status.default({ state: 'none' }),
  artifacts: z.array(Artifact).default([]),
  history: z.array(z.looseObject({ messageId: z.string(), role: z.string() })).default([]),
});
const Failure = z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() });
const Reply = z.looseObject({ result: z.unknown().optional(), error: Failure.optional() });
const Wrapped = z.looseObject({ task: Task.optional() });

export interface Answered {
  status: number;
  /** Whatever the body was, as text. */
  text: string;
  error: z.infer<typeof Failure> | undefined;
  /** With empty fields where there is none. */
  task: z.infer<typeof Task>;
  answer: string;
}

export async function call(
  double: KagentDouble,
  method: string,
  params: unknown,
  asking: Asking = {},
): Promise<Answered> {
  const { agent = 'kagent/memory-analyzer', isOne = false, headers = {} } = asking;
  const path = isOne ? `/agents/${agent}` : `/api/a2a/${agent}/`;
  const response = await fetch(`${double.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'q', method, params }),
  });
  return { status: response.status, ...readReply(await response.text()) };
}

function readReply(text: string): Omit<Answered, 'status'> {
  const reply = Reply.safeParse(readJson(text)).data;
  const task = Wrapped.safeParse(reply?.result).data?.task ?? Task.parse(reply?.result ?? {});
  const answer = task.artifacts.flatMap(({ parts }) => parts.map((part) => part.text ?? '')).join('');
  return { text, error: reply?.error, task, answer };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function send(double: KagentDouble, prompt: string, sending: Sending = {}): Promise<Answered> {
  return call(double, sending.isOne === true ? 'SendMessage' : 'message/send', sendParams(prompt, sending), sending);
}

export function sendParams(prompt: string, sending: Sending = {}): unknown {
  const { isOne = false, isBlocking = true } = sending;
  const message = messageOf(prompt, sending);
  if (isOne) return { message, configuration: { returnImmediately: !isBlocking } };
  const { contextId = randomUUID() } = sending;
  return { message: { kind: 'message', ...message, contextId, role: 'user' }, configuration: { blocking: isBlocking } };
}

function messageOf(prompt: string, { messageId = randomUUID(), contextId, taskId, data, more, isOne }: Sending) {
  const part = data === undefined ? { kind: 'text', text: prompt } : { kind: 'data', data };
  const { kind, ...bare } = part;
  return {
    role: 'ROLE_USER',
    messageId,
    ...(contextId !== undefined && { contextId }),
    ...(taskId !== undefined && { taskId }),
    parts: [isOne === true ? bare : { kind, ...bare }],
    ...more,
  };
}

export function get(double: KagentDouble, id: string, asking: Asking = {}): Promise<Answered> {
  return call(double, asking.isOne === true ? 'GetTask' : 'tasks/get', { id, historyLength: 0 }, asking);
}

/** The state as Kagent's database has it. */
export async function stateOf(double: KagentDouble, id: string): Promise<string> {
  const { body } = await rest(double, `/api/tasks/${id}`);
  return z.object({ data: Task }).parse(body).data.status.state;
}

export async function rest(
  double: KagentDouble,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${double.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, body: readJson(text) ?? text };
}
