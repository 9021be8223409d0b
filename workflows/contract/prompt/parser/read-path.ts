/**
 * What a path means at its place: a value of the incident or of a row of Members, the list itself, all of a frame, or `@index`
 * and its like.
 *
 * A name that is not known is refused, with the nearest one or with the place where it stands.
 */
import { quote } from '../problem.ts';
import type { Expression, LoopName } from '../steps.ts';
import { isPromptValueName, membersName, memberValueNames, promptValueNames } from '../values/values.ts';
import type { Node, Path } from './handlebars-syntax.ts';
import { type Frame, nothing, type Reader, refuse, refused, type Scope } from './reader.ts';

const listHint = `${membersName} is a list; write {{#each ${membersName}}}{{.ResourceName}} {{/each}}, or {{json ${membersName}}}.`;

/** Kinds of expressions that stand for several values, and what to write for one. */
export const severalHints = new Map<Expression['kind'], string>([
  ['all', 'This stands for all values; name one, such as {{.Reason}}, or write {{json .}}.'],
  ['members', listHint],
  ['row', 'This stands for a whole member; name one of its values, such as {{.ResourceName}}, or write {{json .}}.'],
]);

const loopNames: readonly string[] = ['index', 'key', 'first', 'last'] satisfies LoopName[];
const isLoopName = (name: string): name is LoopName => loopNames.includes(name);

export function readPath(reader: Reader, scope: Scope, path: Path): Expression {
  if (path.data) return readLoopName(reader, scope, path);
  const index = scope.frames.length - 1 - path.depth;
  const frame = scope.frames[index];
  if (frame === undefined)
    return refused(reader, path, `${quote(path.original)} leads out of the template; there is nothing above.`);
  if (path.parts.length === 0) return wholeOf(frame, index);
  if (frame === 'one') return refused(reader, path, whyNotInside(scope, path, index));
  return readName(reader, path, { frame, index });
}

function wholeOf(frame: Frame, index: number): Expression {
  if (frame === 'all') return { kind: 'all' };
  return { kind: frame === 'row' ? 'row' : 'frame', index };
}

function whyNotInside(scope: Scope, path: Path, index: number): string {
  const up = '../'.repeat(scope.frames.length - 1 - scope.frames.lastIndexOf('all', index));
  const name = quote(path.parts.join('.'));
  return `Inside {{#each}} and {{#with}}, {{this}} is a single value without parts; write {{${up}${name}}} for the incident's ${name}.`;
}

function readLoopName(reader: Reader, scope: Scope, path: Path): Expression {
  const name = path.parts.join('.');
  const unknown = `${quote(path.original)} does not exist; there are @index, @key, @first and @last inside {{#each}}.`;
  if (path.depth > 0 || !isLoopName(name)) return refused(reader, path, unknown);
  if (!scope.inLoop) return refused(reader, path, `@${name} exists only inside {{#each}}.`);
  return { kind: 'loop', name };
}

interface NamedFrame {
  frame: Exclude<Frame, 'one'>;
  index: number;
}

/** The name that a path begins with. */
function readName(reader: Reader, path: Path, { frame, index }: NamedFrame): Expression {
  const [name = '', ...deeper] = path.parts;
  if (frame === 'all' && name === membersName) {
    return deeper.length === 0 ? { kind: 'members' } : refused(reader, path, listHint);
  }
  const isKnown = frame === 'row' ? fieldIsKnown(reader, path, name) : nameIsKnown(reader, path, name);
  if (!isKnown) return nothing;
  if (deeper.length > 0) {
    return refused(reader, path, `${name} is a single value and has no parts; write {{.${name}}}.`);
  }
  return frame === 'row' ? { kind: 'field', index, name } : { kind: 'value', name };
}

export function nameIsKnown(reader: Reader, node: Node, name: string): boolean {
  if (isPromptValueName(name)) return true;
  const hint = `There is no value ${quote(name)}. ${suggestName(name, [...Object.keys(promptValueNames), membersName])}`;
  refuse(reader, node, name === membersName ? listHint : hint);
  return false;
}

/** A row hides the values of the incident that are called alike; the others stand outside of it. */
function fieldIsKnown(reader: Reader, path: Path, name: string): boolean {
  if (Object.hasOwn(memberValueNames, name)) return true;
  const hint =
    isPromptValueName(name) || name === membersName
      ? `Inside {{#each ${membersName}}} write {{../${name}}} for the incident's ${name}.`
      : suggestName(name, Object.keys(memberValueNames));
  refuse(reader, path, `A member has no value ${quote(name)}. ${hint}`);
  return false;
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
