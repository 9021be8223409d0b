/**
 * Carries out one A2A operation of 1.x: tasks are read from the database, foreign ones are forbidden, not hidden.
 */

import type { Outcome } from './call.ts';
import { writeTask } from './dialects.ts';
import { RpcFailure } from './failures.ts';
import { type GatewayCall, requireTask } from './gateway.ts';
import { type Operation, readTaskParams } from './read-call.ts';
import { sendThroughGateway } from './send-through-gateway.ts';
import { showCard } from './show-agent.ts';
import { cancelRun } from './stop-run.ts';
import { streamRun, writeLine } from './stream-run.ts';
import { isTerminal } from './task.ts';

export async function operateGateway(call: GatewayCall, operation: Operation): Promise<Outcome> {
  if (call.gateway.controller.database.isDown) throw new RpcFailure(-32603, 'internal error');
  switch (operation) {
    case 'send':
    case 'stream':
      return sendThroughGateway(call, operation === 'stream');
    case 'get': {
      const { id, historyLength } = readTaskParams(call.envelope.params);
      return { result: writeTask(requireTask(call, id), '1.0', historyLength) };
    }
    case 'list':
      return listTasks(call);
    case 'cancel':
      return cancelTask(call);
    case 'follow':
      return followTask(call);
    case 'card':
      return { result: showCard(call.process.agent, `${call.gateway.controller.url()}${call.asked.path}`, '1.0') };
    case 'push':
      throw new RpcFailure(-32003, 'push notifications are not supported');
  }
}

function listTasks({ gateway, user, envelope }: GatewayCall): Outcome {
  const { contextId } = readTaskParams(envelope.params);
  const { database } = gateway.controller;
  if (database.readSession(contextId, user) === undefined) throw new RpcFailure(-31403, 'permission denied');
  const tasks = database.tasksOf(contextId, user).map((task) => writeTask(task, '1.0'));
  return { result: { tasks, totalSize: tasks.length, pageSize: 50, nextPageToken: '' } };
}

function cancelTask(call: GatewayCall): Outcome {
  const task = requireTask(call, readTaskParams(call.envelope.params).id);
  const canceled = isTerminal(task.status.state) ? task : cancelRun(call.process, task.id, call.user);
  return { result: writeTask(canceled, '1.0') };
}

/** Begins with the task; for one that nobody works on, that is all. */
function followTask(call: GatewayCall): Outcome {
  const task = requireTask(call, readTaskParams(call.envelope.params).id);
  const { id } = call.envelope;
  const run = call.process.live.get(task.id);
  if (run !== undefined)
    return streamRun({ run, id, dialect: '1.0', release: '1.0', begin: 'task', callLimitMs: undefined });
  return {
    kind: 'stream',
    open(sink) {
      sink.write(writeLine('1.0', id, { result: { task: writeTask(task, '1.0') } }));
      sink.end();
      return () => undefined;
    },
  };
}
