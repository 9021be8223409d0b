/** Reconciliation goes on past what fails alone, and ends where everything fails. */
import { expect, it } from 'vitest';
import { isolateFailures } from '../../watcher/reconciling/isolate-failures.ts';

function aRound() {
  const lines: unknown[] = [];
  const alone = isolateFailures({ warn: (facts: unknown) => void lines.push(facts) });
  const fail = (id: string) => alone(id, () => Promise.reject(new Error(`${id} fails`)));
  return { lines, fail, succeed: (id: string) => alone(id, async () => true) };
}

it('one that fails is logged by its name, is not done, and those behind it are', async () => {
  const { lines, fail, succeed } = aRound();
  expect(await fail('a')).toBe(false);
  expect(await succeed('b')).toBe(true);
  expect(lines).toEqual([{ workflowId: 'a', error: 'Error: a fails' }]);
});

it('ten in a row end the round with the last error; ten with a success between them do not', async () => {
  const { fail, succeed } = aRound();
  for (const id of '12345') await fail(id);
  await succeed('6');
  for (const id of '123456789') expect(await fail(id)).toBe(false);
  await expect(fail('10')).rejects.toThrow('10 fails');
});
