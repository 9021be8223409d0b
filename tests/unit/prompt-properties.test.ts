/**
 * What holds for every template and every value, tried on random ones.
 *
 * Handlebars' own `compile` serves as oracle here and nowhere else. Random templates come from prompt-grammar.ts, texts of
 * any kind are tried in prompt-any-text.test.ts.
 */
import fc from 'fast-check';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { inertText } from '../../workflows/contract/plain/inert-text.ts';
import { fillPrompt, type PromptValues, parsePrompt, promptValueNames } from '../../workflows/contract/prompt.ts';
import { anyMembers, anyValues, clusterText } from './prompt-expressions.ts';
import { anyTemplate } from './prompt-grammar.ts';

const names = Object.keys(promptValueNames);

type Printable = string | number | boolean | null | undefined;

/** With functions that are written apart from ours, on purpose in another manner. */
const oracle = Handlebars.create();
oracle.registerHelper({
  default: (value: Printable, fallback: Printable) => ((value ?? '') === '' ? fallback : value),
  truncate: (value: Printable, length: number) =>
    Array.from(String(value ?? ''))
      .slice(0, length)
      .join(''),
  upper: (value: Printable) => String(value ?? '').toUpperCase(),
  lower: (value: Printable) => String(value ?? '').toLowerCase(),
  json: (value: unknown) => JSON.stringify(value ?? null),
  blockquote: (value: Printable) =>
    inertText(String(value ?? ''), 8192)
      .trim()
      .replaceAll(/^(?!$(?![^]))/gm, '> '),
  text: (value: Printable) => String(value ?? ''),
});

function renderWithHandlebars(template: string, values: PromptValues): string {
  const { Members, ...flat } = values;
  const inOrder = Object.entries(flat).sort(([a], [b]) => names.indexOf(a) - names.indexOf(b));
  // The list is none of the values that `each .` goes over.
  const context = Object.defineProperty(Object.fromEntries(inOrder), 'Members', { value: Members });
  return oracle.compile(template, { noEscape: true })(context);
}

test('a template of the allowed grammar renders as Handlebars renders it without the dots', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anyTemplate, anyValues, anyMembers, ({ ours, handlebars }, flat, Members) => {
      const values: PromptValues = { ...flat, Members };
      const parsed = parsePrompt(ours);
      expect(parsed).toMatchObject({ ok: true });
      const unlimited = { maxSteps: Infinity, maxOutputChars: Infinity };
      const text = renderWithHandlebars(handlebars, values);
      expect(parsed.ok && fillPrompt(parsed.template, values, unlimited)).toEqual({ ok: true, text });
    }),
    { numRuns: 400 },
  );
});

/** What stands before the wrong place, and what comes from there on. */
const withUnknownName = fc.constantFrom(
  ['{{', '.Nobody}}'],
  ['{{ ', 'Nobody }}'],
  ['{{{', '.Nobody}}}'],
  ['{{~\n  ', '.Nobody~}}'],
  ['{{#if ', '.Nobody}}x{{/if}}'],
  ['{{upper (lower\r\n ', '.[Nobody])}}'],
);
const withSyntaxError = fc.constantFrom(
  ['{{.Reason ', '%}}'],
  ['{{#if\n.Reason  ', '%}}x{{/if}}'],
  ['{{{ .Reason ', ', .Reason}}}'],
  ['{{!-- \n --}} {{upper .Reason', ')}}'],
);

test.each([
  ['an unknown name', withUnknownName],
  ['a syntax error', withSyntaxError],
])('%s anywhere in a good template is refused at its own line and column', { timeout: 60_000 }, (_, wrong) => {
  fc.assert(
    fc.property(anyTemplate, wrong, anyTemplate, (before, [upTo = '', from = ''], after) => {
      const lines = (before.ours + upTo).split(/\r\n?|\n/);
      const place = { line: lines.length, column: lines.at(-1)!.length + 1 };
      expect(parsePrompt(before.ours + upTo + from + after.ours)).toMatchObject({ ok: false, problems: [place] });
    }),
    { numRuns: 300 },
  );
});

test('text from the cluster comes out as it is, whatever it holds', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(clusterText, clusterText, (Message, Reason) => {
      const parsed = parsePrompt('{{.Message}}|{{#with .Reason}}{{.}}{{/with}}|{{lookup . "Message"}}');
      expect(parsed.ok && fillPrompt(parsed.template, { Message, Reason })).toEqual({
        ok: true,
        text: `${Message}|${Reason}|${Message}`,
      });
    }),
    { numRuns: 500 },
  );
});

const pairsAndHalves = fc
  .array(fc.constantFrom('a', 'é', '💥', '👩‍🚒', '\ud83d', '\udca5'), { maxLength: 20 })
  .map((letters) => letters.join(''));

test('truncate never splits a surrogate pair', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(pairsAndHalves, fc.nat({ max: 20 }), (Message, length) => {
      const parsed = parsePrompt(`{{truncate .Message ${length}}}`);
      const text = Array.from(Message).slice(0, length).join('');
      expect(parsed.ok && fillPrompt(parsed.template, { Message })).toEqual({ ok: true, text });
    }),
  );
});
