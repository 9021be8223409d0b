/**
 * Random values, texts and expressions of the allowed grammar, each as an author may write it and as Handlebars takes it.
 *
 * Used by prompt-grammar.ts, which puts them into tags and blocks.
 */
import fc from 'fast-check';
import { promptValueNames } from '../../workflows/contract/prompt.ts';

export interface Pair {
  ours: string;
  handlebars: string;
}

/** What `this` is in the blocks around, the innermost last. */
export interface Around {
  frames: ('all' | 'one')[];
  inLoop: boolean;
}

type Some = fc.Arbitrary<Pair>;

export const same = (text: string): Pair => ({ ours: text, handlebars: text });
export const join = (...pairs: Pair[]): Pair => ({
  ours: pairs.map(({ ours }) => ours).join(''),
  handlebars: pairs.map(({ handlebars }) => handlebars).join(''),
});

const names = Object.keys(promptValueNames);
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

export const anyValues = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(clusterText, fc.integer({ min: -2, max: 300 }), fc.constantFrom(0, '')),
  { noNullPrototype: true },
);

const harmless = ['a', ' ', ' ', '\n', '\n', '\r\n', '\t', '}', '} }', '💥', '.Reason', '"', "it's", '- x', '•', '<y>'];
/** A brace right after a tag would count as one of the tag's own. */
export const plainText = pieces(...harmless).map((text) => same(text.replace(/^\}/, ' }')));

const strings = ['"x"', '".Reason"', "'{{.Nobody}}'", '"a | (.b"', '""'];
export const literal = fc.constantFrom(...strings, '0', '7', '-1', 'true', 'false', 'null', 'undefined').map(same);

const stepsUp = ({ frames }: Around) => frames.length - 1 - frames.lastIndexOf('all');

/** A value by name: with a dot, bare, as a segment, by way of `this`, or from further up. */
export function named(around: Around): Some {
  const up = stepsUp(around);
  if (up > 0) return fc.constantFrom(...names).map((word) => same('../'.repeat(up) + word));
  return fc.tuple(fc.constantFrom(...names), fc.constantFrom('.', '.', '', './', 'this.', '[')).map(([word, form]) => {
    if (form === '.') return { ours: `.${word}`, handlebars: word };
    return form === '[' ? { ours: `.[${word}]`, handlebars: `[${word}]` } : same(form + word);
  });
}

export function value(around: Around): Some {
  const here = around.frames.at(-1) === 'one' ? [fc.constantFrom('this', '.').map(same)] : [];
  const loop = around.inLoop ? [fc.constantFrom('@index', '@key', '@first', '@last').map(same)] : [];
  return fc.oneof(named(around), ...here, ...loop);
}

/** A call without its parentheses or braces. */
export function call(around: Around, depth: number): Some {
  const argument = depth === 0 ? value(around) : fc.oneof(value(around), called(around, depth - 1));
  const all = same('../'.repeat(stepsUp(around)).slice(0, -1) || '.');
  const one = fc.constantFrom('upper ', 'lower ', 'json ', 'json\n  ').map(same);
  return fc.oneof(
    fc.tuple(one, argument).map((parts) => join(...parts)),
    fc
      .tuple(argument, fc.oneof(literal, argument))
      .map(([arg, other]) => join(same('default '), arg, same(' '), other)),
    fc.tuple(argument, fc.nat({ max: 12 })).map(([arg, length]) => join(same('truncate '), arg, same(` ${length}`))),
    fc.constantFrom(...names).map((name) => join(same('lookup '), all, same(` "${name}"`))),
    argument.map((key) => join(same('lookup '), all, same(' '), key)),
    fc.constant(join(same('json '), all)),
  );
}

export function called(around: Around, depth: number): Some {
  const blank = fc.constantFrom('', ' ', '\n');
  return fc
    .tuple(call(around, depth), blank)
    .map(([inner, space]) => join(same(`(${space}`), inner, same(`${space})`)));
}
