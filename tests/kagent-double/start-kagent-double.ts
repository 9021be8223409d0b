/**
 * A double of Kagent on a real HTTP server: controller and agents of one release, as they were recorded, with all their faults.
 *
 * Listens on the loopback address only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type RecordedRequest, recordRequest } from '../fake-kagent/record-request.ts';
import { answerAdmin } from './admin.ts';
import { answerController } from './answer-controller.ts';
import { answerGateway } from './answer-gateway.ts';
import type { Controller } from './controller.ts';
import { createDatabase } from './database.ts';
import type { KagentDouble } from './double.ts';
import { keepAgents } from './keep-agents.ts';
import type { AgentSideRun } from './live-run.ts';
import { misbehave } from './misbehave.ts';
import type { Asked } from './name-user.ts';
import { type DoubleAgent, defaultCallLimit, type KagentDoubleOptions } from './options.ts';
import { createScript } from './script.ts';
import { type Served, serve } from './serve.ts';

export type { KagentDouble } from './double.ts';
export type { AgentSideRun } from './live-run.ts';
export type { DoubleAgent, KagentDoubleOptions, Release, Runtime } from './options.ts';
export type { ScriptStepInput as ScriptStep } from './script.ts';

const knownAgents: readonly DoubleAgent[] = [
  { namespace: 'kagent', name: 'memory-analyzer' },
  { namespace: 'kagent', name: 'incident-responder' },
];

function defaultAnswer(prompt: string): string {
  return `Looked into it: ${prompt.slice(0, 60)}`;
}

/** Everything but the server. */
function assemble(options: KagentDoubleOptions, served: () => Served | undefined) {
  const { release = '0.10', agents = knownAgents, anyAgent = false, auth } = options;
  const database = createDatabase();
  const runs: AgentSideRun[] = [];
  const times = { startedAt: 0, windowMs: 0 };
  const dependencies = {
    release,
    runMs: options.runMs ?? 50,
    submittedMs: options.submittedMs ?? 5,
    answer: options.answer ?? defaultAnswer,
    asks: options.asks,
    database,
    isControllerUp: () => served()?.isUp() ?? false,
    runs,
  };
  const controller: Controller = {
    release,
    agents: keepAgents({ agents, anyAgent, dependencies }),
    database,
    auth,
    callLimitMs: options.callLimitMs ?? defaultCallLimit(release),
    isStarting: () => Date.now() < times.startedAt + times.windowMs,
    url: () => served()?.url ?? '',
  };
  return {
    controller,
    runs,
    times,
    answer: release === '1.0' ? answerGateway(controller) : answerController.bind(undefined, controller),
  };
}

export async function startKagentDouble(options: KagentDoubleOptions = {}): Promise<KagentDouble> {
  const server: { served?: Served } = {};
  const { controller, runs, times, answer } = assemble(options, () => server.served);
  const script = createScript();
  const requests: RecordedRequest[] = [];
  const stopped = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = await recordRequest(request);
    if (record.path.startsWith('/_fake/')) return answerAdmin(double, record, response);
    requests.push(record);
    const step = script.next(record);
    if (step.delayMs > 0) await delay(step.delayMs, undefined, { signal: stopped.signal });
    const exchange = { request, response, body: record.body, handle: () => answer(toAsked(record)) };
    record.answered = await misbehave(step.fault, exchange);
  }

  const { agents, database } = controller;
  const double: KagentDouble = {
    url: '',
    requests,
    runs,
    controller: {
      stop: async () => server.served?.stop(),
      async start(windowMs = options.startWindowMs ?? 0) {
        times.windowMs = windowMs;
        times.startedAt = Date.now();
        await server.served?.start();
      },
    },
    agent: (namespace, name) => ({
      kill: () => agents.kill(namespace, name),
      start: () => agents.start(namespace, name),
      remove: () => agents.remove(namespace, name),
    }),
    database: {
      down: () => void (database.isDown = true),
      up: () => void (database.isDown = false),
    },
    script: script.set,
    async stop() {
      stopped.abort();
      agents.killAll();
      await server.served?.stop();
    },
  };
  const served = await serve({ port: options.port ?? 0, tls: options.tls, handle });
  server.served = served;
  double.url = served.url;
  return double;
}

function toAsked({ method, path, headers, body }: RecordedRequest): Asked {
  const url = new URL(path, 'http://double');
  return { method, path: url.pathname, query: url.searchParams, headers, body };
}
