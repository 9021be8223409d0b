/**
 * What a task says of its run: it goes on, it waits for a person, or it has ended, and how. Pure.
 *
 * While a task is *submitted*, `status.message` is our own prompt; it is read only where the agent speaks in it.
 */
import {
  answerLimitChars,
  type RunEnding,
  type RunOutcome,
  type RunPause,
} from '../../../workflows/contract/agent-run.ts';
import { pauseOf } from '../pauses/pause.ts';
import type { RunReading } from '../port.ts';
import { answerOf, isOfAgent, type Message, type Task, wordsOf } from './task.ts';
import { usageOf } from './usage.ts';

/** Characters of a reason; people read its first line. */
const whyLimit = 2048;

/** The outcome, and what is said where the agent says nothing. */
type Ended = [outcome: RunOutcome, silent?: string];

const ended = new Map<string, Ended>([
  ['completed', ['AgentRunCompleted']],
  ['failed', ['AgentRunFailed', 'The agent gave no reason.']],
  ['rejected', ['AgentRunRejected', 'The agent gave no reason.']],
  ['canceled', ['AgentRunCancelled', 'The run was cancelled.']],
  ['auth-required', ['AgentRunFailed', 'The agent asks for a login (auth-required), which nobody can give it here.']],
]);

/** `redact` takes secrets out of what the agent has written. */
export function readRun(task: Task | undefined, redact: (text: string) => string): RunReading {
  if (task === undefined) return { state: 'missing' };
  const { state, timestamp } = task.status;
  const how = ended.get(state);
  if (how !== undefined) return { state: 'ended', ending: endingOf(task, how, redact) };
  if (state === 'input-required') return { state: 'paused', pause: redacted(pauseOf(task), redact) };
  return {
    state: 'working',
    mark: `${state.slice(0, 40)} ${timestamp?.slice(0, 40) ?? ''} ${task.history?.length ?? 0}`,
  };
}

/** A name or a choice in which a secret stood is not what the agent wrote. */
function redacted(pause: RunPause, redact: (text: string) => string): RunPause {
  const { questions } = pause;
  return {
    ...pause,
    message: redact(pause.message),
    tools: pause.tools.map((tool) => {
      const name = redact(tool.name);
      const isRenamed = name !== tool.name;
      return { ...tool, name, arguments: redact(tool.arguments), ...(isRenamed && { isRenamed: true as const }) };
    }),
    ...(questions !== undefined && {
      questions: questions.map((one) => ({
        ...one,
        question: redact(one.question),
        choices: one.choices.map(redact),
      })),
    }),
  };
}

/** A finished answer that came without a task. */
export function readMessage(message: Message, redact: (text: string) => string): RunEnding {
  const answer = wordsOf(message, answerLimitChars);
  return { outcome: 'AgentRunCompleted', ...(answer !== undefined && { answer: redact(answer) }) };
}

function endingOf(task: Task, [outcome, silent]: Ended, redact: (text: string) => string): RunEnding {
  const { message } = task.status;
  const spoken = message !== undefined && message !== null && isOfAgent(message) ? message : undefined;
  // Agents that are none of Kagent's may answer in the status alone.
  const inStatus = outcome === 'AgentRunCompleted' ? wordsOf(spoken, answerLimitChars) : undefined;
  const answer = answerOf(task, answerLimitChars) ?? inStatus;
  const why = outcome === 'AgentRunCompleted' ? undefined : (wordsOf(spoken, whyLimit) ?? silent);
  return {
    outcome,
    ...(answer !== undefined && { answer: redact(answer) }),
    ...(why !== undefined && { why: redact(why) }),
    ...usageOf(task),
  };
}
