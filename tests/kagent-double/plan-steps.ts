/**
 * Puts the plan of a run into time: the first event after the run's length, the others at once after it.
 *
 * Called when an agent starts a run or goes on with one.
 */

import type { AgentProcess } from './agent-process.ts';
import { extensionDecision } from './extension-pause.ts';
import type { Step } from './live-run.ts';
import type { Runtime } from './options.ts';
import { decisionOf, isApproved, planToolResults } from './plan-pause.ts';
import { planAnswer, planRun } from './plan-run.ts';
import { readPrompt, type ToolCall } from './read-prompt.ts';
import type { Planned, Scene } from './runtimes.ts';
import { type Message, textOf } from './task.ts';

/** The tools that wait for this message, and the run's record, where they are known. */
export interface Pending {
  tools: readonly ToolCall[];
  /** The prompt that led to the pause. */
  prompt: string;
  toolsRun: string[];
}

export function planSteps(process: AgentProcess, scene: Scene, message: Message, pending?: Pending): Step[] {
  const { answer, runMs } = process.dependencies;
  const prompt = textOf(message);
  const directives = readPrompt(prompt);
  const decided = pending === undefined ? undefined : planDecided(scene, message, pending);
  const plan = decided ?? planRun(scene, { message, directives, answer: () => answer(prompt) });
  const firstMs = isRefusedAtOnce(process.agent.runtime, message) ? -1 : (directives.latencyMs ?? runMs);
  return plan.map((make, nth) => ({ afterMs: nth === 0 ? firstMs : -1, make }));
}

function planDecided(scene: Scene, message: Message, { tools, prompt, toolsRun }: Pending): Planned[] | undefined {
  const decision = scene.release === '1.0' ? extensionDecision(message) : decisionOf(message);
  if (decision === undefined || tools.length === 0) return undefined;
  const { event, said } = planToolResults(scene, tools, decision);
  const run: Planned = () => {
    toolsRun.push(...tools.filter((tool) => isApproved(decision, tool)).map(({ name }) => name));
    return event();
  };
  return [run, ...planAnswer(scene, readPrompt(prompt).answer ?? said)];
}

/** BYO agents were recorded to refuse within the first reply. */
export function isRefusedAtOnce(runtime: Runtime, message: Message): boolean {
  const { isRejected, needsLogin, latencyMs } = readPrompt(textOf(message));
  return runtime === 'byo' && (isRejected || needsLogin) && latencyMs === undefined;
}
