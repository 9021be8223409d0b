/**
 * Step 7, A2A 1.0: Kagent 1.x, and any other agent that speaks it.
 *
 * What differs between them is given: where an agent is found, and what a repeat of a send does. Sources: A2A 1.0 §9 and
 * Kagent's `docs/architecture/a2a-gateway.md`; the SDK's own server in tests.
 */
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import { observeCall } from '../call-observer.ts';
import type { AgentPort, StartOptions } from '../port.ts';
import { type RunIds, runIdsOf, startedRun, unknownRun } from '../runs/started-run.ts';
import { type A2a10Options, createA2a10Runs } from './a2a-10-runs.ts';
import { type AdapterDependencies, callRpc } from './call-rpc.ts';
import { dialect10 } from './dialect.ts';

export function createA2a10(dependencies: AdapterDependencies, options: A2a10Options): AgentPort {
  const { wire } = dependencies;
  const { protocol, locate, repeatsSafely } = options;
  const { listed, targetOf, ...runs } = createA2a10Runs(dependencies, options);

  async function start(delivery: Delivery, starting: StartOptions): Promise<AgentRun> {
    const { agent } = delivery;
    const { signal, idempotencyKey, isRepeat = false } = starting;
    const ids = runIdsOf(agent, idempotencyKey);
    const target = await targetOf({ agent, signal });
    const earlier = isRepeat && !repeatsSafely ? await listed({ agent, idempotencyKey, signal }) : undefined;
    if (earlier === 'unsupported') return unknownRun(protocol, ids);
    if (earlier !== undefined) return earlier;
    const call = { ...target, method: dialect10.send, params: sendParams(options, delivery, ids) };
    const send = { delivery, agentId: target.agent, method: 'POST', path: target.path, options: starting } as const;
    return observeCall(dependencies, send, async (answered) =>
      startedRun(await callRpc(wire, { ...call, answered }), protocol, wire.redact),
    );
  }

  const describe = async (delivery: Delivery): Promise<UnsentRequest> => ({
    method: 'POST',
    path: (await locate(delivery.agent, AbortSignal.timeout(5_000))).path,
    body: { method: dialect10.send, params: sendParams(options, delivery, { messageId: '', contextId: '' }) },
  });

  return { start, describe, ...runs };
}

/** Kagent 1.x picks the context itself; of other agents the run is found again by ours. */
function sendParams({ repeatsSafely, extensions }: A2a10Options, { prompt }: Delivery, ids: RunIds): object {
  return dialect10.sendParams({
    messageId: ids.messageId,
    ...(!repeatsSafely && { contextId: ids.contextId }),
    parts: [{ text: prompt.toWellFormed() }],
    ...(extensions !== undefined && { extensions }),
  });
}
