/**
 * Random values, texts and expressions of the allowed grammar, each as an author may write it and as Handlebars takes it.
 *
 * Used by prompt-grammar.ts, which puts them into tags and blocks.
 */
import fc from 'fast-check';
import { memberValueNames, promptValueNames } from '../../workflows/contract/prompt.ts';

export interface Pair {
  ours: string;
  handlebars: string;
}

/** What `this` is in the blocks around, the innermost last. */
export interface Around {
  frames: ('all' | 'one' | 'row')[];
  inLoop: boolean;
}

type Some = fc.Arbitrary<Pair>;

export const same = (text: string): Pair => ({ ours: text, handlebars: text });
export const join = (...pairs: Pair[]): Pair => ({
  ours: pairs.map(({ ours }) => ours).join(''),
  handlebars: pairs.map(({ handlebars }) => handlebars).join(''),
});

const names = Object.keys(promptValueNames);
const memberNames = Object.keys(memberValueNames);
const pieces = (...words: string[]) =>
  fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((some) => some.join(''));

const hostile = [
  '{{',
  '}}',
  '{',
  '}',
  '{{.Reason}}',
  '{{#each .}}',
  '\\{{',
  '💥',
  'ß',
  '"',
  '<b>',
  '\n',
  ' ',
  '\u2028',
];
export const clusterText = pieces(...hostile);

const anyValue = fc.oneof(clusterText, fc.integer({ min: -2, max: 300 }), fc.constantFrom(0, ''));
const valuesOf = (some: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...some), anyValue, { noNullPrototype: true });

export const anyValues = valuesOf(names);

/** Rows as they are held: their values in the order of their names. */
export const anyMembers = fc.array(
  valuesOf(memberNames).map((row) =>
    Object.fromEntries(memberNames.flatMap((name) => (name in row ? [[name, row[name]]] : []))),
  ),
  { maxLength: 3 },
);

const harmless = ['a', ' ', ' ', '\n', '\n', '\r\n', '\t', '}', '} }', '💥', '.Reason', '"', "it's", '- x', '•', '<y>'];
/** A brace right after a tag would count as one of the tag's own. */
export const plainText = pieces(...harmless).map((text) => same(text.replace(/^\}/, ' }')));

const strings = ['"x"', '".Reason"', "'{{.Nobody}}'", '"a | (.b"', '""'];
export const literal = fc.constantFrom(...strings, '0', '7', '-1', 'true', 'false', 'null', 'undefined').map(same);

export const stepsUp = ({ frames }: Around) => frames.length - 1 - frames.lastIndexOf('all');

/** A value by name: with a dot, bare, as a segment, by way of `this`, or from further up. */
export function named(around: Around): Some {
  const up = stepsUp(around);
  const outside = fc.constantFrom(...names).map((word) => same('../'.repeat(up) + word));
  if (around.frames.at(-1) === 'row') return fc.oneof(here(memberNames), outside);
  return up > 0 ? outside : here(names);
}

/** A value of what `this` is. */
function here(some: readonly string[]): Some {
  return fc.tuple(fc.constantFrom(...some), fc.constantFrom('.', '.', '', './', 'this.', '[')).map(([word, form]) => {
    if (form === '.') return { ours: `.${word}`, handlebars: word };
    return form === '[' ? { ours: `.[${word}]`, handlebars: `[${word}]` } : same(form + word);
  });
}

export function value(around: Around): Some {
  const itself = around.frames.at(-1) === 'one' ? [fc.constantFrom('this', '.').map(same)] : [];
  const loop = around.inLoop ? [fc.constantFrom('@index', '@key', '@first', '@last').map(same)] : [];
  return fc.oneof(named(around), ...itself, ...loop);
}

/** A call without its parentheses or braces. */
export function call(around: Around, depth: number): Some {
  const argument = depth === 0 ? value(around) : fc.oneof(value(around), called(around, depth - 1));
  const all = same('../'.repeat(stepsUp(around)).slice(0, -1) || '.');
  const one = fc.constantFrom('upper ', 'lower ', 'json ', 'json\n  ', 'blockquote ').map(same);
  return fc.oneof(
    fc.tuple(one, argument).map((parts) => join(...parts)),
    fc
      .tuple(argument, fc.oneof(literal, argument))
      .map(([arg, other]) => join(same('default '), arg, same(' '), other)),
    fc.tuple(argument, fc.nat({ max: 12 })).map(([arg, length]) => join(same('truncate '), arg, same(` ${length}`))),
    fc.constantFrom(...names).map((name) => join(same('lookup '), all, same(` "${name}"`))),
    argument.map((key) => join(same('lookup '), all, same(' '), key)),
    fc.constant(join(same('json '), all)),
    fc.constant(same(`json ${'../'.repeat(stepsUp(around))}Members`)),
    ...(around.frames.at(-1) === 'row' ? [fc.constantFrom('json this', 'json .').map(same)] : []),
  );
}

export function called(around: Around, depth: number): Some {
  const blank = fc.constantFrom('', ' ', '\n');
  return fc
    .tuple(call(around, depth), blank)
    .map(([inner, space]) => join(same(`(${space}`), inner, same(`${space})`)));
}
