/**
 * Puts the plan of a run into time: the first event after the run's length, the others at once after it.
 */

import { randomUUID } from 'node:crypto';
import type { AgentProcess } from './agent-process.ts';
import { extensionDecision } from './extension-pause.ts';
import type { Step } from './live-run.ts';
import type { Runtime } from './options.ts';
import { decisionOf, isApproved, planToolResults } from './plan-pause.ts';
import { planAnswer, planRun } from './plan-run.ts';
import { type Directives, readPrompt, type ToolCall } from './read-prompt.ts';
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
  const { answer, runMs, asks } = process.dependencies;
  const prompt = textOf(message);
  const directives = withAsked(readPrompt(prompt), pending === undefined ? asks?.toolsFor(prompt) : []);
  const decided = pending === undefined ? undefined : planDecided(scene, message, { ...pending, asks });
  const plan = decided ?? planRun(scene, { message, directives, answer: () => answer(prompt) });
  const firstMs = isRefusedAtOnce(process.agent.runtime, message) ? -1 : (directives.latencyMs ?? runMs);
  return plan.map((make, nth) => ({ afterMs: nth === 0 ? firstMs : -1, make }));
}

/** What an agent wants to call by itself, where its prompt does not say it. */
function withAsked(directives: Directives, asked: readonly Omit<ToolCall, 'id'>[] = []): Directives {
  if (directives.tools.length > 0) return directives;
  return { ...directives, tools: asked.map((tool) => ({ id: `call_${randomUUID().slice(0, 8)}`, ...tool })) };
}

type Decidable = Pending & Pick<AgentProcess['dependencies'], 'asks'>;

function planDecided(scene: Scene, message: Message, pending: Decidable): Planned[] | undefined {
  const { tools, prompt, toolsRun, asks } = pending;
  const decision = scene.release === '1.0' ? extensionDecision(message) : decisionOf(message);
  if (decision === undefined || tools.length === 0) return undefined;
  const { event, said } = planToolResults(scene, tools, decision);
  const run: Planned = () => {
    toolsRun.push(...tools.filter((tool) => isApproved(decision, tool)).map(({ name }) => name));
    return event();
  };
  return [run, ...planAnswer(scene, readPrompt(prompt).answer ?? asks?.answerAfter(prompt, said) ?? said)];
}

/** BYO agents were recorded to refuse within the first reply. */
export function isRefusedAtOnce(runtime: Runtime, message: Message): boolean {
  const { isRejected, needsLogin, latencyMs } = readPrompt(textOf(message));
  return runtime === 'byo' && (isRejected || needsLogin) && latencyMs === undefined;
}
