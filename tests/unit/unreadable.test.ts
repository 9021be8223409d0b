import { ValueError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { DecryptionError, UnknownKeyError } from '../../codec/key-errors.ts';
import { isUndecodable, logUnreadable } from '../../watcher/executions/unreadable.ts';

function aLog(limit?: number) {
  const lines: string[] = [];
  const warn = (facts: unknown, message?: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log = logUnreadable({ warn }, limit);
  return { lines, find: (runId: string) => log({ workflowId: 'w', runId, error: new UnknownKeyError('2026-09') }) };
}

it('an execution that cannot be read is logged once, with the id of its key, however often it is found', () => {
  const { lines, find } = aLog();
  for (let round = 0; round < 3; round += 1) for (const runId of ['r1', 'r2']) find(runId);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/cannot be read.*"workflowId":"w","runId":"r1".*2026-09/);
});

it('of very many that cannot be read some are named, and then one line says that there are more', () => {
  const { lines, find } = aLog(3);
  for (let round = 0; round < 2; round += 1) for (let run = 0; run < 20; run += 1) find(`r${run}`);
  expect(lines).toHaveLength(4);
  expect(lines[3]).toMatch(/still more.*"named":3/);
});

it('what cannot be decoded is distinguished from what cannot be reached, also as the cause of another error', () => {
  const undecodable = [
    new UnknownKeyError('k'),
    new DecryptionError('k', 'why'),
    new ValueError('Unknown encoding: binary/encrypted'),
  ];
  for (const error of undecodable) {
    expect(isUndecodable(error)).toBe(true);
    expect(isUndecodable(new Error('outer', { cause: error }))).toBe(true);
  }
  expect([new Error('14 UNAVAILABLE'), 'text', undefined].map(isUndecodable)).toEqual([false, false, false]);
});
