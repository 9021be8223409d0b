/** The least that Hooks get of the times they may set: what less is expected is raised, and said where its author looks. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readConfig } from '../../watcher/config.ts';
import { readHooksFile } from '../../watcher/dry-run/read-hooks-file.ts';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { reachOf } from '../../watcher/hooks/reach.ts';
import { statusOf } from '../../watcher/reporting/hook-status.ts';
import { aHookObject, noon, oomConfiguration } from '../make.ts';

function readWith(times: object, environment?: Record<string, string>): LiveHook {
  const object = aHookObject({ eventConfigurations: [{ ...oomConfiguration, ...times }] });
  const reach = environment === undefined ? {} : reachOf(readConfig({ INSTALLATION: 'p', ...environment }));
  const hook = readHook(object, reach);
  if (hook === undefined) throw new Error('This is no Hook.');
  return hook;
}

const agents = { reachable: undefined, of: () => undefined, readinessOf: () => undefined };
const readyOf = (hook: LiveHook) => statusOf(hook, [], { nowMs: noon, agents }).conditions?.[0];

it.each<[string, string, string, Record<string, string> | undefined, number, RegExp | undefined]>([
  [
    'quietWindow',
    'quietWindowMs',
    '0s',
    undefined,
    1000,
    /quietWindow "0s" is less than MIN_QUIET_WINDOW.*; 1s is used/,
  ],
  ['quietWindow', 'quietWindowMs', '1s', undefined, 1000, undefined],
  [
    'repeatAfter',
    'repeatAfterMs',
    '1s',
    undefined,
    60_000,
    /repeatAfter "1s" is less than MIN_REPEAT_AFTER.*; 1m is used/,
  ],
  ['repeatAfter', 'repeatAfterMs', '59s999ms', {}, 60_000, /repeatAfter "59s999ms"/],
  ['repeatAfter', 'repeatAfterMs', '60s', {}, 60_000, undefined],
  ['repeatAfter', 'repeatAfterMs', '1h', { MIN_REPEAT_AFTER: '2h' }, 7_200_000, /; 2h is used/],
  ['repeatAfter', 'repeatAfterMs', '1s', { MIN_REPEAT_AFTER: '500ms' }, 1000, undefined],
  ['repeatAfter', 'repeatAfterMs', '1ms', { MIN_REPEAT_AFTER: '1500ms' }, 1500, /; 1500ms is used/],
  ['after', 'afterMs', '0s', undefined, 1000, /after "0s" is less than MIN_AFTER.*; 1s is used/],
  ['after', 'afterMs', '10s', { MIN_AFTER: '30s' }, 30_000, /; 30s is used/],
])('%s: %s %s, where the operator has set %j, is %d ms', (field, inMs, text, environment, ms, says) => {
  const hook = readWith({ [field]: text }, environment);
  const [used] = hook.configurations;
  expect({ ...used, ...used?.timing }).toMatchObject({ [inMs]: ms });
  expect(hook.problems).toEqual([]);
  if (says === undefined) {
    expect(hook.raised).toEqual([]);
    expect(readyOf(hook)).toMatchObject({ status: 'True', reason: 'Accepted' });
    return;
  }
  expect(hook.raised).toEqual([expect.stringMatching(says)]);
  expect(readyOf(hook)).toMatchObject({ status: 'True', reason: 'TimesRaised' });
  expect(readyOf(hook)?.message).toMatch(
    /^1 event configuration\(s\) are acted upon\. spec\.eventConfigurations\[0\]: /,
  );
  expect(readyOf(hook)?.message).toMatch(says);
});

it('a time that the Hook does not set is not made up', () => {
  expect(readWith({}).configurations[0]?.timing).toEqual({});
  expect(readWith({}).raised).toEqual([]);
});

it('what is wrong with a Hook goes before what was raised, and both are said', () => {
  const bad = { ...oomConfiguration, name: 'bad', prompt: '{{.Nope}}' };
  const hook = readHook(aHookObject({ eventConfigurations: [bad, { ...oomConfiguration, repeatAfter: '1s' }] }));
  const ready = hook && readyOf(hook);
  expect(ready).toMatchObject({ status: 'False', reason: 'InvalidPrompt' });
  expect(ready?.message).toMatch(/Nope.*eventConfigurations\[1\]: repeatAfter/);
});

it('a file of Hooks is read by the dry run with the times that it would get by default', () => {
  const [hook] = readHooksFile(
    'hooks.yaml',
    `kind: Hook
metadata: { name: slip }
spec:
  eventConfigurations:
  - { eventType: oom-kill, agentRef: { name: a }, prompt: p, after: 0s, quietWindow: 10ms, repeatAfter: 1s }`,
  );
  expect(hook?.configurations).toMatchObject([
    { afterMs: 1000, timing: { quietWindowMs: 1000, repeatAfterMs: 60_000 } },
  ]);
  expect(hook?.raised).toHaveLength(3);
});

it('whatever a Hook and the operator say, no time is below the least, and each that was raised is named once', () => {
  const duration = fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom('ms', 's', 'm'))
    .map(([n, unit]) => `${n}${unit}`);
  const times = fc.record({ quietWindow: duration, repeatAfter: duration, after: duration }, { requiredKeys: [] });
  const floors = fc.record({ MIN_QUIET_WINDOW: duration, MIN_REPEAT_AFTER: duration, MIN_AFTER: duration });
  fc.assert(
    fc.property(times, floors, (said, environment) => {
      const { MIN_QUIET_WINDOW, MIN_REPEAT_AFTER, MIN_AFTER } = readConfig({ INSTALLATION: 'p', ...environment });
      const hook = readWith(said, environment);
      const plain = readWith(said, { MIN_QUIET_WINDOW: '1ms', MIN_REPEAT_AFTER: '1ms', MIN_AFTER: '1ms' });
      const [used, expected] = [hook.configurations[0], plain.configurations[0]];
      const pairs = [
        [used?.timing.quietWindowMs, expected?.timing.quietWindowMs, MIN_QUIET_WINDOW],
        [used?.timing.repeatAfterMs, expected?.timing.repeatAfterMs, MIN_REPEAT_AFTER],
        [used?.afterMs, expected?.afterMs, MIN_AFTER],
      ] as const;
      for (const [is, was, least] of pairs) {
        expect(is).toBe(was === undefined ? undefined : Math.max(was, least));
      }
      expect(hook.raised).toHaveLength(pairs.filter(([is, was]) => is !== was).length);
    }),
  );
});
