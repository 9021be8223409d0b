import { expect, it } from 'vitest';
import { eventLines } from '../../../watcher/detectors/evidence-lines.ts';
import { anEvent, at, noon } from '../../make.ts';

const event = (message: string, seconds: number, count = 1) =>
  anEvent({
    reason: 'FailedScheduling',
    message,
    count,
    firstMs: noon + seconds * 1000,
    lastMs: noon + seconds * 1000,
  });

it('shows Events with the same words once, with all their times and counts, where the newest of them stood', () => {
  const events = [event('no node', 10, 2), event('other words', 20), event('no node', 30, 3)];
  expect(eventLines(events)).toEqual([
    `FailedScheduling x1: other words (at ${at(20)})`,
    `FailedScheduling x5: no node (from ${at(10)} to ${at(30)})`,
  ]);
});

it('keeps the newest Events, and room for two lines in front of them', () => {
  const events = Array.from({ length: 20 }, (_, n) => event(`number ${n}`, n));
  const lines = eventLines(events);
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toContain('number 19');
});
