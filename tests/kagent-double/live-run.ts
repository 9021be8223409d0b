/**
 * One run that an agent's process is busy with: carries out its plan, keeps its task, sends it to those who listen.
 *
 * Made by `agent-process.ts`. Ends by its plan, by a cancel, or with its process, which leaves the stored task as it was.
 */
import type { Planned, Scene } from './runtimes.ts';
import { applyEvent, type Message, type RunEvent, type Task, type TaskState } from './task.ts';

/** A run that an agent has really started: the measure for "never two runs for one ask". */
export interface AgentSideRun {
  /** `namespace/name`. */
  agent: string;
  /** Empty where the agent answers with a Message. */
  taskId: string;
  contextId: string;
  messageId: string;
  prompt: string;
  /** RFC 3339. */
  startedAt: string;
  /** What the agent's process made of it; `lost` when it was killed. */
  state: TaskState | 'lost';
  /** Messages sent into the same task later: decisions, answers. */
  followUps: Message[];
  /** Tools that ran after an approval. */
  toolsRun: string[];
}

/** `over`: the agent has stopped working on it, in whatever state. `lost`: its process was killed. */
export type Signal = RunEvent | 'over' | 'lost';

export interface LiveRun {
  scene: Scene;
  task: Task;
  /** The task as the call that started or continued it is answered at once. */
  first: Task;
  /** Which of the agent's processes runs it. */
  replica: number;
  record: AgentSideRun;
  listeners: Set<(signal: Signal) => void>;
  ending: 'over' | 'lost' | undefined;
  timer?: NodeJS.Timeout;
  save: (task: Task) => void;
}

export interface Step {
  afterMs: number;
  make: Planned;
}

/** Does the steps, one after the other, and ends the run. */
export function carryOut(run: LiveRun, [step, ...later]: readonly Step[]): void {
  if (run.ending !== undefined) return;
  if (step === undefined) return end(run, 'over');
  if (step.afterMs < 0) return doStep(run, step, later);
  run.timer = setTimeout(() => doStep(run, step, later), step.afterMs);
}

function doStep(run: LiveRun, step: Step, later: readonly Step[]): void {
  take(run, step.make());
  carryOut(run, later);
}

/** Lets an event happen to the run. */
export function take(run: LiveRun, event: RunEvent): void {
  applyEvent(run.task, event);
  run.record.state = run.task.status.state;
  run.save(run.task);
  for (const listener of run.listeners) listener(event);
}

export function end(run: LiveRun, ending: 'over' | 'lost'): void {
  if (run.ending !== undefined) return;
  clearTimeout(run.timer);
  run.ending = ending;
  if (ending === 'lost') run.record.state = 'lost';
  for (const listener of run.listeners) listener(ending);
  run.listeners.clear();
}

/** Resolves when the run has stopped; after `limitMs` with `late`. */
export function whenStopped(run: LiveRun, limitMs?: number): Promise<'over' | 'lost' | 'late'> {
  return new Promise((resolve) => {
    if (run.ending !== undefined) return resolve(run.ending);
    const timer = limitMs === undefined ? undefined : setTimeout(() => resolve('late'), limitMs).unref();
    run.listeners.add((signal) => {
      if (signal !== 'over' && signal !== 'lost') return;
      clearTimeout(timer);
      resolve(signal);
    });
  });
}
