import { describe, expect, it } from 'vitest';
import { readConfig } from '../../watcher/config.ts';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { reachOf } from '../../watcher/hooks/reach.ts';
import { compileGlobs } from '../../workflows/contract/plain/glob.ts';
import { aHookObject, oomConfiguration } from '../make.ts';

const read = (...eventConfigurations: unknown[]) => {
  const hook = readHook(aHookObject({ eventConfigurations }));
  if (hook === undefined) throw new Error('not a Hook');
  return hook;
};

describe('the agent of a configuration', () => {
  it.each<[string, object, string]>([
    ['agentRef in the namespace of the Hook', { agentRef: { name: 'a' } }, 'shop/a'],
    ['agentRef with an empty namespace', { agentRef: { name: 'a', namespace: '' } }, 'shop/a'],
    ['agentRef with a namespace', { agentRef: { name: 'a', namespace: 'kagent' } }, 'kagent/a'],
    ['agentId without a namespace', { agentRef: undefined, agentId: 'a' }, 'shop/a'],
    ['agentId with a namespace', { agentRef: undefined, agentId: 'kagent/a' }, 'kagent/a'],
    ['both, naming the same agent', { agentRef: { name: 'a', namespace: 'kagent' }, agentId: 'kagent/a' }, 'kagent/a'],
  ])('is read from %s', (_, over, expected) => {
    const [configuration] = read({ ...oomConfiguration, ...over }).configurations;
    expect(`${configuration?.agent.namespace}/${configuration?.agent.name}`).toBe(expected);
  });
});

describe('a wrong configuration is refused with a reason and a sentence', () => {
  it.each<[string, object, string, RegExp]>([
    [
      'an agentId without a name',
      { agentRef: undefined, agentId: 'kagent/' },
      'AgentMissing',
      /"kagent\/" names no agent/,
    ],
    ['no agent', { agentRef: undefined }, 'AgentMissing', /eventConfigurations\[0\].*agentRef/],
    ['two different agents', { agentId: 'other' }, 'AgentAmbiguous', /shop\/memory-analyzer.*shop\/other/],
    ...[
      'Shop/a',
      'shop/A',
      'shop/a b',
      'shop/../a',
      'shop/a/b',
      'shop/a?x=1',
      'shop.b/a',
      'shop/a\r',
      `shop/${'a'.repeat(254)}`,
    ].map((agentId): [string, object, string, RegExp] => [
      `an agent called ${JSON.stringify(agentId).slice(0, 30)}`,
      { agentRef: undefined, agentId },
      'AgentNameInvalid',
      /expected lower case letters/,
    ]),
    ['an unknown type', { eventType: 'disk-full' }, 'InvalidSpec', /eventConfigurations\[0\]: eventType/],
    [
      'an unknown value in the prompt',
      { prompt: 'ok\n  {{.PodName}}' },
      'InvalidPrompt',
      /line 2, column \d+.*PodName/,
    ],
    ['Go control flow in the prompt', { prompt: '{{range .Items}}x{{end}}' }, 'InvalidPrompt', /line 1, column/],
  ])('%s', (_, over, reason, sentence) => {
    const hook = read({ ...oomConfiguration, ...over });
    expect(hook.configurations).toEqual([]);
    expect(hook.problems).toMatchObject([{ reason, message: expect.stringMatching(sentence) }]);
  });

  it('a Hook without configurations', () => {
    expect(readHook(aHookObject(undefined))?.problems).toMatchObject([{ reason: 'InvalidSpec' }]);
    expect(read().problems).toMatchObject([{ reason: 'InvalidSpec' }]);
  });
});

it('a wrong configuration does not disturb its neighbours', () => {
  const hook = read({ ...oomConfiguration, prompt: '{{.Nope}}' }, { ...oomConfiguration, eventType: 'pod-restart' });
  expect(hook.configurations.map(({ type }) => type)).toEqual(['pod-restart']);
  expect(hook.problems).toHaveLength(1);
});

it('of two configurations of one type the first works and the second is named', () => {
  const hook = read(oomConfiguration, { ...oomConfiguration, agentRef: { name: 'other' } });
  expect(hook.configurations.map(({ agent }) => agent.name)).toEqual(['memory-analyzer']);
  expect(hook.problems).toMatchObject([
    { reason: 'DuplicateEventType', message: expect.stringContaining('eventConfigurations[1]') },
  ]);
});

it('what is no Kubernetes object is no Hook', () => {
  expect(readHook({ kind: 'Hook' })).toBeUndefined();
});

it('a configuration whose agent is not allowed is refused with its name, and its neighbours work on', () => {
  const isAllowed = compileGlobs(['shop/*', '!shop/bad-*']);
  const object = aHookObject({
    eventConfigurations: [
      { eventType: 'oom-kill', agentRef: { name: 'bad-one' }, prompt: 'x' },
      { eventType: 'pod-restart', agentRef: { name: 'good' }, prompt: 'x' },
      { eventType: 'pod-pending', agentRef: { name: 'good', namespace: 'elsewhere' }, prompt: 'x' },
    ],
  });
  const allowsAgent = ({ namespace, name }: { namespace: string; name: string }) => isAllowed(`${namespace}/${name}`);
  const hook = readHook(object, { isWide: () => false, allowsAgent });
  expect(hook?.configurations.map(({ type }) => type)).toEqual(['pod-restart']);
  expect(hook?.problems).toMatchObject([
    { reason: 'AgentNotAllowed', message: expect.stringContaining('agent shop/bad-one') },
    { reason: 'AgentNotAllowed', message: expect.stringContaining('agent elsewhere/good') },
  ]);
});

it('an agent that is allowed for the sake of its namespace is known by it', () => {
  const isBoundToNamespace = ({ name }: { name: string }) => name === 'memory-analyzer';
  const agentOf = (name: string) =>
    readHook(aHookObject({ eventConfigurations: [{ ...oomConfiguration, agentRef: { name } }] }), {
      isBoundToNamespace,
    })?.configurations[0]?.agent;
  expect(agentOf('memory-analyzer')).toEqual({ namespace: 'shop', name: 'memory-analyzer', boundToNamespace: true });
  expect(agentOf('other')).toEqual({ namespace: 'shop', name: 'other' });
});

describe('the time of an agent run', () => {
  it.each([
    ['1s', 1000],
    ['1000ms', 1000],
    ['1h30m', 5_400_000],
    ['24h', 86_400_000],
  ])('may be %s', (runTimeout, runTimeoutMs) => {
    expect(read({ ...oomConfiguration, runTimeout }).configurations).toMatchObject([{ timing: { runTimeoutMs } }]);
  });

  it.each(['0s', '999ms', '24h1ms', '48h', '9999999999999999999999999999h'])('may not be %s', (runTimeout) => {
    const hook = read({ ...oomConfiguration, runTimeout }, { ...oomConfiguration, eventType: 'pod-restart' });
    expect(hook.configurations.map(({ type }) => type)).toEqual(['pod-restart']);
    const message = `spec.eventConfigurations[0]: runTimeout "${runTimeout}": expected 1s to 24h.`;
    expect(hook.problems).toEqual([{ reason: 'InvalidSpec', message }]);
  });

  it('and how often a lost one is asked again are left to the installation where the Hook says nothing', () => {
    const [silent] = read(oomConfiguration).configurations;
    expect(silent?.timing).toEqual({});
    const said = [0, 1].map(
      (retries) => read({ ...oomConfiguration, retries }).configurations[0]?.timing.lostRunRetries,
    );
    expect(said).toEqual([0, 1]);
  });
});

describe('what becomes of a run that waits for people', () => {
  const approving = (approval: object) => read({ ...oomConfiguration, approval });

  it.each([
    ['1s', 1000],
    ['24h', 86_400_000],
    ['720h', 2_592_000_000],
  ])('it may wait for %s', (timeout, approvalTimeoutMs) => {
    expect(approving({ timeout }).configurations).toMatchObject([{ timing: { approvalTimeoutMs } }]);
  });

  it.each([
    [{ timeout: '0s' }, 'approval.timeout "0s": expected 1s to 720h.'],
    [{ timeout: '720h1ms' }, 'approval.timeout "720h1ms": expected 1s to 720h.'],
    [
      { autoApprove: ['!delete_*'] },
      'approval.autoApprove only excludes; expected at least one name of a tool that is approved by itself.',
    ],
  ])('%j is refused', (approval, message) => {
    const { configurations, problems } = approving(approval);
    expect(configurations).toEqual([]);
    expect(problems).toEqual([{ reason: 'InvalidSpec', message: `spec.eventConfigurations[0]: ${message}` }]);
  });

  it.each([
    [{}, undefined],
    [{ onTimeout: 'reject', autoApprove: [] }, undefined],
    [{ onTimeout: 'cancel' }, { onTimeout: 'cancel' }],
    [{ autoApprove: ['get_*', '!get_secrets'] }, { autoApprove: ['get_*', '!get_secrets'] }],
  ])('%j is carried as %j', (approval, expected) => {
    expect(approving(approval).configurations[0]?.approval).toEqual(expected);
  });

  it('is left to the defaults where the Hook says nothing', () => {
    const [silent] = read(oomConfiguration).configurations;
    expect(silent).not.toHaveProperty('approval');
    expect(silent?.timing).not.toHaveProperty('approvalTimeoutMs');
  });
});

describe('how far a Hook may look', () => {
  const nodes = { ...oomConfiguration, eventType: 'node-not-ready' };
  const wide = (...namespaces: string[]) => ({ ...oomConfiguration, match: { namespaces } });
  const readWith = (environment: Record<string, string>, configuration: object) => {
    const reach = reachOf(readConfig({ INSTALLATION: 'p', ...environment }));
    return readHook(aHookObject({ eventConfigurations: [configuration] }), reach);
  };

  it.each<[string, Record<string, string>, object, string, RegExp]>([
    ['Nodes, from another namespace', {}, nodes, 'NodesNotAllowed', /node-not-ready.*WIDE_HOOK_NAMESPACES/],
    ['Nodes, where namespaces are watched', { WATCH_NAMESPACES: 'shop' }, nodes, 'NodesNotWatched', /WATCH_NAMESPACES/],
    [
      'Nodes, from the own namespace, where namespaces are watched',
      { NAMESPACE: 'shop', WATCH_NAMESPACES: 'shop' },
      nodes,
      'NodesNotWatched',
      /node-not-ready/,
    ],
    ['other namespaces', {}, wide('ops'), 'NamespacesNotAllowed', /WIDE_HOOK_NAMESPACES/],
    [
      'namespaces of which none is watched',
      { WIDE_HOOK_NAMESPACES: 'shop', WATCH_NAMESPACES: 'shop,payments' },
      wide('ops-*'),
      'NamespacesNotWatched',
      /none of the namespaces.*shop, payments/,
    ],
  ])('%s are refused with a reason', (_, environment, configuration, reason, sentence) => {
    const hook = readWith(environment, configuration);
    expect(hook?.configurations).toEqual([]);
    expect(hook?.problems).toMatchObject([{ reason, message: expect.stringMatching(sentence) }]);
  });

  it.each<[string, Record<string, string>, object]>([
    ['Nodes, from the own namespace', { NAMESPACE: 'shop' }, nodes],
    ['Nodes, with wide reach', { WIDE_HOOK_NAMESPACES: 'ops,shop' }, nodes],
    ['other namespaces, with wide reach', { WIDE_HOOK_NAMESPACES: 'shop' }, wide('ops')],
    [
      'namespaces of which one is watched',
      { WIDE_HOOK_NAMESPACES: 'shop', WATCH_NAMESPACES: 'shop,ops-eu' },
      wide('ops-*', 'elsewhere'),
    ],
    ['its own, where that is watched', { WATCH_NAMESPACES: 'shop' }, oomConfiguration],
  ])('%s are taken', (_, environment, configuration) => {
    expect(readWith(environment, configuration)).toMatchObject({ configurations: [{}], problems: [] });
  });
});
