/**
 * What a paused run waits for, as it is carried, shown and answered: bounded, inert, with an id of its own. Pure.
 *
 * Says as well what can be decided about it. Nothing can be approved that is not shown.
 */
import { createHash } from 'node:crypto';
import type { Decidable, PausedQuestion, PausedTool, RunPause } from '../../../workflows/contract/agent-run.ts';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import type { Task } from '../runs/task.ts';
import { type Asked, type AskedCall, askedBy, callsIn, isQuestion, isReadable, questionsOf } from './asked.ts';

const messageLimit = 2048;
const nameLimit = 253;
const argumentsLimit = 1024;
const choiceLimit = 500;
/** More tools, questions or choices cannot all be shown. */
const countLimit = 20;

/** What can be written in JSON and in a shell without a thought. */
const plainId = /^[\w.:-]{1,64}$/;

export function pauseOf(task: Task): RunPause {
  const asked = askedBy(task);
  const calls = callsIn(asked);
  const tools = calls.filter((call) => !isQuestion(call));
  const questions = questionsIn(asked);
  return {
    id: pauseIdOf(task, asked),
    kind: tools.length > 0 ? 'approval' : 'question',
    message: inertLine(asked.words ?? asked.hints.join(' '), messageLimit),
    decidable: decidableOf(asked),
    tools: toolsOf(tools.slice(0, countLimit)),
    ...(questions.length > 0 && { questions: questions.slice(0, countLimit).map(shownQuestion) }),
  };
}

/** The same for the same pause, whatever is shown of it. */
export function pauseIdOf({ id, contextId, status }: Task, { calls, words }: Asked): string {
  const content = ['v2', id, contextId, calls, words, status.message?.messageId];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/** Words alone are one question, to which any text is an answer. */
function questionsIn(asked: Asked): PausedQuestion[] {
  if (asked.form === 'words') return [{ question: asked.words ?? '', choices: [], multiple: false }];
  return callsIn(asked).filter(isQuestion).flatMap(questionsOf);
}

function decidableOf(asked: Asked): Decidable {
  if (asked.form === 'unknown') return 'nothing';
  const calls = callsIn(asked);
  const asks = calls.filter(isQuestion);
  const questions = questionsIn(asked);
  const isTooMuch = calls.length - asks.length > countLimit || questions.length > countLimit;
  const hasTooManyChoices = questions.some(({ choices }) => choices.length > countLimit);
  // Kagent gives the same answers to every call that asks.
  if (asked.isPartly || isTooMuch || hasTooManyChoices || asks.length > 1 || !asks.every(isReadable)) return 'reject';
  const isOfAnother = asked.calls.some(({ inner }) => inner.length > 0);
  return isOfAnother || !areIdsDistinct(calls) ? 'whole' : 'each';
}

function areIdsDistinct(calls: readonly AskedCall[]): boolean {
  return new Set(calls.flatMap(({ id }) => id ?? [])).size === calls.length;
}

function toolsOf(calls: readonly AskedCall[]): PausedTool[] {
  const arePlain = areIdsDistinct(calls) && calls.every(({ id = '' }) => plainId.test(id));
  return calls.map(({ id, name, args }, nth) => {
    const text = JSON.stringify(args) ?? '';
    const shownName = inertLine(name, nameLimit);
    return {
      id: arePlain && id !== undefined ? id : `tool-${nth + 1}`,
      name: shownName,
      arguments: inertLine(text, argumentsLimit),
      ...(text.length > argumentsLimit && { isCut: true as const }),
      ...(shownName !== name && { isRenamed: true as const }),
    };
  });
}

function shownQuestion({ question, choices, multiple }: PausedQuestion): PausedQuestion {
  return {
    question: inertLine(question, argumentsLimit),
    choices: choices.slice(0, countLimit).map((choice) => inertLine(choice, choiceLimit)),
    multiple,
  };
}
