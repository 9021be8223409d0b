/**
 * The two dialects of A2A over JSON-RPC: names of methods, shape of a message, headers. Pure.
 *
 * 0.3 is what every Kagent 0.x speaks and needs no header; 1.0 is Kagent 1.x and everybody else (specification 1.0 §9).
 */

export interface Dialect {
  send: string;
  get: string;
  cancel: string;
  /** Opens a stream of what happens to a task from now on. */
  subscribe: string;
  headers: Readonly<Record<string, string>>;
  /** Params of a send that does not wait for the run. */
  sendParams: (message: OutgoingMessage) => object;
}

type OutgoingPart = { text: string } | { data: Record<string, unknown> };

export interface OutgoingMessage {
  messageId: string;
  contextId?: string | undefined;
  /** The task that it goes on with. */
  taskId?: string;
  parts: readonly OutgoingPart[];
  metadata?: Record<string, unknown>;
  /** URIs of extensions that the message uses, or that the agent may use in its answers. */
  extensions?: readonly string[];
}

export const dialect03: Dialect = {
  send: 'message/send',
  get: 'tasks/get',
  cancel: 'tasks/cancel',
  subscribe: 'tasks/resubscribe',
  headers: {},
  sendParams: ({ messageId, parts, ...ids }) => ({
    message: {
      kind: 'message',
      role: 'user',
      messageId,
      ...addressOf(ids),
      parts: parts.map((part) => ({ kind: 'text' in part ? 'text' : 'data', ...part })),
    },
    configuration: { blocking: false },
  }),
};

export const dialect10: Dialect = {
  send: 'SendMessage',
  get: 'GetTask',
  cancel: 'CancelTask',
  subscribe: 'SubscribeToTask',
  headers: { 'A2A-Version': '1.0' },
  sendParams: ({ messageId, parts, extensions, metadata, ...ids }) => ({
    message: {
      role: 'ROLE_USER',
      messageId,
      ...addressOf(ids),
      parts,
      ...(metadata !== undefined && { metadata }),
      ...(extensions !== undefined && { extensions }),
    },
    configuration: { returnImmediately: true },
  }),
};

function addressOf({ contextId, taskId }: Pick<OutgoingMessage, 'contextId' | 'taskId'>): object {
  return { ...(contextId !== undefined && { contextId }), ...(taskId !== undefined && { taskId }) };
}
