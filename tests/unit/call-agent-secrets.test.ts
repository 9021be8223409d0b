/** What callAgent leaves in Temporal's history, in heartbeats and in logs, with servers that try to put the key there. */
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { canaryKey } from '../fake-kagent/a-delivery.ts';
import { anAttempt } from '../fake-kagent/an-attempt.ts';
import type { FaultInput } from '../fake-kagent/faults.ts';
import { spoilingKinds } from '../fake-kagent/script.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';

describe('the key of the server', () => {
  const faults: FaultInput[] = [
    ...spoilingKinds.map((kind) => ({ kind })),
    ...[401, 403, 404, 429, 500].map((status) => ({ kind: 'echo-key' as const, status })),
    { kind: 'echo-key' },
    { kind: 'rate-limit' },
    { kind: 'text', text: `you sent ${canaryKey}` },
  ];

  it.each(faults)('reaches neither history, heartbeats nor logs by %j', async (fault) => {
    const fake = await startFakeKagent({ apiKey: canaryKey, script: [{ fault }] });
    const logs: unknown[] = [];
    const timeoutMs = fault.kind.startsWith('hang') ? 200 : 5_000;
    const { run, heartbeats } = anAttempt({ fake, logs, credentials: { timeoutMs } });
    const ending = await run().catch((error: Error) => error);
    await fake.stop();
    expect(fake.requests[0]!.headers['authorization']).toContain(canaryKey);
    const everything = textOf([historyOf(ending), heartbeats, logs, ending]);
    expect(everything).toContain(fault.kind === 'echo-key' ? '[redacted]' : 'memory-analyzer');
    expect(everything).not.toContain(canaryKey);
    expect(everything).not.toContain(new URL(fake.url).host);
  });
});

/** The failure as Temporal stores it; encoding throws on delays that it cannot express. */
function historyOf(ending: unknown): unknown {
  if (!(ending instanceof Error)) return ending;
  return defaultFailureConverter.errorToFailure(ending, defaultPayloadConverter);
}

/** All that a value holds as text; the details of a failure are bytes by then. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Error) return { own: Object.entries(inner), text: String(inner), stack: inner.stack };
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString();
    return typeof inner === 'bigint' ? String(inner) : inner;
  });
}
