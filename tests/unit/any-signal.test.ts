/**
 * Whoever may start or signal an execution may send anything: it throws nowhere, and what the execution keeps and shows of it
 * stays within what Temporal takes, however much is sent.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCarried } from '../../workflows/checks/check-carried.ts';
import { isIncident, isResolved, readOccurrences } from '../../workflows/checks/check-input.ts';
import {
  addTransition,
  beginRecord,
  continueRecord,
  takeOccurrence,
  takeResolved,
  transition,
} from '../../workflows/record/incident-record.ts';
import { takeAnswer, takeEnding } from '../../workflows/record/record-run.ts';
import { msUntilOver, msUntilRepeat } from '../../workflows/record/when-due.ts';
import { anyJson, damaged, evilText } from '../any-object.ts';
import { anIncident, anOccurrence, at, noon } from '../make.ts';
import { expectShown, overTheWire } from './expect-bounded.ts';

const long = fc.constantFrom('\u0000', '\ud83d', '😀', 'x', '`').map((unit) => unit.repeat(1024 / unit.length));
const text = fc.oneof(evilText, long);
const occurrence = fc.record({
  id: text,
  member: text,
  objectName: text,
  order: fc.oneof(fc.integer(), fc.double()),
  reason: text,
  message: fc.oneof(
    text,
    long.map((part) => part.repeat(8)),
  ),
  at: fc.constant(at(20)),
  times: fc.oneof(fc.nat(), fc.constantFrom(1, 2 ** 31, 2 ** 53 - 1)),
  merged: fc.oneof(fc.nat(), fc.constantFrom(undefined, 2 ** 53 - 1)),
  evidence: fc.array(text, { maxLength: 80 }),
});
const signal = fc.oneof(
  anyJson,
  damaged(fc.array(occurrence, { maxLength: 5 }).map((occurrences) => ({ occurrences }))),
  damaged(fc.record({ occurrenceId: fc.constantFrom(anOccurrence().id, '__proto__'), at: text, message: text })),
);

const own = fc.constantFrom<unknown>(anIncident(), anIncident({ nature: 'state' }));
const ending = {
  outcome: 'AgentRunFailed' as const,
  answer: 'x',
  why: 'y',
  usage: { promptTokens: 1, completionTokens: 2 },
};

function aRecord() {
  const record = beginRecord(anIncident(), 'run', noon);
  takeAnswer(record, { executionId: 'e', protocol: 'a2a' }, noon);
  takeEnding(anIncident(), record, { ending, nowMs: noon });
  addTransition(record, transition('asked', noon, 'e'));
  return { ...record, pause: { id: 'p', kind: 'approval', message: 'm', tools: [{ name: 't', arguments: '{}' }] } };
}

describe('whatever is signalled to an execution', () => {
  it('leaves a memo and details that Temporal takes, and a record that the next run takes', () => {
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 60 }), (signals) => {
        const incident = anIncident({ nature: 'state' });
        const record = beginRecord(incident, 'run', noon);
        for (const one of signals.map(overTheWire)) {
          for (const each of readOccurrences(one).occurrences) takeOccurrence(record, each, noon);
          if (isResolved(one)) takeResolved(record, one, noon);
          addTransition(record, transition('resolved', noon, record.resolved?.message));
        }
        expectShown(incident, record, 'memoOfAnything');
      }),
      { numRuns: 200 },
    );
  });

  it('is as bounded when it comes without an end', () => {
    const incident = anIncident();
    const record = beginRecord(incident, 'run', noon);
    for (let n = 0; n < 1000; n += 1) {
      const name = `${n}`.padEnd(1024, '\u0000');
      const evidence = Array.from({ length: 64 }, () => name);
      const texts = { id: name, member: name, objectName: name, message: name.repeat(8), evidence };
      const { occurrences } = readOccurrences({ occurrences: [anOccurrence({ ...texts, order: n, times: 2 ** 31 })] });
      for (const one of occurrences) takeOccurrence(record, one, noon);
      addTransition(record, transition('redelivering', noon, name.repeat(8)));
    }
    expect(record.count).toBe(1000 * 2 ** 31 + 1);
    expectShown(incident, record, 'memoOfAnything');
  });
});

it('an input that is taken for an incident, and a record that is taken for one, make nothing throw', () => {
  let taken = 0;
  fc.assert(
    fc.property(damaged(own), damaged(fc.constant(overTheWire(aRecord()))), (input, carried) => {
      if (!isIncident(input) || !isCarried(carried) || carried === undefined) return;
      taken += 1;
      const record = continueRecord(carried);
      takeOccurrence(record, anOccurrence({ id: 'next', order: 9 }), noon);
      msUntilOver(input, record, noon);
      msUntilRepeat(input, record, noon);
      expectShown(input, record, 'memoOfAnything');
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(500);
});
