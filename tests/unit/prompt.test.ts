/**
 * Templates that are good, with what they render to.
 *
 * What is refused stands in prompt-refusals.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { fillPrompt, type PromptValues, parsePrompt, promptValueNames } from '../../workflows/contract/prompt.ts';

const values: PromptValues = {
  EventType: 'oom-kill',
  ResourceName: 'web-1',
  Namespace: 'shop',
  Reason: 'OOMKilled',
  Message: 'say "hi" 💥💥💥',
  EventTime: '2026-01-02T03:04:05Z',
  ExitCode: 0,
  RestartCount: 3,
  Members: [
    { Namespace: 'shop', ResourceName: 'web-1', Count: 2 },
    { Namespace: 'pay', ResourceName: 'api-0', NodeName: 'node-b', Count: 0 },
  ],
};

function render(template: string): string {
  const parsed = parsePrompt(template);
  if (!parsed.ok) throw new Error(`${template} was refused: ${JSON.stringify(parsed.problems)}`);
  const filled = fillPrompt(parsed.template, values);
  if (!filled.ok) throw new Error(`${template} could not be filled: ${filled.message}`);
  return filled.text;
}

describe('a good template renders', () => {
  test.each([
    ['a leading dot', '{{.ResourceName}}', 'web-1'],
    ['a leading dot after a blank', '{{ .ResourceName }}', 'web-1'],
    ['no dot', '{{ResourceName}}', 'web-1'],
    ['three braces', '{{{.ResourceName}}}', 'web-1'],
    ['an ampersand', '{{& .ResourceName}}', 'web-1'],
    ['tildes', 'a {{~.ResourceName~}} b', 'aweb-1b'],
    ['tildes with three braces', 'a {{~{.ResourceName}~}} b', 'aweb-1b'],
    ['a segment', '{{.[ResourceName]}} {{[Reason]}}', 'web-1 OOMKilled'],
    ['this and ./', '{{this.Reason}} {{./Reason}}', 'OOMKilled OOMKilled'],
    ['a line break in a tag', '{{upper\n  .Reason\n}}', 'OOMKILLED'],
    ['nothing for an absent value', '[{{.Container}}]', '[]'],
    ['zero', '{{.ExitCode}}', '0'],
    ['what is not escaped', '{{.Message}} <b>', 'say "hi" 💥💥💥 <b>'],
    ['single braces', '{a: {.Reason}} }', '{a: {.Reason}} }'],
    ['escaped braces', '\\{{.Nobody | x}} {{.Reason}}', '{{.Nobody | x}} OOMKilled'],
    ['a tag after an escaped backslash', '\\\\{{.Reason}}', '\\OOMKilled'],
    ['comments', 'a{{! {{.Nobody }}b{{!-- {{.Nobody}} --}}c', 'abc'],
    ['if', '{{#if .Container}}c{{else}}none{{/if}}', 'none'],
    ['else if', '{{#if .Container}}c{{else if .RestartCount}}r{{.RestartCount}}{{else}}none{{/if}}', 'r3'],
    ['a zero that is false', '{{#if .ExitCode}}bad{{else}}fine{{/if}}', 'fine'],
    ['a zero that counts', '{{#if .ExitCode includeZero=true}}exit {{.ExitCode}}{{/if}}', 'exit 0'],
    ['a value as named argument', '{{#if .ExitCode includeZero=.Reason}}exit{{/if}}', 'exit'],
    ['unless', '{{#unless .Container}}whole pod{{/unless}}', 'whole pod'],
    ['an inverted block', '{{^if .Container}}whole pod{{/if}}', 'whole pod'],
    ['{{^}} for else', '{{#if .Container}}c{{^}}none{{/if}}', 'none'],
    ['with', '{{#with .Reason}}{{this}} {{.}} {{../Namespace}}{{else}}none{{/with}}', 'OOMKilled OOMKilled shop'],
    ['with and nothing', '{{#with .Container}}{{.}}{{else}}none{{/with}}', 'none'],
    ['a way back to all values', '{{#with .Reason}}{{#with ..}}{{.Namespace}}{{/with}}{{/with}}', 'shop'],
    [
      'each and its names',
      '{{#each .}}{{#if @last}}{{@index}} {{@key}}={{.}} {{@first}}{{/if}}{{/each}}',
      '7 RestartCount=3 false',
    ],
    [
      "the outer loop's names after an inner loop",
      '{{#each .}}{{#if @last}}{{#with ..}}{{#each .}}{{/each}}{{/with}}{{@key}}{{this}}{{/if}}{{/each}}',
      'RestartCount3',
    ],
    [
      'default',
      '{{default .Container "none"}} {{default .ExitCode "none"}} {{default .Container .Reason}}',
      'none 0 OOMKilled',
    ],
    [
      'truncate by code points',
      '{{truncate .Message 10}}|{{truncate .Message 0}}|{{truncate .Reason 99}}',
      'say "hi" 💥||OOMKilled',
    ],
    ['upper and lower', '{{upper .Namespace}} {{lower .Reason}}', 'SHOP oomkilled'],
    ['json', '{{json .Message}} {{json .ExitCode}} {{json .Container}}', '"say \\"hi\\" 💥💥💥" 0 null'],
    ['functions in functions', '{{upper (truncate (default .Container .Reason) 3)}}', 'OOM'],
    [
      'lookup',
      '{{lookup . "Reason"}}{{#each .}}{{#if @first}} {{lookup .. @key}}{{/if}}{{/each}}',
      'OOMKilled oom-kill',
    ],
    ['a row for each member', '{{#each Members}}{{.Namespace}}/{{ResourceName}} {{/each}}', 'shop/web-1 pay/api-0 '],
    ['a dot before Members, and this in a row', '{{#each .Members}}{{this.Count}}{{/each}}', '20'],
    ['a value that a row lacks as nothing', '{{#each Members}}[{{.NodeName}}]{{/each}}', '[][node-b]'],
    [
      'the incident from within a row',
      '{{#each Members}}{{../Namespace}}:{{../Reason}} {{/each}}',
      'shop:OOMKilled shop:OOMKilled ',
    ],
    ['places in the loop', '{{#each Members}}{{@index}}{{#if @last}}!{{else}},{{/if}}{{/each}}', '0,1!'],
    ['whether there are members', '{{#if Members}}some{{/if}}{{#unless Members}}none{{/unless}}', 'some'],
    [
      'members as JSON',
      '{{json Members}}',
      '[{"Namespace":"shop","ResourceName":"web-1","Count":2},{"Namespace":"pay","ResourceName":"api-0","NodeName":"node-b","Count":0}]',
    ],
    [
      'one member as JSON',
      '{{#each Members}}{{#if @first}}{{json this}}{{/if}}{{/each}}',
      '{"Namespace":"shop","ResourceName":"web-1","Count":2}',
    ],
    ['a row within with', '{{#each Members}}{{#with this}}{{.ResourceName}}{{/with}} {{/each}}', 'web-1 api-0 '],
    [
      'a member within a loop over all values',
      '{{#each .}}{{#if @first}}{{#each ../Members}}{{.Count}}{{/each}}{{/if}}{{/each}}',
      '20',
    ],
    ['text as a quotation', '{{blockquote .Message}}{{blockquote .Container}}', '> say "hi" 💥💥💥'],
    ['dots in strings as they are', '{{default .Container ".Reason {{.Nobody}} (.X"}}', '.Reason {{.Nobody}} (.X'],
    [
      'blocks on lines of their own without the lines',
      'a\n{{#if .Reason}}\n  b\n{{else}}\n  c\n{{/if}}\nd\n',
      'a\n  b\nd\n',
    ],
  ])('%s', (_, template, text) => {
    expect(render(template)).toBe(text);
  });
});

test('prompts in the manner of khook render with emoji, bullets and quotes as they are', () => {
  const prompt = [
    '🚨 ALERT: Pod {{.ResourceName}} restarted at {{.EventTime}} ⚠️',
    '',
    '• Use all tools; label with: fixedBy=<timestamp> or "fixedBy: <dateTime>"',
    "- Namespace: {{.Namespace}} ({{.EventMessage}}) - don't ask",
    '',
  ].join('\n');
  expect(render(prompt)).toBe(
    prompt
      .replace('{{.ResourceName}}', 'web-1')
      .replace('{{.EventTime}}', '2026-01-02T03:04:05Z')
      .replace('{{.Namespace}}', 'shop')
      .replace('{{.EventMessage}}', ''),
  );
});

test('without members the list is empty and false', () => {
  const parsed = parsePrompt('{{#each Members}}x{{else}}none{{/each}}{{#if Members}}y{{/if}}{{json Members}}');
  expect(parsed.ok && fillPrompt(parsed.template, {})).toEqual({ ok: true, text: 'none[]' });
});

test('every listed value can be named, with and without a dot', () => {
  for (const name of Object.keys(promptValueNames)) {
    const parsed = parsePrompt(`{{.${name}}}{{${name}}}`);
    expect(parsed.ok && fillPrompt(parsed.template, { [name]: 7 })).toEqual({ ok: true, text: '77' });
  }
});
