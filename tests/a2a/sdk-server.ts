/**
 * An agent that is none of ours: the server of the A2A SDK on plain HTTP, with an executor that does as its prompt says.
 *
 * Words in the prompt: `fail`, `ask`, `refuse`, `speak`, `slow`; else it answers. The card names a host that does not
 * exist, and a path for calls that is not that of the card.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import {
  AgentCard,
  formatSSEEvent,
  Message,
  SSE_HEADERS,
  Task,
  TaskArtifactUpdateEvent,
  TaskStatusUpdateEvent,
} from '@a2a-js/sdk';
import { UnsupportedOperationError } from '@a2a-js/sdk/errors';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
  UnauthenticatedUser,
  validateVersion,
} from '@a2a-js/sdk/server';
import { z } from 'zod';

export interface SdkServer {
  /** Origin and base path of the card. */
  url: string;
  /** `GET /path`, or `/path method`. */
  asked: string[];
  /** Prompts of the runs that were started. */
  runs: string[];
  /** The next answers to this method are cut off after it was handled. */
  cut: (method: string) => void;
  stop: () => void;
}

export interface SdkServerOptions {
  basePath?: string;
  /** A task store that cannot list, as many have. */
  hasLists?: boolean;
  /** What the card offers instead of JSON-RPC in 1.0. */
  interfaces?: { protocolBinding: string; protocolVersion: string }[];
}

const rpcPath = '/rpc/memory-analyzer';
const Call = z.looseObject({ method: z.string() });

export async function startSdkServer(options: SdkServerOptions = {}): Promise<SdkServer> {
  const { basePath = '', hasLists = true } = options;
  const server: SdkServer = { url: '', asked: [], runs: [], cut: (method) => cuts.push(method), stop };
  const cuts: string[] = [];
  const card = cardWith(options);
  const store = new InMemoryTaskStore();
  if (!hasLists) store.list = () => Promise.reject(new UnsupportedOperationError('Tasks are not listed.'));
  const handler = new JsonRpcTransportHandler(new DefaultRequestHandler(card, store, executor(server.runs)));
  const http = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  server.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}${basePath}`;
  return server;

  function answerCard({ url }: IncomingMessage, response: ServerResponse): void {
    server.asked.push(`GET ${url}`);
    const isCard = url === `${basePath}/.well-known/agent-card.json`;
    response.writeHead(isCard ? 200 : 404, { 'content-type': 'application/json' });
    response.end(isCard ? JSON.stringify(AgentCard.toJSON(card)) : '');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') return answerCard(request, response);
    const body = Call.parse(await readJson(request));
    server.asked.push(`${request.url} ${body.method}`);
    if (request.url !== rpcPath) return void response.writeHead(404).end();
    response.setHeader('content-type', 'application/json');
    try {
      const requestedVersion = String(request.headers['a2a-version'] ?? '0.3');
      validateVersion(requestedVersion, card, 'JSONRPC');
      const context = new ServerCallContext({ requestedVersion, user: new UnauthenticatedUser() });
      const answered = await handler.handle(body, context);
      if (cuts[0] === body.method) return void (cuts.shift(), request.socket.destroy());
      if (!(Symbol.asyncIterator in answered)) return void response.end(JSON.stringify(answered));
      await writeStream(answered, response);
    } catch (error) {
      const mapped = JsonRpcTransportHandler.mapToJSONRPCError(error);
      response.end(JSON.stringify({ jsonrpc: '2.0', id: body['id'], error: mapped }));
    }
  }

  function stop(): void {
    http.close();
    http.closeAllConnections();
  }
}

/** As the SDK's own adapter for Express does: what fails before the first event is answered without a stream. */
async function writeStream(events: AsyncGenerator<unknown>, response: ServerResponse): Promise<void> {
  let next = await events.next();
  response.writeHead(200, SSE_HEADERS);
  while (next.done !== true) {
    response.write(formatSSEEvent(next.value));
    next = await events.next();
  }
  response.end();
}

function cardWith({ interfaces }: SdkServerOptions): AgentCard {
  const offered = interfaces ?? [
    { protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    { protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
  ];
  return AgentCard.fromJSON({
    name: 'Memory analyzer',
    description: 'An agent of the SDK.',
    version: '1',
    supportedInterfaces: offered.map((one) => ({ ...one, url: `http://agent.invalid:9${rpcPath}` })),
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
  });
}

function executor(runs: string[]): AgentExecutor {
  const cancels = new Map<string, () => void>();
  return {
    async execute({ taskId, contextId, userMessage }, bus) {
      const [part] = userMessage.parts;
      const prompt = part?.content?.$case === 'text' ? part.content.value : '';
      runs.push(prompt);
      const message = (text: string) => ({ messageId: 'm1', contextId, taskId, role: 'ROLE_AGENT', parts: [{ text }] });
      const become = (state: string, said?: string) => {
        const status = { state: `TASK_STATE_${state}`, ...(said !== undefined && { message: message(said) }) };
        bus.publish(AgentEvent.statusUpdate(TaskStatusUpdateEvent.fromJSON({ taskId, contextId, status })));
      };
      if (prompt.includes('speak')) {
        bus.publish(AgentEvent.message(Message.fromJSON({ ...message('It was the disk.'), taskId: '' })));
        return bus.finished();
      }
      const status = { state: 'TASK_STATE_SUBMITTED', timestamp: new Date().toISOString() };
      bus.publish(
        AgentEvent.task(Task.fromJSON({ id: taskId, contextId, status, history: [Message.toJSON(userMessage)] })),
      );
      become('WORKING');
      const isCancelled = await new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(false), prompt.includes('slow') ? 2_000 : 10).unref();
        cancels.set(taskId, () => resolve(true));
      });
      if (isCancelled) become('CANCELED');
      else if (prompt.includes('fail')) become('FAILED', 'The model is away.');
      else if (prompt.includes('refuse')) become('REJECTED', 'Not my work.');
      else if (prompt.includes('ask')) become('INPUT_REQUIRED', 'Which node?');
      else {
        const artifact = { artifactId: 'a1', parts: [{ text: 'The disk ' }, { text: 'is full.' }] };
        bus.publish(
          AgentEvent.artifactUpdate(TaskArtifactUpdateEvent.fromJSON({ taskId, contextId, artifact, lastChunk: true })),
        );
        become('COMPLETED');
      }
      bus.finished();
    },
    async cancelTask(taskId) {
      cancels.get(taskId)?.();
    },
  };
}
