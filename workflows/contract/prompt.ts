/**
 * Prompt templates: Handlebars' grammar with Go's leading dots, an allow list, and limits on everything.
 *
 * Pure: no clock, no world, no generated code. Handlebars only parses; what the tree means is decided here.
 */
import type { Incident } from './incident.ts';
import { isoSeconds } from './plain/rfc3339.ts';
import { type SoFar, soFarOfFirst } from './plain/so-far.ts';
import { fillPrompt } from './prompt/fill-prompt.ts';
import { type PromptBudget, templateLimits } from './prompt/limits.ts';
import { checkTags } from './prompt/parser/check-tags.ts';
import { parseSyntax } from './prompt/parser/handlebars-syntax.ts';
import { readSteps } from './prompt/parser/read-steps.ts';
import { readTags } from './prompt/parser/read-tags.ts';
import { newReader } from './prompt/parser/reader.ts';
import { type Problem, problemAt, Refused, refuseAt, refuseIfAny } from './prompt/problem.ts';
import type { PromptTemplate, Step } from './prompt/steps.ts';
import { incidentValues } from './prompt/values/incident-values.ts';

export { membersName, memberValueNames, type PromptValues, promptValueNames } from './prompt/values/values.ts';
export { fillPrompt };

export type ParsedPrompt = { ok: true; template: PromptTemplate } | { ok: false; problems: Problem[] };

/**
 * Reads and checks a template. `problems` are sentences with line and column in the given text, both from 1, in the
 * order of the text and never empty. Never throws, and takes some 100 ms for the worst of texts.
 */
export function parsePrompt(source: string): ParsedPrompt {
  try {
    return { ok: true, template: { source, steps: readTemplate(source) } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const inOrder = error.problems.toSorted((a, b) => a.offset - b.offset).slice(0, templateLimits.problems);
    return { ok: false, problems: inOrder.map((problem) => problemAt(source, problem)) };
  }
}

function readTemplate(source: string): Step[] {
  checkText(source);
  const tags = readTags(source);
  checkTags(tags);
  const reader = newReader(source);
  const steps = readSteps(reader, parseSyntax(source, tags));
  refuseIfAny(reader.problems);
  return steps;
}

export type WrittenPrompt = { ok: true; text: string } | { ok: false; problems: readonly Problem[] };

/** The prompt for the agent of this incident, or why its template cannot be filled. Never throws. */
export function writePrompt(incident: Incident, soFar: SoFar, budget?: PromptBudget): WrittenPrompt {
  const parsed = parsePrompt(incident.prompt);
  if (!parsed.ok) return parsed;
  const filled = fillPrompt(parsed.template, incidentValues(incident, soFar), budget);
  return filled.ok ? filled : { ok: false, problems: [filled] };
}

/** The prompt of the first ask, where nothing more has happened than what started the incident. */
export function writeFirstPrompt(incident: Incident, askedAtMs: number, budget?: PromptBudget): WrittenPrompt {
  return writePrompt(incident, soFarOfFirst(incident, isoSeconds(askedAtMs)), budget);
}

/** Characters that Handlebars' lexer cannot read or counts wrongly: NUL, and Unicode's two line ends. */
function checkText(source: string): void {
  const { chars } = templateLimits;
  if (source.length > chars) refuseAt(chars, `A template may have ${chars} characters; this one has ${source.length}.`);
  const offset = source.search(/[\0\u2028\u2029]/);
  if (offset === -1) return;
  const code = source.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  refuseAt(offset, `The character U+${code} is not supported; write a plain line break or leave it out.`);
}
