/**
 * Hostile templates and values: each is refused by a limit or a budget, and never cut or let through.
 *
 * Asserts on the refusal itself; a template that slipped past its limit would be accepted, whatever time it took.
 */
import { describe, expect, test } from 'vitest';
import { fillPrompt, type PromptValues, parsePrompt } from '../../workflows/contract/prompt.ts';

const values: PromptValues = Object.fromEntries(
  [
    'EventType',
    'ResourceName',
    'Namespace',
    'Reason',
    'Message',
    'Timestamp',
    'EventTime',
    'EventMessage',
    'Container',
    'NodeName',
  ].map((name) => [name, 'x']),
);

function outcomeOf(template: string, from = values): string {
  const parsed = parsePrompt(template);
  if (!parsed.ok) return parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
  const filled = fillPrompt(parsed.template, from);
  return filled.ok ? `filled ${filled.text.length}` : `filling ${filled.line}:${filled.column} ${filled.message}`;
}

const loops = (depth: number, inner: string) =>
  '{{#each .}}' +
  '{{#with ..}}{{#each .}}'.repeat(depth - 1) +
  inner +
  '{{/each}}{{/with}}'.repeat(depth - 1) +
  '{{/each}}';

describe('a template is refused before it is parsed for', () => {
  test.each([
    ['its length', 'a'.repeat(65_537), /^1:65537 A template may have 65536 characters; this one has 65537/],
    ['10,000 tags', '{{&X}}'.repeat(10_000), /^1:12001 A template may have 2000 tags/],
    ['10,000 comments', '{{!}}\n'.repeat(10_000), /^2001:1 A template may have 2000 tags/],
    ['deep blocks', '{{#if .Reason}}'.repeat(1000), /^1:601 Blocks may be nested 40 deep/],
    ['deep inverted blocks', '{{^if .Reason}}'.repeat(1000), /^1:601 Blocks may be nested 40 deep/],
    [
      'long chains of else if',
      `{{#if .Reason}}${'{{else if .Reason}}'.repeat(1000)}{{/if}}`,
      /^1:757 Blocks may be nested 40 deep/,
    ],
    ['deep parentheses', `{{upper ${'(upper '.repeat(1000)}`, /The tag that opens here is not closed/],
    [
      'deep closed parentheses',
      `{{upper ${'(upper '.repeat(1000)}.Reason${')'.repeat(1000)}}}`,
      /^1:79 Parentheses may be nested 10 deep/,
    ],
    ['10,000 arguments', `{{upper ${'.Reason '.repeat(8000)}}}`, /^1:\d+ The tags may hold 12000 words and marks/],
    ['10,000 named arguments', `{{#if .Reason ${'a=1 '.repeat(10_000)}}}{{/if}}`, /^1:\d+ The tags may hold 12000/],
    ['10,000 parts of a path', `{{.Reason${'.a'.repeat(10_000)}}}`, /^1:\d+ The tags may hold 12000/],
    ['10,000 steps up', `{{${'../'.repeat(10_000)}Reason}}`, /^1:\d+ The tags may hold 12000/],
    ['words over many tags', `{{${'../'.repeat(40)}Reason}}`.repeat(400), /^1:\d+ The tags may hold 12000/],
    ['a partial that calls itself', '{{#*inline "p"}}{{> p}}{{/inline}}{{> p}}', /^1:1 Decorators/],
  ])('%s', (_, template, refusal) => {
    expect(outcomeOf(template)).toMatch(refusal);
  });
});

test('a template as large as the limits allow is accepted', () => {
  expect(outcomeOf('{{upper .Reason}}\n'.repeat(2000))).toBe('filled 4000');
  expect(outcomeOf('{{#if .Reason}}'.repeat(40) + 'x' + '{{/if}}'.repeat(40))).toBe('filled 1');
  expect(outcomeOf('a'.repeat(65_536))).toBe('filled 65536');
});

describe('filling is refused, with the place, when', () => {
  test.each([
    ['loops take too many steps', loops(5, '{{.}}'), /^filling 1:\d+ The prompt takes more than 50000 steps/],
    ['empty loops take too many steps', loops(8, ''), /^filling 1:\d+ The prompt takes more than 50000 steps/],
    [
      'a long text is repeated',
      loops(2, 'a'.repeat(10_000)),
      /^filling 1:35 The prompt gets longer than 262144 characters/,
    ],
  ])('%s', (_, template, refusal) => {
    expect(outcomeOf(template)).toMatch(refusal);
  });

  test('a value makes the prompt too long, even by one character', () => {
    expect(outcomeOf('\n {{.Message}}', { Message: 'm'.repeat(262_142) })).toBe('filled 262144');
    expect(outcomeOf('\n {{.Message}}', { Message: 'm'.repeat(262_143) })).toMatch(
      /^filling 2:2 The prompt gets longer/,
    );
  });

  test('functions make long texts that are never printed', () => {
    const nested = '{{#if (json (json (json (json (json (json (json .Message)))))))}}x{{/if}}';
    expect(outcomeOf(nested, { Message: '"'.repeat(10_000) })).toMatch(/^filling 1:\d+ The prompt gets longer/);
    const many = '{{#if (upper .Message)}}{{/if}}'.repeat(900);
    expect(outcomeOf(many, { Message: 'm'.repeat(100_000) })).toMatch(
      /^filling 1:\d+ The prompt takes more than 50000 steps/,
    );
  });

  test('a budget of its own is spent', () => {
    const parsed = parsePrompt('{{.Reason}}{{.Reason}}');
    const fill = (maxSteps: number) =>
      parsed.ok && fillPrompt(parsed.template, values, { maxSteps, maxOutputChars: 2 });
    expect(fill(4)).toEqual({ ok: true, text: 'xx' });
    expect(fill(3)).toMatchObject({ ok: false, line: 1, column: 12 });
  });
});

test('names that lead to a prototype are absent also where they come from the cluster', () => {
  const template = '{{lookup . .Reason}}|{{#each .}}{{lookup .. ../Reason}}{{/each}}';
  for (const Reason of ['constructor', '__proto__', 'toString', 'size', 'get']) {
    expect(outcomeOf(template, { Reason })).toBe('filled 1');
  }
});
