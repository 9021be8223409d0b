import { expect, it } from 'vitest';
import { match, type Sighting } from '../../watcher/match.ts';
import { aFinding, aHook, anOccurrence, at, noon } from '../make.ts';

const sighting = (over: Partial<Sighting> = {}): Sighting => ({
  namespace: 'shop',
  finding: aFinding(),
  isWitnessed: true,
  ...over,
});
const restart = (cause: string) => aFinding({ type: 'pod-restart', occurrence: anOccurrence({ cause }) });

it('a Hook that configures the type in the same namespace takes the finding', () => {
  const result = match({ hook: aHook(), edgesFromMs: 0 }, sighting());
  expect(result).toMatchObject({
    configuration: { type: 'oom-kill', agent: { namespace: 'shop', name: 'memory-analyzer' } },
  });
});

it.each<[string, string[], Partial<Sighting>, string]>([
  ['a Hook of another namespace', ['oom-kill'], { namespace: 'other' }, 'NamespaceNotWatched'],
  ['a Hook without the type', ['pod-pending'], {}, 'TypeNotConfigured'],
  [
    'a restart by OOM where the Hook has oom-kill too',
    ['pod-restart', 'oom-kill'],
    { finding: restart('oom') },
    'TakenByMoreSpecific',
  ],
  ['an edge from before the Hook that nobody witnessed', ['oom-kill'], { isWitnessed: false }, 'Baseline'],
])('%s refuses with its reason', (_, types, over, reason) => {
  const result = match({ hook: aHook(types), edgesFromMs: noon + 60_000 }, sighting(over));
  expect(result).toMatchObject({ refusal: { reason } });
});

it('a restart by OOM goes to pod-restart where the Hook has nothing more specific', () => {
  expect(match({ hook: aHook(['pod-restart']), edgesFromMs: 0 }, sighting({ finding: restart('oom') }))).toHaveProperty(
    'configuration',
  );
});

it('a restart for another cause stays with pod-restart beside oom-kill', () => {
  const hook = aHook(['pod-restart', 'oom-kill']);
  expect(match({ hook, edgesFromMs: 0 }, sighting({ finding: restart('exit-code') }))).toHaveProperty('configuration');
});

it('a state that is true now is news whenever it began', () => {
  const finding = aFinding({ type: 'oom-kill', nature: 'state', occurrence: anOccurrence({ at: at(-9999) }) });
  expect(match({ hook: aHook(), edgesFromMs: noon }, sighting({ finding, isWitnessed: false }))).toHaveProperty(
    'configuration',
  );
});
