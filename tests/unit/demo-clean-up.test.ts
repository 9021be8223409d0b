import { expect, it, vi } from 'vitest';
import { cleanUp } from '../../deploy/local/demo/clean-up.ts';
import type { CleanUp } from '../../deploy/local/demo/system/system.ts';

/** What happens at the end, in order. */
async function cleaningUp(cleanUps: CleanUp[]): Promise<string[]> {
  const happened: string[] = [];
  const run = {
    folder: '',
    environment: {},
    reaper: { adoptGroup: () => {}, releaseGroup: () => {}, close: async () => {} },
    close: async () => void happened.push('(servers end)'),
  };
  await cleanUp(run, cleanUps, (text) => happened.push(text));
  return happened;
}

const says = (text: string): CleanUp => ({ byHand: '', run: async () => text });

it('ends our servers before anything is removed that they would make anew, and removes the last thing first', async () => {
  expect(await cleaningUp([says('CRD stays'), says('Lease removed')])).toEqual([
    'Ending what was started ...',
    '(servers end)',
    'Lease removed',
    'CRD stays',
  ]);
});

it('says what is to be done by hand where something fails, and goes on', async () => {
  const fails: CleanUp = {
    byHand: 'kubectl delete lease x',
    run: async () => Promise.reject(new Error('no cluster')),
  };
  expect((await cleaningUp([says('CRD stays'), fails])).slice(2)).toEqual([
    'no cluster\nTo be done by hand: kubectl delete lease x',
    'CRD stays',
  ]);
});

it('does not wait for ever for a server that does not answer', async () => {
  vi.useFakeTimers();
  try {
    const happened = cleaningUp([{ byHand: 'command', run: () => new Promise(() => undefined) }]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect((await happened).at(-1)).toBe('No answer within 8 s.\nTo be done by hand: command');
  } finally {
    vi.useRealTimers();
  }
});
