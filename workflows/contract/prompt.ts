/**
 * Prompt templates: Handlebars' grammar with Go's leading dots, an allow list, and limits on everything.
 *
 * Pure: no clock, no world, no generated code. Handlebars only parses; what the tree means is decided here.
 */
import type { Incident } from './incident.ts';
import type { SoFar } from './plain/so-far.ts';
import { fillPrompt } from './prompt/fill-prompt.ts';
import { type PromptBudget, templateLimits } from './prompt/limits.ts';
import { blankDots } from './prompt/parser/blank-dots.ts';
import { checkTags } from './prompt/parser/check-tags.ts';
import { parseSyntax } from './prompt/parser/handlebars-syntax.ts';
import { readSteps } from './prompt/parser/read-steps.ts';
import { readTags } from './prompt/parser/read-tags.ts';
import { newReader } from './prompt/parser/reader.ts';
import { type OffsetProblem, type Problem, problemAt } from './prompt/problem.ts';
import type { PromptTemplate } from './prompt/steps.ts';
import { incidentValues } from './prompt/values/incident-values.ts';

export { membersName, memberValueNames, type PromptValues, promptValueNames } from './prompt/values/values.ts';
export { fillPrompt };

export type ParsedPrompt = { ok: true; template: PromptTemplate } | { ok: false; problems: Problem[] };

/**
 * Reads and checks a template. `problems` are sentences with line and column in the given text, both from 1, in the
 * order of the text and never empty. Never throws, and takes some 100 ms for the worst of texts.
 */
export function parsePrompt(template: string): ParsedPrompt {
  const forbidden = textProblem(template);
  if (forbidden !== undefined) return refusal(template, [forbidden]);
  const { tags, broken } = readTags(template);
  const problems = broken === undefined ? checkTags(tags) : [broken];
  if (problems.length > 0) return refusal(template, problems);
  const syntax = parseSyntax(blankDots(template, tags));
  if ('problem' in syntax) return { ok: false, problems: [syntax.problem] };
  const reader = newReader(template);
  const steps = readSteps(reader, syntax.program);
  if (reader.problems.length > 0) return { ok: false, problems: inOrder(reader.problems) };
  return { ok: true, template: { steps } };
}

export type WrittenPrompt = { ok: true; text: string } | { ok: false; problems: readonly Problem[] };

/** The prompt for the agent of this incident, or why its template cannot be filled. Never throws. */
export function writePrompt(incident: Incident, soFar: SoFar, budget?: PromptBudget): WrittenPrompt {
  const parsed = parsePrompt(incident.prompt);
  if (!parsed.ok) return parsed;
  const filled = fillPrompt(parsed.template, incidentValues(incident, soFar), budget);
  return filled.ok ? filled : { ok: false, problems: [filled] };
}

/** Characters that Handlebars' lexer cannot read or counts wrongly: NUL, and Unicode's two line ends. */
function textProblem(template: string): OffsetProblem | undefined {
  if (template.length > templateLimits.chars) {
    const message = `A template may have ${templateLimits.chars} characters; this one has ${template.length}.`;
    return { offset: templateLimits.chars, message };
  }
  const offset = template.search(/[\0\u2028\u2029]/);
  if (offset === -1) return undefined;
  const code = template.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  return { offset, message: `The character U+${code} is not supported; write a plain line break or leave it out.` };
}

/** The problems are in the order of the text. */
function refusal(template: string, problems: readonly OffsetProblem[]): ParsedPrompt {
  const first = problems.slice(0, templateLimits.problems);
  return { ok: false, problems: first.map((problem) => problemAt(template, problem)) };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
