/**
 * The answers to the questions of a pause: one for each, of its choices, and only where nothing is rejected. Pure.
 *
 * Kagent takes answers together with an approval of everything that waits.
 */
import type { PausedQuestion, RunPause } from '../agent-run.ts';
import { answerLimits, type RunAnswer } from './answer.ts';
import { type Fields, type Read, readText, shown } from './read-field.ts';

type Answers = string[][] | undefined;

export function readAnswers(pause: RunPause, input: Fields, verdicts: RunAnswer['verdicts']): Read<Answers> {
  const { questions = [], tools } = pause;
  const { answer, answers } = input;
  if (answer !== undefined && answers !== undefined) return { refusal: 'It has both "answer" and "answers".' };
  const sent: unknown = answer === undefined ? answers : [answer];
  const isRejected = verdicts.some(({ verdict }) => verdict === 'reject');
  const isDeclined = tools.length === 0 ? input['decision'] === 'reject' : isRejected;
  if (sent === undefined && (isDeclined || questions.length === 0)) return { value: undefined };
  const refusal = whyNone(pause, isDeclined);
  return refusal === undefined ? readList(questions, sent) : { refusal };
}

function whyNone({ questions = [], decidable }: RunPause, isDeclined: boolean): string | undefined {
  if (questions.length === 0) return 'The agent asks no question; there is nothing to be answered.';
  if (isDeclined) return 'Kagent takes answers only where nothing is rejected.';
  return decidable === 'reject' ? 'These questions cannot be answered here.' : undefined;
}

function readList(questions: readonly PausedQuestion[], sent: unknown): Read<string[][]> {
  if (!Array.isArray(sent) || sent.length !== questions.length)
    return { refusal: `"answers" is no list with ${questions.length} answer(s), one for each question.` };
  const answers: string[][] = [];
  for (const [nth, question] of questions.entries()) {
    const read = readOne(question, sent[nth], nth + 1);
    if ('refusal' in read) return read;
    answers.push(read.value);
  }
  return { value: answers };
}

function readOne({ choices, multiple }: PausedQuestion, sent: unknown, nth: number): Read<string[]> {
  const name = `answers, number ${nth},`;
  const list: unknown[] = Array.isArray(sent) ? sent : [sent];
  if (list.length === 0 || (list.length > 1 && !multiple))
    return { refusal: `"${name}" has ${list.length} texts; expected ${multiple ? 'at least ' : ''}one.` };
  const texts: string[] = [];
  for (const one of list) {
    const text = readText(one, name, answerLimits.answer);
    if ('refusal' in text) return text;
    if (choices.length > 0 && !choices.includes(text.value)) {
      const expected = choices.map((choice) => `"${choice}"`).join(', ');
      return { refusal: `"${name}" is "${shown(text.value)}"; expected ${expected}.` };
    }
    texts.push(text.value);
  }
  return { value: texts };
}
