import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readHook } from '../../watcher/live-hook.ts';
import { HookSpec, HookStatus, IncidentType } from '../../workflows/contract/hook.ts';
import { at } from '../make.ts';

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
  { requiredKeys: ['eventType', 'agentRef', 'prompt'] },
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
    ['no prompt', { eventConfigurations: [{ ...good, prompt: undefined }] }, 'eventConfigurations.0.prompt'],
    ['an empty prompt', { eventConfigurations: [good, { ...good, prompt: '' }] }, 'eventConfigurations.1.prompt'],
    ['no agent name', { eventConfigurations: [{ ...good, agentRef: {} }] }, 'eventConfigurations.0.agentRef.name'],
    ['an empty agentId', { eventConfigurations: [{ ...good, agentId: '' }] }, 'eventConfigurations.0.agentId'],
  ])('%s', (_, spec, field) => {
    expect(HookSpec.safeParse(spec).error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

it('takes a status of khook, and refuses a time that is none', () => {
  const event = { eventType: 'oom-kill', resourceName: 'web-0', firstSeen: at(0), lastSeen: at(9), status: 'firing' };
  expect(HookStatus.safeParse({ activeEvents: [event], lastUpdated: at(9) }).success).toBe(true);
  expect(HookStatus.safeParse({ activeEvents: [{ ...event, lastSeen: 'now' }] }).success).toBe(false);
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
