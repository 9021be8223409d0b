/**
 * Reads what somebody sent to a run that waits: a whole answer to this pause, or a sentence that says what to send.
 *
 * Refuses whatever is doubtful: with Kagent, a tool that an answer leaves out runs, and a word that it does not know ends the
 * task.
 */
import type { RunPause } from '../agent-run.ts';
import { answerLimits, type Decision, type RunAnswer } from './answer.ts';
import { readAnswers } from './check-questions.ts';
import { type Fields, isObject, Refusal, readText, refuse, shown } from './read-field.ts';

type Decisions = RunAnswer['verdicts'];

const fields = new Set(['pause', 'decision', 'decisions', 'reasons', 'answer', 'answers', 'by', 'why']);

export function checkAnswer(pause: RunPause, sent: unknown): { answer: RunAnswer } | { refusal: string } {
  try {
    return { answer: readAnswer(pause, sent) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: `${error.message} ${howToAnswer(pause)}` };
  }
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

function readAnswer(pause: RunPause, sent: unknown): RunAnswer {
  const input = readAddressed(pause, sent);
  const by = readText(input['by'], 'by', answerLimits.by);
  const why = input['why'] === undefined ? undefined : readText(input['why'], 'why', answerLimits.why);
  const verdicts = readDecisions(pause, input, why);
  const answers = readAnswers(pause, input, verdicts);
  return { pauseId: pause.id, verdicts, ...(answers !== undefined && { answers }), by, why };
}

/** What is addressed to this pause, in fields that are known, where the pause can be answered at all. */
function readAddressed(pause: RunPause, sent: unknown): Fields {
  if (!isObject(sent)) refuse('What was sent is no object.');
  const unknown = Object.keys(sent).find((name) => !fields.has(name));
  if (unknown !== undefined) refuse(`"${shown(unknown)}" is none of its fields: ${[...fields].join(', ')}.`);
  if (sent['pause'] === undefined) refuse(`It does not name the pause, which is "${pause.id}".`);
  if (sent['pause'] !== pause.id)
    refuse(`The pause "${shown(sent['pause'])}" is not the one that waits: look again at what is asked now.`);
  if ((pause.decidable ?? 'nothing') === 'nothing') refuse('The agent asks in a form that is not known here.');
  return sent;
}

function readDecisions(pause: RunPause, input: Fields, why: string | undefined): Decisions {
  const { decision, decisions, reasons } = input;
  if (decision !== undefined && decisions !== undefined)
    refuse('It has both "decision", for all, and "decisions", for each.');
  if (pause.tools.length === 0) {
    checkDeclined(input, why);
    return [];
  }
  const read = decisions === undefined ? readUniform(pause, decision) : readEach(pause, decisions);
  const given = readReasons(read, reasons);
  const explained = read.map(({ id, verdict }) => ({
    id,
    verdict,
    reason: verdict === 'reject' ? (given.get(id) ?? why) : undefined,
  }));
  checkAllowed(pause, explained);
  return explained;
}

/** Nothing but questions: there is nothing to approve, and a rejection declines to answer. */
function checkDeclined({ decision, decisions, reasons }: Fields, why: string | undefined): void {
  if (decisions !== undefined || reasons !== undefined)
    refuse('The agent asks questions; there are no tools to decide about.');
  if (decision !== undefined && decision !== 'reject')
    refuse(`"decision" is "${shown(decision)}"; questions are answered, or "reject" declines them.`);
  if (decision === 'reject' && why === undefined) refuse('A rejection needs "why", which the agent reads.');
}

function readUniform({ tools }: RunPause, decision: unknown): Decisions {
  if (decision === undefined) refuse('It decides nothing: neither "decision" nor "decisions" is there.');
  const verdict = decisionOf(decision) ?? refuse(`"decision" is "${shown(decision)}"; expected approve or reject.`);
  return tools.map(({ id }) => ({ id, verdict }));
}

function readEach({ tools }: RunPause, decisions: unknown): Decisions {
  if (!isObject(decisions)) refuse('"decisions" is no object with a word for each tool.');
  const given = new Map(Object.entries(decisions));
  const known = new Set(tools.map(({ id }) => id));
  const stranger = [...given.keys()].find((id) => !known.has(id));
  if (stranger !== undefined) refuse(`"decisions" names "${shown(stranger)}", which is no tool of this pause.`);
  const left = tools.filter(({ id }) => !given.has(id)).map(({ id }) => `"${id}"`);
  if (left.length > 0) refuse(`"decisions" leaves out ${left.join(', ')}; every tool has to be decided.`);
  return tools.map(({ id }) => {
    const word = given.get(id);
    const refused = `"decisions" says "${shown(word)}" of "${id}"; expected approve or reject.`;
    return { id, verdict: decisionOf(word) ?? refuse(refused) };
  });
}

function decisionOf(word: unknown): Decision | undefined {
  return word === 'approve' || word === 'reject' ? word : undefined;
}

function readReasons(decisions: Decisions, reasons: unknown): Map<string, string> {
  if (reasons === undefined) return new Map();
  if (!isObject(reasons)) refuse('"reasons" is no object with a text for each rejected tool.');
  const rejected = new Set(rejectedOf(decisions).map(({ id }) => id));
  return new Map(
    Object.entries(reasons).map(([id, reason]) => {
      if (!rejected.has(id)) refuse(`"reasons" names "${shown(id)}", which is no rejected tool.`);
      return [id, readText(reason, 'reasons', answerLimits.why)];
    }),
  );
}

function checkAllowed({ decidable }: RunPause, decisions: Decisions): void {
  const rejected = rejectedOf(decisions);
  if (rejected.some(({ reason }) => reason === undefined)) refuse('A rejection needs "why", which the agent reads.');
  const isUniform = rejected.length === 0 || rejected.length === decisions.length;
  if (decidable === 'whole' && !isUniform)
    refuse('These tools belong to an agent below the agent, which takes one decision for all of them.');
  if (decidable === 'reject' && rejected.length < decisions.length)
    refuse('Not everything that it asks for can be shown here, so it cannot be approved here.');
}

function rejectedOf(decisions: Decisions): Decisions {
  return decisions.filter(({ verdict }) => verdict === 'reject');
}
