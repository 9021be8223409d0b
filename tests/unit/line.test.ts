/** The line of one incident: what goes at once, what is merged, and how much room it takes from the others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  append,
  coalesce,
  countOf,
  type Item,
  isFull,
  type Line,
  nextBatch,
  waiting,
} from '../../watcher/starting/line.ts';
import { anIncident, anOccurrence } from '../make.ts';

const aLine = (items: Item[] = []): Line => ({
  namespace: 'shop',
  items,
  handedOverMs: Date.now(),
  wake: () => undefined,
});
const seen = (member: string, order = 1): Item => ({
  kind: 'occurred',
  incident: anIncident({ occurrence: anOccurrence({ id: `${member}/${order}`, member, order, times: 1 }) }),
  isPaused: false,
  isUpdate: false,
  sinceMs: order,
});
const filled = (count: number, member = (n: number) => `pod-${n}`): Line => {
  const line = aLine();
  for (let n = 0; n < count; n += 1) append(line, seen(member(n), n + 1));
  return line;
};
const timesIn = ({ items }: Line) =>
  items.reduce((sum, item) => sum + (item.kind === 'occurred' ? item.incident.occurrence.times : 0), 0);

describe('a line', () => {
  it('that fills a batch does not wait for more', async () => {
    const startedMs = Date.now();
    await coalesce(filled(50), 60_000, new AbortController().signal);
    expect(Date.now() - startedMs).toBeLessThan(5_000);
  });

  it('that is shorter waits for more to come along', async () => {
    const stop = new AbortController();
    const ended = coalesce(filled(49), 60_000, stop.signal).then(() => 'ended');
    expect(await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve('waits'), 50))])).toBe('waits');
    stop.abort();
    await ended;
  });

  it.each([
    ['one incident of one namespace', 1, 1, 9_000, false],
    ['many incidents of one namespace', 1, 3_000, 3, false],
    ['four namespaces, each with more than its share', 4, 10, 200, false],
    ['five namespaces, each with more than its share', 5, 10, 200, true],
    ['many namespaces with little', 900, 1, 1, false],
    ['too many namespaces with little', 1_001, 1, 1, true],
    ['one namespace with more than there is memory for', 1, 10_001, 1, true],
  ])('of %s pauses the streams: %i namespace(s) with %i incident(s) of %i', (_, namespaces, incidents, items, full) => {
    const lines = new Map<string, Line>();
    for (let n = 0; n < namespaces * incidents; n += 1)
      lines.set(`${n}`, { ...filled(items), namespace: `shop-${n % namespaces}` });
    expect(waiting(lines)).toBe(namespaces * incidents * items);
    expect(isFull(lines)).toBe(full);
  });

  it('keeps every occurrence of a short line apart', () => {
    expect(filled(100, () => 'one').items).toHaveLength(100);
  });

  it('merges what one object does again and again, and loses no count and not the newest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 40 }), (count, members) => {
        const line = filled(count, (n) => `pod-${n % members}`);
        expect(timesIn(line)).toBe(count);
        expect(line.items.reduce((sum, item) => sum + countOf(item), 0)).toBe(count);
        expect(line.items.length).toBeLessThanOrEqual(Math.max(200, 50 + members) + members);
        const orders = line.items.map((item) => (item.kind === 'occurred' ? item.incident.occurrence.order : 0));
        expect(Math.max(...orders)).toBe(count);
      }),
      { numRuns: 50 },
    );
  });

  it('never changes the batch that may be on its way', () => {
    const line = filled(250, () => 'one');
    const batch = [...nextBatch(line.items)];
    for (let n = 0; n < 500; n += 1) append(line, seen('one', 1_000 + n));
    expect(line.items.slice(0, batch.length)).toEqual(batch);
  });
});
