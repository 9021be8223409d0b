/**
 * Words and marks of Go's templates that Handlebars writes otherwise, each with the Handlebars form.
 *
 * Only explains, because khook's users come from Go templates; the grammar is Handlebars'.
 */
import type { OffsetProblem } from '../problem.ts';
import type { Tag } from './read-tags.ts';

/** First words of a tag that are never a value's name; `if` and its kin are blocks. */
const firstWords = new Map([
  ['if', 'A block begins with #: write {{#if .Reason}}…{{/if}}.'],
  ['unless', 'A block begins with #: write {{#unless .Reason}}…{{/unless}}.'],
  ['each', 'A block begins with #: write {{#each .}}…{{/each}}.'],
  ['with', 'A block begins with #: write {{#with .Reason}}…{{/with}}.'],
  ['range', "Go's range is {{#each .}}…{{/each}} here."],
  ['end', "Go's {{end}} is the closing tag of its block here: {{/if}}, {{/each}} or {{/with}}."],
  ['define', 'Templates cannot define templates; write the text where it is needed.'],
  ['template', 'Templates cannot include templates; write the text where it is needed.'],
  ['block', 'Templates cannot define templates; write the text where it is needed.'],
  ['break', 'A loop cannot be left early; it goes over all values.'],
  ['continue', 'A loop cannot skip what follows; write {{#if …}}…{{/if}} around it.'],
]);

const functions = new Map([
  ['index', 'Go\'s index is {{lookup . "Reason"}} here.'],
  ['toUpper', 'Write {{upper .Reason}}.'],
  ['toLower', 'Write {{lower .Reason}}.'],
  ['toJson', 'Write {{json .Reason}}.'],
  ['trunc', 'Write {{truncate .Message 200}}.'],
]);
const prints = new Set(['print', 'printf', 'println']);
const comparisons = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'not', 'len']);

/** What Handlebars has in place of a function of Go, as a sentence; undefined for other words. */
export function goFunctionHint(name: string): string | undefined {
  if (comparisons.has(name))
    return `Go's ${name} does not exist; {{#if}} and {{#unless}} ask whether a value is there.`;
  if (prints.has(name))
    return `Go's ${name} does not exist; write text and values side by side: {{.Reason}} in {{.Namespace}}.`;
  return functions.get(name);
}

/** The first form in this tag that is Go's and not Handlebars'. */
export function goFormIn(tag: Tag): OffsetProblem | undefined {
  const tokens = tag.tokens.filter(({ kind }) => kind !== 'blank');
  const opening = goOpening(tag.mark, tokens[0]?.text ?? '');
  if (opening !== undefined) return { offset: tag.start, message: opening };
  for (const [index, token] of tokens.entries()) {
    const message = goMark(token.text, tokens[index - 1]?.text, tokens[index + 1]?.text);
    if (message !== undefined) return { offset: token.start, message };
  }
  return undefined;
}

function goOpening(mark: string, first: string): string | undefined {
  if (mark === '/' && first === '*') return "Go's comment {{/* … */}} is {{! … }} here.";
  return mark === '' || mark === '{' || mark === '&' ? firstWords.get(first) : undefined;
}

function goMark(text: string, before: string | undefined, after: string | undefined): string | undefined {
  if (text === '-' && before === undefined) return "Go's trim mark {{- is {{~ here.";
  if (text === '-' && after === undefined) return "Go's trim mark -}} is ~}} here.";
  if (text.startsWith('$') || (text === ':' && after === '='))
    return 'Variables ($name := value) do not exist; name the value itself: {{.Reason}}.';
  if (text !== '|') return undefined;
  return before === 'as'
    ? 'Block parameters (as |name|) are not supported; use {{this}} and {{@key}}.'
    : 'Pipes do not exist; the function stands first: {{upper .Reason}}, not {{.Reason | upper}}.';
}
