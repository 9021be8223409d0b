/**
 * Templates that are refused, with the exact place and the words that help.
 *
 * Lines and columns count from 1 in the author's own text, dots included.
 */
import { describe, expect, it, test } from 'vitest';
import { parsePrompt } from '../../workflows/contract/prompt.ts';

function problemsOf(template: string): string[] {
  const parsed = parsePrompt(template);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('a refused template says where and what to write instead', () => {
  test.each([
    ['Pod {{.Resourcename}}', '1:7 There is no value Resourcename. Did you mean ResourceName?'],
    ['🚨\r\nat {{ EventTme }}', '2:7 There is no value EventTme. Did you mean EventTime?'],
    ['{{#if .Foo}}x{{/if}}', /^1:7 There is no value Foo\. Known names are EventType, /],
    ['{{upper (lower .Foo)}}', /^1:16 There is no value Foo/],
    ['{{#if .Reason includeZero=.Foo}}x{{/if}}', /^1:27 There is no value Foo/],
    ['{{default .Foo "none"}}', /^1:11 There is no value Foo/],
    ['{{truncate .Message .Foo}}', /^1:21 There is no value Foo/],
    ['{{lookup . .Foo}}', /^1:12 There is no value Foo/],
    ['{{lookup . "Foo"}}', /^1:12 There is no value Foo/],
    ['{{constructor}}', /^1:3 There is no value constructor/],
    ['{{.__proto__}}', /^1:3 There is no value __proto__/],
    ['{{lookup . "toString"}}', /^1:12 There is no value toString/],
    ['{{.Reason.length}}', /^1:3 Reason is a single value/],
    ['{{#with .Reason}}{{length}}{{/with}}', /^1:20 Inside .* write \{\{\.\.\/length\}\}/],
    ['{{#each .}}{{#if @first}}{{Reason}}{{/if}}{{/each}}', /^1:28 Inside .* write \{\{\.\.\/Reason\}\}/],
    ['{{../Reason}}', /^1:3 \.\.\/Reason leads out/],
    ['{{.}}', /^1:3 This stands for all values/],
    ['{{upper .}}', /^1:9 This stands for all values/],
    ['{{#each .Reason}}x{{/each}}', /^1:9 each goes over all values/],
    ['{{.Members}}', /^1:3 Members is a list; write \{\{#each Members\}\}/],
    ['{{upper Members}}', /^1:9 Members is a list/],
    ['{{.Members.Namespace}}', /^1:3 Members is a list/],
    ['{{lookup . "Members"}}', /^1:12 Members is a list/],
    ['{{#with Members}}x{{/with}}', /^1:9 Members is a list; write \{\{#each Members\}\}/],
    ['{{#each Members}}{{.}}{{/each}}', /^1:20 This stands for a whole member/],
    ['{{#each .Members}}{{Reason}}{{/each}}', /^1:21 A member has no value Reason\. .*write \{\{\.\.\/Reason\}\}/],
    ['{{#each .Members}}{{#each Members}}x{{/each}}{{/each}}', /^1:27 A member has no value Members\. .*\.\.\/Members/],
    ['{{#each .Members}}{{.NodeNam}}{{/each}}', '1:21 A member has no value NodeNam. Did you mean NodeName?'],
    ['{{#each .Members}}{{.Count.x}}{{/each}}', /^1:21 Count is a single value/],
    ['{{#each .Members}}{{lookup . "Count"}}{{/each}}', /^1:28 lookup takes all values/],
    ['{{.Member}}', '1:3 There is no value Member. Did you mean Members?'],
    ['{{blockquote}}', /^1:3 blockquote takes 1 argument/],
    ['{{@root.Reason}}', /^1:3 @root\.Reason does not exist/],
    ['{{@index}}', /^1:3 @index exists only inside/],
    ['{{#each .}}x{{else}}{{@key}}{{/each}}', /^1:23 @key exists only inside/],
    ['{{#each .}}{{#with ..}}{{@../key}}{{/with}}{{/each}}', /^1:26 @\.\.\/key does not exist/],
    ['{{"text"}}', /^1:3 A tag holds a name/],
    ['{{shout .Reason}}', /^1:3 There is no function shout\. Known functions are lookup, default/],
    ['{{log .Reason}}', /^1:3 There is no function log/],
    ['{{helperMissing .Reason}}', /^1:3 There is no function helperMissing/],
    ['{{Reason "x"}}', /^1:3 Reason is a value and takes no arguments/],
    ['{{.upper .Reason}}', /^1:3 .*functions are written without a dot/],
    ['{{upper}}', /^1:3 upper takes 1 argument\(s\), found 0/],
    ['{{upper .Reason x=1}}', /^1:17 Named arguments/],
    ['{{default "none" .Container}}', /^1:3 default takes the value first/],
    ['{{truncate .Message -1}}', /^1:3 truncate takes/],
    ['{{truncate .Message 1.5}}', /^1:3 truncate takes/],
    ['{{truncate .Message .Reason}}', /^1:3 truncate takes/],
    ['{{#if}}x{{/if}}', /^1:4 if takes one argument, found 0/],
    ['{{#if .Reason .Message}}x{{/if}}', /^1:4 if takes one argument, found 2/],
    ['{{#if .Reason zero=1}}x{{/if}}', /^1:15 zero is not known/],
    ['{{#.Reason}}x{{/.Reason}}', /^1:4 Reason is a value, not a block; write \{\{#if \.Reason\}\}/],
    ['{{#upper .Reason}}x{{/upper}}', /^1:4 upper is a function, not a block/],
    ['{{#each . as |v|}}x{{/each}}', /^1:14 Block parameters/],
    ['a\n {{> part}}', /^2:2 Partials/],
    ['{{#> part}}x{{/part}}', /^1:1 Partials/],
    ['{{#*inline "p"}}x{{/inline}}', /^1:1 Decorators/],
    ['{{* d}}', /^1:1 Decorators/],
    ['a {{{{raw}}}}x{{{{/raw}}}}', /^1:3 Raw blocks/],
    ['{"a":{{.Reason}}}', /^1:6 This tag opens with 2 braces and closes with 3/],
    ['{{{.Reason}}', /^1:1 This tag opens with 3 braces and closes with 2/],
    ['a\n{{#if .Reason}}\nb', /^2:1 The block \{\{#if\}\} that opens here is not closed/],
    ['{{#if .Reason}}x{{/each}}', '1:4 The block {{#if}} that opens here is closed by {{/each}}.'],
    ['x{{/if}}', /^1:2 \{\{\/if\}\} closes no block/],
    ['x{{else}}', /^1:2 \{\{else\}\} belongs inside a block/],
    ['a {{.Reason', /^1:3 The tag that opens here is not closed/],
    ['a {{.Reason {{.Message}}', /^1:3 The tag that opens here is not closed/],
    ['a {{!-- x }}', /^1:3 The comment that opens here is not closed/],
    ['{{default .Container "a}} {{.Reason}}', /^1:22 What opens here with " is not closed/],
    ['ab\n{{ .Reason % }}', /^2:12 Handlebars' grammar does not allow % here/],
    ['{{!--\n--}} {{.else}}', /^2:8 Handlebars' grammar does not allow \. here/],
    ['{{}}', /^1:3 Handlebars' grammar does not allow \}\} here/],
    ['a\u2028b', /^1:2 The character U\+2028/],
    ['a\n\0', /^2:1 The character U\+0000/],
  ])('%s', (template, problem) => {
    expect(problemsOf(template)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });
});

describe("a form that only Go's templates know is refused with the Handlebars form", () => {
  test.each([
    ['{{if .Reason}}', /^1:1 .*\{\{#if \.Reason\}\}/],
    ['a {{with .Reason}}', /^1:3 .*\{\{#with \.Reason\}\}/],
    ['{{range .Items}}', /^1:1 .*\{\{#each \.\}\}/],
    ['{{end}}', /^1:1 .*\{\{\/if\}\}/],
    ['{{- .Reason}}', /^1:3 .*\{\{~/],
    ['{{ .Reason -}}', /^1:12 .*~\}\}/],
    ['{{.Reason | upper}}', /^1:11 .*\{\{upper \.Reason\}\}/],
    ['{{$x := .Reason}}', /^1:3 Variables/],
    ['{{printf "%s" .Reason}}', /^1:3 .*\{\{\.Reason\}\} in/],
    ['{{#if (eq .Reason "x")}}y{{/if}}', /^1:8 .*Go's eq/],
    ['{{/* note */}}', /^1:1 .*\{\{! … \}\}/],
    ['{{define "x"}}', /^1:1 Templates cannot define/],
  ])('%s', (template, problem) => {
    expect(problemsOf(template)).toEqual([expect.stringMatching(problem)]);
  });
});

it('lists all problems in the order of the text, 20 at most', () => {
  expect(problemsOf('{{.A}}\n{{if .B}}{{end}}')).toHaveLength(2);
  expect(problemsOf('{{#if .A}}{{.B}}{{else}}\n{{.C}}{{/if}}').map((text) => text.split(' ')[0])).toEqual([
    '1:7',
    '1:13',
    '2:3',
  ]);
  expect(problemsOf('{{.A}}'.repeat(30))).toHaveLength(20);
});
