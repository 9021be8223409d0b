/** Hooks of a file for the dry run: YAML that kubectl takes is taken, and means the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { deepenFlow } from '../../watcher/dry-run/deepen-flow.ts';
import { readHooksFile } from '../../watcher/dry-run/read-hooks-file.ts';

const hookWith = (rest: string) => `kind: Hook
metadata:
  name: a
spec:
  eventConfigurations:
  - eventType: oom-kill
    agentRef: {name: x}
    ${rest.replaceAll('\n', '\n    ')}
`;
const promptOf = (text: string) => readHooksFile('hooks.yaml', text)[0]?.configurations[0]?.prompt;

describe('a file of Hooks', () => {
  it.each([
    ['double quotes', 'prompt: "one\ntwo\n\nthree \\\nfour"', 'one two\nthree four'],
    ['single quotes', "prompt: 'one\nit''s two'\nmode: observe", "one it's two"],
    ['quotes that hold the other ones', 'prompt: "it\'s\n\\"two\\" # no comment"', 'it\'s "two" # no comment'],
  ])('may hold a text in %s that goes on at the indent of its key', (_, prompt, expected) => {
    expect(promptOf(hookWith(prompt))).toBe(expected);
  });

  it('may hold such a text at the left edge, and several of them in several documents', () => {
    const one = hookWith('prompt: "one\ntwo"').replace('    two', 'two');
    expect(readHooksFile('f', `${one}---\n${one}`).map(({ configurations: [c] }) => c?.prompt)).toEqual([
      'one two',
      'one two',
    ]);
  });

  it('may hold a flow collection that goes on at the indent of its key', () => {
    const text = hookWith('prompt: p\nmatch: {\nnamespaces: [\n"a", b,\n], names: ["c\nd"]\n}');
    const [hook] = readHooksFile('f', text);
    expect(hook?.problems.map(({ reason }) => reason)).not.toContain('InvalidSpec');
    expect(parse(deepenFlow(text))).toMatchObject({
      spec: { eventConfigurations: [{ match: { namespaces: ['a', 'b'], names: ['c d'] } }] },
    });
  });

  it.each(['"one\n---\ntwo"', '"never closed\nat all', '{a: b,\n---\nc: d}'])(
    'is still refused with %j in it',
    (bad) => {
      expect(() => readHooksFile('hooks.yaml', `kind: Hook\nspec: ${bad}\n`)).toThrow(
        /hooks\.yaml: document 1 is not YAML/,
      );
    },
  );

  it('whatever it holds, what is YAML already is left as it is', () => {
    const text = `a: |\n  "not\n  quoted\nb: [1,\n  2]\nc: "x\n  y" # it's\nd: it's\n`;
    expect(deepenFlow(text)).toBe(text);
    const piece = fc.constantFrom(
      '"',
      "'",
      '\n',
      ' ',
      'a: ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '\\',
      '#',
      '---\n',
      '|\n',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof deepenFlow(pieces.join(''))).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });
});
