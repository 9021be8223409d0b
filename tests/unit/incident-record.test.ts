import { describe, expect, it } from 'vitest';
import { isCarried } from '../../workflows/checks/check-carried.ts';
import {
  beginRecord,
  continueRecord,
  soFarOf,
  takeOccurrence,
  takeResolved,
} from '../../workflows/record/incident-record.ts';
import { memoOf } from '../../workflows/record/memo-of.ts';
import { takeAnswer, toAskAgain } from '../../workflows/record/record-run.ts';
import { msUntilOver, msUntilRepeat } from '../../workflows/record/when-due.ts';
import { anIncident, anOccurrence, at, noon } from '../make.ts';

const second = anOccurrence({ id: 'pod-uid/app/containerd://a1', order: 2, at: at(20) });

describe('an occurrence', () => {
  it('that is known, or older than the newest of its member, changes nothing but how many were received', () => {
    const record = beginRecord(anIncident(), 'run', noon);
    const before = structuredClone(record);
    expect(takeOccurrence(record, anOccurrence(), noon + 5)).toBe(false);
    expect(takeOccurrence(record, anOccurrence({ id: 'older', order: 0 }), noon + 5)).toBe(false);
    expect(record).toEqual({ ...before, received: 3 });
  });

  it('that is new is counted as often as it stands for, and moves lastSeen forward only', () => {
    const record = beginRecord(anIncident(), 'run', noon);
    expect(takeOccurrence(record, { ...second, times: 3 }, noon + 5)).toBe(true);
    expect(takeOccurrence(record, anOccurrence({ id: 'x', order: 3, at: at(1) }), noon + 6)).toBe(true);
    expect(record).toMatchObject({ count: 5, firstSeen: at(10), lastSeen: at(20), lastReceivedMs: noon + 6 });
  });

  it('of any number of members is remembered within bounds', () => {
    const record = beginRecord(anIncident(), 'run', noon);
    for (let n = 0; n < 200; n += 1) takeOccurrence(record, anOccurrence({ id: `m${n}`, member: `m${n}` }), noon);
    expect(Object.keys(record.known)).toHaveLength(50);
    expect(record.known['m199']).toBeDefined();
    expect(record.count).toBe(201);
  });
});

describe('what the prompt gets of members', () => {
  const of = (n: number, over = {}) =>
    anOccurrence({ id: `o${n}`, member: `m${n}`, objectName: `web-${n}`, objectNamespace: 'shop', at: at(n), ...over });

  it('is each one with its place, since when and how often; the one that it happened to last is the last', () => {
    const record = beginRecord(anIncident({ occurrence: of(1) }), 'run', noon);
    takeOccurrence(record, of(2, { nodeName: 'node-b' }), noon);
    takeOccurrence(record, of(1, { id: 'again', order: 2, at: at(9), times: 2 }), noon);
    takeOccurrence(record, of(1, { id: 'again', order: 2, at: at(9), times: 2 }), noon);
    expect(soFarOf(record, noon).members).toEqual({
      rows: [
        {
          id: 'm2',
          namespace: 'shop',
          name: 'web-2',
          container: 'app',
          nodeName: 'node-b',
          firstSeen: at(2),
          lastSeen: at(2),
          count: 1,
        },
        {
          id: 'm1',
          namespace: 'shop',
          name: 'web-1',
          container: 'app',
          nodeName: 'node-a',
          firstSeen: at(1),
          lastSeen: at(9),
          count: 3,
        },
      ],
      more: 0,
    });
    expect(soFarOf(record, noon)).toMatchObject({ count: 4, firstSeen: at(1), lastSeen: at(9), askedAt: at(0) });
  });

  it('is fifty, and how many more', () => {
    const record = beginRecord(anIncident({ occurrence: of(0) }), 'run', noon);
    for (let n = 1; n < 57; n += 1) takeOccurrence(record, of(n), noon);
    const { rows, more } = soFarOf(record, noon).members;
    expect([rows.length, rows[0]?.name, rows.at(-1)?.name, more]).toEqual([50, 'web-7', 'web-56', 7]);
  });

  it('of a record that an older version handed on is their names, and more of what is seen from now on', () => {
    const { members: _, ...older } = beginRecord(anIncident({ occurrence: of(1) }), 'run', noon);
    expect(soFarOf(older, noon).members.rows).toEqual([{ id: 'm1', name: 'web-1' }]);
    takeOccurrence(older, of(2), noon);
    expect(soFarOf(older, noon).members.rows).toMatchObject([{ name: 'web-1' }, { name: 'web-2', count: 1 }]);
  });
});

describe.each(['__proto__', 'constructor', 'toString'])('a member that is called %s', (member) => {
  const first = anOccurrence({ member });
  const next = anOccurrence({ member, id: 'next', order: 2 });

  it('is a member like all others, also after the record has travelled as JSON', () => {
    const begun = beginRecord(anIncident({ occurrence: first }), 'run', noon);
    const carried: unknown = JSON.parse(JSON.stringify(begun));
    if (!isCarried(carried) || carried === undefined) throw new Error('It is a record.');
    const record = continueRecord(carried);
    expect(takeOccurrence(record, first, noon)).toBe(false);
    expect(takeOccurrence(record, next, noon)).toBe(true);
    expect(takeOccurrence(record, first, noon)).toBe(false);
    expect(Object.entries(record.known)).toEqual([[member, { id: 'next', order: 2, name: 'web-0' }]]);
    expect(JSON.stringify(memoOf(anIncident(), record).known)).toContain(`"${member}":`);
  });

  it('is not known before it was seen', () => {
    const record = beginRecord(anIncident(), 'run', noon);
    expect(takeOccurrence(record, next, noon)).toBe(true);
    expect(record.count).toBe(2);
  });
});

describe('an incident is over', () => {
  it('as an edge when nothing was received for the quiet window', () => {
    const incident = anIncident();
    const record = beginRecord(incident, 'run', noon);
    expect(msUntilOver(incident, record, noon + 400)).toBe(600);
    takeOccurrence(record, second, noon + 400);
    expect(msUntilOver(incident, record, noon + 1000)).toBe(400);
  });

  it('as a state never while it is true, and a quiet window after its end', () => {
    const incident = anIncident({ nature: 'state' });
    const record = beginRecord(incident, 'run', noon);
    expect(msUntilOver(incident, record, noon + 1e9)).toBeUndefined();
    takeResolved(record, { occurrenceId: anOccurrence().id, at: at(1), message: 'gone' }, noon + 1e9);
    expect(msUntilOver(incident, record, noon + 1e9 + 1)).toBe(999);
  });

  it('not by the end of an earlier transition, nor once it has become true again', () => {
    const incident = anIncident({ nature: 'state' });
    const record = beginRecord(incident, 'run', noon);
    takeOccurrence(record, second, noon + 1);
    expect(takeResolved(record, { occurrenceId: anOccurrence().id, at: at(1), message: '' }, noon + 2)).toBe(false);
    expect(takeResolved(record, { occurrenceId: second.id, at: at(1), message: '' }, noon + 2)).toBe(true);
    takeOccurrence(record, anOccurrence({ id: 'third', order: 3 }), noon + 3);
    expect(msUntilOver(incident, record, noon + 3)).toBeUndefined();
  });
});

it('the memo shows what other processes decide on, and no prompt', () => {
  const record = beginRecord(anIncident(), 'run', noon);
  record.prompt = 'a prompt';
  const memo = memoOf(anIncident(), record);
  expect(memo.known).toEqual({ 'pod-uid/app': { id: anOccurrence().id, order: 1, name: 'web-0' } });
  expect(JSON.stringify(memo)).not.toContain('a prompt');
});

it('the same occurrence again with a better cause changes what is shown, and counts nothing', () => {
  const record = beginRecord(anIncident(), 'run', noon);
  const better = anOccurrence({ cause: 'oom', message: 'The runtime noticed late.' });
  expect(takeOccurrence(record, better, noon + 1000)).toBe(true);
  expect(takeOccurrence(record, better, noon + 2000)).toBe(false);
  expect(record).toMatchObject({ count: 1, newest: { cause: 'oom' }, lastReceivedMs: noon });
});

describe('asking again', () => {
  const timing = { ...anIncident().timing, repeatAfterMs: 1000 };
  const asked = (over: Parameters<typeof anIncident>[0]) => {
    const incident = anIncident({ timing, ...over });
    const record = beginRecord(incident, 'run', noon);
    takeAnswer(record, { executionId: 'exec-1' }, noon + 100);
    return { incident, record };
  };

  it('is due repeatAfter after the agent was asked, while a state is true', () => {
    const { incident, record } = asked({ nature: 'state' });
    expect(msUntilRepeat(incident, record, noon + 600)).toBe(500);
    takeResolved(record, { occurrenceId: record.newest.id, at: at(1), message: 'over' }, noon + 700);
    expect(msUntilRepeat(incident, record, noon + 5000)).toBeUndefined();
  });

  it('is due for an edge only when it occurred since, and never without repeatAfter', () => {
    const { incident, record } = asked({ nature: 'edge' });
    expect(msUntilRepeat(incident, record, noon + 5000)).toBeUndefined();
    takeOccurrence(record, second, noon + 200);
    expect(msUntilRepeat(incident, record, noon + 600)).toBe(500);
    expect(msUntilRepeat(anIncident(), record, noon + 600)).toBeUndefined();
  });

  it('gives each agent run a key of its own, a prompt of its own and the whole redelivery limit', () => {
    const { record } = asked({ nature: 'state' });
    record.prompt = 'the first';
    record.redeliveries = 4;
    toAskAgain(record, noon + 1000);
    expect(record).toMatchObject({ askRun: 'run/2', asks: 2, askingSinceMs: noon + 1000, redeliveries: 0 });
    expect([record.prompt, record.agentRun]).toEqual([undefined, undefined]);
    toAskAgain(record, noon + 2000);
    expect(record.askRun).toBe('run/3');
  });
});
