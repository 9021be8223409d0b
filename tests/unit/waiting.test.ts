/** The decisions about a run that waits: what its Hook approves, what it gets when nobody answers, and how long it has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginWatch, followTimes } from '../../activities/agents/runs/following.ts';
import { lookAtRun } from '../../activities/agents/runs/look-at-run.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { isListed } from '../../workflows/contract/plain/glob.ts';
import { beginRecord, type IncidentRecord } from '../../workflows/record/incident-record.ts';
import { memoOf } from '../../workflows/record/memo-of.ts';
import {
  autoReply,
  beginWaiting,
  deadlineOf,
  decidedElsewhere,
  decidedHere,
  inWords,
  leavePause,
  msUntilUnanswered,
  pauseWords,
  timeoutReply,
} from '../../workflows/waiting/waiting.ts';
import { of } from '../a2a/an-adapter.ts';
import { anIncident, aPause, noon } from '../make.ts';

const day = 24 * 3_600_000;
const incident = anIncident({ timing: { ...anIncident().timing, runTimeoutMs: 60_000 } });

function waiting(pause = aPause()): IncidentRecord {
  const record = { ...beginRecord(incident, 'run', noon), pause };
  beginWaiting(incident, record, noon);
  return record;
}

describe('a list of tools', () => {
  it.each<[string[], string, boolean]>([
    [['get_pods'], 'get_pods', true],
    [['get_*'], 'get_pods', true],
    [['get_*', '!get_secrets'], 'get_secrets', false],
    [['!get_secrets', 'get_*'], 'get_pods', true],
    [['!delete'], 'get_pods', false],
    [[], 'get_pods', false],
    [['get_?'], 'get_pods', false],
    [['*'], '', true],
    [['GET_*'], 'get_pods', false],
    [['.*'], 'get_pods', false],
  ])('%j about %j says %s', (patterns, name, expected) => {
    expect(isListed(patterns, name)).toBe(expected);
  });

  it('allows nothing by an exclusion, and nothing that it excludes', () => {
    const name = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), name, (patterns, tool) => {
        const excluding = patterns.map((pattern) => `!${pattern}`);
        expect(isListed(excluding, tool)).toBe(false);
        expect(isListed(['*', `!${tool.replaceAll(/[*?]/g, '?')}`], tool)).toBe(false);
      }),
    );
  });

  it('approves all of a pause or nothing of it', () => {
    const names = fc.array(fc.constantFrom('get_pods', 'get_logs', 'delete'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, fc.subarray(['get_*', 'delete', '!get_logs']), (tools, list) => {
        const pause = aPause({ tools: tools.map((name, n) => ({ id: `${n}`, name, arguments: '' })) });
        const reply = autoReply({ ...incident, approval: { autoApprove: list } }, pause, noon);
        const areAll = tools.every((name) => isListed(list, name));
        expect(reply?.verdicts.map(({ verdict }) => verdict)).toEqual(areAll ? tools.map(() => 'approve') : undefined);
      }),
    );
  });
});

describe('the time of a run', () => {
  it('does not pass while it waits, and goes on where it stood', () => {
    const record = waiting();
    expect(deadlineOf(incident, record, noon)).toBeGreaterThan(noon + day + 60_000);
    leavePause(record, decidedElsewhere(aPause(), noon + 5_000), noon + 5_000);
    expect(deadlineOf(incident, record, noon)).toBe(noon + 65_000);
    record.pause = aPause();
    beginWaiting(incident, record, noon + 10_000);
    leavePause(record, decidedElsewhere(aPause(), noon + 17_000), noon + 17_000);
    expect(deadlineOf(incident, record, noon)).toBe(noon + 72_000);
  });

  it('is over when people had theirs and the run is to be ended', () => {
    const record = waiting();
    record.waiting = { sinceMs: noon, untilMs: noon + day, isTimeUp: true };
    expect(deadlineOf(incident, record, noon)).toBe(noon + day);
    expect(msUntilUnanswered(record, noon + 2 * day)).toBeUndefined();
  });

  it.each([
    [noon, day],
    [noon + day - 1, 1],
    [noon + day, 0],
    [noon + 2 * day, 0],
  ])('at %d people have %d ms left', (nowMs, leftMs) => {
    expect(msUntilUnanswered(waiting(), nowMs)).toBe(leftMs);
  });

  it('is not what an answered pause waits for', () => {
    const record = waiting();
    record.reply = { pauseId: 'x', verdicts: [], by: 'alice', cause: 'person', atMs: noon };
    expect(msUntilUnanswered(record, noon + day)).toBeUndefined();
  });
});

describe('when nobody answers', () => {
  it('the agent gets a rejection, or the run is cancelled where the Hook wants it or nothing can be said', () => {
    expect(timeoutReply(incident, waiting(), noon + day)).toMatchObject({
      cause: 'timeout',
      verdicts: [
        { verdict: 'reject', reason: 'Nobody answered between 2026-09-01T12:00:00Z and 2026-09-02T12:00:00Z.' },
      ],
    });
    expect(timeoutReply({ ...incident, approval: { onTimeout: 'cancel' } }, waiting(), noon + day)).toBeUndefined();
    expect(timeoutReply(incident, waiting(aPause({ decidable: 'nothing' })), noon + day)).toBeUndefined();
    expect(timeoutReply(incident, waiting(aPause({ decidable: 'reject' })), noon + day)).toBeDefined();
  });
});

it('a memo of what waits is read by others, one of older executions too', () => {
  const record = waiting();
  record.decided = [decidedElsewhere(aPause(), noon)];
  const memo = IncidentMemo.parse(memoOf(incident, record));
  expect(memo.waiting).toMatchObject({ pause: aPause().id, tools: aPause().tools, since: '2026-09-01T12:00:00Z' });
  expect(memo.decided).toHaveLength(1);
  const { waiting: _, decided: __, ...older } = memo;
  const transitions = [{ state: 'input-required', at: '2026-09-01T12:00:00Z' }];
  expect(IncidentMemo.parse({ ...older, transitions })).toMatchObject({ transitions });
  expect(IncidentMemo.parse({ ...older, waiting: { odd: true } })).not.toHaveProperty('waiting.odd');
});

it.each([
  [{ cause: 'person' as const, by: 'alice', what: 'approved', why: 'a copy' }, 'approved by alice: a copy'],
  [{ cause: 'person' as const, by: 'alice', what: 'approved' }, 'approved by alice'],
  [{ cause: 'elsewhere' as const, what: 'decided elsewhere' }, 'decided elsewhere'],
  [{ cause: 'timeout' as const, by: 'kagent-hooks', what: 'rejected' }, 'rejected, because nobody answered in time'],
])('%j reads %s', (decided, words) => {
  expect(inWords(decided)).toBe(words);
});

it('what is asked fits into one line, whatever it is', () => {
  const tools = Array.from({ length: 20 }, (_, n) => ({
    id: `${n}`,
    name: 'n'.repeat(253),
    arguments: 'a'.repeat(1024),
  }));
  expect(pauseWords(aPause({ tools }), waiting()).length).toBeLessThan(400);
  expect(pauseWords(aPause({ tools: [], message: 'Which node?' }), waiting())).toMatch(/: Which node\?$/);
  const reply = { pauseId: 'x', verdicts: [], by: 'kagent-hooks', cause: 'auto-approve' as const, atMs: noon };
  expect(inWords(decidedHere(aPause({ tools }), reply)).length).toBeLessThanOrEqual(400);
});

it.each([
  ['known', { pauseId: 'ab12cd34ef56ab78' }, undefined],
  ['answered', { answeredId: 'ab12cd34ef56ab78' }, undefined],
  ['another', { pauseId: 'x', answeredId: 'y' }, { state: 'paused', pause: aPause() }],
])('a pause that is %s comes back as %j', async (_what, known, expected) => {
  const agent = {
    look: async () => ({ state: 'paused', pause: aPause() }) as const,
    probe: async () => 'unclear' as const,
    cancel: async () => ({ isCancelled: true, said: '' }),
  };
  const { run, signal } = of({ executionId: 'task-1' });
  const following = { agent: { namespace: 'a', name: 'b' }, run, deadlineMs: noon + 1000, ...known };
  const now = { following, watch: beginWatch(noon), signal, problem: undefined };
  expect(await lookAtRun({ agent, times: followTimes, nowMs: () => noon }, now)).toEqual(expected);
});
