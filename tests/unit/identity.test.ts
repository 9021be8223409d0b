import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutToBytes,
  firstRequestId,
  namespaceOf,
  successorRequestId,
  workflowIdOf,
} from '../../watcher/starting/identity.ts';

const identity = {
  installation: 'prod',
  hook: { namespace: 'shop', name: 'checkout', uid: 'hook-1' },
  type: 'oom-kill' as const,
  subject: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-1' },
  container: 'app',
};

describe('workflow ids', () => {
  it('read as installation, Hook, type and object, and end with a key', () => {
    expect(workflowIdOf(identity)).toMatch(/^prod\/shop\/checkout\/oom-kill\/Pod\/shop\/web-0\/app\/[0-9a-f]{16}$/);
  });

  it('of what is not of a node are, byte for byte, those of the executions that run already', () => {
    const fixed = { ...identity, subject: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd-1' } };
    expect(workflowIdOf(fixed)).toBe('prod/shop/checkout/oom-kill/Deployment/shop/web/app/828382e154a2c2e7');
    expect(workflowIdOf(identity)).toBe('prod/shop/checkout/oom-kill/Pod/shop/web-0/app/7adb4c8668c7e4e5');
  });

  it.each([
    ['another installation', { installation: 'stage' }],
    ['a re-created Hook of the same name', { hook: { ...identity.hook, uid: 'hook-2' } }],
    ['a recreated Pod of the same name', { subject: { ...identity.subject, uid: 'pod-2' } }],
    ['another container', { container: 'sidecar' }],
    ['another type', { type: 'pod-restart' as const }],
  ])('differ for %s', (_, change) => {
    expect(workflowIdOf({ ...identity, ...change })).not.toBe(workflowIdOf(identity));
  });

  it('fit into 255 bytes and stay distinct however long the names are', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(name, name, fc.uuid(), fc.uuid(), (hookName, podName, uidA, uidB) => {
        const make = (uid: string) =>
          workflowIdOf({
            ...identity,
            hook: { ...identity.hook, name: hookName },
            subject: { ...identity.subject, name: podName, uid },
          });
        expect(Buffer.byteLength(make(uidA))).toBeLessThanOrEqual(255);
        expect(make(uidA)).toBe(make(uidA));
        if (uidA !== uidB) expect(make(uidA)).not.toBe(make(uidB));
      }),
    );
  });

  it('show the namespace of the Hook, also where names are cut', () => {
    const [installation, namespace, name] = ['i'.repeat(32), 'n'.repeat(63), 'h'.repeat(253)];
    expect(namespaceOf(workflowIdOf({ ...identity, installation, hook: { namespace, name, uid: 'u' } }))).toBe(
      namespace,
    );
    expect(namespaceOf('of-no-hook')).toBe('');
  });
});

describe('request ids', () => {
  it('are the same for the same occurrence and differ for another, and from those of successors', () => {
    expect(firstRequestId('w', 'o1')).toBe(firstRequestId('w', 'o1'));
    expect(firstRequestId('w', 'o1')).not.toBe(firstRequestId('w', 'o2'));
    expect(firstRequestId('w', 'r')).not.toBe(successorRequestId('w', 'r'));
  });
});

describe('cutting to bytes', () => {
  it('never exceeds the limit, never splits a character, and leaves short text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 40 }), (text, limit) => {
        const cut = cutToBytes(text, limit);
        expect(text.startsWith(cut)).toBe(true);
        if (Buffer.byteLength(text) <= limit) expect(cut).toBe(text);
        else expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
      }),
    );
    expect(cutToBytes('aé', 2)).toBe('a');
  });
});
