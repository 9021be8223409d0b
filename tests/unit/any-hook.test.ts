/** Hooks of any JSON: nothing throws, what is good of them is acted upon, and their status is one that the API server takes. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { statusOf } from '../../watcher/reporting/hook-status.ts';
import { askOf } from '../../watcher/starting/incident-of.ts';
import { isIncident } from '../../workflows/checks/check-input.ts';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { HookStatus } from '../../workflows/contract/hook-status.ts';
import { anyJson, damaged, evilText } from '../any-object.ts';
import { expectNoControls } from '../hostile-text.ts';
import { aHookObject, anIncident, noon, oomConfiguration } from '../make.ts';

const mostly = <T>(good: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: other });

const match = fc.record(
  {
    labels: fc.record({ matchLabels: fc.dictionary(evilText, evilText, { maxKeys: 3 }) }),
    names: fc.array(evilText, { maxLength: 3 }),
    expression: fc.oneof(fc.constantFrom('true', 'incident.name == "x"', '(((', 'incident.nothing'), evilText),
  },
  { requiredKeys: [] },
);
const configuration = fc.record(
  {
    eventType: fc.constantFrom(...IncidentType.options),
    agentRef: fc.constant({ name: 'memory-analyzer' }),
    agentId: mostly('memory-analyzer', fc.oneof(fc.constantFrom('/', 'a/b/c'), evilText)),
    prompt: mostly('{{.ResourceName}}', fc.oneof(fc.constantFrom('{{#if', '{{constructor}}'), evilText)),
    name: fc.constantFrom('one', 'two'),
    match: mostly({}, match),
    quietWindow: mostly('5m', fc.constantFrom('0s', '87600h', '87601h', '9999999999999999h')),
    repeatAfter: mostly('5m', fc.constantFrom('0s', '87601h', '9999999999999999h')),
    after: mostly('5m', fc.constantFrom('0s', '9999999999999999h')),
    runTimeout: mostly('1s', fc.constantFrom('9999999999h', '-1s')),
  },
  { requiredKeys: ['eventType', 'agentRef', 'prompt'] },
);
const hooks = fc
  .record({ eventConfigurations: fc.array(configuration, { maxLength: 5 }), paused: fc.oneof(fc.boolean(), anyJson) })
  .map((spec) => aHookObject(spec));

it('a Hook of any JSON is read or left out, and says of itself what is wrong, in a status of a bounded size', () => {
  const seen = { read: 0, acted: 0, wrong: 0 };
  fc.assert(
    fc.property(damaged(hooks), (object) => {
      const hook = readHook(object);
      if (hook === undefined) return;
      seen.read += 1;
      seen.acted += hook.configurations.length;
      seen.wrong += hook.problems.length;
      const { timing } = anIncident();
      for (const one of hook.configurations)
        expect(isIncident(anIncident({ timing: askOf({ timing }, one).timing }))).toBe(true);
      const agents = { reachable: undefined, of: () => undefined, readinessOf: () => undefined };
      const status = statusOf(hook, [], { nowMs: noon, agents });
      expect(HookStatus.safeParse(status).error).toBeUndefined();
      expect(JSON.stringify(status).length).toBeLessThan(20_000);
      for (const { message } of status.conditions ?? []) expectNoControls(message);
    }),
    { numRuns: 500 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
});

it.each(['after', 'quietWindow', 'repeatAfter'])(
  '%s of more than ten years is refused with what was expected',
  (name) => {
    const spec = (wait: string) => ({ eventConfigurations: [{ ...oomConfiguration, [name]: wait }] });
    expect(readHook(aHookObject(spec('87601h')))?.problems).toEqual([
      { reason: 'InvalidSpec', message: `spec.eventConfigurations[0]: ${name} "87601h": expected at most 87600h.` },
    ]);
    expect(readHook(aHookObject(spec('87600h')))?.problems).toEqual([]);
  },
);
