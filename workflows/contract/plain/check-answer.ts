/**
 * Reads what somebody sent to a run that waits: a whole answer to this pause, or a sentence that says what to send.
 *
 * Pure. Refuses whatever is doubtful: with Kagent, a tool that an answer leaves out runs, and a word that it does not know ends
 * the task.
 */
import type { RunPause } from '../agent-run.ts';
import { answerLimits, type RunAnswer, type Verdict } from './answer.ts';
import { readAnswers } from './check-questions.ts';
import { type Fields, isObject, type Read, readText, shown } from './read-field.ts';

export type Checked = { answer: RunAnswer } | { refusal: string };

type Verdicts = RunAnswer['verdicts'];

const fields = new Set(['pause', 'decision', 'decisions', 'reasons', 'answer', 'answers', 'by', 'why']);

export function checkAnswer(pause: RunPause, sent: unknown): Checked {
  const read = readAnswer(pause, sent);
  return 'value' in read ? { answer: read.value } : { refusal: `${read.refusal} ${howToAnswer(pause)}` };
}

/** What to send, with the ids of this pause. */
export function howToAnswer({ id, tools, questions = [], decidable = 'nothing' }: RunPause): string {
  if (decidable === 'nothing') return "It can be answered in Kagent's own UI.";
  const begin = `{"pause":"${id}",`;
  const end = '"by":"YOUR NAME"}';
  const reject = `${begin}"decision":"reject","why":"REASON",${end}`;
  if (decidable === 'reject') return `Send ${reject}, or answer in Kagent's own UI.`;
  const answers = questions.length === 0 ? '' : `"answers":[${questions.map(() => '"TEXT"').join(',')}],`;
  if (tools.length === 0) return `Send ${begin}${answers}${end}, or ${reject}.`;
  const each = tools.map((tool) => `${JSON.stringify(tool.id)}:"approve"`).join(',');
  const mixed = decidable === 'each' && tools.length > 1 ? `, or ${begin}"decisions":{${each}},${end}` : '';
  return `Send ${begin}"decision":"approve",${answers}${end}, or ${reject}${mixed}.`;
}

function readAnswer(pause: RunPause, sent: unknown): Read<RunAnswer> {
  const addressed = readAddress(pause, sent);
  if ('refusal' in addressed) return addressed;
  const { value: input } = addressed;
  const signed = readSigned(input);
  if ('refusal' in signed) return signed;
  const verdicts = readVerdicts(pause, input, signed.value.why);
  if ('refusal' in verdicts) return verdicts;
  const answers = readAnswers(pause, input, verdicts.value);
  if ('refusal' in answers) return answers;
  const given = answers.value === undefined ? {} : { answers: answers.value };
  return { value: { pauseId: pause.id, verdicts: verdicts.value, ...given, ...signed.value } };
}

/** Who decides, and why. */
function readSigned({ by, why }: Fields): Read<Pick<RunAnswer, 'by' | 'why'>> {
  const who = readText(by, 'by', answerLimits.by);
  if ('refusal' in who || why === undefined) return 'refusal' in who ? who : { value: { by: who.value } };
  const reason = readText(why, 'why', answerLimits.why);
  return 'refusal' in reason ? reason : { value: { by: who.value, why: reason.value } };
}

/** Whether it speaks of this pause, in words that are known, and the pause can be answered at all. */
function readAddress(pause: RunPause, sent: unknown): Read<Fields> {
  if (!isObject(sent)) return { refusal: 'What was sent is no object.' };
  const unknown = Object.keys(sent).find((name) => !fields.has(name));
  if (unknown !== undefined)
    return { refusal: `"${shown(unknown)}" is none of its fields: ${[...fields].join(', ')}.` };
  if (sent['pause'] === undefined) return { refusal: `It does not name the pause, which is "${pause.id}".` };
  if (sent['pause'] !== pause.id) {
    const named = shown(sent['pause']);
    return { refusal: `The pause "${named}" is not the one that waits: look again at what is asked now.` };
  }
  if ((pause.decidable ?? 'nothing') === 'nothing')
    return { refusal: 'The agent asks in a form that is not known here.' };
  return { value: sent };
}

function readVerdicts(pause: RunPause, input: Fields, why: string | undefined): Read<Verdicts> {
  const { decision, decisions, reasons } = input;
  if (decision !== undefined && decisions !== undefined)
    return { refusal: 'It has both "decision", for all, and "decisions", for each.' };
  if (pause.tools.length === 0) return readDeclining(input, why);
  const read = decisions === undefined ? readUniform(pause, decision) : readEach(pause, decisions);
  if ('refusal' in read) return read;
  const given = readReasons(read.value, reasons);
  if ('refusal' in given) return given;
  const verdicts = read.value.map(({ id, verdict }) => withReason({ id, verdict }, given.value.get(id) ?? why));
  return notAllowed(pause, verdicts) ?? { value: verdicts };
}

function withReason({ id, verdict }: Verdicts[number], reason: string | undefined): Verdicts[number] {
  return { id, verdict, ...(verdict === 'reject' && reason !== undefined && { reason }) };
}

/** Nothing but questions: there is nothing to approve, and a rejection is an answer that is declined. */
function readDeclining({ decision, decisions, reasons }: Fields, why: string | undefined): Read<Verdicts> {
  if (decisions !== undefined || reasons !== undefined)
    return { refusal: 'The agent asks questions; there are no tools to decide about.' };
  if (decision !== undefined && decision !== 'reject')
    return { refusal: `"decision" is "${shown(decision)}"; questions are answered, or "reject" declines them.` };
  if (decision === 'reject' && why === undefined) return { refusal: 'A rejection needs "why", which the agent reads.' };
  return { value: [] };
}

function readUniform({ tools }: RunPause, decision: unknown): Read<Verdicts> {
  const verdict = verdictOf(decision);
  if (verdict !== undefined) return { value: tools.map(({ id }) => ({ id, verdict })) };
  if (decision === undefined) return { refusal: 'It decides nothing: neither "decision" nor "decisions" is there.' };
  return { refusal: `"decision" is "${shown(decision)}"; expected approve or reject.` };
}

function readEach({ tools }: RunPause, decisions: unknown): Read<Verdicts> {
  if (!isObject(decisions)) return { refusal: '"decisions" is no object with a word for each tool.' };
  const given = new Map(Object.entries(decisions));
  const known = new Set(tools.map(({ id }) => id));
  const stranger = [...given.keys()].find((id) => !known.has(id));
  if (stranger !== undefined)
    return { refusal: `"decisions" names "${shown(stranger)}", which is no tool of this pause.` };
  const left = tools.filter(({ id }) => !given.has(id)).map(({ id }) => `"${id}"`);
  if (left.length > 0) return { refusal: `"decisions" leaves out ${left.join(', ')}; every tool has to be decided.` };
  const verdicts: Verdicts = [];
  for (const { id } of tools) {
    const verdict = verdictOf(given.get(id));
    if (verdict === undefined)
      return { refusal: `"decisions" says "${shown(given.get(id))}" of "${id}"; expected approve or reject.` };
    verdicts.push({ id, verdict });
  }
  return { value: verdicts };
}

function verdictOf(word: unknown): Verdict | undefined {
  return word === 'approve' || word === 'reject' ? word : undefined;
}

function readReasons(verdicts: Verdicts, reasons: unknown): Read<Map<string, string>> {
  const read = new Map<string, string>();
  if (reasons === undefined) return { value: read };
  if (!isObject(reasons)) return { refusal: '"reasons" is no object with a text for each rejected tool.' };
  const rejected = new Set(verdicts.filter(({ verdict }) => verdict === 'reject').map(({ id }) => id));
  for (const [id, reason] of Object.entries(reasons)) {
    if (!rejected.has(id)) return { refusal: `"reasons" names "${shown(id)}", which is no rejected tool.` };
    const text = readText(reason, 'reasons', answerLimits.why);
    if ('refusal' in text) return text;
    read.set(id, text.value);
  }
  return { value: read };
}

function notAllowed({ decidable }: RunPause, verdicts: Verdicts): { refusal: string } | undefined {
  const rejected = verdicts.filter(({ verdict }) => verdict === 'reject');
  if (rejected.some(({ reason }) => reason === undefined))
    return { refusal: 'A rejection needs "why", which the agent reads.' };
  const isUniform = rejected.length === 0 || rejected.length === verdicts.length;
  if (decidable === 'whole' && !isUniform)
    return { refusal: 'These tools belong to an agent below the agent, which takes one decision for all of them.' };
  if (decidable === 'reject' && rejected.length < verdicts.length)
    return { refusal: 'Not all that it wants can be shown here, so it cannot be approved here.' };
  return undefined;
}
