import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsOf, nothingReported, reportedOf } from '../../watcher/recorder/events-of.ts';
import { eventNameOf, kubeEventOf, type NewEvent } from '../../watcher/recorder/kube-event.ts';
import type { ExecutionRow } from '../../watcher/reporting/executions.ts';
import { aHook, aMemo, anExecutionRow, at, noon } from '../make.ts';

const row = (over: Partial<ExecutionRow['memo']> = {}): ExecutionRow =>
  anExecutionRow({
    workflowId: 'i/shop/checkout/oom-kill/Pod/shop/web-0/app/1',
    runId: 'run-1',
    memo: aMemo(over),
  });

const report = (memo: Partial<ExecutionRow['memo']>, before = nothingReported, nowMs = noon + 60_000) =>
  eventsOf(row(memo), aHook(), { reported: before, nowMs });
const brief = (events: NewEvent[]) =>
  events.map((event) => kubeEventOf(event, 'watcher-1')).map(({ reason, type, note }) => `${type} ${reason}: ${note}`);

describe('what happened to an execution', () => {
  it('is reported in the words of khook, one Event for each transition', () => {
    const transitions = [
      { state: 'delivering' as const, at: at(1) },
      { state: 'redelivering' as const, at: at(2), note: '503 thrice' },
      { state: 'asked' as const, at: at(3), note: 'exec-1' },
      { state: 'resolved' as const, at: at(4) },
    ];
    expect(brief(report({ transitions }))).toEqual([
      `Normal EventFiring: oom-kill of Pod shop/web-0: asking agent shop/memory-analyzer; execution ${row().workflowId}`,
      'Warning AgentCallFailure: oom-kill of Pod shop/web-0: agent shop/memory-analyzer could not be asked, and will be asked again: 503 thrice',
      'Normal AgentCallSuccess: oom-kill of Pod shop/web-0: agent shop/memory-analyzer started exec-1',
      'Normal EventResolved: oom-kill of Pod shop/web-0: nothing was seen of it for the quiet window',
    ]);
  });

  it('of a run that waits says for what, and names the pause', () => {
    const note = 'pause ab12 until 2026-09-02T12:00:00Z: delete_thing {"name":"db-1"}';
    const transitions = [
      { state: 'awaiting-approval' as const, at: at(1), note },
      { state: 'awaiting-answer' as const, at: at(2), note: 'pause cd34: Which node?' },
    ];
    const about = 'oom-kill of Pod shop/web-0: agent shop/memory-analyzer waits for';
    expect(brief(report({ transitions }))).toEqual([
      `Warning ApprovalRequired: ${about} an approval, ${note}`,
      `Warning AnswerRequired: ${about} an answer, pause cd34: Which node?`,
    ]);
  });

  it('of a failure has its reason word and the words of the server', () => {
    const transitions = [{ state: 'failed' as const, at: at(2), note: 'Unauthorized' }];
    expect(brief(report({ transitions, failure: 'Invalid API key' }))).toEqual([
      'Warning AgentCallFailure: oom-kill of Pod shop/web-0: agent shop/memory-analyzer could not be asked (Unauthorized): Invalid API key',
    ]);
  });

  it('is reported once, and later only what came since', () => {
    const first = { transitions: [{ state: 'delivering' as const, at: at(1) }] };
    const both = { transitions: [...first.transitions, { state: 'asked' as const, at: at(3), note: 'exec-1' }] };
    const before = reportedOf(row(first));
    expect(report(first, before)).toEqual([]);
    expect(report(both, before).map(({ reason }) => reason)).toEqual(['AgentCallSuccess']);
  });

  it('of the beginning is one, whether the watcher or the execution has written when it was', () => {
    const before = reportedOf(row({ transitions: [{ state: 'delivering', at: at(1) }] }));
    expect(report({ transitions: [{ state: 'delivering', at: at(3) }] }, before)).toEqual([]);
    const again = { state: 'delivering' as const, at: at(9), note: 'it still fires: ask 2' };
    expect(report({ transitions: [again] }, before).map(({ reason }) => reason)).toEqual(['EventFiring']);
  });

  it('of a termination, which the execution could not write itself, is reported once', () => {
    const ended = { ...row({ transitions: [] }), isOpen: false, closedMs: noon, state: 'terminated' };
    const events = (before: typeof nothingReported) =>
      eventsOf(ended, aHook(), { reported: before, nowMs: noon + 1000 });
    expect(events(nothingReported)).toMatchObject([
      { reason: 'EventResolved', note: expect.stringContaining('terminated') },
    ]);
    expect(events(reportedOf(ended))).toEqual([]);
  });

  it('of occurrences that joined is a series, and says nothing while there is one occurrence', () => {
    const memo = { transitions: [], firstSeen: at(1), lastSeen: at(30) };
    expect(report({ ...memo, count: 1 })).toEqual([]);
    expect(report({ ...memo, count: 2 })).toMatchObject([{ reason: 'DuplicateEventIgnored' }]);
    const [joined] = report({ ...memo, count: 9 }, reportedOf(row({ ...memo, count: 4 })));
    expect(joined?.series).toEqual({ count: 8, lastAt: at(30) });
  });

  it('that is old when it is seen is left to the history', () => {
    const transitions = [{ state: 'asked' as const, at: at(1) }];
    expect(report({ transitions, count: 5, lastSeen: at(2) }, nothingReported, noon + 20 * 60_000)).toEqual([]);
  });
});

describe('a Kubernetes Event', () => {
  const anEvent = (over: Partial<NewEvent> = {}): NewEvent => ({
    key: 'k',
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'u' },
    reason: 'EventFiring',
    note: 'note',
    at: at(1),
    ...over,
  });

  it('has the same name whoever writes it, and another one for another key or object', () => {
    const one = eventNameOf(anEvent());
    expect(eventNameOf(anEvent({ note: 'other words' }))).toBe(one);
    expect(eventNameOf(anEvent({ key: 'other' }))).not.toBe(one);
    expect(eventNameOf(anEvent({ regarding: { ...anEvent().regarding, uid: 'recreated' } }))).not.toBe(one);
  });

  it('has a name that the API server takes, and a note of at most 1024 bytes, whatever it is about', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/).filter((text) => !/[.-]{2}/.test(text));
    fc.assert(
      fc.property(name, fc.string({ unit: 'grapheme', maxLength: 2000 }), (objectName, note) => {
        const event = kubeEventOf(
          anEvent({ regarding: { ...anEvent().regarding, name: objectName }, note }),
          'watcher-1',
        );
        expect(event.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
        expect(event.metadata.name.length).toBeLessThanOrEqual(253);
        expect(Buffer.byteLength(event.note)).toBeLessThanOrEqual(1024);
      }),
    );
  });
});
