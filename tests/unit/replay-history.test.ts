import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { checkReadable, findBreak } from '../../workers/replay/check-history.ts';
import { endOf, type RecordedEvent, titleOf } from '../../workers/replay/history.ts';
import { readHistoryFile } from '../../workers/replay/read-history-file.ts';
import { replayRun } from '../../workers/replay/replay-run.ts';

const committed = (name = 'resolved-edge') => readHistoryFile(`tests/histories/${name}.json`).events;
const History = z.object({ events: z.array(z.looseObject({ eventId: z.string(), eventType: z.string() })) });
const parsed = () => History.parse(JSON.parse(readFileSync('tests/histories/resolved-edge.json', 'utf8')));

/** Written to a file of its own and read again. */
function saved(content: unknown): readonly RecordedEvent[] {
  const path = join(mkdtempSync(join(tmpdir(), 'history-')), 'saved.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readHistoryFile(path).events;
}

const check = (events: readonly RecordedEvent[]) => checkReadable({ source: 'this', events });
const noBundle = () => Promise.reject(new Error('nothing of it was to be replayed'));

it('other spellings of a history are read as the same events', () => {
  const { events } = parsed();
  const words = (type: string) => type.replace('EVENT_TYPE_', '').toLowerCase().split('_');
  const pascal = (type: string) => words(type).map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  expect(saved(events)).toEqual(committed());
  expect(saved({ events: events.map((event) => ({ ...event, eventId: Number(event.eventId) })) })).toEqual(committed());
  const shown = events.map((event) => ({ ...event, eventType: pascal(event.eventType).join(''), unknownToUs: 1 }));
  expect(saved({ events: shown })).toEqual(committed());
});

it.each([
  ['an empty file', ''],
  ['no list', { events: 'none' }],
  ['an empty list', { events: [] }],
  ['events that are no objects', [1, 2]],
  ['events without attributes', { events: [{ eventId: '1', eventType: 'EVENT_TYPE_TIMER_FIRED' }] }],
])('%s is refused in one line that names the file and what was wanted', (_, content) => {
  expect(() => saved(content)).toThrow(/^[^\n]*saved\.json [^\n]* temporal workflow show --output json prints\.$/);
});

it('a folder is refused as what cannot be read', () => {
  expect(() => readHistoryFile('tests/histories')).toThrow('tests/histories cannot be read');
});

it('events are called by their type, what they are about, and their summary', () => {
  const events = committed();
  expect(events.slice(0, 6).map(titleOf)).toEqual([
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    'MarkerRecorded (render the prompt)',
    'ActivityTaskScheduled callAgent (ask shop/memory-analyzer)',
  ]);
  expect(endOf(events)).toBe('Completed');
  expect(endOf(committed('continued-first'))).toBe('ContinuedAsNew');
  expect(endOf(events.slice(0, -1))).toBeUndefined();
});

it('every workflow of the bundle may be replayed, and no other', async () => {
  const text = readFileSync('tests/histories/resolved-edge.json', 'utf8');
  const ofType = (type: string) => saved(text.replaceAll('"handleIncident"', JSON.stringify(type)));
  const bundled = Object.keys(await import('../../workflows/index.ts'));
  expect(bundled).toContain('checkAgents');
  for (const type of bundled) expect(() => check(ofType(type)), type).not.toThrow();
  expect(() => check(ofType('sweep'))).toThrow(
    'is of workflow type "sweep"; known are handleIncident and checkAgents.',
  );
});

it('a history without its beginning, and one with decoded payloads, are refused', () => {
  expect(() => check(committed().slice(5))).toThrow('begins with event 6, ActivityTaskScheduled callAgent');
  expect(() => check([])).toThrow('has no event');
  const text = JSON.stringify(parsed());
  const decoded = text.replace(/"input":\{"payloads":\[\{"metadata":\{[^}]*\},/, '"input":{"payloads":[{');
  expect(decoded).not.toBe(text);
  expect(() => check(saved(decoded))).toThrow('has no encoded input in event 1');
});

it('an encrypted event is named', () => {
  const sealed = Buffer.from('binary/encrypted').toString('base64');
  const plain = Buffer.from('json/plain').toString('base64');
  const seal = (event: object) => JSON.stringify(event).replaceAll(plain, sealed);
  const texts = parsed().events.map((event) => (event.eventId === '8' ? seal(event) : JSON.stringify(event)));
  const events = saved(`[${texts.join(',')}]`);
  expect(() => check(events)).toThrow('is encrypted in event 8, ActivityTaskCompleted');
});

it('what is missing from the middle is found at the event after it, wherever it was', () => {
  for (const name of ['resolved-edge', 'observed', 'continued-first']) {
    const events = committed(name);
    expect(findBreak(events)).toBeUndefined();
    for (let index = 1; index < events.length - 1; index += 1) {
      const reason = `event ${index + 1} is missing from the history`;
      expect(findBreak(events.toSpliced(index, 1))).toEqual({ index, reason });
    }
  }
});

it('a workflow task without an end is found, also where the events were numbered anew', () => {
  const events = committed().toSpliced(3, 1);
  const anew = events.map((event, index) => ({ ...event, eventId: String(index + 1) }));
  expect(findBreak(anew)).toMatchObject({ index: 3, reason: expect.stringContaining('event 3 started') });
  expect(findBreak(anew.slice(0, 3))).toBeUndefined();
});

it('a run whose code has not begun replays without the SDK, which would wait for ever', async () => {
  for (const count of [1, 2]) {
    const verdict = await replayRun({ source: 'this', events: committed().slice(0, count) }, noBundle);
    expect(verdict).toMatchObject({ events: count, workflowType: 'handleIncident' });
    expect([verdict.ends, verdict.differs]).toEqual([undefined, undefined]);
  }
});
