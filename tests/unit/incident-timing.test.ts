/** Whose times an incident has: those of its Hook, and of the installation where the Hook says nothing. */
import { expect, it } from 'vitest';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { askOf } from '../../watcher/starting/incident-of.ts';
import { Timing } from '../../workflows/contract/incident.ts';
import { aHookObject, anIncident, oomConfiguration } from '../make.ts';

const installation = { ...anIncident().timing, runTimeoutMs: 1_800_000 };

function timingWith(over: object): Timing {
  const hook = readHook(aHookObject({ eventConfigurations: [{ ...oomConfiguration, ...over }] }));
  const [configuration] = hook?.configurations ?? [];
  if (configuration === undefined) throw new Error('The Hook has no good configuration.');
  return Timing.parse(askOf({ timing: installation }, configuration).timing);
}

it('are those of the installation where the Hook says nothing, and a lost run is then never asked again', () => {
  expect(timingWith({})).toEqual(installation);
});

it.each([
  ['quietWindow', '2m', { quietWindowMs: 120_000 }],
  ['repeatAfter', '6h', { repeatAfterMs: 21_600_000 }],
  ['runTimeout', '2h', { runTimeoutMs: 7_200_000 }],
  ['retries', 1, { lostRunRetries: 1 }],
  ['retries', 0, { lostRunRetries: 0 }],
  ['approval', { timeout: '2h' }, { approvalTimeoutMs: 7_200_000 }],
  ['approval', { onTimeout: 'cancel' }, {}],
])('%s %s of the Hook goes before the installation, and changes nothing else', (field, value, changed) => {
  expect(timingWith({ [field]: value })).toEqual({ ...installation, ...changed });
});
