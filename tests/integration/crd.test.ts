/** What a real API server makes of the generated CRD: what it takes, what it refuses, and what people see of it. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { printCrd } from '../../deploy/generate-crd.ts';
import { untilEstablished } from '../../deploy/local/until-established.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { at } from '../make.ts';

const namespace = `crd-${process.pid}`;
const examples = fileURLToPath(new URL('../../deploy/examples/', import.meta.url));

/** Resolves with what kubectl prints; rejects with what it complains about. */
async function kubectl(args: string[], input?: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const all = ['--kubeconfig', kubeconfigPath(), ...args];
  const child = execFile(inject('enginePaths').kubectl, all, { env: { HOME: tmpdir() } }, (error, stdout, stderr) =>
    error === null ? resolve(stdout) : reject(new Error(stderr)),
  );
  child.stdin?.end(input);
  return promise;
}

const aHookOf = (spec: unknown, name = 'tried') =>
  JSON.stringify({ apiVersion: 'kagent.dev/v1alpha2', kind: 'Hook', metadata: { name, namespace }, spec });

const dryRun = (...eventConfigurations: unknown[]) =>
  kubectl(['apply', '--dry-run=server', '-f', '-'], aHookOf({ eventConfigurations }));

const agentRef = { name: 'incident-responder' };
const good = { eventType: 'pod-restart', agentRef, prompt: 'Look at {{.ResourceName}}.' };

beforeAll(async () => {
  await kubectl(['apply', '-f', '-'], printCrd());
  await untilEstablished((args) => kubectl([...args]));
  await kubectl(['create', 'namespace', namespace]);
});

it('the API server calls the schema structural and the names accepted', async () => {
  const conditions = await kubectl([
    'get',
    'crd/hooks.kagent.dev',
    '-o=jsonpath={range .status.conditions[*]}{.type}={.status} {end}',
  ]);
  expect(conditions.trim().split(' ').toSorted()).toEqual(['Established=True', 'NamesAccepted=True']);
});

describe('a Hook written for khook is taken as it is', () => {
  const prompt = `🚨 A pod died.\n\n${'1. **Look** at {{.ResourceName}} in {{.Namespace}} – "{{.EventMessage}}" 🧠\n'.repeat(200)}`;
  it.each<[string, unknown[]]>([
    ['agentRef without a namespace', [good]],
    ['agentRef with a namespace', [{ ...good, agentRef: { ...agentRef, namespace: 'kagent' } }]],
    ['agentRef with an empty namespace', [{ ...good, agentRef: { ...agentRef, namespace: '' } }]],
    ['a namespace that no cluster would have', [{ ...good, agentRef: { name: 'a', namespace: 'Not A Namespace' } }]],
    ['an agent name of one letter', [{ ...good, agentRef: { name: 'A' } }]],
    ['agentId with a namespace', [{ ...good, agentRef: undefined, agentId: 'kagent/ci-cd-engineer' }]],
    ['agentId without a namespace', [{ ...good, agentRef: undefined, agentId: 'ci-cd-engineer' }]],
    [
      'all four types',
      ['pod-restart', 'pod-pending', 'oom-kill', 'probe-failed'].map((eventType) => ({ ...good, eventType })),
    ],
    ['the same type twice', [good, good]],
    ['a long prompt of many lines with emoji', [{ ...good, prompt }]],
    ['no prompt', [{ eventType: 'pod-restart', agentRef }]],
    ['a prompt of one letter', [{ ...good, prompt: '?' }]],
    ['both ways to name one agent', [{ ...good, agentRef: { name: 'a', namespace: 'kagent' }, agentId: 'kagent/a' }]],
    ['both ways, the name with a slash', [{ ...good, agentRef: { name: 'a/b', namespace: 'n' }, agentId: 'n/a/b' }]],
    ['both ways, the namespace in agentId only', [{ ...good, agentRef: { name: 'a' }, agentId: `${namespace}/a` }]],
  ])('%s', async (_, configurations) => {
    expect(await dryRun(...configurations)).toContain('hook.kagent.dev/tried created');
  });

  it('even without a spec', async () => {
    expect(await kubectl(['apply', '--dry-run=server', '-f', '-'], aHookOf(undefined))).toContain('created');
  });

  it('unknown fields are left out, not refused', async () => {
    const hook = aHookOf({ eventConfigurations: [{ ...good, severity: 'high' }] });
    const kept = await kubectl(
      ['apply', '--dry-run=server', '--validate=ignore', '-o=jsonpath={.spec}', '-f', '-'],
      hook,
    );
    expect(JSON.parse(kept)).toEqual({ eventConfigurations: [good] });
  });
});

describe('a wrong Hook is refused with the field by its name', () => {
  const { agentRef: _, ...agentless } = good;
  const first = /spec\.eventConfigurations\[0\]/;
  it.each<[string, unknown[], RegExp]>([
    ['no configuration', [], /spec\.eventConfigurations: Invalid value.*at least 1 items/],
    ['an unknown type', [{ ...good, eventType: 'disk-full' }], /\[0\]\.eventType: Unsupported value: "disk-full"/],
    ['no type', [{ ...good, eventType: undefined }], /\[0\]\.eventType: Required value/],
    ['an empty prompt', [{ ...good, prompt: '' }], /\[0\]\.prompt: Invalid value.*at least 1 chars/],
    ['a prompt that is too long', [{ ...good, prompt: 'x'.repeat(65_537) }], /\[0\]\.prompt: Too long/],
    ['a prompt that is no text', [{ ...good, prompt: 7 }], /\[0\]\.prompt: Invalid value: "integer"/],
    ['an agent without a name', [{ ...good, agentRef: {} }], /\[0\]\.agentRef\.name: Required value/],
    ['an agent with an empty name', [{ ...good, agentRef: { name: '' } }], /\[0\]\.agentRef\.name: Invalid value/],
    ['an empty agentId', [{ ...agentless, agentId: '' }], /\[0\]\.agentId: Invalid value/],
    ['no agent', [agentless], /\[0\]\.agentRef: Required value: agentRef is missing/],
    [
      'two agents by name',
      [{ ...good, agentId: 'other' }],
      /\[0\]\.agentId.*agentRef and agentId name different agents/,
    ],
    [
      'two agents by namespace',
      [{ ...good, agentRef: { name: 'a', namespace: 'x' }, agentId: 'y/a' }],
      /\[0\]\.agentId.*agentRef and agentId name different agents/,
    ],
  ])('%s', async (_name, configurations, complaint) => {
    const refusal = dryRun(...configurations);
    await expect(refusal).rejects.toThrow(complaint);
    if (configurations.length > 0) await expect(refusal).rejects.toThrow(first);
  });

  it('the second of two configurations is the one that is named', async () => {
    await expect(dryRun(good, agentless)).rejects.toThrow(/eventConfigurations\[1\].*agentRef is missing/);
  });
});

it('every example applies; what is wrong with the refused one is for the watcher to say', async () => {
  await kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } }),
  );
  const applied = await kubectl(['apply', '--dry-run=server', '-f', examples]);
  expect(applied.trim().split('\n')).toHaveLength(readdirSync(examples).length);
});

it('kubectl explain shows what each field means', async () => {
  const explained = await kubectl(['explain', 'hook.spec.eventConfigurations']);
  expect(explained).toContain('The incident types that this Hook handles');
  expect(explained).toMatch(/prompt\t<string>\s+What the agent is asked\./);
  expect(explained).toMatch(/eventType\s+<string> -required-/);
  expect(explained).toMatch(/enum: pod-restart, pod-pending, oom-kill, probe-failed/);
  expect(await kubectl(['explain', 'hook.spec.eventConfigurations.agentRef.name'])).toContain(
    'Name of the Kagent agent',
  );
});

describe('with a status', () => {
  const condition = { type: 'Ready', status: 'True', reason: 'Accepted', message: 'All.', lastTransitionTime: at(0) };
  const setStatus = (status: unknown) =>
    kubectl([
      'patch',
      'hk',
      'shown',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    ]);

  beforeAll(async () => {
    await kubectl(['apply', '-f', '-'], aHookOf({ eventConfigurations: [good] }, 'shown'));
    await setStatus({
      active: 2,
      lastFired: new Date(Date.now() - 300_000).toISOString(),
      conditions: [condition, { ...condition, type: 'AgentResolved', status: 'Unknown' }],
    });
  });

  it('kubectl get hk shows whether the Hook is ready, how many incidents fire, and since when', async () => {
    const [head, row] = (await kubectl(['get', 'hk', '-n', namespace])).trim().split('\n');
    expect(head?.split(/ {2,}/)).toEqual(['NAME', 'READY', 'ACTIVE', 'LAST-FIRED', 'AGE']);
    expect(row).toMatch(/^shown +True +2 +5m\w* +\w+$/);
    const wide = await kubectl(['get', 'hk', '-n', namespace, '-o=wide']);
    expect(wide).toMatch(/READY +REASON +AGENTS +ACTIVE[^]*True +Accepted +Unknown +2/);
  });

  it('an apply changes the spec and leaves the status to the watcher', async () => {
    const applied = JSON.parse(aHookOf({ eventConfigurations: [{ ...good, prompt: 'Look again.' }] }, 'shown'));
    await kubectl(['apply', '-f', '-'], JSON.stringify({ ...applied, status: { active: 9 } }));
    const fields = '-o=jsonpath={.spec.eventConfigurations[0].prompt} {.status.active} {.metadata.generation}';
    expect(await kubectl(['get', 'hk', 'shown', '-n', namespace, fields])).toBe('Look again. 2 2');
  });

  it('a status of khook fits', async () => {
    const activeEvent = { eventType: 'oom-kill', resourceName: 'web-0', firstSeen: at(0), lastSeen: at(9) };
    await setStatus({ activeEvents: [{ ...activeEvent, status: 'firing' }], lastUpdated: at(9) });
    const seen = await kubectl(['get', 'hk', 'shown', '-n', namespace, '-o=jsonpath={.status.activeEvents[0].status}']);
    expect(seen).toBe('firing');
  });

  it.each<[string, object, RegExp]>([
    ['two conditions of one type', { conditions: [condition, condition] }, /status\.conditions\[1\]: Duplicate value/],
    ['a time that is none', { lastFired: 'yesterday' }, /status\.lastFired: Invalid value/],
    ['a negative count', { active: -1 }, /status\.active: Invalid value/],
  ])('%s is refused', async (_, status, complaint) => {
    await expect(setStatus(status)).rejects.toThrow(complaint);
  });
});
