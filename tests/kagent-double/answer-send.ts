/**
 * A send to an agent of 0.x: what its runtime refuses, then the run, waited for or not.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, Outcome } from './call.ts';
import { writeMessage, writeTask } from './dialects.ts';
import { AgentFailure, HopFailure } from './failures.ts';
import { type LiveRun, whenStopped } from './live-run.ts';
import { type Envelope, readSend, type Send } from './read-call.ts';
import { streamRun, writeLine } from './stream-run.ts';
import { type SpokenAnswer, takeMessage } from './take-message.ts';
import type { Message } from './task.ts';

export async function answerSend(call: Call, { id, params }: Envelope, isStream: boolean): Promise<Outcome> {
  const { process, dialect, controller, user } = call;
  const send = readSend(params, dialect);
  const message = requireMessage(call, send);
  const started = takeMessage(process, { message, user, contextId: message.contextId ?? randomUUID() });
  if (!('task' in started)) return answerMessage(call, started, isStream ? id : undefined);
  if (isStream) {
    const { release, callLimitMs } = controller;
    return streamRun({ run: started, id, dialect, release, begin: 'first-status', callLimitMs });
  }
  const task = send.isBlocking ? await waitFor(call, started) : await firstOf(started);
  const written = writeTask(task, dialect);
  return { result: dialect === '0.3' ? written : { task: written } };
}

/** The first reply of a Go agent of 0.8 comes late enough to say `working`. */
async function firstOf(run: LiveRun): Promise<LiveRun['task']> {
  const { release, agent } = run.scene;
  if (release !== '0.8.6' || agent.runtime !== 'go') return run.first;
  await delay(2);
  return structuredClone(run.task);
}

async function waitFor({ controller }: Call, run: LiveRun): Promise<LiveRun['task']> {
  const ending = await whenStopped(run, controller.callLimitMs);
  if (ending === 'lost') throw new HopFailure('EOF');
  if (ending === 'late')
    throw new HopFailure('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
  return structuredClone(run.task);
}

async function answerMessage(
  call: Call,
  { message, afterMs }: SpokenAnswer,
  streamId?: Envelope['id'],
): Promise<Outcome> {
  await delay(afterMs);
  const written = writeMessage(message, call.dialect);
  const result = call.dialect === '0.3' ? written : { message: written };
  if (streamId === undefined) return { result };
  return {
    kind: 'stream',
    open(sink) {
      sink.write(writeLine(call.controller.release, streamId, { result }));
      sink.end();
      return () => undefined;
    },
  };
}

/** Go refuses what is not whole; Python runs it, unless there is no message or no known role. */
function requireMessage({ process, dialect }: Call, { message, role, wantsPush }: Send): Message {
  const isUser = role === (dialect === '0.3' ? 'user' : 'ROLE_USER');
  const isGo = process.agent.runtime === 'go';
  if (message === undefined) throw invalid(['params', 'message'], missingMessage);
  if (!isUser) throw invalid(['params', 'message', 'role'], unknownRole(dialect === '0.3' ? role : ''));
  if (isGo && (message.messageId === '' || message.parts.length === 0))
    throw new AgentFailure(-32602, 'invalid message');
  if (isGo && wantsPush) throw new AgentFailure(-32003, 'push notifications are not supported');
  return message;
}

const missingMessage = {
  ctx: { class_name: 'Message' },
  input: null,
  msg: 'Input should be a valid dictionary or instance of Message',
  type: 'model_type',
};

function unknownRole(input: string): Record<string, unknown> {
  return { ctx: { expected: "'agent' or 'user'" }, input, msg: "Input should be 'agent' or 'user'", type: 'enum' };
}

function invalid(loc: readonly string[], words: Record<string, unknown>): AgentFailure {
  const url = `https://errors.pydantic.dev/2.14/v/${String(words['type'])}`;
  const detail = { '@type': 'type.googleapis.com/google.protobuf.Struct', ...words, loc, url };
  return new AgentFailure(-32602, 'Invalid parameters', [detail, detail]);
}
