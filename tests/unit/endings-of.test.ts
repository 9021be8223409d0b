/** How each occurrence of a batch ends, counted once and in one way. */
import { expect, it } from 'vitest';
import { endingsOf } from '../../watcher/starting/endings-of.ts';
import type { Item, Occurred } from '../../watcher/starting/line.ts';
import type { Occurrence } from '../../workflows/contract/incident.ts';
import { anIncident, anOccurrence } from '../make.ts';

function item(id: string, over: Partial<Occurrence> = {}, isUpdate = false): Occurred {
  const incident = anIncident({ occurrence: anOccurrence({ id, ...over }) });
  return { kind: 'occurred', sinceMs: 0, incident, isPaused: false, isUpdate };
}

const wordsOf = (...args: Parameters<typeof endingsOf>) => endingsOf(...args).map(({ ended }) => ended.ending);

it('the first starts, and the others join what it has started', () => {
  expect(wordsOf({ outcome: 'started', runId: 'r' }, [item('a'), item('b')])).toEqual(['started', 'joined']);
  expect(wordsOf({ outcome: 'joined', runId: 'r' }, [item('a'), item('b')])).toEqual(['joined', 'joined']);
});

it('those that the last run knew are handled already, and the first of the others starts', () => {
  const result = { outcome: 'started', runId: 'r', known: ['a', 'c'] } as const;
  const batch = [item('a'), item('b'), item('c'), item('d')];
  expect(wordsOf(result, batch)).toEqual(['already-handled', 'started', 'already-handled', 'joined']);
});

it('one that stands for several is counted as often, and starts once', () => {
  const batch = [item('a', { merged: 2 }), item('b', { merged: 1 })];
  expect(wordsOf({ outcome: 'started', runId: 'r' }, batch)).toEqual(['started', ...Array(4).fill('joined')]);
});

it('what was only learned later, and the end of a state, are counted no second time', () => {
  const end: Item = { kind: 'resolved', sinceMs: 0, signal: { occurrenceId: 'a', at: '', message: '' } };
  expect(endingsOf({ outcome: 'joined', runId: 'r' }, [item('a', {}, true), end])).toEqual([]);
});

it('all of a batch that is refused are, each with the reason and its type', () => {
  const result = { outcome: 'refused', reason: 'Paused', message: 'The Hook is paused.' } as const;
  const each = { ended: { ending: 'refused', reason: 'Paused' }, type: 'oom-kill' };
  expect(endingsOf(result, [item('a'), item('b')])).toEqual([each, each]);
});
