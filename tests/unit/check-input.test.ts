/** What the workflow takes for its watcher's, and that nothing else can make it throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCarried } from '../../workflows/checks/check-carried.ts';
import { isIncident, isOccurrence, isResolved, readOccurrences } from '../../workflows/checks/check-input.ts';
import { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import { beginRecord, takeOccurrence } from '../../workflows/record/incident-record.ts';
import { anIncident, anOccurrence, noon } from '../make.ts';

const whole = anOccurrence({
  cause: 'x',
  confidence: 'certain',
  containerKind: 'init',
  image: 'i',
  owners: [{ kind: 'Job', name: 'a' }],
  evidence: ['one'],
  objectNamespace: 'shop',
});

describe('what the watcher sends', () => {
  it('is taken: an occurrence with everything and with little, an incident, a record, the end of a state', () => {
    const { exitCode: _exit, restartCount: _count, nodeName: _node, container: _container, ...little } = whole;
    expect([whole, little].map(isOccurrence)).toEqual([true, true]);
    const group = { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u' };
    const more = anIncident({ group, owner: { kind: 'Deployment', name: 'web' }, occurrence: whole });
    const along = { ...more, along: [whole] };
    expect([anIncident(), more, along, { ...more, along: [1] }].map(isIncident)).toEqual([true, true, true, false]);
    expect([undefined, beginRecord(more, 'run', noon)].map(isCarried)).toEqual([true, true]);
    expect(isResolved({ occurrenceId: 'a', at: 'now', message: 'over' })).toBe(true);
  });

  it('is taken with fields that this version does not know: watchers may be newer than workers', () => {
    const newer = { later: [{ a: 1 }] };
    expect(isOccurrence({ ...whole, ...newer })).toBe(true);
    expect(isIncident({ ...anIncident(), ...newer, occurrence: { ...whole, ...newer } })).toBe(true);
    expect(isCarried({ ...beginRecord(anIncident(), 'run', noon), ...newer })).toBe(true);
  });

  it('is not taken where the members of a record are of another shape; what an older version handed on has none', () => {
    const { members, ...older } = beginRecord(anIncident(), 'run', noon);
    expect(isCarried(older)).toBe(true);
    const row = { id: 'a', name: 'b' };
    for (const wrong of [
      1,
      [],
      { rows: 1, more: 0 },
      { rows: [], more: -1 },
      { rows: [{ ...row, count: 'x' }], more: 0 },
    ]) {
      expect(isCarried({ ...older, members: wrong })).toBe(false);
    }
    for (const name of ['id', 'name', 'namespace', 'container', 'nodeName', 'firstSeen', 'lastSeen']) {
      expect(isCarried({ ...older, members: { ...members, rows: [{ ...row, [name]: 7 }] } })).toBe(false);
    }
  });

  it.each(Object.keys(whole))('is not taken where %s of an occurrence is of another shape', (name) => {
    for (const wrong of [{}, Number.NaN, name === 'message' || name === 'id' ? 1 : [1]]) {
      expect(isOccurrence({ ...whole, [name]: wrong })).toBe(false);
    }
  });

  it.each(['2030', '', 'yesterday', '2026-13-01T00:00:00Z', '2026-09-01 12:00:00'])(
    'is not taken with the time %j',
    (at) => {
      expect(isOccurrence({ ...whole, at })).toBe(false);
    },
  );

  it.each([
    [{ autoApprove: ['get_*'], onTimeout: 'cancel' }, true],
    [{}, true],
    [{ autoApprove: 'get_*' }, false],
    [{ autoApprove: [1] }, false],
    ['reject', false],
    [null, false],
  ])('with the approval %j is taken: %s', (approval, isTaken) => {
    expect(isIncident({ ...anIncident(), approval })).toBe(isTaken);
  });

  it('is not taken where a timer would be refused by Temporal', () => {
    expect(isIncident(anIncident({ timing: { ...anIncident().timing, quietWindowMs: 1e15 } }))).toBe(false);
  });
});

it('whatever JSON arrives is checked without an exception, and what is taken is what the contract says', () => {
  const almost = fc.record(
    Object.fromEntries(
      Object.entries(whole).map(([name, value]) => [name, fc.oneof(fc.constant<unknown>(value), fc.jsonValue())]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), almost), (value) => {
      for (const check of [isCarried, isResolved, isIncident]) expect(typeof check(value)).toBe('boolean');
      const { occurrences } = readOccurrences({ occurrences: [value] });
      const record = beginRecord(anIncident(), 'run', noon);
      for (const occurrence of occurrences) {
        expect(typeof occurrence.message).toBe('string');
        takeOccurrence(record, occurrence, noon);
      }
      expect(readOccurrences(value).dropped).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 3000 },
  );
  expect(Occurrence.safeParse(whole).success && Incident.safeParse(anIncident()).success).toBe(true);
});
