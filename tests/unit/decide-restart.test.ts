import { expect, it } from 'vitest';
import { decideRestart, renew } from '../../watcher/reconciling/decide-restart.ts';
import type { FailedExecution } from '../../watcher/reconciling/open-executions.ts';
import { aHook, aMemo, anIncident, noon } from '../make.ts';

const failed = (over: Partial<FailedExecution> = {}): FailedExecution => ({
  workflowId: 'id',
  runId: 'run',
  hook: { namespace: 'shop', name: 'checkout' },
  resource: { namespace: 'shop', name: 'web-0' },
  memo: aMemo({ hookGeneration: 1, nature: 'edge' }),
  closedMs: noon,
  reason: 'Unauthorized',
  agent: { namespace: 'shop', name: 'memory-analyzer' },
  ...over,
});

const hook = (generation = 1, isPaused = false) => ({ ...aHook(), generation, isPaused });
const never = { agentBecameGoodMs: undefined, isFiring: false };

it.each([
  ['nothing has changed', failed(), { ...never, hook: hook() }, undefined],
  ['the Hook was edited', failed(), { ...never, hook: hook(2) }, 'HookEdited'],
  ['the Hook is gone', failed(), { ...never, hook: undefined }, undefined],
  ['the edited Hook is paused', failed(), { ...never, hook: hook(2, true) }, undefined],
  [
    'the agent was found after it failed',
    failed(),
    { ...never, hook: hook(), agentBecameGoodMs: noon + 1 },
    'AgentFound',
  ],
  ['the agent was found before it failed', failed(), { ...never, hook: hook(), agentBecameGoodMs: noon }, undefined],
  [
    'the agent was found, but the prompt was refused',
    failed({ reason: 'PromptRefused' }),
    { ...never, hook: hook(), agentBecameGoodMs: noon + 1 },
    undefined,
  ],
  [
    'the Hook of a state that is not true any more was edited',
    failed({ memo: aMemo({ hookGeneration: 1, nature: 'state' }) }),
    { ...never, hook: hook(2) },
    undefined,
  ],
  [
    'the Hook of a state that is still true was edited',
    failed({ memo: aMemo({ hookGeneration: 1, nature: 'state' }) }),
    { ...never, hook: hook(2), isFiring: true },
    'HookEdited',
  ],
])('when %s', (_, run, circumstances, expected) => {
  expect(decideRestart(run, circumstances)).toBe(expected);
});

it('a renewed incident has the agent, prompt, approvals and times of its Hook as it is now, and happened as it did', () => {
  const [configuration] = aHook().configurations;
  if (configuration === undefined) throw new Error('aHook has no configuration');
  const edited = {
    ...hook(7),
    configurations: [
      {
        ...configuration,
        prompt: 'new',
        agent: { namespace: 'a', name: 'b' },
        timing: { quietWindowMs: 5, repeatAfterMs: 6 },
      },
    ],
  };
  const approval = { autoApprove: ['kubectl_*'] };
  const incident = anIncident({ mode: 'observe', approval });
  const installation = { name: 'test', cluster: { uid: 'cluster-uid' }, timing: incident.timing };
  const { mode: _mode, approval: _approval, ...acting } = incident;
  expect(renew(incident, edited, installation)).toEqual({
    ...acting,
    hook: { ...incident.hook, generation: 7 },
    prompt: 'new',
    agent: { namespace: 'a', name: 'b' },
    timing: { ...incident.timing, quietWindowMs: 5, repeatAfterMs: 6 },
  });
  const approving = { ...edited, configurations: edited.configurations.map((each) => ({ ...each, approval })) };
  expect(renew(anIncident(), approving, installation)).toMatchObject({ approval });
  expect(renew(anIncident({ configuration: 'gone' }), edited, installation)).toBeUndefined();
});
