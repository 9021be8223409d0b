/** The table of the specification: what it names as showing a sentence is there, in the tests and in the documentation. */
import { describe, expect, it } from 'vitest';
import { errorTypes } from '../../activities/agents/error-type.ts';
import { createLedger } from '../../watcher/ledger/ledger.ts';
import { createMetrics as createWatcherMetrics } from '../../watcher/serving/metrics.ts';
import { createMetrics as createWorkerMetrics } from '../../workers/serving/metrics.ts';
import { textUnder } from '../documentation.ts';
import { quoteWith, specification } from '../specification.ts';
import { lostAmong } from '../titles-of.ts';

/** Lines may be broken anywhere. */
const plain = (text: string) => text.replaceAll(/\s+/g, ' ');

const proofs = specification.flatMap(({ sentence, shownBy = [] }) => shownBy.map((proof) => ({ sentence, ...proof })));
const readings = specification.flatMap(({ sentence, readBy }) =>
  readBy === undefined ? [] : [{ sentence, ...readBy }],
);

it('every sentence is shown by a test, or is for people and stands in the documentation', () => {
  const open = specification.filter(({ shownBy = [], readBy }) => shownBy.length === 0 && readBy === undefined);
  expect(open.map(({ sentence }) => sentence)).toEqual([]);
});

it('every named test is there, once', () => {
  expect(lostAmong(proofs)).toEqual([]);
});

it('every named section of the documentation is there, and says what is for people to do', () => {
  expect(readings.filter(({ heading, says }) => !plain(textUnder(heading) ?? '').includes(plain(says)))).toEqual([]);
});

it('the documentation has every metric of ours, and every type of error', async () => {
  const watcher = createWatcherMetrics();
  const handover = { waiting: () => 0, waitingOccurrences: () => 0, oldestWaitingMs: () => undefined };
  const nothing = { watches: () => [], waiting: () => [], executions: { open: () => new Map() } };
  watcher.observe({ handover, ledger: createLedger(), ...nothing });
  const worker = createWorkerMetrics({ temporal: async () => '' });
  const texts = await Promise.all([watcher.text(), worker.text()]);
  const names = [...texts.join('\n').matchAll(/^# TYPE (kagent_\w+)/gm)].map(([, name = '']) => name);
  const section = textUnder('Metrics') ?? '';
  const shown = [...section.matchAll(/`(kagent_\w+)`/g)].map(([, name = '']) => name);
  expect(shown.toSorted()).toEqual(names.toSorted());
  expect(Object.keys(errorTypes).filter((type) => !section.includes(`\`${type}\``))).toEqual([]);
});

it('the sections follow one another as in the document, and no sentence stands there twice', () => {
  const sections = specification.map(({ section }) => section);
  const runs = sections.filter((section, n) => section !== sections[n - 1]);
  expect(runs).toEqual([...new Set(sections)]);
  const quotes = specification.map(({ section, sentence }) => `${section}: ${sentence}`);
  expect(quotes).toHaveLength(new Set(quotes).size);
});

describe('a quote', () => {
  it('is found by its words, without the comments of a command', () => {
    expect(quoteWith('localhost:8081')).toBe('curl http://localhost:8081/healthz');
  });

  it('is not found by words that several have, or none', () => {
    expect(() => quoteWith('kagent')).toThrow(/\d\d quotes hold/);
    expect(() => quoteWith('no such words')).toThrow('0 quotes hold');
  });
});
