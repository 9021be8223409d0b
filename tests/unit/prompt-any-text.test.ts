/**
 * Whatever stands in a prompt, reading it ends with a template or with problems, never with an exception.
 *
 * Texts are thrown together from pieces that are dangerous in any order.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillPrompt, parsePrompt } from '../../workflows/contract/prompt.ts';
import { anyValues } from './prompt-expressions.ts';

const marks =
  '{ {{ {{{ {{{{ } }} }}} }}}} ~ # / ^ ! !-- -- & * > @ | = . .. ( ) [ ] " \' \\ \\{{ \\\\{{ - $x := , ; %'.split(' ');
const words =
  'if unless each with else end range lookup upper json this as |x| true null 1 .5 .Reason ../Reason @key'.split(' ');
const tags = '{{.Reason}} {{else}} {{^}} {{/if}} {{/each}} (upper(lower(Reason)))'.split(' ');
const longer = [
  '{{#if .Reason}}',
  '{{#each .}}',
  '{{^if Reason}}',
  '{{else if ',
  'constructor',
  '__proto__',
  ' ',
  ' ',
  '\n',
  '\r',
  '\u2028',
];

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...marks, ...words, ...tags, ...longer),
      fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    ),
    {
      maxLength: 25,
    },
  )
  .map((pieces) => pieces.join(''));

test('any text at all is either refused with a place inside it or can be filled', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anyText, anyValues, (template, values) => {
      const parsed = parsePrompt(template);
      if (parsed.ok) {
        expect(fillPrompt(parsed.template, values)).toMatchObject({ ok: true });
        return;
      }
      const lines = template.split(/\r\n?|\n/);
      expect(parsed.problems.length).toBeGreaterThan(0);
      for (const { line, column, message } of parsed.problems) {
        expect(lines[line - 1]).toBeDefined();
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        expect(message).toMatch(/[.?]$/);
      }
    }),
    { numRuns: 5000 },
  );
});
