/**
 * What a path means at its place: a value of the incident or of a row of Members, the list itself, all of a frame, or `@index`
 * and its like.
 *
 * A name that is not known is refused, with the nearest one or with the place where it stands.
 */
import { quote } from '../problem.ts';
import type { Expression, LoopName } from '../steps.ts';
import { isPromptValueName, membersName, memberValueNames, promptValueNames } from '../values/values.ts';
import type { Path } from './handlebars-syntax.ts';
import { type Reader, refused } from './reader.ts';

const listHint = `${membersName} is a list; write {{#each ${membersName}}}{{.ResourceName}} {{/each}}, or {{json ${membersName}}}.`;

/** Kinds of expressions that stand for several values, and what to write for one. */
export const severalHints = new Map<Expression['kind'], string>([
  ['all', 'This stands for all values; name one, such as {{.Reason}}, or write {{json .}}.'],
  ['members', listHint],
  ['row', 'This stands for a whole member; name one of its values, such as {{.ResourceName}}, or write {{json .}}.'],
]);

const loopNames: readonly string[] = ['index', 'key', 'first', 'last'] satisfies LoopName[];
const isLoopName = (name: string): name is LoopName => loopNames.includes(name);

export function readPath(reader: Reader, path: Path): Expression {
  if (path.data) return readLoopName(reader, path);
  const index = reader.frames.length - 1 - path.depth;
  const frame = reader.frames[index];
  if (frame === undefined)
    return refused(reader, path, `${quote(path.original)} leads out of the template; there is nothing above.`);
  const [name, ...deeper] = path.parts;
  if (name === undefined) return { kind: frame, index };
  if (frame === 'all' && path.parts.join('.') === membersName) return { kind: 'members' };
  const why = frame === 'one' ? whyNotInside(reader, path, index) : whyUnknown(frame, name);
  if (why !== undefined) return refused(reader, path, why);
  if (deeper.length > 0)
    return refused(reader, path, `${name} is a single value and has no parts; write {{.${name}}}.`);
  return { kind: 'value', index, name };
}

function whyNotInside(reader: Reader, path: Path, index: number): string {
  const up = '../'.repeat(reader.frames.length - 1 - reader.frames.lastIndexOf('all', index));
  const name = quote(path.parts.join('.'));
  return `Inside {{#each}} and {{#with}}, {{this}} is a single value without parts; write {{${up}${name}}} for the incident's ${name}.`;
}

function readLoopName(reader: Reader, path: Path): Expression {
  const name = path.parts.join('.');
  const unknown = `${quote(path.original)} does not exist; there are @index, @key, @first and @last inside {{#each}}.`;
  if (path.depth > 0 || !isLoopName(name)) return refused(reader, path, unknown);
  if (!reader.inLoop) return refused(reader, path, `@${name} exists only inside {{#each}}.`);
  return { kind: 'loop', name };
}

/** Undefined where the name is one of a value. A row hides the values of the incident that are called alike. */
export function whyUnknown(frame: 'all' | 'row', name: string): string | undefined {
  const names = frame === 'all' ? promptValueNames : memberValueNames;
  if (Object.hasOwn(names, name)) return undefined;
  const isOfIncident = isPromptValueName(name) || name === membersName;
  if (frame === 'row') {
    const outside = `Inside {{#each ${membersName}}} write {{../${name}}} for the incident's ${name}.`;
    return `A member has no value ${quote(name)}. ${isOfIncident ? outside : suggestName(name, Object.keys(names))}`;
  }
  if (isOfIncident) return listHint;
  return `There is no value ${quote(name)}. ${suggestName(name, [...Object.keys(names), membersName])}`;
}

function suggestName(name: string, names: readonly string[]): string {
  const near = names.find((known) => isNear(name.toLowerCase(), known.toLowerCase()));
  return near === undefined ? `Known names are ${names.join(', ')}.` : `Did you mean ${near}?`;
}

/** Whether one is the other without one or two of its letters. */
function isNear(one: string, other: string): boolean {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  if (longer.length - shorter.length > 2) return false;
  let at = -1;
  return Array.from(shorter).every((letter) => {
    at = longer.indexOf(letter, at + 1);
    return at !== -1;
  });
}
