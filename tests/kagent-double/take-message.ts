/**
 * What an agent does with a message: starts a run, goes on with one, or says something without any task.
 */
import { type AgentProcess, type Ask, createRun, recordRun, sceneOf } from './agent-process.ts';
import { continueRun } from './continue-run.ts';
import { AgentFailure, Silence } from './failures.ts';
import { carryOut, type LiveRun } from './live-run.ts';
import { openSession } from './open-session.ts';
import { pendingTools } from './plan-pause.ts';
import { planEarlyFailure } from './plan-run.ts';
import { isRefusedAtOnce, type Pending, planSteps } from './plan-steps.ts';
import { readPrompt } from './read-prompt.ts';
import { become, newId, placeOf, type Scene, say } from './runtimes.ts';
import { type Message, type Task, textOf } from './task.ts';

/** A Message instead of a task. */
export interface SpokenAnswer {
  message: Message;
  afterMs: number;
}

/** Starts a new task, or goes on with the one that the message names. */
export function takeMessage(process: AgentProcess, ask: Ask): LiveRun | SpokenAnswer {
  refuseWithoutDatabase(process);
  const { taskId } = ask.message;
  if (taskId !== undefined) return continueRun(process, ask, taskId);
  if (readPrompt(textOf(ask.message)).isMessage) return speak(process, ask);
  return startRun(process, ask);
}

function refuseWithoutDatabase({ agent, dependencies }: AgentProcess): void {
  if (!dependencies.database.isDown || agent.runtime === 'byo') return;
  throw agent.runtime === 'python' ? new Silence() : new AgentFailure(-32603, 'failed to save task');
}

function startRun(process: AgentProcess, ask: Ask): LiveRun {
  const scene = sceneOf(process, ask, newId(process.agent.runtime));
  const trouble = openSession(process, scene, textOf(ask.message));
  const run = createRun(process, { ask, scene, task: newTask(scene, ask.message) });
  run.save(run.task);
  if (trouble !== undefined) {
    carryOut(
      run,
      planEarlyFailure(scene, trouble).map((make) => ({ afterMs: 1, make })),
    );
    return run;
  }
  const isEarly = isRefusedAtOnce(process.agent.runtime, ask.message);
  const submittedMs = process.agent.runtime === 'python' ? process.dependencies.submittedMs : 0;
  const working = () => become(scene, 'working', { metadata: placeOf(scene) });
  const steps = planSteps(process, scene, ask.message, pendingIn(process, scene));
  carryOut(run, [{ afterMs: isEarly ? -1 : submittedMs, make: working }, ...steps]);
  if (isEarly) run.first = structuredClone(run.task);
  return run;
}

/** Python lets a decision without a task's id run what any task of the session waits for. */
function pendingIn({ agent, dependencies }: AgentProcess, { contextId, user }: Scene): Pending | undefined {
  if (agent.runtime !== 'python') return undefined;
  const tools = dependencies.database.tasksOf(contextId, user).flatMap(pendingTools);
  return { tools, prompt: '', toolsRun: dependencies.runs.at(-1)?.toolsRun ?? [] };
}

/** 0.x puts the message into the task twice: in its history and, while `submitted`, in its status. */
function newTask(scene: Scene, message: Message): Task {
  const { status } = become(scene, 'submitted');
  const { taskId: id, contextId } = scene;
  if (scene.agent.runtime === 'byo') return { id, contextId, status };
  const isNamed = scene.agent.runtime === 'python' || scene.release === '1.0';
  const own = { ...message, contextId, ...(isNamed && { taskId: id }) };
  if (scene.release === '1.0') return { id, contextId, status, history: [own] };
  return { id, contextId, status: { ...status, message: own }, history: [own] };
}

function speak(process: AgentProcess, ask: Ask): SpokenAnswer {
  const record = recordRun(process, ask, '');
  record.state = 'completed';
  const directives = readPrompt(record.prompt);
  const text = directives.answer ?? process.dependencies.answer(record.prompt);
  const message = say({ ...sceneOf(process, ask, ''), release: '0.8.6' }, [{ text }]);
  return {
    message: { ...message, contextId: ask.contextId },
    afterMs: directives.latencyMs ?? process.dependencies.runMs,
  };
}
