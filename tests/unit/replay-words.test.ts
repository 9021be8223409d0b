import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UsageError } from '../../workers/replay/exit-codes.ts';
import { essenceOf, explain } from '../../workers/replay/explain.ts';
import { printJson, printText } from '../../workers/replay/print.ts';
import { readArguments } from '../../workers/replay/read-arguments.ts';

/** As the SDK reports what its state machines said. */
const report = (said: string, kind = 'a nondeterminism error') =>
  `Replay failed with ${kind}. Details: Workflow activation completion failed: Failure { failure: Some(Failure { message: ` +
  `${JSON.stringify(said)}, source: "", stack_trace: "" }), force_cause: NonDeterministicError }`;
const nondeterminism = (said: string) => report(`[TMPRL1100] Nondeterminism error: ${said}`);

it.each([
  [
    "Activity type of scheduled event 'askAgent' does not match activity type of activity command 'callAgent'",
    'the code runs activity callAgent, and not askAgent',
  ],
  [
    "Activity type of recorded marker 'a' does not match activity type of local activity command 'b'",
    'the code runs local activity b, and not a',
  ],
  [
    "Activity id of scheduled event '7' does not match activity id of activity command '2'",
    'the code runs its activity 2, and not 7',
  ],
  [
    'Local activity marker data has sequence number 2 but matched against LA command with sequence number 1',
    'the code runs its local activity 1, and not 2',
  ],
  ['Missing associated machine for LocalActivity(1)', 'the code runs no such local activity'],
  ['No command scheduled for event HistoryEvent(id: 34, X)', 'the code does nothing there, it waits'],
  [
    'During event handling, this event had an initial command ID but we could not find a matching command for it: HistoryEvent { event_id: 6 }',
    'the code has not begun what this event ends',
  ],
  ['Timer machine does not handle this event: HistoryEvent(id: 6, X)', 'the code starts or cancels a timer there'],
  ['ModifyWorkflowPropertiesMachine does not handle HistoryEvent(id: 9, X)', 'the code writes the memo there'],
  ['Complete workflow machine does not handle this event: HistoryEvent(id: 9, X)', 'the code completes there'],
  [
    'Continue as new workflow machine does not handle this event: HistoryEvent(id: 9, X)',
    'the code continues as new there',
  ],
  ['NewMachine does not handle HistoryEvent(id: 9, X)', 'the code takes another step (New) there'],
  ['Something that nobody has heard of', 'the SDK says: Something that nobody has heard of'],
])('"%s" is told as: %s', (said, words) => {
  expect(explain(nondeterminism(said))).toBe(words);
});

it('what the code throws is told in its own words, quotes and all', () => {
  expect(explain(report('no "such" thing:\n  a \\ b', 'workflow task failure'))).toBe(
    'the code throws there: no "such" thing: a \\ b',
  );
});

it('whatever the SDK says is told in one line of bounded length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), fc.boolean(), (said, isReport) => {
      const words = explain(isReport ? report(said) : said);
      expect(words).not.toMatch(/[\r\n]/);
      expect(words.length).toBeLessThan(700);
      expect(essenceOf(said).length).toBeLessThanOrEqual(301);
    }),
  );
});

const verdict = { source: 'a.json', workflowType: 'handleIncident', runId: 'run', events: 24 };
const differs = {
  eventId: 6,
  eventType: 'TimerStarted',
  event: 'TimerStarted (rest)',
  instead: 'the code fails there',
};

it('a verdict is one line for people and one object for programs', () => {
  expect(printText({ ...verdict, ends: 'Completed' })).toBe('a.json: replays: 24 events, ends Completed');
  expect(printText({ ...verdict, events: 1 })).toBe('a.json: replays: 1 event, still running');
  expect(printText({ ...verdict, differs })).toBe(
    'a.json: differs at event 6 of 24, TimerStarted (rest): the code fails there',
  );
  expect(JSON.parse(printJson(verdict))).toEqual({ ...verdict, replays: true, ends: 'Running' });
  expect(JSON.parse(printJson({ ...verdict, ends: 'Failed', differs }))).toEqual({
    ...verdict,
    replays: false,
    ends: 'Failed',
    differs,
  });
});

const runId = '01a20780-fc25-786e-be32-8eec3a423e48';

it('names and options are read in any order', () => {
  expect(readArguments(['a', '--json', '--address', 'h:1', 'b', '--namespace', 'n'])).toEqual({
    sources: ['a', 'b'],
    address: 'h:1',
    namespace: 'n',
    runId: undefined,
    json: true,
    help: false,
  });
  expect(readArguments(['--run-id', runId, 'a'])).toMatchObject({ sources: ['a'], runId });
  expect(readArguments(['--help'])).toMatchObject({ help: true });
});

it.each([
  [[], 'Nothing to replay is named'],
  [[''], 'One of the names is empty'],
  [['a', '--address', ''], '--address is empty'],
  [['a', '--adress', 'h:1'], '--adress'],
  [['a', 'b', '--run-id', runId], '2 names were given'],
  [['a', '--run-id', 'newest'], '--run-id is "newest"; wanted a run id such as'],
])('the words %j are refused with what is wrong', (words, complaint) => {
  expect(() => readArguments(words)).toThrow(UsageError);
  expect(() => readArguments(words)).toThrow(complaint);
});
