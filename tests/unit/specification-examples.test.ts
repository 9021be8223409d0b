/** The examples of the specification, as they are printed: what we send, and what we make of what Kagent sends. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { readConfig } from '../../workers/config.ts';
import { readCredentials } from '../../workers/secrets/credentials.ts';
import { deliveryReasons } from '../../workflows/contract/outcome.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { quoteWith } from '../specification.ts';

const example = (words: string): unknown => JSON.parse(quoteWith(words));

const Asked = z.object({
  prompt: z.string(),
  context: z.object({
    eventName: z.string(),
    eventTime: z.string(),
    resourceName: z.string(),
    namespace: z.string(),
    eventMessage: z.string(),
  }),
  metadata: z.object({ source: z.string(), hookName: z.string(), kubernetesCluster: z.string() }),
});

/** Hands the incident of the example to a Kagent that answers with this status and body. */
async function deliver(status: number, body: unknown) {
  const fake = await startFakeKagent({ apiKey: canaryKey, script: [{ fault: { kind: 'answer', status, body } }] });
  onTestFinished(() => fake.stop());
  const readCredentials = () => someCredentials({ baseUrl: fake.url });
  const { prompt, context, metadata } = Asked.parse(example('"kubernetesCluster"'));
  const { hookName, kubernetesCluster: cluster } = metadata;
  const delivery = aDelivery({ prompt, context, hookName, cluster });
  const ending = await createRestAgent({ readCredentials, version: '1', jitter: () => 0 })
    .start(delivery, { idempotencyKey: 'key-1', signal: new AbortController().signal })
    .catch((error: unknown) => error);
  return { ending, request: fake.requests[0] };
}

it('the request has exactly the headers and the body of the example, beside two headers of ours and those of HTTP', async () => {
  const { request } = await deliver(200, example('"executionId"'));
  expect(`${request?.method} ${request?.path}`).toBe('POST /v1/agents/memory-analyzer/execute');
  expect(request?.body).toEqual(example('"kubernetesCluster"'));
  const { authorization, 'content-type': contentType, ...others } = request?.headers ?? {};
  const printed = `Authorization: ${authorization}\nContent-Type: ${contentType}`;
  expect(printed).toBe(quoteWith('Authorization: Bearer {api-key}').replace('{api-key}', canaryKey));
  const ours = ['idempotency-key', 'user-agent'];
  const ofHttp = ['accept', 'accept-encoding', 'connection', 'content-length', 'host'];
  expect(Object.keys(others).toSorted()).toEqual([...ofHttp, ...ours].toSorted());
});

it('the answer of the example is a started run', async () => {
  const { ending } = await deliver(200, example('"executionId"'));
  expect({ success: true, ...Object(ending) }).toEqual(example('"executionId"'));
});

it.each([
  ['unauthorized', 'never', 'Unauthorized', undefined],
  ['agent_not_found', 'never', 'AgentNotFound', undefined],
  ['rate_limited', 'again', 'RateLimited', 60_000],
  ['internal_server_error', 'again', 'AgentUnavailable', undefined],
] as const)('the error of the example is %s, and tried again: %s', async (word, kind, reason, retryAfterMs) => {
  const body = z
    .object({ code: z.int(), message: z.string() })
    .loose()
    .parse(example(`"error": "${word}"`));
  const { ending } = await deliver(body.code, body);
  if (!(ending instanceof DeliveryError)) throw new Error(`Expected a DeliveryError, found ${String(ending)}.`);
  expect(ending).toMatchObject({ reason, retryAfterMs });
  expect(deliveryReasons[ending.reason].kind).toBe(kind);
  expect(ending.message).toContain(`the server answered ${body.code} ${JSON.stringify(body.message)}. `);
});

describe('what the worker takes for its base URL', () => {
  it.each(['SaaS', 'Self-hosted', 'Development'])('the base URL %s', (kind) => {
    const [, printed = ''] = /`(.*)`/.exec(quoteWith(`**${kind}**`)) ?? [];
    const config = readConfig({ INSTALLATION: 'p', KAGENT_API_KEY: 'k', KAGENT_BASE_URL: printed });
    expect(readCredentials(config).baseUrl).toBe(printed);
  });
});
