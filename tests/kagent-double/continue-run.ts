/**
 * Sends a message into a task that exists: a decision for a paused run, or plain text, which ends the pause all the same.
 *
 * Each runtime refuses in its own way what it does not take.
 */

import { type AgentProcess, type Ask, createRun, sceneOf } from './agent-process.ts';
import { extensionDecision, extensionTools } from './extension-pause.ts';
import { AgentFailure } from './failures.ts';
import { carryOut, type LiveRun } from './live-run.ts';
import { isScoped } from './options.ts';
import { type Decision, decisionOf, pendingTools } from './plan-pause.ts';
import { planSteps } from './plan-steps.ts';
import type { ToolCall } from './read-prompt.ts';
import { become, placeOf } from './runtimes.ts';
import { isTerminal, keepLastMessage, type Message, type Task, textOf } from './task.ts';

export function continueRun(process: AgentProcess, asked: Ask, taskId: string): LiveRun {
  const task = findTask(process, asked, taskId);
  const ask = { ...asked, contextId: task.contextId };
  const scene = sceneOf(process, ask, taskId);
  const tools = toolsOf(process, task, ask.message);
  const prompt = textOf(task.history?.[0] ?? ask.message);
  takeIn(process, task, ask, tools.length > 0 && readDecision(process, ask.message) !== undefined);
  const record = process.dependencies.runs.findLast((each) => each.taskId === taskId);
  record?.followUps.push(ask.message);
  task.status = {
    ...become(scene, 'working').status,
    ...(task.status.message !== undefined && { message: task.status.message }),
  };
  task.metadata = { ...task.metadata, ...placeOf(scene) };
  const run = createRun(process, { ask, scene, task, ...(record !== undefined && { record }) });
  run.save(run.task);
  carryOut(run, planSteps(process, scene, ask.message, { tools, prompt, toolsRun: run.record.toolsRun }));
  return run;
}

/** Python takes a decision that does not name its context as text. */
function toolsOf({ agent, dependencies }: AgentProcess, task: Task, message: Message): ToolCall[] {
  if (agent.runtime === 'python' && message.contextId === undefined) return [];
  return dependencies.release === '1.0' ? extensionTools(task) : pendingTools(task);
}

function readDecision({ dependencies }: AgentProcess, message: Message): Decision | undefined {
  return dependencies.release === '1.0' ? extensionDecision(message) : decisionOf(message);
}

/**
 * Puts the message into the task. Go leaves a decision in the status until the next event, as it came, and puts a plain
 * text before the question that it was meant to answer.
 */
function takeIn({ agent }: AgentProcess, task: Task, { message, contextId }: Ask, isDecision: boolean): void {
  if (task.history === undefined) return;
  const own = { ...message, contextId };
  const isGo = agent.runtime === 'go';
  if (isGo && !isDecision) task.history = [...task.history, own];
  keepLastMessage(task);
  if (!isGo) task.history = [...task.history, own];
  if (isGo && isDecision) task.status = { ...task.status, message };
}

function findTask({ agent, own, live, dependencies }: AgentProcess, ask: Ask, id: string): Task {
  const { database, release } = dependencies;
  const user = isScoped(release) ? ask.user : undefined;
  const stored = agent.runtime === 'byo' ? own.get(id) : database.readTask(id, user)?.task;
  if (stored === undefined) throw new AgentFailure(-32001, `Task ${id} was specified but does not exist`);
  const { contextId = stored.contextId } = ask.message;
  if (contextId !== stored.contextId) throw new AgentFailure(-32602, 'bad context id');
  const { state } = stored.status;
  if (isTerminal(state)) throw new AgentFailure(-32602, `Task ${id} is in terminal state: ${state}`);
  if (live.has(id) && agent.runtime === 'go') throw new AgentFailure(-32602, 'task execution is already in progress');
  return structuredClone(stored);
}
