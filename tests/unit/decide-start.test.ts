import { expect, it } from 'vitest';
import { type Decision, decideStart, type LastRun } from '../../watcher/starting/decide-start.ts';
import { aMemo, anOccurrence, noon } from '../make.ts';

const minutes = 60_000;
const known = anOccurrence();
const later = anOccurrence({ id: 'pod-uid/app/containerd://a1', order: 2 });
const earlier = anOccurrence({ id: 'pod-uid/app/containerd://a-1', order: 0 });
const otherMember = anOccurrence({ id: 'pod-2/app/x', member: 'pod-2/app' });

const run = (status: LastRun['status'], over: Partial<LastRun> = {}): LastRun => ({
  status,
  closedMs: noon - 30 * minutes,
  memo: aMemo(),
  ...over,
});

const rows: [string, LastRun, Partial<Parameters<typeof decideStart>[1]>, Decision][] = [
  ['an open run is joined', run('open', { closedMs: undefined }), {}, 'join'],
  ['an occurrence that a resolved run knew is handled already', run('completed'), {}, 'already-handled'],
  [
    'an occurrence older than what a resolved run knew is handled already',
    run('completed'),
    { occurrence: earlier },
    'already-handled',
  ],
  ['a later occurrence starts a successor of a resolved run', run('completed'), { occurrence: later }, 'successor'],
  ['another member starts a successor', run('completed'), { occurrence: otherMember }, 'successor'],
  ['a run without a readable memo covers nothing', run('completed', { memo: undefined }), {}, 'successor'],
  ['a known occurrence of a cancelled run is handled already', run('ended-by-people'), {}, 'already-handled'],
  [
    'what people ended is not begun again by the next restart within the quiet window',
    run('ended-by-people', { closedMs: noon - 5 * minutes }),
    { occurrence: later },
    'already-handled',
  ],
  ['what people ended begins again once it was quiet', run('ended-by-people'), { occurrence: later }, 'successor'],
  [
    'a state that became true anew begins again although people ended the last one just now',
    run('ended-by-people', { closedMs: noon - 1000, memo: aMemo({ nature: 'state' }) }),
    { occurrence: later },
    'successor',
  ],
  [
    'a failed run holds what comes within 15 minutes',
    run('failed', { closedMs: noon - 14 * minutes }),
    {},
    'incident-failed',
  ],
  ['a failed run has a successor after 15 minutes', run('failed', { closedMs: noon - 15 * minutes }), {}, 'successor'],
  [
    'a failed run has a successor at once when the Hook was edited',
    run('failed', { closedMs: noon - 1 }),
    { hookGeneration: 2 },
    'successor',
  ],
];

it.each(rows)('%s', (_, lastRun, asking, decision) => {
  const all = { occurrence: known, hookGeneration: 1, quietWindowMs: 10 * minutes, nowMs: noon, ...asking };
  expect(decideStart(lastRun, all)).toBe(decision);
});
