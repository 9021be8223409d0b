/**
 * A send to an agent of 1.x. The first of a session is idempotent on user, agent and message id; the gateway picks the session.
 */
import { randomUUID } from 'node:crypto';
import type { Outcome } from './call.ts';
import { writeMessage, writeTask } from './dialects.ts';
import { hitlExtension, refuseIncomplete } from './extension-pause.ts';
import { RpcFailure } from './failures.ts';
import { type FirstSend, type GatewayCall, requireTask } from './gateway.ts';
import { type LiveRun, whenStopped } from './live-run.ts';
import { notAccepted } from './misbehave.ts';
import { readSend } from './read-call.ts';
import { agentId } from './runtimes.ts';
import { streamRun } from './stream-run.ts';
import { takeMessage } from './take-message.ts';
import { isTerminal, type Message, type Task } from './task.ts';

interface Sending {
  call: GatewayCall;
  message: Message;
  isBlocking: boolean;
  isStream: boolean;
  historyLength: number | undefined;
}

export async function sendThroughGateway(call: GatewayCall, isStream: boolean): Promise<Outcome> {
  const { message, role, isBlocking, historyLength } = readSend(call.envelope.params, '1.0');
  if (message === undefined || message.messageId === '') throw new RpcFailure(-32600, 'message ID is required');
  if (role !== 'ROLE_USER' || message.parts.length === 0) throw new RpcFailure(-32602, 'invalid message');
  if (!call.process.agent.accepted) throw new RpcFailure(-32004, 'Agent has no successful revision');
  const sending = { call, message: withAskedExtensions(call, message), isBlocking, isStream, historyLength };
  if (message.taskId !== undefined) return continueTask(sending, message.taskId);
  return message.contextId === undefined ? sendFirst(sending) : sendNext(sending, message.contextId);
}

/** An extension counts only when the header asks for it too. */
function withAskedExtensions({ asked }: GatewayCall, { extensions, ...message }: Message): Message {
  const isAsked = asked.headers['a2a-extensions']?.includes(hitlExtension) ?? false;
  return isAsked && extensions !== undefined ? { ...message, extensions } : message;
}

function continueTask(sending: Sending, taskId: string): Promise<Outcome> {
  const { call, message } = sending;
  const task = requireTask(call, taskId);
  refuseIncomplete(task, message);
  return begin(sending, task.contextId);
}

/** One task at a time in a session. */
function sendNext(sending: Sending, contextId: string): Promise<Outcome> {
  const { call } = sending;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(contextId)) {
    throw new RpcFailure(-32600, 'context ID must be a UUID');
  }
  const { database } = call.gateway.controller;
  const session = database.readSession(contextId, call.user);
  if (session?.agentId !== agentId(call.process.agent)) throw new RpcFailure(-31403, 'permission denied');
  if (database.tasksOf(contextId, call.user).some((task) => !isTerminal(task.status.state))) throw notAccepted();
  return begin(sending, contextId);
}

async function sendFirst(sending: Sending): Promise<Outcome> {
  const { call, message } = sending;
  const { firstSends, controller } = call.gateway;
  const key = JSON.stringify([call.user, agentId(call.process.agent), message.messageId]);
  const request = JSON.stringify(message);
  const before = firstSends.get(key);
  if (before !== undefined) return repeat(sending, before, request);
  const contextId = randomUUID();
  controller.database.saveSession({ id: contextId, name: '', user: call.user, agentId: agentId(call.process.agent) });
  return begin(sending, contextId, (taskId) => firstSends.set(key, { request, taskId }));
}

/** Answered from the store; nothing runs twice. */
async function repeat(sending: Sending, before: FirstSend, request: string): Promise<Outcome> {
  if (before.request !== request) {
    throw new RpcFailure(-32600, 'message ID was already used with a different request');
  }
  const { call, isBlocking, historyLength, isStream } = sending;
  const run = call.process.live.get(before.taskId);
  if (run !== undefined && isStream) return stream(sending, run);
  if (run !== undefined && isBlocking) await whenStopped(run);
  return { result: { task: writeTask(requireTask(call, before.taskId), '1.0', historyLength) } };
}

async function begin(sending: Sending, contextId: string, remember?: (taskId: string) => void): Promise<Outcome> {
  const { call, message, isBlocking, isStream } = sending;
  if (!call.process.isUp) throw notAccepted();
  const run = takeMessage(call.process, { message, contextId, user: call.user });
  if (!('task' in run)) return { result: { message: writeMessage(run.message, '1.0') } };
  remember?.(run.task.id);
  if (isStream) return stream(sending, run);
  return { result: { task: writeTask(isBlocking ? await waitFor(run) : run.first, '1.0') } };
}

function stream({ call }: Sending, run: LiveRun): Outcome {
  const { id } = call.envelope;
  return streamRun({ run, id, dialect: '1.0', release: '1.0', begin: 'task', callLimitMs: undefined });
}

async function waitFor(run: LiveRun): Promise<Task> {
  const ending = await whenStopped(run);
  if (ending === 'lost') throw new RpcFailure(-32603, 'internal error');
  return structuredClone(run.task);
}
