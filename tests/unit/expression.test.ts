import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../watcher/matching/expression.ts';
import type { IncidentFacts } from '../../watcher/matching/facts.ts';

const facts = (over: Partial<IncidentFacts> = {}): IncidentFacts => ({
  type: 'oom-kill',
  kind: 'Pod',
  namespace: 'shop',
  name: 'web-0',
  uid: 'pod-uid',
  reason: 'OOMKilled',
  message: 'Container app was OOM-killed (exit code 137)',
  labels: { tier: 'web', 'app.kubernetes.io/name': 'web' },
  hook: { namespace: 'shop', name: 'checkout' },
  container: 'app',
  exitCode: 137,
  restartCount: 3,
  ...over,
});

function answer(text: string, over: Partial<IncidentFacts> = {}): string {
  const compiled = compileExpression(text);
  if (!compiled.ok) return `refused: ${compiled.message}`;
  const verdict = compiled.expression.evaluate(facts(over));
  return verdict === true ? 'true' : `${verdict.reason}: ${verdict.message}`;
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
  });
});

describe('what cannot be compiled says what was found and what was wanted', () => {
  it.each([
    ['a typing error', 'incident.contaner == "app"', /incident\.contaner does not exist; wanted one of type, /],
    ['another variable', 'pod.name == "a"', /pod is not known; wanted incident/],
    ['half an expression', 'incident.name ==', /no CEL expression/],
    ['nothing', ' ', /no CEL expression|empty/],
    ['too much text', `"${'a'.repeat(1100)}" == ""`, /characters; wanted at most 1024/],
    ['five hundred brackets', '('.repeat(500) + ')'.repeat(500), /nested too deeply/],
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

it('hostile expressions that are allowed end soon, on an object with more labels than anybody looks at', () => {
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`label-${n}`, 'v'.repeat(63)]));
  const startedMs = performance.now();
  for (const text of [
    'incident.message.matches("(a+)+(b+)+$")',
    'incident.labels.all(a, incident.labels.all(b, a != "x" && b != "y"))',
    'incident.labels.map(a, incident.labels.map(b, incident.message + a + b)).size() > 0',
  ]) {
    expect(answer(text, { labels, message: 'a'.repeat(1024) })).not.toMatch(/^refused/);
  }
  expect(performance.now() - startedMs).toBeLessThan(2000); // without the bounds it would be minutes
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
