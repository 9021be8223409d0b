/**
 * An answer in the words of the agent that asked: one message with both ids of the run and all of the decision. Pure.
 *
 * Needs the pause as it was read just before. The words of §8: approve, reject, batch with every id, answers;
 * Kagent 1.x has its extension, and words are answered by words.
 */
import type { Decision, RunAnswer } from '../../../workflows/contract/plain/answer.ts';
import type { OutgoingMessage } from '../a2a/dialect.ts';
import { type Asked, humanInTheLoop, isQuestion, questionsOf } from './asked.ts';

/** Everything but the ids. */
export type ReplyContent = Pick<OutgoingMessage, 'parts' | 'metadata' | 'extensions'>;

export function replyTo(asked: Asked, answer: RunAnswer): ReplyContent {
  if (asked.form === 'extension') return byExtension(asked, answer);
  if (asked.form === 'confirmations') return byDecision(asked, answer);
  return { parts: [{ text: answer.answers?.flat().join('\n') ?? saidBy(answer) }] };
}

function byDecision(asked: Asked, answer: RunAnswer): ReplyContent {
  const { answers } = answer;
  if (answers !== undefined) {
    const given = answers.map((texts) => ({ answer: texts }));
    return { parts: [{ data: { decision_type: 'approve', ask_user_answers: given } }] };
  }
  return { parts: [{ data: decisionOf(asked, answer) }, { text: saidBy(answer) }] };
}

function decisionOf(asked: Asked, answer: RunAnswer): Record<string, unknown> {
  const uniform = uniformOf(answer);
  if (uniform === 'approve') return { decision_type: 'approve' };
  if (uniform === 'reject') return { decision_type: 'reject', rejection_reason: reasonsOf(answer) };
  const left = [...answer.verdicts];
  // In their order; a question that is not answered is declined, for what a batch leaves out is approved.
  const all = asked.calls.map((call) => {
    const decision = isQuestion(call) ? undefined : left.shift();
    const { verdict: word = 'reject', reason = answer.why } = decision ?? {};
    return { id: call.id ?? '', word, reason };
  });
  const rejected = all.filter(({ word, reason }) => word === 'reject' && reason !== undefined);
  return {
    decision_type: 'batch',
    decisions: Object.fromEntries(all.map(({ id, word }) => [id, word])),
    rejection_reasons: Object.fromEntries(rejected.map(({ id, reason }) => [id, reason])),
  };
}

/** The one word for all of it, where there is one. Nothing to decide about and no answer: declined. */
function uniformOf({ verdicts }: RunAnswer): Decision | undefined {
  const [word = 'reject', other] = new Set(verdicts.map(({ verdict }) => verdict));
  return other === undefined ? word : undefined;
}

function reasonsOf({ verdicts, why }: RunAnswer): string {
  const reasons = verdicts.flatMap(({ reason }) => reason ?? []);
  return [...new Set(reasons.length === 0 ? [why ?? ''] : reasons)].join('; ');
}

function byExtension(asked: Asked, answer: RunAnswer): ReplyContent {
  const said = { parts: [{ text: saidBy(answer) }], extensions: [humanInTheLoop] };
  const [first] = asked.calls;
  if (first !== undefined && isQuestion(first)) {
    const declined = () => [`Not answered: ${reasonsOf(answer)}`];
    const answers = (answer.answers ?? questionsOf(first).map(declined)).map((texts) => ({ answer: texts }));
    return { ...said, metadata: { [humanInTheLoop]: { type: 'ask_user_response', id: first.id, answers } } };
  }
  const approvals = asked.calls.map(({ id }, nth) => {
    const decision = answer.verdicts[nth];
    const isApproved = decision?.verdict === 'approve';
    return { id, approved: isApproved, ...(!isApproved && { rejection_reason: decision?.reason ?? answer.why ?? '' }) };
  });
  return { ...said, metadata: { [humanInTheLoop]: { type: 'tool_approval_response', approvals } } };
}

/** For people who read the conversation in Kagent; agents go by the data beside it. */
function saidBy(answer: RunAnswer): string {
  const { answers, by, why } = answer;
  const verb = { approve: 'Approved', reject: 'Rejected', both: 'Decided' }[uniformOf(answer) ?? 'both'];
  return `${answers === undefined ? verb : 'Answered'} by ${by}${why === undefined ? '' : `: ${why}`}`;
}
