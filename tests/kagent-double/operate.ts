/**
 * Carries out one A2A operation of 0.x: at the agent's process, or from the database where the release does so.
 */

import { answerSend } from './answer-send.ts';
import type { Call, Outcome } from './call.ts';
import { noConnection } from './database.ts';
import { writeTask } from './dialects.ts';
import { AgentFailure, HopFailure, RpcFailure } from './failures.ts';
import { type Envelope, type Operation, readTaskParams } from './read-call.ts';
import { showExtendedCard } from './show-agent.ts';
import { cancelRun, findLiveRun, readOwnTask } from './stop-run.ts';
import { streamRun } from './stream-run.ts';
import type { Task } from './task.ts';

export async function operate(call: Call, envelope: Envelope, operation: Operation): Promise<Outcome> {
  switch (operation) {
    case 'send':
    case 'stream':
      requireProcess(call);
      return answerSend(call, envelope, operation === 'stream');
    case 'get':
      return getTask(call, envelope);
    case 'list':
      return listTasks(call, envelope);
    case 'cancel':
      requireProcess(call);
      return {
        result: writeTask(cancelRun(call.process, readTaskParams(envelope.params).id, call.user), call.dialect),
      };
    case 'follow':
      return followTask(call, envelope);
    case 'card':
      return {
        result: showExtendedCard(call.process.agent, `${call.controller.url()}${call.asked.path}`, call.dialect),
      };
    case 'push':
      requireProcess(call);
      throw new AgentFailure(-32603, 'Push notifications are not supported by the agent');
  }
}

function requireProcess({ process }: Call): void {
  if (!process.isUp) throw new HopFailure('dial tcp 127.0.0.11:8080: connect: connection refused');
}

function getTask(call: Call, { params }: Envelope): Outcome {
  const { id, historyLength } = readTaskParams(params);
  const task = call.controller.release === '0.10' ? readStored(call, id) : askProcess(call, id);
  return { result: writeTask(task, call.dialect, historyLength) };
}

function readStored({ controller, user }: Call, id: string): Task {
  if (controller.database.isDown) throw new RpcFailure(-32603, `failed to get task ${id}: ${noConnection}`);
  const stored = controller.database.readTask(id, user);
  if (stored === undefined) throw new RpcFailure(-32001, 'task not found');
  return stored.task;
}

/** Before 0.10 the agent's process is asked, and reads the database itself. */
function askProcess(call: Call, id: string): Task {
  requireProcess(call);
  const { agent } = call.process;
  if (call.controller.database.isDown && agent.runtime !== 'byo') {
    throw new AgentFailure(
      -32603,
      `Server error '500 Internal Server Error' for url 'http://kagent-controller/api/tasks/${id}'`,
    );
  }
  const task = readOwnTask(call.process, id);
  if (task === undefined) throw new AgentFailure(-32001, agent.runtime === 'go' ? 'task not found' : 'Task not found');
  return task;
}

/** A method of 0.10 only. */
function listTasks({ controller, dialect, user }: Call, { params }: Envelope): Outcome {
  if (controller.release !== '0.10') {
    throw dialect === '0.3'
      ? new RpcFailure(-32601, 'method not found')
      : new RpcFailure(-32004, 'this operation is not supported');
  }
  const { contextId, includeArtifacts } = readTaskParams(params);
  const { database } = controller;
  const why = database.isDown ? noConnection : 'record not found';
  if (database.isDown || database.readSession(contextId, user) === undefined) {
    const message = `get session ${contextId}: failed to get session ${contextId}: ${why}`;
    throw new RpcFailure(-32603, message, { isBare: dialect === '0.3' });
  }
  const tasks = database
    .tasksOf(contextId, user)
    .map((task) => writeTask(withArtifacts(task, includeArtifacts), dialect));
  return { result: { tasks, pageSize: 50, totalSize: tasks.length, nextPageToken: '' } };
}

function withArtifacts({ artifacts, ...task }: Task, isWanted: boolean): Task {
  return isWanted && artifacts !== undefined ? { ...task, artifacts } : task;
}

function followTask(call: Call, { id, params }: Envelope): Outcome {
  requireProcess(call);
  const run = findLiveRun(call.process, readTaskParams(params).id, call.user);
  const { release, callLimitMs } = call.controller;
  return streamRun({ run, id, dialect: call.dialect, release, begin: 'nothing', callLimitMs });
}
