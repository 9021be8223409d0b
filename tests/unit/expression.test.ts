import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../watcher/matching/expression.ts';
import type { FactSources } from '../../watcher/matching/facts.ts';
import { anOccurrence } from '../make.ts';

const { nodeName: _absent, ...occurrence } = anOccurrence({ restartCount: 3 });

interface Over {
  labels?: Record<string, string>;
  message?: string;
}

function sources({ labels = { tier: 'web', 'app.kubernetes.io/name': 'web' }, message }: Over): FactSources {
  return {
    type: 'oom-kill',
    object: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid', labels },
    occurrence: { ...occurrence, message: message ?? occurrence.message },
    hook: { namespace: 'shop', name: 'checkout' },
    owner: undefined,
  };
}

function answer(text: string, over: Over = {}): string {
  const compiled = compileExpression(text);
  if (!compiled.ok) return `refused: ${compiled.message}`;
  const answer = compiled.expression.evaluate(sources(over));
  return answer === true ? 'true' : `${answer.reason}: ${answer.message}`;
}

describe('an expression over an incident', () => {
  it.each([
    'incident.container == "app" && incident.exitCode == 137',
    'incident.restartCount > 2',
    'incident.labels["tier"] in ["web", "api"]',
    'incident.labels["app.kubernetes.io/name"].startsWith("we")',
    'has(incident.container) && !has(incident.owner)',
    'incident.labels.exists(key, key == "tier")',
    'incident.message.matches("exit code [0-9]+")',
    'incident.hook.name == "checkout"',
    '[1, 2] + [3] == [1, 2, 3]',
    'incident.labels.map(key, incident.labels[key]).filter(value, value == "web").size() == 2',
    `incident.message != "${'(['.repeat(40)}" && incident.message != "${'-!?'.repeat(40)}"`,
    `incident.message != r"\\" // "\n && incident.name == 'web-0'`,
  ])('%s is true', (text) => {
    expect(answer(text)).toBe('true');
  });

  it.each([
    ['incident.exitCode == 1', 'ExpressionFalse'],
    ['incident.nodeName == "node-a"', 'ExpressionFailed'],
    ['incident.labels["absent"] == "x"', 'ExpressionFailed'],
    ['incident.exitCode / 0 == 1', 'ExpressionFailed'],
    ['incident.exitCode', 'ExpressionFailed'],
    ['incident.name', 'ExpressionFailed'],
  ])('%s lets nothing through: %s', (text, reason) => {
    expect(answer(text)).toMatch(new RegExp(`^${reason}: `));
  });

  it('that asks for a field that is absent now says how to ask', () => {
    expect(answer('incident.nodeName == "a"')).toContain('has(incident.FIELD)');
    expect(answer('incident.exitCode / 0 == 1')).not.toContain('has(');
  });

  it.each([
    ['incident.exitCode', 'int'],
    ['incident.name', 'string'],
    ['incident.labels', 'map'],
    ['[true]', 'list'],
    ['null', 'null_type'],
  ])('that is %s says that it found the type %s', (text, type) => {
    expect(answer(text)).toContain(`of type ${type}; expected true or false`);
  });

  it('sees every label, also the last of a hundred', () => {
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`label-${n}`, `${n}`]));
    expect(answer('incident.labels["label-99"] == "99" && "label-98" in incident.labels', { labels })).toBe('true');
  });

  it('may compare each of fifty labels with each other', () => {
    const labels = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`label-${n}`, 'v'.repeat(63)]));
    expect(answer('incident.labels.all(a, incident.labels.all(b, a != "x" && b != "y"))', { labels })).toBe('true');
  });

  it('is not harmed by one that took too much before it', () => {
    expect(answer(doubled(25, 'all(x, x == 1)'))).toContain('too much work');
    expect(answer('incident.exitCode == 137')).toBe('true');
  });
});

describe('what cannot be compiled says what was found and what was expected', () => {
  it.each([
    ['a typing error', 'incident.contaner == "app"', /incident\.contaner does not exist; expected one of type, /],
    ['a typing error in brackets', 'incident["contaner"] == "app"', /incident\.contaner does not exist/],
    ['a typing error in has', 'has(incident.contaner)', /incident\.contaner does not exist/],
    ['a message of protobuf', 'google.protobuf.Int64Value{value: 1} == 1', /google\.protobuf\.Int64Value is not known/],
    ['another variable', 'pod.name == "a"', /pod is not known; expected incident/],
    ['half an expression', 'incident.name ==', /no CEL expression/],
    ['nothing', ' ', /no CEL expression|empty/],
    ['too much text', `"${'a'.repeat(1100)}" == ""`, /characters; expected at most 1024/],
    ['five hundred brackets', '('.repeat(500) + ')'.repeat(500), /nested too deeply/],
    [
      'brackets after strings of closing ones',
      `"${')'.repeat(300)}" == ${'('.repeat(300)}1${')'.repeat(300)}`,
      /nested too deeply/,
    ],
    ['brackets after a raw string', `r"\\" == ${'('.repeat(300)}"1"${')'.repeat(300)}`, /nested too deeply/],
    ['brackets after a comment', `// "\n${'('.repeat(300)}1${')'.repeat(300)} // "\n`, /nested too deeply/],
    ['a thousand negations', `${'!'.repeat(1000)}true`, /nested too deeply/],
    ['negations with blanks between them', `${'! '.repeat(400)}true`, /nested too deeply/],
    ['choices within choices', `${'true ? '.repeat(60)}true${' : true'.repeat(60)}`, /nested too deeply/],
    ['a long sum', Array.from({ length: 200 }, () => '1').join('+'), /nested too deeply/],
    [
      'three loops within each other',
      'incident.labels.all(a, incident.labels.all(b, incident.labels.all(c, a == b || b == c)))',
      /more than 2 loops/,
    ],
  ])('%s', (_, text, message) => {
    expect(answer(text)).toMatch(message);
    expect(answer(text)).toMatch(/^refused/);
  });
});

/** A list that becomes twice as long with each loop, none of which is within another. */
function doubled(times: number, rest: string): string {
  return `[[1, 1]]${'.map(a, a + a)'.repeat(times)}[0].${rest}`;
}

describe('an expression that takes too much work lets nothing through, and ends soon', () => {
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`label-${n}`, 'v'.repeat(63)]));
  const hostile: [string, string][] = [
    ['loops within loops', 'incident.labels.all(a, incident.labels.all(b, true))'],
    ['loops that keep nothing', 'incident.labels.filter(a, incident.labels.exists(b, false)).size() == 0'],
    ['loops over what loops made', doubled(25, 'all(x, x == 1)')],
    ['a text that doubles', `["aaaaaaaa"]${'.map(a, a + a)'.repeat(25)}[0].contains("b")`],
    ['a small list that holds itself many times', `[[1]]${'.map(a, [a, a, a, a])'.repeat(20)}.all(a, a != [a])`],
    ['a map that holds itself many times', `[{1: 1}]${'.map(a, {1: a, 2: a})'.repeat(25)}.all(a, a != {1: a})`],
    ['a pattern that becomes a large program', 'incident.message.matches("[a-z]{1000}b")'],
    ['a pattern with repeated groups', 'incident.message.matches("((a?a?a?a?a?a?){20}){20}b")'],
    ['a pattern for each label', 'incident.labels.all(a, !a.matches("(?i)[\\\\pL]z"))'],
    ['a time for each label', 'incident.labels.all(a, timestamp("2020-01-01T00:00:00Z") != timestamp(0))'],
    ['a number as the key of many labels', 'incident.labels.exists(a, incident.labels[5] == "x")'],
    ['a large value for each label', `incident.labels.all(a, [${'a, '.repeat(200)}a].size() == 201)`],
    ['an error that is outvoted', 'incident.labels.all(a, incident.labels.all(b, true)) || true'],
  ];

  it.each(hostile)('%s', (_, text) => {
    expect(answer(text, { labels, message: 'a'.repeat(1024) })).toMatch(/^ExpressionFailed: .*too much work/);
  });

  it('all of them together', () => {
    const startedMs = performance.now();
    for (const [, text] of hostile) answer(text, { labels, message: 'a'.repeat(1024) });
    expect(performance.now() - startedMs).toBeLessThan(2000); // without the meter one of them takes a minute
  });
});

it('no text ever throws, neither when it is compiled nor when it is evaluated', () => {
  const piece = fc.constantFrom(
    'incident',
    '.name',
    '.labels',
    '["a"]',
    '(',
    ')',
    ' == ',
    '"x"',
    ' && ',
    '!',
    '1',
    '.all(x, x)',
    '?',
    ':',
    '[',
    ']',
    '-',
    '{',
    '}',
    ' in ',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (source) => {
      expect(typeof answer(source)).toBe('string');
    }),
    { numRuns: 500 },
  );
});
