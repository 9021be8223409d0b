/**
 * What waits for people, in lines for a terminal.
 *
 * Pure; what agents wrote is shown inert.
 */
import type { PausedQuestion } from '../../workflows/contract/agent-run.ts';
import type { Waiting } from '../../workflows/contract/outcome.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import type { WaitingExecution } from './waiting-list.ts';

const lineLimit = 2048;
/** Of a tool's arguments in a list; the whole is shown of one. */
const listedChars = 160;

export function listLines(all: readonly WaitingExecution[]): string[] {
  if (all.length === 0) return ['No agent run waits for people.'];
  const count = all.length === 1 ? '1 agent run waits' : `${all.length} agent runs wait`;
  return [
    `${count} for people; approve -- PAUSE shows one.`,
    ...all.flatMap((one) => ['', ...linesOf(one, listedChars)]),
  ];
}

/** Everything that is known about one, and how it is answered. */
export function showLines(one: WaitingExecution): string[] {
  const { waiting, workflowId, link } = one;
  return [
    ...linesOf(one, lineLimit),
    ...(waiting.message === '' ? [] : [`  says       ${line(waiting.message)}`]),
    `  execution  ${line(workflowId)}`,
    ...(link === undefined ? [] : [`  in Kagent  ${line(link)}`]),
    `  answer     ${answerWords(waiting)}`,
  ];
}

function linesOf({ waiting, type, object, agent }: WaitingExecution, argumentChars: number): string[] {
  const { pause, kind, until, onTimeout, tools, questions = [], over, answeredBy } = waiting;
  const then = onTimeout === 'cancel' ? 'the run is cancelled' : 'it is rejected';
  const time = until === undefined ? '' : `, until ${line(until)}, then ${then}`;
  return [
    `${line(pause)}  ${kind}${time}`,
    `  about      ${line(`${type} of ${object}, agent ${agent}`)}`,
    ...tools.map(({ id, name, arguments: text, isCut }) => {
      const cut = isCut === true ? ' (cut)' : '';
      return `  tool       ${line(`${id}: ${name}`)} ${inertLine(text, argumentChars)}${cut}`;
    }),
    ...questions.map((question, nth) => `  question   ${nth + 1}. ${questionWords(question)}`),
    ...(over === undefined ? [] : [`  note       ${line(over)}`]),
    ...(answeredBy === undefined ? [] : [`  decided    by ${line(answeredBy)}; the agent is about to receive it`]),
  ];
}

function questionWords({ question, choices, multiple }: PausedQuestion): string {
  const expected = choices.length === 0 ? '' : ` (${multiple ? 'some' : 'one'} of: ${choices.join(', ')})`;
  return line(`${question}${expected}`);
}

function answerWords({ decidable, tools, questions = [] }: Waiting): string {
  if (decidable === 'nothing') return "only in Kagent's own UI";
  if (decidable === 'reject') return "--reject WHY, or in Kagent's own UI";
  const texts = questions.map(() => '--answer TEXT').join(' ');
  if (tools.length === 0) return `${texts}, or --reject WHY`;
  const each = tools.map(({ id }) => `--tool ${line(id)}=approve`).join(' ');
  const mixed = decidable === 'each' && tools.length > 1 ? `, or ${each}` : '';
  return `--approve${texts === '' ? '' : ` ${texts}`}, or --reject WHY${mixed}`;
}

function line(text: string): string {
  return inertLine(text, lineLimit);
}
