/**
 * The answers to the questions of a pause: one for each, of its choices, and only where nothing is rejected.
 *
 * Kagent takes answers together with an approval of everything that waits.
 */
import type { PausedQuestion, RunPause } from '../agent-run.ts';
import { answerLimits, type RunAnswer } from './answer.ts';
import { type Fields, readText, refuse, shown } from './read-field.ts';

export function readAnswers(pause: RunPause, input: Fields, decisions: RunAnswer['verdicts']): RunAnswer['answers'] {
  const { questions = [], tools } = pause;
  const { answer, answers } = input;
  if (answer !== undefined && answers !== undefined) refuse('It has both "answer" and "answers".');
  const sent: unknown = answer === undefined ? answers : [answer];
  const isRejected = decisions.some(({ verdict }) => verdict === 'reject');
  const isDeclined = tools.length === 0 ? input['decision'] === 'reject' : isRejected;
  if (sent === undefined && (isDeclined || questions.length === 0)) return undefined;
  checkAnswerable(pause, isDeclined);
  return readList(questions, sent);
}

function checkAnswerable({ questions = [], decidable }: RunPause, isDeclined: boolean): void {
  if (questions.length === 0) refuse('The agent asks no question; there is nothing to be answered.');
  if (isDeclined) refuse('Kagent takes answers only where nothing is rejected.');
  if (decidable === 'reject') refuse('These questions cannot be answered here.');
}

function readList(questions: readonly PausedQuestion[], sent: unknown): string[][] {
  if (!Array.isArray(sent) || sent.length !== questions.length)
    refuse(`"answers" is no list with ${questions.length} answer(s), one for each question.`);
  return questions.map((question, index) => readOne(question, sent[index], index + 1));
}

function readOne({ choices, multiple }: PausedQuestion, sent: unknown, nth: number): string[] {
  const name = `answers, number ${nth},`;
  const list: unknown[] = Array.isArray(sent) ? sent : [sent];
  if (list.length === 0 || (list.length > 1 && !multiple))
    refuse(`"${name}" has ${list.length} texts; expected ${multiple ? 'at least ' : ''}one.`);
  return list.map((one) => {
    const text = readText(one, name, answerLimits.answer);
    const expected = choices.map((choice) => `"${choice}"`).join(', ');
    if (choices.length > 0 && !choices.includes(text)) refuse(`"${name}" is "${shown(text)}"; expected ${expected}.`);
    return text;
  });
}
