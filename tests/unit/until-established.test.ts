/** Waiting for a CRD that was made a moment ago. */
import { expect, it } from 'vitest';
import { untilEstablished } from '../../deploy/local/until-established.ts';

const noConditions = new Error('.status.conditions accessor error: <nil> is of the type <nil>, expected []interface{}');

it('a CRD that has no conditions yet is asked for again', async () => {
  const asked: string[] = [];
  const answers = [noConditions, noConditions];
  await untilEstablished(async (args) => {
    asked.push(args.join(' '));
    const error = answers.shift();
    if (error !== undefined) throw error;
  });
  expect(asked).toEqual(Array<string>(3).fill('wait --for=condition=Established crd/hooks.kagent.dev --timeout=10s'));
});

it('what kubectl complained about last is the error when the time is up, and at once when the user has stopped', async () => {
  const refuse = () => Promise.reject(noConditions);
  await expect(untilEstablished(refuse, { timeoutMs: 150 })).rejects.toBe(noConditions);
  const startedMs = Date.now();
  await expect(untilEstablished(refuse, { signal: AbortSignal.abort() })).rejects.toBe(noConditions);
  expect(Date.now() - startedMs).toBeLessThan(5000);
});
