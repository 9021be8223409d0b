/**
 * Reads one JSON-RPC request as the controllers do: its envelope, what it wants, the message that it may hold.
 *
 * What cannot be read is refused in the words of the A2A library of Go.
 */
import { z } from 'zod';
import type { Dialect } from './dialects.ts';
import { RpcFailure } from './failures.ts';
import type { Message, Part } from './task.ts';

export type Id = string | number | null;

export type Operation = 'send' | 'stream' | 'get' | 'list' | 'cancel' | 'follow' | 'card' | 'push';

const operations: Record<Dialect, Record<string, Operation>> = {
  '0.3': {
    'message/send': 'send',
    'message/stream': 'stream',
    'tasks/get': 'get',
    'tasks/list': 'list',
    'tasks/cancel': 'cancel',
    'tasks/resubscribe': 'follow',
    'agent/getAuthenticatedExtendedCard': 'card',
    'tasks/pushNotificationConfig/set': 'push',
  },
  '1.0': {
    SendMessage: 'send',
    SendStreamingMessage: 'stream',
    GetTask: 'get',
    ListTasks: 'list',
    CancelTask: 'cancel',
    SubscribeToTask: 'follow',
    GetExtendedAgentCard: 'card',
    CreateTaskPushNotificationConfig: 'push',
  },
};

export interface Envelope {
  id: Id;
  method: string;
  params: Record<string, unknown>;
}

const WireEnvelope = z.looseObject({
  jsonrpc: z.unknown().optional(),
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  method: z.string().default(''),
  params: z.unknown().optional(),
});

/** The id to answer with, as far as the body can be read. */
export function idOf(body: unknown): Id {
  const parsed = WireEnvelope.safeParse(body);
  return parsed.success ? parsed.data.id : null;
}

/** The operation that a method names, if the dialect has it. */
export function operationOf(method: string, dialect: Dialect): Operation | undefined {
  return Object.hasOwn(operations[dialect], method) ? operations[dialect][method] : undefined;
}

export function readEnvelope(body: unknown, dialect: Dialect): Envelope {
  if (body === undefined) throw new RpcFailure(-32700, 'parse error: EOF');
  if (typeof body === 'string') throw new RpcFailure(-32700, 'parse error: unexpected EOF');
  if (Array.isArray(body)) throw invalidParams('array', 'jsonrpc.ServerRequest');
  const envelope = WireEnvelope.safeParse(body);
  if (!envelope.success || envelope.data.jsonrpc !== '2.0') throw new RpcFailure(-32600, 'invalid request');
  const { id, method, params } = envelope.data;
  if (operationOf(method, dialect) === undefined) throw new RpcFailure(-32601, 'method not found');
  return { id, method, params: readParams(params, dialect) };
}

function readParams(params: unknown, dialect: Dialect): Record<string, unknown> {
  if (params === undefined) throw new RpcFailure(-32700, 'parse error: unexpected end of JSON input');
  const object = z.record(z.string(), z.unknown()).safeParse(params);
  if (object.success) return object.data;
  const type = dialect === '0.3' ? 'a2a.MessageSendParams' : 'a2a.SendMessageRequest';
  throw invalidParams(Array.isArray(params) ? 'array' : typeof params, type);
}

function invalidParams(what: string, type: string): RpcFailure {
  return new RpcFailure(-32602, `invalid params: json: cannot unmarshal ${what} into Go value of type ${type}`);
}

const Metadata = z.record(z.string(), z.unknown());
const WirePart = z.looseObject({
  text: z.string().optional(),
  data: z.unknown().optional(),
  metadata: Metadata.optional(),
});
const Id = z.string().min(1).optional().catch(undefined);
const WireSend = z.object({
  message: z
    .looseObject({
      role: z.string().default(''),
      messageId: z.string().default(''),
      contextId: Id,
      taskId: Id,
      parts: z.array(WirePart).default([]),
      metadata: Metadata.optional(),
      extensions: z.array(z.string()).optional(),
    })
    .optional(),
  configuration: z
    .looseObject({
      blocking: z.boolean().default(true),
      returnImmediately: z.boolean().default(false),
      historyLength: z.number().optional(),
      pushNotificationConfig: z.unknown().optional(),
      taskPushNotificationConfig: z.unknown().optional(),
    })
    .prefault({}),
});

export interface Send {
  /** Undefined where there is none. */
  message: Message | undefined;
  /** As it was sent: an agent may refuse it. */
  role: string;
  isBlocking: boolean;
  wantsPush: boolean;
  historyLength: number | undefined;
}

export function readSend(params: Record<string, unknown>, dialect: Dialect): Send {
  const parsed = WireSend.safeParse(params);
  if (!parsed.success) throw new RpcFailure(-32602, `invalid params: ${z.prettifyError(parsed.error)}`);
  const { message, configuration } = parsed.data;
  return {
    message: message === undefined ? undefined : readMessage(message),
    role: message?.role ?? '',
    isBlocking: dialect === '0.3' ? configuration.blocking : !configuration.returnImmediately,
    historyLength: configuration.historyLength,
    wantsPush: (configuration.pushNotificationConfig ?? configuration.taskPushNotificationConfig) !== undefined,
  };
}

type Wire = NonNullable<z.infer<typeof WireSend>['message']>;

function readMessage({ messageId, contextId, taskId, parts, metadata, extensions }: Wire): Message {
  return {
    messageId,
    ...(contextId !== undefined && { contextId }),
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
    ...(extensions !== undefined && { extensions }),
    parts: parts.map(readPart),
    role: 'user',
    ...(taskId !== undefined && { taskId }),
  };
}

function readPart({ text, data, metadata }: z.infer<typeof WirePart>): Part {
  const more = metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata };
  return text === undefined ? { data, ...more } : { text, ...more };
}

const TaskParams = z.looseObject({
  id: z.string().default(''),
  historyLength: z.number().optional(),
  contextId: z.string().default(''),
  includeArtifacts: z.boolean().default(false),
});
export type TaskParams = z.infer<typeof TaskParams>;

export function readTaskParams(params: Record<string, unknown>): TaskParams {
  const parsed = TaskParams.safeParse(params);
  if (!parsed.success) throw new RpcFailure(-32602, `invalid params: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
