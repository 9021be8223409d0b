import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { HookSpec, IncidentType } from '../../workflows/contract/hook.ts';
import { HookStatus } from '../../workflows/contract/hook-status.ts';
import { aHookObject, at } from '../make.ts';

const good = { eventType: 'oom-kill', agentRef: { name: 'memory-analyzer' }, prompt: 'Look.' };

/** Whatever khook's own CRD takes, within the sizes of ours. */
const khookConfiguration = fc.record(
  {
    eventType: fc.constantFrom(...IncidentType.options),
    agentRef: fc.record(
      { name: fc.string({ minLength: 1, maxLength: 253 }), namespace: fc.string({ maxLength: 253 }) },
      { requiredKeys: ['name'] },
    ),
    prompt: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5_000 }),
  },
  { requiredKeys: ['eventType', 'agentRef'] },
);

it('takes every spec that the CRD of khook takes, unchanged', () => {
  fc.assert(
    fc.property(fc.array(khookConfiguration, { minLength: 1, maxLength: 8 }), (eventConfigurations) => {
      expect(HookSpec.parse({ eventConfigurations })).toEqual({ eventConfigurations });
    }),
  );
});

it('takes what is exactly as long as the CRD allows, and refuses one letter more', () => {
  const read = (name: string, prompt: string) =>
    HookSpec.safeParse({ eventConfigurations: [{ ...good, agentRef: { name, namespace: name }, prompt }] });
  expect(read('a'.repeat(253), 'p'.repeat(65_536)).success).toBe(true);
  expect(read('a'.repeat(253), 'p'.repeat(65_537)).success).toBe(false);
  expect(read('a'.repeat(254), 'p').success).toBe(false);
});

it('takes agentId in place of agentRef, and leaves out fields that it does not know', () => {
  const configuration = { eventType: 'pod-restart', agentId: 'kagent/ci-cd-engineer', prompt: 'Look.' };
  expect(HookSpec.parse({ eventConfigurations: [{ ...configuration, severity: 'high' }] })).toEqual({
    eventConfigurations: [configuration],
  });
});

describe('a wrong spec is refused at the field that is wrong', () => {
  it.each<[string, unknown, string]>([
    ['no configurations', {}, 'eventConfigurations'],
    ['an empty list', { eventConfigurations: [] }, 'eventConfigurations'],
    ['101 configurations', { eventConfigurations: Array(101).fill(good) }, 'eventConfigurations'],
    ['an unknown type', { eventConfigurations: [{ ...good, eventType: 'OOM' }] }, 'eventConfigurations.0.eventType'],
    ['an empty prompt', { eventConfigurations: [good, { ...good, prompt: '' }] }, 'eventConfigurations.1.prompt'],
    ['no agent name', { eventConfigurations: [{ ...good, agentRef: {} }] }, 'eventConfigurations.0.agentRef.name'],
    ['an empty agentId', { eventConfigurations: [{ ...good, agentId: '' }] }, 'eventConfigurations.0.agentId'],
    [
      'a time without a unit',
      { eventConfigurations: [{ ...good, runTimeout: '30' }] },
      'eventConfigurations.0.runTimeout',
    ],
    ['two retries', { eventConfigurations: [{ ...good, retries: 2 }] }, 'eventConfigurations.0.retries'],
    [
      'another end of waiting',
      { eventConfigurations: [{ ...good, approval: { onTimeout: 'approve' } }] },
      'eventConfigurations.0.approval.onTimeout',
    ],
    [
      'a tool without a name',
      { eventConfigurations: [{ ...good, approval: { autoApprove: [''] } }] },
      'eventConfigurations.0.approval.autoApprove.0',
    ],
    ['half a retry', { eventConfigurations: [{ ...good, retries: 0.5 }] }, 'eventConfigurations.0.retries'],
  ])('%s', (_, spec, field) => {
    expect(HookSpec.safeParse(spec).error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

describe('a Hook that khook takes, read by the watcher', () => {
  const configured = (spec: unknown) => readHook(aHookObject(spec));

  it('has each configuration acted upon or refused for one reason', () => {
    fc.assert(
      fc.property(fc.array(khookConfiguration, { minLength: 1, maxLength: 8 }), (eventConfigurations) => {
        const hook = configured({ eventConfigurations });
        const types = hook?.configurations.map(({ type }) => type) ?? [];
        expect(types.length + (hook?.problems.length ?? 0)).toBe(eventConfigurations.length);
        expect(types).toEqual([...new Set(types)]);
        for (const { agent } of hook?.configurations ?? []) expect(agent.namespace).not.toBe('');
      }),
    );
  });

  it('has a long prompt of many lines with bullets and emoji kept letter by letter', () => {
    const line = '• Look at {{.ResourceName}} 🧠 – "{{.EventMessage}}"\n\t1. Say why\r\n';
    const prompt = `🚨 **Pod restart**\n\n${line.repeat(400)}`;
    const hook = configured({ eventConfigurations: [{ ...good, prompt }] });
    expect(hook?.problems).toEqual([]);
    expect(hook?.configurations[0]?.prompt).toBe(prompt);
  });

  it('has all four types act, each with its own agent', () => {
    const eventConfigurations = IncidentType.options.map((eventType) => ({
      eventType,
      agentRef: { name: `for-${eventType}`, namespace: 'kagent' },
      prompt: 'Look.',
    }));
    const agents = configured({ eventConfigurations })?.configurations.map(({ type, agent }) => [type, agent.name]);
    expect(agents).toEqual(IncidentType.options.map((type) => [type, `for-${type}`]));
  });

  it.each<[string, object, string]>([
    ['its old name kagent/ci-cd-engineer', { agentId: 'kagent/ci-cd-engineer' }, 'kagent/ci-cd-engineer'],
    ['an old name that starts with a slash', { agentId: '/ci-cd-engineer' }, 'shop/ci-cd-engineer'],
    ['both names of one agent, one without a namespace', { agentRef: { name: 'a' }, agentId: 'shop/a' }, 'shop/a'],
  ])('has its agent found by %s', (_, agent, expected) => {
    const hook = configured({ eventConfigurations: [{ eventType: 'oom-kill', prompt: 'Look.', ...agent }] });
    expect(hook?.problems).toEqual([]);
    expect(hook?.configurations.map((one) => `${one.agent.namespace}/${one.agent.name}`)).toEqual([expected]);
  });

  it('has every repetition of a type named, and only the first act', () => {
    const repeated = [good, { ...good, prompt: 'Second.' }, { ...good, eventType: 'pod-pending' }, good];
    const hook = configured({ eventConfigurations: repeated });
    expect(hook?.configurations.map(({ type, prompt }) => [type, prompt])).toEqual([
      ['oom-kill', 'Look.'],
      ['pod-pending', 'Look.'],
    ]);
    expect(hook?.problems.map(({ reason, message }) => [reason, message.split(':')[0]])).toEqual([
      ['DuplicateEventType', 'spec.eventConfigurations[1]'],
      ['DuplicateEventType', 'spec.eventConfigurations[3]'],
    ]);
  });

  it.each<[string, unknown]>([
    ['left out', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a text', 'spec'],
    ['a list', []],
    ['without a list of configurations', { eventConfigurations: {} }],
  ])('is a Hook all the same when its spec is %s, and says what is missing', (_, spec) => {
    const hook = configured(spec);
    expect(hook?.name).toBe('checkout');
    expect(hook?.configurations).toEqual([]);
    expect(hook?.problems).toMatchObject([{ reason: 'InvalidSpec', message: expect.stringContaining('missing') }]);
  });
});

describe('no object makes the watcher throw', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
  const maybe = (field: fc.Arbitrary<unknown>) => fc.oneof({ weight: 6, arbitrary: field }, anything);
  const text = maybe(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('{{', '{{.X}}', '{{#if .Y}}', '/', '')));
  const configuration = fc.record(
    {
      eventType: maybe(fc.constantFrom(...IncidentType.options)),
      agentRef: maybe(fc.record({ name: text, namespace: text }, { requiredKeys: [] })),
      agentId: text,
      prompt: text,
    },
    { requiredKeys: [] },
  );
  const spec = maybe(fc.record({ eventConfigurations: maybe(fc.array(maybe(configuration), { maxLength: 5 })) }));

  it('whatever it is', () => {
    fc.assert(fc.property(anything, (object) => void readHook(object)));
  });

  it('whatever its spec is; every configuration is acted upon or answered with its place', () => {
    fc.assert(
      fc.property(spec, (value) => {
        const hook = readHook(aHookObject(value));
        expect((hook?.configurations.length ?? 0) + (hook?.problems.length ?? 0)).toBeGreaterThan(0);
        for (const { message } of hook?.problems ?? []) expect(message).toMatch(/^spec\.eventConfigurations/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('whatever its metadata are', () => {
    const fields = fc.dictionary(fc.constantFrom('name', 'namespace', 'generation', 'creationTimestamp'), anything);
    fc.assert(fc.property(fields, spec, (metadata, value) => void readHook(aHookObject(value, metadata))));
  });
});

it('takes a status of khook, and refuses a time that is none', () => {
  const event = { eventType: 'oom-kill', resourceName: 'web-0', firstSeen: at(0), lastSeen: at(9), status: 'firing' };
  expect(HookStatus.safeParse({ activeEvents: [event], lastUpdated: at(9) }).success).toBe(true);
  expect(HookStatus.safeParse({ activeEvents: [{ ...event, lastSeen: 'now' }] }).success).toBe(false);
});

it('takes a status with what became of the agent run, each text as long as the CRD allows and no longer', () => {
  const event = { eventType: 'oom-kill', resourceName: 'web-0', firstSeen: at(0), lastSeen: at(9), status: 'firing' };
  const limits = { outcome: 63, answer: 1024, agentRunLink: 2048 };
  for (const [field, limit] of Object.entries(limits)) {
    const read = (length: number) =>
      HookStatus.safeParse({ activeEvents: [{ ...event, [field]: 'x'.repeat(length) }] });
    expect(read(limit).data?.activeEvents?.[0]).toHaveProperty(field);
    expect(read(limit + 1).success).toBe(false);
  }
});

describe('the examples', () => {
  const folder = new URL('../../deploy/examples/', import.meta.url);
  const read = (file: string) => {
    const object: unknown = parse(readFileSync(new URL(file, folder), 'utf8'), { version: '1.1' });
    const { metadata, ...rest } = Object(object);
    const byServer = { uid: 'hook-uid', resourceVersion: '1', creationTimestamp: at(0) };
    return readHook({ ...rest, metadata: { ...metadata, ...byServer } });
  };
  const files = readdirSync(folder);
  const working = files.filter((file) => !file.startsWith('refused-'));

  it.each(working)('%s works as a whole', (file) => {
    const hook = read(file);
    expect(hook?.problems).toEqual([]);
    expect(hook?.namespace).toBe('demo');
    expect(hook?.configurations.length).toBeGreaterThan(0);
  });

  it('have each incident type handled once, by the agents of the specification', () => {
    const all = working.flatMap((file) => read(file)?.configurations ?? []);
    expect(Object.fromEntries(all.map(({ type, agent }) => [type, agent.name]))).toEqual({
      'oom-kill': 'memory-analyzer',
      'pod-restart': 'incident-responder',
      'pod-pending': 'incident-responder',
      'probe-failed': 'incident-responder',
    });
    expect(all).toHaveLength(4);
  });

  it('have a refused one, for the reason that its name gives', () => {
    expect(files.filter((file) => !working.includes(file))).toEqual(['refused-unknown-value.yaml']);
    const problems = read('refused-unknown-value.yaml')?.problems;
    expect(problems).toMatchObject([{ reason: 'InvalidPrompt', message: expect.stringContaining('PodName') }]);
  });
});
