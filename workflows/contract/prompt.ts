/**
 * Prompt templates: Handlebars' grammar with Go's leading dots, an allow list, and limits on everything.
 *
 * The watcher calls parsePrompt when it reads a Hook; the activity renderPrompt and the dry run write prompts. Pure: no clock, no
 * world, no generated code. Handlebars only parses; what the tree means is decided here.
 */
import type { Incident } from './incident.ts';
import type { SoFar } from './plain/so-far.ts';
import { blankDots } from './prompt/blank-dots.ts';
import { checkTags } from './prompt/check-tags.ts';
import { fillPrompt } from './prompt/fill-prompt.ts';
import { incidentValues } from './prompt/incident-values.ts';
import { templateLimits } from './prompt/limits.ts';
import { type Finding, type Problem, problemAt } from './prompt/problem.ts';
import { readSteps } from './prompt/read-steps.ts';
import { readTags } from './prompt/read-tags.ts';
import { newReader } from './prompt/reader.ts';
import type { PromptTemplate } from './prompt/steps.ts';
import { parseSyntax } from './prompt/syntax.ts';

export { membersName, memberValueNames } from './prompt/members.ts';
export { type PromptValues, promptValueNames } from './prompt/values.ts';
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
  const findings = broken === undefined ? checkTags(tags) : [broken];
  if (findings.length > 0) return refusal(template, findings);
  const syntax = parseSyntax(blankDots(template, tags));
  if ('problem' in syntax) return { ok: false, problems: [syntax.problem] };
  const reader = newReader(template);
  const steps = readSteps(reader, syntax.program);
  if (reader.problems.length > 0) return { ok: false, problems: inOrder(reader.problems) };
  return { ok: true, template: { steps } };
}

export type WrittenPrompt = { ok: true; text: string } | { ok: false; problems: readonly Problem[] };

/** What the agent of this incident is told, or why its template cannot be filled. Never throws. */
export function writePrompt(incident: Incident, soFar: SoFar): WrittenPrompt {
  const parsed = parsePrompt(incident.prompt);
  if (!parsed.ok) return parsed;
  const filled = fillPrompt(parsed.template, incidentValues(incident, soFar));
  return filled.ok ? filled : { ok: false, problems: [filled] };
}

/** Characters that Handlebars' lexer cannot read or counts wrongly: NUL, and Unicode's two line ends. */
function textProblem(template: string): Finding | undefined {
  if (template.length > templateLimits.chars) {
    const message = `A template may have ${templateLimits.chars} characters; this one has ${template.length}.`;
    return { offset: templateLimits.chars, message };
  }
  const offset = template.search(/[\0\u2028\u2029]/);
  if (offset === -1) return undefined;
  const code = template.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  return { offset, message: `The character U+${code} is not supported; write a plain line break or leave it out.` };
}

function refusal(template: string, findings: readonly Finding[]): ParsedPrompt {
  const first = findings.toSorted((a, b) => a.offset - b.offset).slice(0, templateLimits.problems);
  return { ok: false, problems: first.map((finding) => problemAt(template, finding)) };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
