/**
 * All protocols behind the one port: each call goes to the adapter of the protocol that the endpoint speaks, and a run that
 * was started is followed by the protocol that started it.
 */

import type { AgentRun, Protocol } from '../../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../../workflows/contract/outcome.ts';
import type { AdapterDependencies } from '../a2a/call-rpc.ts';
import { createGenericA2a } from '../a2a/generic.ts';
import { deliveryErrorIn } from '../delivery-error.ts';
import { createKagent0 } from '../kagent/kagent-0.ts';
import { createKagent1 } from '../kagent/kagent-1.ts';
import type { AgentPort, RunOf, StartOptions } from '../port.ts';
import { createRestAgent, type RestDependencies } from '../rest/rest.ts';
import { type Chooser, unknownEndpoint } from './choose-protocol.ts';

export interface AgentsDependencies extends RestDependencies, AdapterDependencies {
  chooser: Chooser;
}

export function createAgents(dependencies: AgentsDependencies): AgentPort {
  const { chooser } = dependencies;
  const adapters: Record<Protocol, AgentPort> = {
    rest: createRestAgent(dependencies),
    'kagent-0': createKagent0(dependencies),
    'kagent-1': createKagent1(dependencies),
    a2a: createGenericA2a(dependencies),
  };

  async function start(delivery: Delivery, options: StartOptions): Promise<AgentRun> {
    const { protocol, tried } = await chooser.choose(delivery.agent, options.signal);
    try {
      return await startBy(protocol, delivery, options);
    } catch (thrown) {
      const error = deliveryErrorIn(thrown);
      chooser.doubt(error);
      if (tried !== undefined && foreign.includes(error.reason)) throw unknownEndpoint(delivery.agent, tried);
      if (chooser.known() !== undefined || error.mayHaveStarted) throw error;
      // Kagent may have become one of another generation: what is wrong for good in the words of the old is not in the new.
      const now = await chooser.choose(delivery.agent, options.signal);
      if (now.protocol === protocol) throw error;
      return startBy(now.protocol, delivery, options);
    }
  }

  async function startBy(protocol: Protocol, delivery: Delivery, options: StartOptions): Promise<AgentRun> {
    return { ...(await adapters[protocol].start(delivery, options)), protocol };
  }

  const adapterOf = ({ run }: RunOf): AgentPort => adapters[run.protocol ?? 'rest'];
  return {
    start,
    describe: async (delivery) => {
      // What would be sent can be said also where the endpoint does not answer.
      const unanswered = (): { protocol: Protocol } => ({ protocol: 'kagent-0' });
      const choice = chooser.choose(delivery.agent, AbortSignal.timeout(describeMs)).catch(unanswered);
      return adapters[(await choice).protocol].describe(delivery);
    },
    look: (of) => adapterOf(of).look(of),
    probe: (of) => adapterOf(of).probe(of),
    cancel: (of) => adapterOf(of).cancel(of),
    answer: (of) => adapterOf(of).answer(of),
    find: async (of) => adapters[(await chooser.choose(of.agent, of.signal)).protocol].find(of),
  };
}

/** The answer was not one of the REST API either. */
const foreign = ['EndpointNotFound', 'MalformedAnswer', 'Redirected'];

/** Below the time that the activity has. */
const describeMs = 6_000;
