/**
 * The process of one agent: what it works on, what it keeps, where it saves. It can be killed, which forgets all that.
 *
 * Made by the double's registry, used by the controllers. Runs go on whatever becomes of controllers and connections.
 */
import { randomUUID } from 'node:crypto';
import type { AsksForChange } from './ask-for-change.ts';
import type { Database } from './database.ts';
import { type AgentSideRun, end, type LiveRun } from './live-run.ts';
import type { DoubleAgent, Release } from './options.ts';
import type { Scene } from './runtimes.ts';
import { type Message, type Task, textOf } from './task.ts';

export type Agent = Required<DoubleAgent>;

export interface AgentDependencies {
  release: Release;
  runMs: number;
  submittedMs: number;
  answer: (prompt: string) => string;
  asks: AsksForChange | undefined;
  database: Database;
  /** Agents save their tasks through the controller. */
  isControllerUp: () => boolean;
  runs: AgentSideRun[];
}

export interface AgentProcess {
  agent: Agent;
  isUp: boolean;
  dependencies: AgentDependencies;
  /** By task id. */
  live: Map<string, LiveRun>;
  /** Tasks of a BYO agent, which lie in its own memory. */
  own: Map<string, Task>;
  /** Calls so far; they go round the replicas. */
  calls: number;
}

export interface Ask {
  message: Message;
  contextId: string;
  user: string;
}

export function createAgent(agent: Agent, dependencies: AgentDependencies): AgentProcess {
  return { agent, isUp: true, dependencies, live: new Map(), own: new Map(), calls: 0 };
}

/** SIGKILL: what it was doing is lost, and nobody notices but those who hold a connection. */
export function killAgent(process: AgentProcess): void {
  process.isUp = false;
  for (const run of process.live.values()) end(run, 'lost');
  process.live.clear();
  process.own.clear();
}

export function sceneOf({ agent, dependencies }: AgentProcess, ask: Ask, taskId: string): Scene {
  const { contextId, user } = ask;
  return { release: dependencies.release, agent, user, contextId, taskId, invocationId: randomUUID() };
}

export interface RunOrigin {
  ask: Ask;
  scene: Scene;
  task: Task;
  /** The record of the run that this one goes on with. */
  record?: AgentSideRun;
}

export function createRun(process: AgentProcess, { ask, scene, task, record }: RunOrigin): LiveRun {
  const run: LiveRun = {
    scene,
    task,
    first: structuredClone(task),
    replica: process.calls % process.agent.replicas,
    record: record ?? recordRun(process, ask, scene.taskId),
    listeners: new Set(),
    ending: undefined,
    save: (changed) => saveTask(process, changed, ask.user),
  };
  process.calls += 1;
  process.live.set(task.id, run);
  run.listeners.add((signal) => void ((signal === 'over' || signal === 'lost') && process.live.delete(task.id)));
  return run;
}

export function recordRun(
  { agent, dependencies }: AgentProcess,
  { message, contextId }: Ask,
  taskId: string,
): AgentSideRun {
  const record: AgentSideRun = {
    agent: `${agent.namespace}/${agent.name}`,
    taskId,
    contextId,
    messageId: message.messageId,
    prompt: textOf(message),
    startedAt: new Date().toISOString(),
    state: 'submitted',
    followUps: [],
    toolsRun: [],
  };
  dependencies.runs.push(record);
  return record;
}

/** Lost when the controller (0.x) or the database is away: agents do not try again. */
function saveTask({ agent, own, dependencies }: AgentProcess, task: Task, user: string): void {
  const { database, isControllerUp, release } = dependencies;
  if (agent.runtime === 'byo') {
    own.set(task.id, structuredClone(task));
    return;
  }
  if (database.isDown || (release !== '1.0' && !isControllerUp())) return;
  database.saveTask(task, user);
}
