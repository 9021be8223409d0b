/**
 * Random prompt templates of the allowed grammar, each as an author may write it and as Handlebars itself takes it.
 *
 * Used by prompt-properties.test.ts, with two detours around Handlebars: its `../` goes by whether neighbouring contexts
 * are equal, ours by the blocks as written, so no value stands directly inside an equal one; and without escaping it
 * adds up neighbouring numbers, so its side prints through a function `text`.
 */
import fc from 'fast-check';
import {
  type Around,
  call,
  called,
  join,
  literal,
  named,
  type Pair,
  plainText,
  same,
  stepsUp,
  value,
} from './prompt-expressions.ts';

type Some = fc.Arbitrary<Pair>;

const tilde = fc.constantFrom('', '', '', '~');
const comment = fc
  .constantFrom('{{! {{.Nobody | x }}', '{{!-- {{.Nobody}} } --}}', '{{~! x ~}}', '{{!-- --~}}')
  .map(same);

function printed(around: Around): Some {
  const tags = fc.constantFrom(
    ['{{', '}}'],
    ['{{ ', '\n}}'],
    ['{{{', '}}}'],
    ['{{&', ' }}'],
    ['{{~', '}}'],
    ['{{', '~}}'],
  );
  const calls = call(around, 2).map(({ ours, handlebars }) => ({ ours, handlebars: `(${handlebars})` }));
  return fc.tuple(tags, fc.oneof(value(around), calls)).map(([[open = '', close = ''], { ours, handlebars }]) => ({
    ours: open + ours + close,
    handlebars: `${open}text ${handlebars}${close}`,
  }));
}

function condition(around: Around, depth: number): Some {
  const list = same(`${'../'.repeat(stepsUp(around))}Members`);
  const what = fc.oneof(value(around), called(around, 1), literal, fc.constant(list));
  const head = fc.tuple(fc.constantFrom('#if ', '#unless ', '^if '), what, includeZero(around), tilde, tilde);
  const chain = fc.array(fc.tuple(what, body(around, depth)), { maxLength: 2 });
  return fc
    .tuple(head, body(around, depth), chain, otherwise(around, depth))
    .map(([[open, first, zero, left, right], yes, links, no]) => {
      // An inverted block takes no chain.
      const taken =
        open === '^if ' ? [] : links.map(([link, inner]) => join(same('{{else if '), link, same('}}'), inner));
      const name = open.slice(1).trim();
      return join(
        same(`{{${left}${open}`),
        first,
        zero,
        same(`${right}}}`),
        yes,
        ...taken,
        no,
        same(`{{${right}/${name}${left}}}`),
      );
    });
}

function includeZero(around: Around): Some {
  const given = fc.oneof(fc.constant(same('true')), value(around)).map((pair) => join(same(' includeZero='), pair));
  return fc.oneof(fc.constant(same('')), given);
}

function otherwise(around: Around, depth: number): Some {
  const tag = fc.constantFrom('{{else}}', '{{^}}', '{{~else~}}', '{{ else }}').map(same);
  return fc.oneof(
    fc.constant(same('')),
    fc.tuple(tag, body(around, depth)).map((parts) => join(...parts)),
  );
}

function loop(around: Around, depth: number): Some {
  const inner = body({ frames: [...around.frames, 'one'], inLoop: true }, depth);
  return fc
    .tuple(inner, otherwise(around, depth))
    .map((parts) => join(same('{{#each .}}'), ...parts, same('{{/each}}')));
}

/** Not within a row: Handlebars would take a row within the same row for one place. */
function members(around: Around, depth: number): Some {
  const inner = body({ frames: [...around.frames, 'row'], inLoop: true }, depth);
  return fc
    .tuple(inner, otherwise(around, depth))
    .map((parts) => join(same(`{{#each ${'../'.repeat(stepsUp(around))}Members}}`), ...parts, same('{{/each}}')));
}

function within(around: Around, depth: number): Some {
  const isBack = around.frames.at(-1) === 'one';
  if (isBack && around.frames.at(-2) !== 'all') return comment;
  const what = isBack ? fc.constant(same('..')) : fc.oneof(named(around), called(around, 1));
  const inner = body({ ...around, frames: [...around.frames, isBack ? 'all' : 'one'] }, depth);
  return fc
    .tuple(what, inner, otherwise(around, depth))
    .map(([of, ...parts]) => join(same('{{#with '), of, same('}}'), ...parts, same('{{/with}}')));
}

function statement(around: Around, depth: number): Some {
  const flat = [plainText, printed(around), comment];
  if (depth === 0) return fc.oneof(...flat);
  const loops = around.frames.at(-1) === 'all' ? [loop(around, depth - 1)] : [];
  const rows = around.frames.includes('row') ? [] : [members(around, depth - 1)];
  return fc.oneof(...flat, condition(around, depth - 1), within(around, depth - 1), ...loops, ...rows);
}

function body(around: Around, depth: number): Some {
  return fc.array(statement(around, depth), { maxLength: 4 }).map((pairs) => join(...pairs));
}

export const anyTemplate = body({ frames: ['all'], inLoop: false }, 3);
