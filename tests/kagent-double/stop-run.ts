/**
 * What an agent's process does about a task that already runs or ran: cancel it, or let a caller follow it.
 *
 * Python agents cancel nothing; nobody can follow what no process works on.
 */

import type { AgentProcess } from './agent-process.ts';
import { AgentFailure } from './failures.ts';
import { end, type LiveRun, take } from './live-run.ts';
import { isScoped } from './options.ts';
import { become } from './runtimes.ts';
import { applyEvent, isTerminal, type Task } from './task.ts';

/** The stored task, as the agent reads it, or undefined. */
export function readOwnTask({ agent, own, dependencies }: AgentProcess, id: string, user?: string): Task | undefined {
  const stored = agent.runtime === 'byo' ? own.get(id) : dependencies.database.readTask(id, user)?.task;
  return stored === undefined ? undefined : structuredClone(stored);
}

export function cancelRun(process: AgentProcess, id: string, user: string): Task {
  const task = requireTask(process, id, user);
  const { state } = task.status;
  if (process.agent.runtime === 'python') {
    throw isTerminal(state)
      ? new AgentFailure(-32002, `Task cannot be canceled - current state: TaskState.${state}`)
      : new AgentFailure(-32603, 'Cancellation is not supported');
  }
  if (state === 'canceled') return task;
  if (isTerminal(state)) throw new AgentFailure(-32002, 'task cannot be canceled');
  return cancelUnfinished(process, task, user);
}

function cancelUnfinished(process: AgentProcess, task: Task, user: string): Task {
  const { agent, dependencies } = process;
  const event = become(
    { release: dependencies.release, agent, user, contextId: task.contextId, taskId: task.id, invocationId: '' },
    'canceled',
    { isFinal: true },
  );
  const run = process.live.get(task.id);
  if (run !== undefined) {
    take(run, event);
    end(run, 'over');
    return structuredClone(run.task);
  }
  applyEvent(task, event);
  const record = dependencies.runs.findLast((each) => each.taskId === task.id);
  if (record !== undefined) record.state = 'canceled';
  if (agent.runtime === 'byo') process.own.set(task.id, structuredClone(task));
  else dependencies.database.saveTask(task, user);
  return task;
}

/** The run, if the process that this call reaches works on it; each call reaches the next replica. */
export function findLiveRun(process: AgentProcess, id: string, user: string): LiveRun {
  const replica = process.calls % process.agent.replicas;
  process.calls += 1;
  const run = process.live.get(id);
  if (run !== undefined && run.replica === replica) return run;
  const task = requireTask(process, id, user);
  const { state } = task.status;
  throw isTerminal(state)
    ? new AgentFailure(-32602, `Task ${id} is in terminal state: ${state}`)
    : new AgentFailure(-32001, 'Task not found');
}

function requireTask(process: AgentProcess, id: string, user: string): Task {
  const { release } = process.dependencies;
  const task = readOwnTask(process, id, isScoped(release) ? user : undefined);
  if (task === undefined)
    throw new AgentFailure(
      -32001,
      release === '0.8.6' && process.agent.runtime === 'go' ? 'task not found' : 'Task not found',
    );
  return task;
}
