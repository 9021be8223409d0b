import { describe, expect, it } from 'vitest';
import type { LiveConfiguration } from '../../watcher/hooks/configuration/read-configuration.ts';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { refuse, type Sighting } from '../../watcher/matching/match.ts';
import { aFinding, aHookObject, anOccurrence, aPod, at, noon, oomConfiguration } from '../make.ts';

const sighting = (over: Partial<Sighting> = {}): Sighting => ({
  object: aPod({ labels: { tier: 'web' } }),
  finding: aFinding(),
  owners: [],
  isWitnessed: true,
  ...over,
});

/** The refusal's reason of a Hook in namespace shop with this `match`; undefined when it takes the finding. */
function refusalOf(match: unknown, over: Partial<Sighting> = {}, edgesFromMs = 0) {
  const spec = { eventConfigurations: [{ ...oomConfiguration, match }] };
  const hook = readHook(aHookObject(spec), { isWide: () => true });
  const configuration: LiveConfiguration | undefined = hook?.configurations[0];
  if (hook === undefined || configuration === undefined) throw new Error(hook?.problems[0]?.message);
  return refuse({ listener: { hook, edgesFromMs }, configuration, sighting: sighting(over) });
}

it('a configuration without criteria takes the finding', () => {
  expect(refusalOf(undefined)).toBeUndefined();
});

const owned = {
  owners: [
    { kind: 'ReplicaSet', name: 'cart-5d', uid: 'r' },
    { kind: 'Deployment', name: 'cart', uid: 'd' },
  ],
};

it.each<[string, unknown, Partial<Sighting>, string | undefined]>([
  ['an object of another namespace', undefined, { object: aPod({ namespace: 'bank' }) }, 'NamespaceNotWatched'],
  [
    'another namespace that match.namespaces means',
    { namespaces: ['b*'] },
    { object: aPod({ namespace: 'bank' }) },
    undefined,
  ],
  ['its own namespace when match.namespaces does not mean it', { namespaces: ['b*'] }, {}, 'NamespaceNotWatched'],
  ['an object without a namespace', undefined, { object: { ...aPod(), kind: 'Node', namespace: '' } }, undefined],
  ['what happened on purpose', undefined, { finding: aFinding({ dismissed: 'A resize.' }) }, 'Intended'],
  ['a failed Pod of a Job', undefined, { finding: aFinding({ optIn: 'job-pods' }) }, 'NotIncluded'],
  ['one where these count', { include: ['job-pods'] }, { finding: aFinding({ optIn: 'job-pods' }) }, undefined],
  ['a drain', undefined, { finding: aFinding({ optIn: 'drains' }) }, 'NotIncluded'],
  ['a drain where drains count', { include: ['drains'] }, { finding: aFinding({ optIn: 'drains' }) }, undefined],
  ['labels that are selected', { labels: { matchLabels: { tier: 'web' } } }, {}, undefined],
  ['labels that are not', { labels: { matchLabels: { tier: 'db' } } }, {}, 'LabelsDiffer'],
  ['the name of the Pod', { names: ['web-?'] }, {}, undefined],
  ['the name of its workload', { names: ['cart'] }, owned, undefined],
  ['another name', { names: ['db-*'] }, owned, 'NameDiffers'],
  ['a name that its workload excludes', { names: ['web-*', '!cart'] }, owned, 'NameDiffers'],
  [
    'an expression that is true',
    { expression: 'incident.exitCode == 137 && incident.labels["tier"] == "web"' },
    {},
    undefined,
  ],
  ['an expression over the workload', { expression: 'incident.owner.kind == "Deployment"' }, owned, undefined],
  ['an expression that is false', { expression: 'incident.container != "app"' }, {}, 'ExpressionFalse'],
  ['an expression that cannot be answered', { expression: 'incident.labels["absent"] == "x"' }, {}, 'ExpressionFailed'],
])('%s: with match %j the answer is as it should be', (_, match, over, reason) => {
  expect(refusalOf(match, over)?.reason).toBe(reason);
});

describe('an edge from before the Hook', () => {
  const later = noon + 60_000;

  it('is the state of affairs where nobody saw it happen', () => {
    expect(refusalOf(undefined, { isWitnessed: false }, later)?.reason).toBe('TooOld');
  });

  it('is news where we saw it happen', () => {
    expect(refusalOf(undefined, {}, later)).toBeUndefined();
  });

  it.each([
    ['changed while nobody watched, by a clock 20 minutes slow', at(10 - 20 * 60), noon, noon + 10_000, undefined],
    ['changed meanwhile, but is older than any clock is slow', at(10 - 40 * 60), noon, noon + 10_000, 'TooOld'],
    ['changed before the Hook was made or edited', at(-60), noon + 20_000, noon + 10_000, 'TooOld'],
    ['has not changed since it was handed over', at(-60), noon, undefined, 'TooOld'],
  ])('on an object that %s', (_, happenedAt, edgesFromMs, changedSinceMs, reason) => {
    const finding = aFinding({ occurrence: anOccurrence({ at: happenedAt }) });
    const over = { finding, isWitnessed: false, ...(changedSinceMs !== undefined && { changedSinceMs }) };
    expect(refusalOf(undefined, over, edgesFromMs)?.reason).toBe(reason);
  });

  it('is no edge when it is a state that is true now', () => {
    const finding = aFinding({ nature: 'state', occurrence: anOccurrence({ at: at(-9999) }) });
    expect(refusalOf(undefined, { finding, isWitnessed: false }, later)).toBeUndefined();
  });
});
