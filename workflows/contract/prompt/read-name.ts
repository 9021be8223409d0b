/**
 * What a name means at its place: a value of the incident, a value of a row of Members, the list itself, or nothing known.
 *
 * A name that is not known is refused, with the nearest one or with the place where it stands.
 */
import { isMemberValueName, membersName, memberValueNames } from './members.ts';
import { quote } from './problem.ts';
import { type Frame, nothing, type Reader, refuse, refused } from './reader.ts';
import type { Expression } from './steps.ts';
import type { Node, Path } from './syntax.ts';
import { isPromptValueName, suggestName } from './values.ts';

const listHint = `${membersName} is a list; write {{#each ${membersName}}}{{.ResourceName}} {{/each}}, or {{json ${membersName}}}.`;

/** Kinds of expressions that stand for several values, and what to write for one. */
export const severalHints = new Map<Expression['kind'], string>([
  ['all', 'This stands for all values; name one, such as {{.Reason}}, or write {{json .}}.'],
  ['members', listHint],
  ['row', 'This stands for a whole member; name one of its values, such as {{.ResourceName}}, or write {{json .}}.'],
]);

/** The name that a path begins with, in a frame that has names. */
export function readName(
  reader: Reader,
  path: Path,
  place: { frame: Exclude<Frame, 'one'>; index: number },
): Expression {
  const [name = '', ...deeper] = path.parts;
  const { frame, index } = place;
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
  refuse(reader, node, () =>
    name === membersName ? listHint : `There is no value ${quote(name)}. ${suggestName(name)}`,
  );
  return false;
}

/** A row hides the values of the incident that are called alike; the others stand outside of it. */
function fieldIsKnown(reader: Reader, path: Path, name: string): boolean {
  if (isMemberValueName(name)) return true;
  refuse(reader, path, () => {
    const isOutside = isPromptValueName(name) || name === membersName;
    const hint = isOutside
      ? `Inside {{#each ${membersName}}} write {{../${name}}} for the incident's ${name}.`
      : suggestName(name, Object.keys(memberValueNames));
    return `A member has no value ${quote(name)}. ${hint}`;
  });
  return false;
}
