/**
 * Step 7, Kagent 1.x: A2A 1.0 at `/agents/{namespace}/{name}`, where a repeat of the first message joins its run.
 *
 * Asks for the extension by which Kagent 1.x asks people: without it on the first send a pause could not be answered.
 */
import { createA2a10 } from '../a2a/a2a-10.ts';
import type { AdapterDependencies } from '../a2a/call-rpc.ts';
import { agentPath } from '../http/agent-path.ts';
import { humanInTheLoop } from '../pauses/asked.ts';
import type { AgentPort } from '../port.ts';

export function createKagent1(dependencies: AdapterDependencies): AgentPort {
  return createA2a10(dependencies, {
    protocol: 'kagent-1',
    locate: async (agent) => ({ path: agentPath('/agents', agent) }),
    repeatsSafely: true,
    extensions: [humanInTheLoop],
  });
}
