/**
 * The words in which messages and artifacts speak: their parts as one inert text. Pure.
 *
 * What is no text is named, never shown: data as JSON would be read by nobody, files may be anything.
 */
import { inertText } from '../../../workflows/contract/plain/inert-text.ts';
import type { Message, Part, Task } from './task.ts';

/** At most `limit` characters; undefined where nothing was said. */
export function wordsOf(message: Message | null | undefined, limit: number): string | undefined {
  return saidBy(message?.parts ?? [], limit);
}

/** What all artifacts of a task say, in their order. */
export function answerOf({ artifacts }: Pick<Task, 'artifacts'>, limit: number): string | undefined {
  const answers = (artifacts ?? []).map(({ parts }) => saidBy(parts ?? [], limit));
  return nonEmpty(inertText(answers.filter((answer) => answer !== undefined).join('\n\n'), limit));
}

function saidBy(parts: readonly Part[], limit: number): string | undefined {
  return nonEmpty(inertText(parts.map(textOf).join(''), limit));
}

function textOf(part: Part): string {
  if (part.text !== undefined) return part.text;
  return part.data === undefined ? '\n[a file]\n' : '\n[data]\n';
}

function nonEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}
