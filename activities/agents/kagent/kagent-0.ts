/**
 * Step 7, Kagent 0.x: a session first, then a send that does not wait, in the 0.3 dialect that all of 0.x speak.
 *
 * Sends are not idempotent there, so a repeat looks first for what an earlier try has started. Seen on 0.8.6, 0.9.12 and
 * 0.10.
 */
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import { type AdapterDependencies, callRpc } from '../a2a/call-rpc.ts';
import { dialect03, type OutgoingMessage } from '../a2a/dialect.ts';
import { observeCall } from '../call-observer.ts';
import { DeliveryError, deliveryErrorIn } from '../delivery-error.ts';
import type { AgentPort, StartOptions } from '../port.ts';
import { runIdsOf, startedRun } from '../runs/started-run.ts';
import { createKagent0Runs, earlierRun, rpcPathOf, targetOf } from './kagent-0-runs.ts';
import { type Asking, makeSession, reasonForMissing } from './sessions.ts';

export function createKagent0(dependencies: AdapterDependencies): AgentPort {
  const { wire } = dependencies;

  async function start(delivery: Delivery, options: StartOptions): Promise<AgentRun> {
    const { agent } = delivery;
    const { signal } = options;
    const target = targetOf({ agent, signal }); // refuses before anything is sent
    const ids = runIdsOf(agent, options.idempotencyKey);
    const asking = { wire, agent, signal };
    const earlier = await beforeSend(async () => {
      await makeSession(asking, { id: ids.contextId, name: sessionNameOf(delivery) });
      return options.isRepeat === true ? earlierRun(asking, ids, dependencies.lookAgainAfterMs) : undefined;
    });
    if (earlier !== undefined) return withLink(dependencies.uiUrl, agent, earlier);
    const call = { ...target, ...sendOf(delivery, ids) };
    const send = { delivery, agentId: target.agent, method: 'POST', path: target.path, options } as const;
    const run = await observeCall(dependencies, send, async (answered) => {
      try {
        return startedRun(await callRpc(wire, { ...call, answered }), 'kagent-0', wire.redact);
      } catch (error) {
        throw await orMissing(error, asking);
      }
    });
    return withLink(dependencies.uiUrl, agent, run);
  }

  const describe = async (delivery: Delivery): Promise<UnsentRequest> => ({
    method: 'POST',
    path: rpcPathOf(delivery.agent),
    body: sendOf(delivery, { messageId: '' }),
  });

  return { start, describe, ...createKagent0Runs(dependencies) };
}

/** NUL breaks a run: Kagent keeps its text in a database that cannot hold it (transcript 53). */
function sendOf({ prompt }: Delivery, ids: Omit<OutgoingMessage, 'parts'>): { method: string; params: object } {
  const parts = [{ text: prompt.replaceAll('\0', '').toWellFormed() }];
  return { method: dialect03.send, params: dialect03.sendParams({ ...ids, parts }) };
}

/** What people read in Kagent's UI. */
function sessionNameOf({ hookName, context: { namespace, resourceName } }: Delivery): string {
  return `${hookName}: ${namespace === '' ? resourceName : `${namespace}/${resourceName}`}`;
}

function withLink(uiUrl: string | undefined, { namespace, name }: AskedAgent, run: AgentRun): AgentRun {
  if (uiUrl === undefined || run.contextId === undefined) return run;
  const parts = ['agents', namespace, name, 'chat', run.contextId].map((part) =>
    encodeURIComponent(part.toWellFormed()),
  );
  return { ...run, link: `${uiUrl.replace(/\/+$/, '')}/${parts.join('/')}` };
}

/** What fails before the send has started nothing. */
async function beforeSend<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { reason, message, retryAfterMs } = deliveryErrorIn(error);
    throw new DeliveryError(reason, message, { retryAfterMs, mayHaveStarted: false });
  }
}

/** The same error, but for Kagent's "not found" of an agent. */
async function orMissing(error: unknown, asking: Asking): Promise<unknown> {
  if (!(error instanceof DeliveryError) || error.reason !== 'EndpointNotFound') return error;
  if (!/Agent \S+ not found/.test(error.message)) return error;
  return new DeliveryError(await reasonForMissing(asking), error.message, { mayHaveStarted: false });
}
