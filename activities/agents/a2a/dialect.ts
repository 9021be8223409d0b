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

interface OutgoingMessage {
  messageId: string;
  contextId?: string;
  text: string;
  /** URIs of extensions that the agent may use in its answers. */
  extensions?: readonly string[];
}

export const dialect03: Dialect = {
  send: 'message/send',
  get: 'tasks/get',
  cancel: 'tasks/cancel',
  subscribe: 'tasks/resubscribe',
  headers: {},
  sendParams: ({ messageId, contextId, text }) => ({
    message: {
      kind: 'message',
      role: 'user',
      messageId,
      ...(contextId !== undefined && { contextId }),
      parts: [{ kind: 'text', text }],
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
  sendParams: ({ messageId, contextId, text, extensions }) => ({
    message: {
      role: 'ROLE_USER',
      messageId,
      ...(contextId !== undefined && { contextId }),
      parts: [{ text }],
      ...(extensions !== undefined && { extensions }),
    },
    configuration: { returnImmediately: true },
  }),
};
