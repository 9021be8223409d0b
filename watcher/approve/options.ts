/**
 * What was typed after `npm run approve --`: one question, one answer to it. Pure.
 *
 * Makes of it what the update takes; whether that is a whole answer is checked like every other.
 */
import { parseArgs } from 'node:util';
import type { RunPause } from '../../workflows/contract/agent-run.ts';

export const usage = `npm run --silent approve -- [PAUSE [ANSWER] [--why WHY] [--by NAME]] [--installation NAME] [--json]

Lists the agent runs that wait for people; with PAUSE, the beginning of its id, shows one; with an ANSWER, decides it.
  --approve            all tools that it asks for
  --reject WHY         all of them, or the question; the agent reads why
  --tool ID=approve    one of several, each of which has to be named; or --tool ID=reject, with --why
  --answer TEXT        one for each question, in their order; several choices with commas
--by says who decides, $USER where it is left out. --installation goes before INSTALLATION.`;

export type Options = ReturnType<typeof readOptions>;

/** Throws for what is none of the options, and for two answers at once. */
export function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      approve: { type: 'boolean', default: false },
      reject: { type: 'string' },
      tool: { type: 'string', multiple: true, default: [] },
      answer: { type: 'string', multiple: true, default: [] },
      why: { type: 'string' },
      by: { type: 'string' },
      installation: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [pause, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`${rest.join(' ')} is too much; expected one PAUSE.`);
  const options = { ...values, pause };
  const words = [values.approve, values.reject !== undefined, values.tool.length > 0].filter(Boolean);
  if (words.length > 1) throw new Error('--approve, --reject and --tool are three answers; expected one.');
  if (isAnswer(options) && pause === undefined) throw new Error('An answer names no PAUSE.');
  return options;
}

export function isAnswer({ approve, reject, tool, answer }: Options): boolean {
  return approve || reject !== undefined || tool.length > 0 || answer.length > 0;
}

/** What is sent. Throws for a `--tool` that is none. */
export function sentBy(options: Options, { id, questions = [] }: Pick<RunPause, 'id' | 'questions'>): object {
  const { approve, reject, tool: tools, answer: answers, why, by } = options;
  const reason = reject ?? why;
  return {
    pause: id,
    ...(approve && { decision: 'approve' }),
    ...(reject !== undefined && { decision: 'reject' }),
    ...(tools.length > 0 && { decisions: Object.fromEntries(tools.map(readTool)) }),
    ...(answers.length > 0 && {
      answers: answers.map((text, nth) => (questions[nth]?.multiple === true ? text.split(/\s*,\s*/) : text)),
    }),
    ...(reason !== undefined && { why: reason }),
    ...(by !== undefined && { by }),
  };
}

function readTool(text: string): [id: string, decision: string] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new Error(`--tool is "${text}"; expected ID=approve or ID=reject.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
